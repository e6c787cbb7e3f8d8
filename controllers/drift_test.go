// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/controllers"
	"github.com/commentsapi/operator/internal/localaws/core"
)

func tableTags(pairs ...string) []dynamodbtypes.Tag {
	var tags []dynamodbtypes.Tag
	for i := 0; i < len(pairs); i += 2 {
		tags = append(tags, dynamodbtypes.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	return tags
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// dropRole deletes the object's role as a person in the console would.
func (w *world) dropRole(o *v1alpha1.CommentsAPI) {
	w.t.Helper()
	name := w.roleName(o)
	_, err := w.roles.DeleteRolePolicy(w.ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("comments")})
	w.must(err)
	_, err = w.roles.DeleteRole(w.ctx, &iam.DeleteRoleInput{RoleName: name})
	w.must(err)
}

// dropAPI deletes the object's REST API.
func (w *world) dropAPI(o *v1alpha1.CommentsAPI) {
	w.t.Helper()
	_, err := w.apis.DeleteRestApi(w.ctx, &apigateway.DeleteRestApiInput{RestApiId: &o.Status.RestAPI.ID})
	w.must(err)
}

// resource returns the id of a path of the object's API.
func (w *world) resource(o *v1alpha1.CommentsAPI, path string) *string {
	w.t.Helper()
	out, err := w.apis.GetResources(w.ctx, &apigateway.GetResourcesInput{RestApiId: &o.Status.RestAPI.ID})
	w.must(err)
	for _, r := range out.Items {
		if aws.ToString(r.Path) == path {
			return r.Id
		}
	}
	w.t.Fatalf("no resource %s", path)
	return nil
}

// editTemplate changes the working copy: every POST answers with a text.
func (w *world) editTemplate(o *v1alpha1.CommentsAPI, text string) {
	w.t.Helper()
	_, err := w.apis.UpdateIntegrationResponse(w.ctx, &apigateway.UpdateIntegrationResponseInput{
		RestApiId: &o.Status.RestAPI.ID, ResourceId: w.resource(o, "/comments"), HttpMethod: aws.String("POST"), StatusCode: aws.String("201"),
		PatchOperations: []apigatewaytypes.PatchOperation{{Op: apigatewaytypes.OpReplace,
			Path: aws.String("/responseTemplates/application~1json"), Value: &text}}})
	w.must(err)
}

// drift is a change behind the operator's back.
type drift struct {
	name string
	make func(w *world, o *v1alpha1.CommentsAPI)
	// breaks: clients notice.
	breaks bool
	// events are the beginnings of the events, one for each correction.
	events []string
}

var drifts = []drift{
	{name: "template edited", events: []string{"Normal Corrected PutDefinition"},
		make: func(w *world, o *v1alpha1.CommentsAPI) { w.editTemplate(o, "gone") }},
	{name: "template edited and deployed", breaks: true,
		events: []string{"Normal Corrected PutDefinition", "Normal Corrected Deploy", "Normal Corrected PointStage"},
		make: func(w *world, o *v1alpha1.CommentsAPI) {
			w.editTemplate(o, "gone")
			_, err := w.apis.CreateDeployment(w.ctx, &apigateway.CreateDeploymentInput{RestApiId: &o.Status.RestAPI.ID, StageName: aws.String("prod")})
			w.must(err)
		}},
	{name: "stage throttling changed", events: []string{"Normal Corrected UpdateStage"},
		make: func(w *world, o *v1alpha1.CommentsAPI) {
			_, err := w.apis.UpdateStage(w.ctx, &apigateway.UpdateStageInput{RestApiId: &o.Status.RestAPI.ID, StageName: aws.String("prod"),
				PatchOperations: []apigatewaytypes.PatchOperation{{Op: apigatewaytypes.OpReplace, Path: aws.String("/*/*/throttling/burstLimit"), Value: aws.String("1")}}})
			w.must(err)
		}},
	{name: "stage deleted", breaks: true, events: []string{"Normal Corrected Deploy", "Normal Corrected CreateStage"},
		make: func(w *world, o *v1alpha1.CommentsAPI) {
			_, err := w.apis.DeleteStage(w.ctx, &apigateway.DeleteStageInput{RestApiId: &o.Status.RestAPI.ID, StageName: aws.String("prod")})
			w.must(err)
		}},
	{name: "foreign inline policy", events: []string{"Normal Corrected DeleteRolePolicy"},
		make: func(w *world, o *v1alpha1.CommentsAPI) {
			_, err := w.roles.PutRolePolicy(w.ctx, &iam.PutRolePolicyInput{RoleName: w.roleName(o), PolicyName: aws.String("more"),
				PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)})
			w.must(err)
		}},
	{name: "role deleted", breaks: true, events: []string{"Normal Corrected CreateRole"},
		make: func(w *world, o *v1alpha1.CommentsAPI) { w.dropRole(o) }},
	{name: "index deleted", breaks: true, events: []string{"Normal Corrected CreateIndex"},
		make: func(w *world, o *v1alpha1.CommentsAPI) {
			_, err := w.tables.UpdateTable(w.ctx, &dynamodb.UpdateTableInput{TableName: &o.Spec.TableName,
				GlobalSecondaryIndexUpdates: []dynamodbtypes.GlobalSecondaryIndexUpdate{{Delete: &dynamodbtypes.DeleteGlobalSecondaryIndexAction{IndexName: &o.Status.Table.IndexName}}}})
			w.must(err)
		}},
	{name: "protection lifted", events: []string{"Normal Corrected UpdateProtection"},
		make: func(w *world, o *v1alpha1.CommentsAPI) {
			_, err := w.tables.UpdateTable(w.ctx, &dynamodb.UpdateTableInput{TableName: &o.Spec.TableName, DeletionProtectionEnabled: aws.Bool(false)})
			w.must(err)
		}},
	{name: "API deleted", breaks: true,
		events: []string{"Normal Corrected CreateAPI", "Normal Corrected PutDefinition", "Normal Corrected Deploy", "Normal Corrected CreateStage", "Warning URLChanged"},
		make:   func(w *world, o *v1alpha1.CommentsAPI) { w.dropAPI(o) }},
}

// TestDriftIsCorrected: whatever is changed in the console is put right, with
// one event for each correction, and clients find the API as it was.
func TestDriftIsCorrected(t *testing.T) {
	parallel(t)
	for _, c := range drifts {
		t.Run(c.name, func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			registry := prometheus.NewRegistry()
			d.metrics = controllers.NewMetrics(registry)
			d.restart()
			o := d.ready(d.create(d.object("blog")))
			if status, _ := d.post(o, map[string]string{"pageId": "p", "userName": "u", "message": "kept"}); status != 201 {
				t.Fatal(status)
			}
			d.recorder.take()
			c.make(d.world, o)

			unready := false
			o = d.until(o, "the correction", func(o *v1alpha1.CommentsAPI) bool {
				unready = unready || !meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionReady)
				return settled(o) && len(d.recorder.list()) > 0
			})
			if unready != c.breaks {
				t.Errorf("it was not Ready: %t; clients notice: %t", unready, c.breaks)
			}
			events := d.recorder.take()
			if len(events) != len(c.events) {
				t.Errorf("events are %q; want %q", events, c.events)
			} else {
				for i, want := range c.events {
					if !strings.HasPrefix(events[i], want) {
						t.Errorf("event %d is %q; want %q", i, events[i], want)
					}
				}
			}
			corrections := len(with(c.events, "Normal Corrected"))
			if counted := sum(t, registry); counted != float64(corrections) {
				t.Errorf("%v corrections counted; want %d", counted, corrections)
			}
			if status, comments := d.list(o, "p"); status != 200 || len(comments) != 1 {
				t.Errorf("GET answers %d %v", status, comments)
			}
			_, _, since := d.calls(0)
			d.force(o)
			if writes, _, _ := d.calls(since); len(writes) > 0 {
				t.Errorf("the correction was not complete: %v", writes)
			}
		})
	}
}

