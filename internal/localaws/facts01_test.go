// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/commentsapi/operator/internal/localaws/control"
)

// A document with what REST APIs don't take is refused.
func TestB3_WhatDocumentsMayNotSay(t *testing.T) {
	s := start(t, Options{})
	apis := apigateway.NewFromConfig(local(s))
	const operation = `{"get":{"responses":{"200":{"description":"ok"}},"x-amazon-apigateway-integration":{"type":"mock","responses":{"default":{"statusCode":"200"}}}}}`
	document := func(path, schemas string) []byte {
		return fmt.Appendf(nil, `{"openapi":"3.0.1","info":{"title":"t","version":"1"},"paths":{%q:%s},"components":{"schemas":{%s}}}`, path, operation, schemas)
	}
	const schema = `:{"type":"object","properties":{"a":{"type":"string"}}}`
	for name, body := range map[string][]byte{
		"a parameter that is part of a segment": document("/x/p{pageId}", ""),
		"a segment with a space":                document("/a b", ""),
		"a model's name with a hyphen":          document("/x", `"My-Model"`+schema),
	} {
		_, err := apis.ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{Body: body, FailOnWarnings: true})
		if err == nil {
			t.Errorf("%s is accepted", name)
			continue
		}
		wantError(t, err, "BadRequestException", http.StatusBadRequest)
	}
	for _, path := range []string{"/x/{pageId}", "/a-b_c.d,e:f"} {
		if _, err := apis.ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{Body: document(path, `"MyModel"`+schema), FailOnWarnings: true}); err != nil {
			t.Errorf("%s: %v; want it accepted", path, err)
		}
	}
}

// Names and variables of stages are held to AWS's patterns; canaries are
// refused, not ignored.
func TestD7_StageNamesVariablesAndCanaries(t *testing.T) {
	s := start(t, Options{})
	api := deploy(t, s)
	apis := apigateway.NewFromConfig(local(s))
	deployments, err := apis.GetDeployments(t.Context(), &apigateway.GetDeploymentsInput{RestApiId: &api})
	if err != nil {
		t.Fatal(err)
	}
	stage := func(name, variable string) error {
		_, err := apis.CreateStage(t.Context(), &apigateway.CreateStageInput{
			RestApiId: &api, DeploymentId: deployments.Items[0].Id, StageName: &name, Variables: map[string]string{"v": variable},
		})
		return err
	}
	for _, bad := range [][2]string{{"a.b", "x"}, {"a b", "x"}, {strings.Repeat("a", 129), "x"}, {"good", "with blank"}, {"good", `"`}} {
		wantError(t, stage(bad[0], bad[1]), "BadRequestException", http.StatusBadRequest)
	}
	if err := stage("good_1-X", "A-z0.9_~:/?#&=,"); err != nil {
		t.Error(err)
	}
	_, err = apis.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: &api, StageName: aws.String("prod"),
		CanarySettings: &gwtypes.DeploymentCanarySettings{PercentTraffic: 10}})
	wantError(t, err, "NotImplementedException", http.StatusNotImplemented)
}

// IAM's errors have the codes and statuses of its model, without "Exception".
func TestG3_Errors(t *testing.T) {
	s := start(t, Options{})
	roles, ctx := iamClient(s), t.Context()
	name := aws.String("blog")
	mustRole(t, roles, iam.CreateRoleInput{RoleName: name})
	document := aws.String(allowAll)
	if _, err := roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: name, PolicyDocument: document}); err != nil {
		t.Fatal(err)
	}
	if _, err := controlClient(s).AddFault(ctx, control.Fault{Service: "iam", Operation: "ListRoles", Action: control.Refuse}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		code   string
		status int
		call   func() error
	}{
		{"EntityAlreadyExists", 409, func() error {
			_, err := roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(trustAPIGateway)})
			return err
		}},
		{"NoSuchEntity", 404, func() error {
			_, err := roles.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("nobody")})
			return err
		}},
		{"DeleteConflict", 409, func() error {
			_, err := roles.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})
			return err
		}},
		{"LimitExceeded", 409, func() error {
			long := strings.Replace(allowAll, `"*"`, `"s3:`+strings.Repeat("x", 10240)+`"`, 1)
			_, err := roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("long"), PolicyDocument: &long})
			return err
		}},
		{"MalformedPolicyDocument", 400, func() error {
			_, err := roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: name, PolicyDocument: aws.String("{")})
			return err
		}},
		{"Throttling", 400, func() error {
			_, err := roles.ListRoles(ctx, &iam.ListRolesInput{})
			return err
		}},
	} {
		wantError(t, tt.call(), tt.code, tt.status)
	}
}

