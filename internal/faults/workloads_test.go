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
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/commentsapi/operator/api/v1alpha1"
)

var ctx = context.Background()

// workload is something users do, and the operator's part of it.
type workload struct {
	name string
	// before sets the scene; nothing is numbered and nothing fails yet.
	before func(*world)
	run    func(*world)
}

var workloads = []workload{
	{name: "create", run: func(w *world) { w.create(); w.settle() }},
}

// bystanders are in the account before anything happens: resources of other
// objects and of nobody, beside which every workload runs.
func (w *world) bystanders() {
	claim := map[string]string{"commentsapi.io/cluster": cluster, "commentsapi.io/namespace": namespace,
		"commentsapi.io/namespace-uid": "ns-uid", "commentsapi.io/name": "other", "commentsapi.io/uid": "uid-other"}
	for _, tags := range []map[string]string{nil, claim} {
		must(w.apis.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String(namespace + "/" + objectName), Tags: tags}))
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
	if resp := serve(w.aws, req); resp.StatusCode != http.StatusCreated {
		w.violate("a visitor's comment is answered %d %s", resp.StatusCode, readBody(resp))
		return
	}
	w.comments++
}