// sum adds all corrections up.
func sum(t *testing.T, registry *prometheus.Registry) (total float64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			total += m.GetCounter().GetValue()
		}
	}
	return total
}

// TestALostTableIsNotPaperedOver: while AWS can restore the table, an empty one
// in its place would hide the loss; a person may ask for it.
func TestALostTableIsNotPaperedOver(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	d.dropTable("blog-comments")
	o = d.until(o, "TableMissing", reasonIs(v1alpha1.ConditionStalled, "True", v1alpha1.ReasonTableMissing))
	if !reasonIs(v1alpha1.ConditionReady, "False", v1alpha1.ReasonTableMissing)(o) {
		t.Errorf("it is still Ready: %s", describeStatus(o))
	}
	for range 5 {
		_ = d.step(o)
	}
	d.restart() // what it knows has to be in the object
	_ = d.step(o)
	if tables := d.tableNames(); len(tables) > 0 {
		t.Fatalf("tables: %v", tables)
	}
	d.recorder.take()
	d.change(o, func(o *v1alpha1.CommentsAPI) { annotate(o, v1alpha1.AnnotationRecreateTable, "true") })
	d.ready(o)
	if warnings := with(d.recorder.take(), "Warning TableRecreated"); len(warnings) != 1 {
		t.Errorf("%d warnings of a recreated table; want 1", len(warnings))
	}
}

// TestATableWithoutBackupIsMadeAnew, with a warning: there is nothing to wait
// for.
func TestATableWithoutBackupIsMadeAnew(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) { o.Spec.Table.PointInTimeRecovery = v1alpha1.Disabled })))
	d.recorder.take()
	d.dropTable("blog-comments")
	d.until(o, "the new table", func(o *v1alpha1.CommentsAPI) bool { return len(d.tableNames()) == 1 && settled(o) })
	if warnings := with(d.recorder.take(), "Warning TableRecreated"); len(warnings) != 1 {
		t.Errorf("%d warnings of a recreated table; want 1", len(warnings))
	}
}
