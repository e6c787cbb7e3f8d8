// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/sts"
)

const (
	// tenantAccount is where a Namespace's own role leads to.
	tenantAccount = "222222222222"
	// visitor is where people call from.
	visitor, visitors = "203.0.113.9:4000", "203.0.113.0/24"
)

// optionWorkloads are those whose options bring further resources and calls: a
// second role and index, a cache, an expiry, another account.
var optionWorkloads = []workload{
	{name: "create-moderated", run: func(w *world) { w.create(moderated, disposable); w.settle(); w.delete(); w.vanish() }},
	{name: "moderation-on", before: (*world).standing, run: func(w *world) { w.edit(moderated); w.settle() }},
	{name: "moderation-off", before: (*world).standingModerated, run: func(w *world) {
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.Moderation = v1alpha1.ModerationNone })
		w.settle()
		w.comment()
	}},
	{name: "options-on-and-off", before: (*world).standingLoggable, run: func(w *world) {
		was := w.live().Spec
		w.edit(withOptions)
		w.settle()
		w.edit(func(o *v1alpha1.CommentsAPI) { o.Spec.API, o.Spec.Comments = was.API, was.Comments })
		w.settle()
	}},
	{name: "create-in-tenant-account", before: (*world).tenant, run: func(w *world) {
		w.create(disposable)
		w.settle()
		w.comment()
		w.delete()
		w.vanish()
	}},
}

func moderated(o *v1alpha1.CommentsAPI) {
	o.Spec.Comments.Moderation = v1alpha1.ModerationBeforeListing
}

// standingModerated has no comment: it would wait for a moderator, unlisted.
func (w *world) standingModerated() { w.create(moderated); w.settle() }

// standingLoggable is in an account whose API Gateway may write logs.
func (w *world) standingLoggable() {
	role := must(w.roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("gateway-logs"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}))
	w.pass()
	must(w.apis.UpdateAccount(ctx, &apigateway.UpdateAccountInput{PatchOperations: replaced("/cloudwatchRoleArn", *role.Role.Arn)}))
	w.inv.others = w.account()
	w.standing()
}

func withOptions(o *v1alpha1.CommentsAPI) {
	o.Spec.API.AllowedNetworks = []v1alpha1.CIDR{visitors}
	o.Spec.API.Caching = &v1alpha1.CachingSpec{Size: v1alpha1.DefaultCacheSize, TTLSeconds: 60}
	o.Spec.API.AccessLogs = &v1alpha1.AccessLogsSpec{DestinationARN: "arn:aws:logs:" + region + ":" + sts.LocalAccount + ":log-group:comments"}
	o.Spec.Comments.RetentionDays = aws.Int32(30)
}

// tenant gives the namespace a role in another account, which the operator may
// assume with an external id.
func (w *world) tenant() {
	roles := iam.NewFromConfig(w.config(direct{w}, tenantAccount, sts.LocalKey))
	role := must(roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("tenant"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + sts.LocalAccount + `:root"},
		"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"shop"}}}]}`)}))
	must(roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("tenant"), PolicyName: aws.String("all"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)}))
	w.pass()
	w.inv.others = w.account()
	ns := &corev1.Namespace{}
	if err := w.k8s.Get(ctx, client.ObjectKey{Name: namespace}, ns); err != nil {
		panic(err)
	}
	ns.Annotations = map[string]string{v1alpha1.AnnotationRoleARN: *role.Role.Arn, v1alpha1.AnnotationExternalID: "shop"}
	if err := w.k8s.Update(ctx, ns); err != nil {
		panic(err)
	}
}