// API Gateway sends no aws:SourceAccount: a trust policy that asks for it
// makes every call fail.
func TestG5_SourceAccountInTheTrustPolicyFailsEveryCall(t *testing.T) {
	s := start(t, Options{})
	url := s.InvokeURL(deploy(t, s), "prod") + "/comments"
	if status, body := post(t, url, `{"message":"x"}`); status != 201 {
		t.Fatalf("POST = %d %s; want 201", status, body)
	}
	guarded := strings.Replace(trustAPIGateway, `"sts:AssumeRole"`, `"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}`, 1)
	if _, err := iamClient(s).UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("blog"), PolicyDocument: &guarded}); err != nil {
		t.Fatal(err)
	}
	if status, body := post(t, url, `{"message":"x"}`); status != 500 || !strings.Contains(body, "Internal server error") {
		t.Errorf("POST = %d %s; want 500", status, body)
	}
}

// The ARN of a table does not cover its indexes.
func TestG6_IndexesAreGrantedApart(t *testing.T) {
	const table = "arn:aws:dynamodb:eu-west-1:210987654321:table/blog"
	s := start(t, Options{})
	ctx := t.Context()
	tables := dynamodb.NewFromConfig(config(s, "210987654321", "local", "eu-west-1"))
	text := ddbtypes.ScalarAttributeTypeS
	if _, err := tables.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String("blog"), BillingMode: ddbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []ddbtypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: text}, {AttributeName: aws.String("page"), AttributeType: text}},
		KeySchema:            []ddbtypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: ddbtypes.KeyTypeHash}},
		GlobalSecondaryIndexes: []ddbtypes.GlobalSecondaryIndex{{IndexName: aws.String("page-index"), Projection: &ddbtypes.Projection{ProjectionType: ddbtypes.ProjectionTypeAll},
			KeySchema: []ddbtypes.KeySchemaElement{{AttributeName: aws.String("page"), KeyType: ddbtypes.KeyTypeHash}}}},
	}); err != nil {
		t.Fatal(err)
	}
	query := func() error {
		_, err := tables.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("blog"), IndexName: aws.String("page-index"), KeyConditionExpression: aws.String("page = :p"),
			ExpressionAttributeValues: map[string]ddbtypes.AttributeValue{":p": &ddbtypes.AttributeValueMemberS{Value: "p"}}})
		return err
	}
	grant := func(resource string) {
		t.Helper()
		policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:Query","Resource":%q}]}`, resource)
		if err := controlClient(s).PutKey(ctx, control.Key{AccessKey: "210987654321", Policy: policy}); err != nil {
			t.Fatal(err)
		}
	}
	grant(table)
	wantError(t, query(), "AccessDeniedException", http.StatusBadRequest)
	grant(table + "/index/page-index")
	if err := query(); err != nil {
		t.Errorf("with a right to the index: %v", err)
	}
}

// ARNs are of the Region's partition, and Regions that don't exist are refused.
func TestI_Partitions(t *testing.T) {
	s := start(t, Options{})
	for region, partition := range map[string]string{"eu-west-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"} {
		me, err := sts.NewFromConfig(config(s, "local", "local", region)).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		if err != nil || !strings.HasPrefix(*me.Arn, "arn:"+partition+":iam::") {
			t.Errorf("%s: %v, %v; want an ARN of partition %s", region, me, err, partition)
		}
	}
	_, err := sts.NewFromConfig(config(s, "local", "local", "eu-west-99")).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	wantError(t, err, "SignatureDoesNotMatch", http.StatusForbidden)
}

// The SDK tries throttled calls again, and no conflicts.
func TestJ2_WhatTheSDKRetries(t *testing.T) {
	s := start(t, Options{})
	cfg := local(s)
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	}
	apis := apigateway.NewFromConfig(cfg)
	for code, want := range map[string]int{"TooManyRequestsException": 3, "LimitExceededException": 3, "ServiceUnavailableException": 3, "ConflictException": 1, "BadRequestException": 1} {
		if err := controlClient(s).ResetRequests(t.Context()); err != nil {
			t.Fatal(err)
		}
		status := map[string]int{"ServiceUnavailableException": 503, "ConflictException": 409, "BadRequestException": 400}[code]
		if _, err := controlClient(s).AddFault(t.Context(), control.Fault{ID: code, Service: "apigateway", Action: control.Refuse, Code: code, Status: status, Times: -1}); err != nil {
			t.Fatal(err)
		}
		_, err := apis.GetRestApis(t.Context(), &apigateway.GetRestApisInput{})
		wantError(t, err, code, status)
		if got := len(s.Requests(0).Requests); got != want {
			t.Errorf("%s: %d attempts; want %d", code, got, want)
		}
		if err := controlClient(s).RemoveFault(t.Context(), code); err != nil {
			t.Fatal(err)
		}
	}
}
