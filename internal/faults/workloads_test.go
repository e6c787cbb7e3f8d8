// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	kstatus "github.com/fluxcd/cli-utils/pkg/kstatus/status"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
)

var ctx = context.Background()

// workload is something users do, and the operator's part of it.
type workload struct {
	name string
	// before sets the scene; nothing is numbered and nothing fails yet.
	before func(*world)
	run    func(*world)
	// paced workloads run within a part of AWS's quotas.
	paced bool
}

var workloads = append(append(keyWorkloads, optionWorkloads...), []workload{
	{name: "create", run: func(w *world) { w.create(); w.settle() }},
	change("change-table", func(s *v1alpha1.CommentsAPISpec) {
		s.Table.DeletionProtection = v1alpha1.Disabled
		s.Table.PointInTimeRecovery = v1alpha1.Disabled
		s.Table.Class = v1alpha1.TableClassInfrequentAccess
		s.Table.Billing = v1alpha1.BillingSpec{Mode: v1alpha1.Provisioned, Provisioned: &v1alpha1.ProvisionedCapacity{ReadUnits: 3, WriteUnits: 2}}
	}),
	change("change-api", func(s *v1alpha1.CommentsAPISpec) {
		s.API.Throttling = v1alpha1.ThrottlingSpec{Rate: 70, Burst: 900}
		s.API.Metrics, s.API.Tracing = v1alpha1.Enabled, v1alpha1.Enabled
		s.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: []v1alpha1.Origin{"https://blog.example"}}
	}),
	change("change-comments", func(s *v1alpha1.CommentsAPISpec) {
		s.Comments.PageSize, s.Comments.Limits.Message = 7, 500
		s.Comments.Replies, s.Comments.ShowCreatedAt = v1alpha1.Enabled, v1alpha1.Enabled
	}),
	{name: "change-tags", before: (*world).standing, run: func(w *world) {
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.Tags = []v1alpha1.Tag{{Key: "team", Value: "web"}} })
		w.settle()
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.Tags = []v1alpha1.Tag{{Key: "Team", Value: "site"}} })
		w.settle()
	}},
	{name: "change-policy", before: (*world).standing, run: func(w *world) {
		w.edit(disposable)
		w.settle()
		w.delete()
		w.vanish()
	}},
	{name: "there-and-back", before: (*world).standing, run: func(w *world) { // the watch may show one change of the three
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.Stage = "live" })
		w.looks(1)
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.Stage, o.Spec.Comments.Order = "next", v1alpha1.Unordered })
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.Stage, o.Spec.Comments.Order = "prod", "" })
		w.settle()
	}},
	{name: "stage-rename", before: (*world).standing, run: func(w *world) {
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.Stage = "live" })
		w.settle()
	}},
	{name: "index-replaced", before: (*world).standing, run: func(w *world) {
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.Order = v1alpha1.Unordered })
		w.settle()
	}},
	{name: "delete-retain", before: (*world).standing, run: func(w *world) { w.delete(); w.vanish() }},
	{name: "delete-table", before: (*world).standingDisposable, run: func(w *world) { w.delete(); w.vanish() }},
	{name: "delete-during-create", run: func(w *world) { w.create(disposable); w.looks(6); w.delete(); w.vanish() }},
	{name: "delete-at-once", run: func(w *world) { w.create(disposable); w.looks(1); w.delete(); w.vanish() }},
	{name: "delete-while-recreating", before: (*world).standing, run: func(w *world) {
		must(w.apis.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: w.api()}))
		w.force()
		w.looks(1)
		w.delete()
		w.vanish()
	}},
	{name: "recreate", before: (*world).standing, run: func(w *world) { w.delete(); w.vanish(); w.create(); w.settle() }},
	{name: "namespace-terminating", before: (*world).standingDisposable, run: (*world).terminate},
	{name: "finalizer-forced", before: (*world).standing, run: func(w *world) { w.forget(); w.create(); w.settle() }},
	{name: "observe", before: (*world).standing, run: func(w *world) {
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.Mode = v1alpha1.ModeObserve })
		w.looks(2)
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.API.Throttling.Rate = 7 })
		w.looks(2)
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.Mode = v1alpha1.ModeEnforce })
		w.settle()
	}},
	{name: "pause", run: func(w *world) {
		w.create()
		w.looks(4)
		w.edit(func(o *v1alpha1.CommentsAPI) { annotate(o, v1alpha1.AnnotationPaused, "true") })
		w.looks(2)
		w.edit(func(o *v1alpha1.CommentsAPI) { annotate(o, v1alpha1.AnnotationPaused, "") })
		w.settle()
	}},
	{name: "adopt-table", before: (*world).adoptableTable, run: func(w *world) {
		w.create(adopting)
		w.settle()
		w.comment()
		w.delete()
		w.vanish()
	}},
	{name: "adopt-api", before: (*world).adoptableAPI, run: func(w *world) {
		w.create(func(o *v1alpha1.CommentsAPI) { o.Spec.Adopt = &v1alpha1.AdoptSpec{RestAPIID: w.takenOver} })
		w.settle()
		w.delete()
		w.vanish()
		w.stillServes("theirs")
	}},
	{name: "foreign-table", before: (*world).foreignTable, run: func(w *world) { w.create(); w.refused(v1alpha1.ReasonConflict) }},
	{name: "claim-lost", before: (*world).standing, run: func(w *world) {
		must(w.roles.UntagRole(ctx, &iam.UntagRoleInput{RoleName: w.role(), TagKeys: []string{"commentsapi.io/name"}}))
		w.force()
		w.refused(v1alpha1.ReasonClaimLost)
	}},
	drift("drift-index", func(w *world) {
		must(w.tables.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: aws.String(table), GlobalSecondaryIndexUpdates: []ddbtypes.GlobalSecondaryIndexUpdate{
			{Delete: &ddbtypes.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("pageId-index")}}}}))
		w.pass()
	}),
	drift("drift-role-policy", func(w *world) {
		must(w.roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: w.role(), PolicyName: aws.String("comments"),
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}]}`)}))
	}),
	drift("drift-role-gone", func(w *world) {
		must(w.roles.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: w.role(), PolicyName: aws.String("comments")}))
		must(w.roles.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: w.role()}))
	}),
	drift("drift-api-gone", func(w *world) {
		must(w.apis.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: w.api()}))
	}),
	drift("drift-definition", func(w *world) {
		must(w.apis.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: w.api(), PatchOperations: replaced("/description", "mine")}))
	}),
	drift("drift-deployment", func(w *world) { // a working copy of somebody else goes live
		must(w.apis.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: w.api(), PatchOperations: replaced("/description", "mine")}))
		must(w.apis.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: w.api(), StageName: aws.String("prod")}))
	}),
	drift("drift-stage-gone", func(w *world) {
		must(w.apis.DeleteStage(ctx, &apigateway.DeleteStageInput{RestApiId: w.api(), StageName: aws.String("prod")}))
	}),
	drift("drift-table-gone", func(w *world) {
		w.edit(func(o *v1alpha1.CommentsAPI) { annotate(o, v1alpha1.AnnotationRecreateTable, "true") })
		must(w.tables.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: aws.String(table), DeletionProtectionEnabled: aws.Bool(false)}))
		w.pass()
		must(w.tables.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(table)}))
		w.pass()
		w.comments = 0
	}),
}...)

const table = "blog-comments"

// change is a user's change of one group of the spec.
func change(name string, to func(*v1alpha1.CommentsAPISpec)) workload {
	return workload{name: name, before: (*world).standing, run: func(w *world) {
		w.edit(func(o *v1alpha1.CommentsAPI) { to(&o.Spec) })
		w.settle()
	}}
}

// drift is a change by somebody else, which the operator puts right.
func drift(name string, change func(*world)) workload {
	return workload{name: name, before: (*world).standing, run: func(w *world) { change(w); w.force(); w.settle() }}
}

func (w *world) standing() { w.settledObject() }

func (w *world) standingDisposable() { w.settledObject(disposable) }

func disposable(o *v1alpha1.CommentsAPI) { o.Spec.DeletionPolicy.Table = v1alpha1.TableDelete }

// force asks for a check at once.
func (w *world) force() {
	w.edit(func(o *v1alpha1.CommentsAPI) { annotate(o, v1alpha1.AnnotationReconcileAt, "now") })
}

// terminate deletes the namespace, as kubectl delete namespace does: it stays,
// terminating, until the object in it is gone. What is made under its name
// later belongs to somebody else.
func (w *world) terminate() {
	ns := &corev1.Namespace{}
	if err := w.k8s.Get(ctx, client.ObjectKey{Name: namespace}, ns); err != nil {
		panic(err)
	}
	if err := w.k8s.Delete(ctx, ns); err != nil {
		panic(err)
	}
	w.delete()
	w.vanish()
}

// forget removes the object's finalizer by force: the stack stays behind.
func (w *world) forget() {
	w.forced = true
	w.edit(func(o *v1alpha1.CommentsAPI) { o.Finalizers = nil })
	w.delete()
}

// foreignTable is somebody's, under the name that the object asks for.
func (w *world) foreignTable() {
	must(w.tables.CreateTable(ctx, &dynamodb.CreateTableInput{TableName: aws.String(table),
		BillingMode:          ddbtypes.BillingModePayPerRequest,
		KeySchema:            []ddbtypes.KeySchemaElement{{AttributeName: aws.String("commentId"), KeyType: ddbtypes.KeyTypeHash}},
		AttributeDefinitions: []ddbtypes.AttributeDefinition{{AttributeName: aws.String("commentId"), AttributeType: ddbtypes.ScalarAttributeTypeS}}}))
	w.pass()
	w.inv.others = w.account()
}

// refused looks until the operator has stopped for that reason.
func (w *world) refused(reason string) {
	w.until("the state "+reason, func(o *v1alpha1.CommentsAPI) bool {
		if o == nil || !o.DeletionTimestamp.IsZero() {
			return true
		}
		c := meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionStalled)
		if w.traits&recreated != 0 && c != nil && c.Reason == v1alpha1.ReasonConflict {
			return true // a new object doesn't know what the one before it had
		}
		return c != nil && c.Reason == reason && c.ObservedGeneration == o.Generation
	})
	if o := w.live(); o == nil || !o.DeletionTimestamp.IsZero() {
		w.vanish()
		return
	}
	w.becomes("when a person is needed", kstatus.FailedStatus)
}

func (w *world) role() *string { return named(w.live().Status.Role.ARN) }

func named(arn string) *string { return aws.String(arn[strings.LastIndex(arn, "/")+1:]) }

func (w *world) api() *string { return aws.String(w.live().Status.RestAPI.ID) }

func replaced(path, value string) []gwtypes.PatchOperation {
	return []gwtypes.PatchOperation{{Op: gwtypes.OpReplace, Path: &path, Value: &value}}
}

// bystanders are in the account before anything happens: resources of other
// objects and of nobody, beside which every workload runs.
func (w *world) bystanders() {
	claim := map[string]string{"commentsapi.io/cluster": cluster, "commentsapi.io/namespace": namespace,
		"commentsapi.io/namespace-uid": "ns-uid", "commentsapi.io/name": "other", "commentsapi.io/uid": "uid-other"}
	for _, tags := range []map[string]string{nil, claim} {
		must(w.apis.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String(namespace + "/" + objectName), Tags: tags}))
	}
	for _, tags := range []map[string]string{nil, claim} {
		must(w.apis.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("partner"), Enabled: true, Tags: tags}))
		must(w.apis.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("partner"), Tags: tags}))
	}
	must(w.roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("commentsapi-shop-blog"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}))
	must(w.tables.CreateTable(ctx, &dynamodb.CreateTableInput{TableName: aws.String("blog-comments-old"),
		BillingMode:          ddbtypes.BillingModePayPerRequest,
		KeySchema:            []ddbtypes.KeySchemaElement{{AttributeName: aws.String("commentId"), KeyType: ddbtypes.KeyTypeHash}},
		AttributeDefinitions: []ddbtypes.AttributeDefinition{{AttributeName: aws.String("commentId"), AttributeType: ddbtypes.ScalarAttributeTypeS}}}))
	w.pass()
}

// settledObject brings up a stack with one comment in it, before faults.
func (w *world) settledObject(changes ...func(*v1alpha1.CommentsAPI)) {
	w.create(changes...)
	w.settle()
	w.comment()
}

// pass lets AWS finish what it is doing.
func (w *world) pass() { time.Sleep(time.Minute) }

// comment is a visitor's.
func (w *world) comment() {
	o := w.live()
	if o == nil || o.Status.RestAPI == nil {
		return
	}
	body := `{"pageId":"page","userName":"visitor","message":"` + commentCanary + `"}`
	req := must(http.NewRequest(http.MethodPost, endpoint+"/execute-api/"+o.Status.RestAPI.ID+"/"+o.Spec.Stage+"/comments", strings.NewReader(body)))
	req.Header.Set("Content-Type", "application/json")
	if o.Status.APIKey != nil {
		req.Header.Set("X-Api-Key", w.account().keys[o.Status.APIKey.ID].Value)
	}
	if resp := serve(w.aws, req); resp.StatusCode != http.StatusCreated {
		w.violate("a visitor's comment is answered %d %s", resp.StatusCode, readBody(resp))
		return
	}
	w.comments++
}
