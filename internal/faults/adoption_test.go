// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/sts"
)

// allowAdoption lets the namespace take something over.
func (w *world) allowAdoption(arn string) {
	ns := &corev1.Namespace{}
	if err := w.k8s.Get(ctx, client.ObjectKey{Name: namespace}, ns); err != nil {
		panic(err)
	}
	ns.Annotations = map[string]string{v1alpha1.AnnotationAllowAdopt: arn}
	if err := w.k8s.Update(ctx, ns); err != nil {
		panic(err)
	}
}

// adoptableTable is somebody's, and the namespace may take it over.
func (w *world) adoptableTable() {
	w.foreignTable()
	delete(w.inv.others.tables, table)
	w.allowAdoption("arn:aws:dynamodb:" + region + ":" + sts.LocalAccount + ":table/" + table)
	w.takenOver = table
}

func adopting(o *v1alpha1.CommentsAPI) {
	o.Spec.Adopt = &v1alpha1.AdoptSpec{TableName: table}
	o.Spec.Comments.Order = v1alpha1.Unordered
}

// pageByHand is what somebody's REST API serves where the object's lists.
const pageByHand = `{"openapi":"3.0.1","info":{"title":"guestbook","version":"1"},"paths":{"/comments/{pageId}":{"get":{
	"responses":{"200":{"description":""}},
	"x-amazon-apigateway-integration":{"type":"mock","requestTemplates":{"application/json":"{\"statusCode\":200}"},"responses":{"default":{"statusCode":"200"}}}}}}}`

// adoptableAPI is somebody's, has a stage, and the namespace may take it over.
// The stage is never the object's: it outlives it.
func (w *world) adoptableAPI() {
	api := must(w.apis.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("guestbook")}))
	must(w.apis.PutRestApi(ctx, &apigateway.PutRestApiInput{RestApiId: api.Id, Mode: gwtypes.PutModeOverwrite, Body: []byte(pageByHand)}))
	must(w.apis.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("theirs")}))
	w.pass()
	w.inv.others = w.account()
	delete(w.inv.others.apis, *api.Id)
	w.allowAdoption("arn:aws:apigateway:" + region + "::/restapis/" + *api.Id)
	w.takenOver = *api.Id
}

// stillServes checks that a stage that isn't the object's is as it was.
func (w *world) stillServes(stage string) {
	if !w.get(w.takenOver, stage) {
		w.violate("stage %s of the adopted REST API does not answer any more", stage)
	}
}
