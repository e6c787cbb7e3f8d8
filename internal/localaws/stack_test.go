// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// commentsDocument puts a comment and says so; its GET is for signed callers.
const commentsDocument = `{
 "openapi": "3.0.1", "info": {"title": "blog", "version": "1"},
 "paths": {"/comments": {
  "post": {
   "responses": {"201": {"description": "stored"}},
   "x-amazon-apigateway-integration": {
    "type": "aws", "httpMethod": "POST", "passthroughBehavior": "never",
    "uri": "arn:aws:apigateway:eu-west-1:dynamodb:action/PutItem", "credentials": "ROLE",
    "requestTemplates": {"application/json": "{\"TableName\":\"blog\",\"Item\":{\"commentId\":{\"S\":\"$context.requestId\"},\"message\":{\"S\":\"$util.escapeJavaScript($input.path('$.message'))\"}}}"},
    "responses": {"2\\d\\d": {"statusCode": "201", "responseTemplates": {"application/json": "{\"commentId\":\"$context.requestId\"}"}}}
   }
  },
  "get": {
   "responses": {"200": {"description": "hello"}},
   "x-amazon-apigateway-auth": {"type": "AWS_IAM"}, "security": [{"sigv4": []}],
   "x-amazon-apigateway-integration": {
    "type": "mock", "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
    "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": "{\"hello\":true}"}}}
   }
  }
 }},
 "components": {"securitySchemes": {"sigv4": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}}}
}`

// deploy makes a table, a role that may put into it, and a deployed API; it
// returns the API's id.
func deploy(t *testing.T, s *Server) string {
	t.Helper()
	ctx := t.Context()
	tables := dynamodb.NewFromConfig(local(s))
	_, err := tables.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String("blog"), BillingMode: ddbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []ddbtypes.AttributeDefinition{{AttributeName: aws.String("commentId"), AttributeType: ddbtypes.ScalarAttributeTypeS}},
		KeySchema:            []ddbtypes.KeySchemaElement{{AttributeName: aws.String("commentId"), KeyType: ddbtypes.KeyTypeHash}},
	})
	if err != nil {
		t.Fatal(err)
	}
	roles := iamClient(s)
	role := mustRole(t, roles, iam.CreateRoleInput{RoleName: aws.String("blog")})
	if _, err := roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("blog"), PolicyName: aws.String("comments"),
		PolicyDocument: aws.String(strings.Replace(putComments, "blog+comments", "blog", 1))}); err != nil {
		t.Fatal(err)
	}
	apis := apigateway.NewFromConfig(local(s))
	imported, err := apis.ImportRestApi(ctx, &apigateway.ImportRestApiInput{
		Body: []byte(strings.Replace(commentsDocument, "ROLE", *role.Arn, 1)), Parameters: map[string]string{"endpointConfigurationTypes": "REGIONAL"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := apis.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: imported.Id, StageName: aws.String("prod")}); err != nil {
		t.Fatal(err)
	}
	return *imported.Id
}

func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	status, _, answer := send(t, r)
	return status, answer
}

func TestWhatIsDeployedIsServed(t *testing.T) {
	s := start(t, Options{})
	api := deploy(t, s)
	status, body := post(t, s.InvokeURL(api, "prod")+"/comments", `{"message":"it is \"fine\""}`)
	var stored struct {
		CommentID string `json:"commentId"`
	}
	if err := json.Unmarshal([]byte(body), &stored); err != nil || status != 201 || stored.CommentID == "" {
		t.Fatalf("POST = %d %s; want 201 with a commentId", status, body)
	}
	item, err := dynamodb.NewFromConfig(local(s)).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("blog"),
		Key: map[string]ddbtypes.AttributeValue{"commentId": &ddbtypes.AttributeValueMemberS{Value: stored.CommentID}}})
	if err != nil || item.Item["message"] == nil {
		t.Errorf("item = %v, %v; want the comment in the table", item, err)
	}
	last := s.Requests(0).Requests
	var invoked bool
	for _, e := range last {
		if e.Service == "execute-api" {
			invoked = e.Operation == "POST" && e.Resource == api+"/prod/comments" && e.Status == 201
		}
	}
	if !invoked {
		t.Errorf("log = %+v; want the invocation in it", last)
	}
	var dump map[string]json.RawMessage
	if err := controlClient(s).Snapshot(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	for service, want := range map[string]string{"dynamodb": stored.CommentID, "iam": "role/blog", "apigateway": api} {
		if !bytes.Contains(dump[service], []byte(want)) {
			t.Errorf("snapshot of %s lacks %q", service, want)
		}
	}
}

func TestTheRolesPolicyAndItsPropagationReachTheDataPlane(t *testing.T) {
	clock := core.NewFakeClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock, Nature: core.Nature{Delays: core.Delays{RoleAssumable: core.Duration(10 * time.Second)}}})
	url := s.InvokeURL(deploy(t, s), "prod") + "/comments"
	if status, body := post(t, url, `{"message":"x"}`); status != 500 || !strings.Contains(body, "Internal server error") {
		t.Errorf("before the role has propagated: %d %s; want 500", status, body)
	}
	clock.Advance(11 * time.Second)
	if status, body := post(t, url, `{"message":"x"}`); status != 201 {
		t.Errorf("afterwards: %d %s; want 201", status, body)
	}
	if _, err := iamClient(s).DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: aws.String("blog"), PolicyName: aws.String("comments")}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(11 * time.Second)
	if status, body := post(t, url, `{"message":"x"}`); status == 201 {
		t.Errorf("without the role's policy: %d %s; want a failure", status, body)
	}
}

func TestSignedInvocationsAreCheckedForReal(t *testing.T) {
	s := start(t, Options{})
	api := deploy(t, s)
	path := invokePrefix + api + "/prod/comments"
	get := func(service, secret string) int {
		status, _, _ := send(t, signed(t, s, "GET", path, service, secret, "", time.Now(), nil))
		return status
	}
	if status := get("execute-api", "local"); status != 200 {
		t.Errorf("signed: %d; want 200", status)
	}
	if status := get("execute-api", "wrong"); status != 403 {
		t.Errorf("signed with another secret: %d; want 403", status)
	}
	if status := get("apigateway", "local"); status != 403 {
		t.Errorf("signed for another service: %d; want 403", status)
	}
	r, err := http.NewRequest(http.MethodGet, s.Endpoint()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, _, body := send(t, r); status != 403 || !strings.Contains(body, "Missing Authentication Token") {
		t.Errorf("unsigned: %d %s; want 403", status, body)
	}
}

func TestA1_ThrottledCallsCarryRetryAfter(t *testing.T) {
	s := start(t, Options{Nature: core.Nature{Quotas: core.Quotas{Enabled: true}}})
	apis := apigateway.NewFromConfig(local(s))
	create := func() error {
		_, err := apis.CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: aws.String("a"),
			EndpointConfiguration: &gwtypes.EndpointConfiguration{Types: []gwtypes.EndpointType{gwtypes.EndpointTypeRegional}}})
		return err
	}
	if err := create(); err != nil {
		t.Fatal(err)
	}
	err := create()
	wantError(t, err, "TooManyRequestsException", 429)
	var throttled *gwtypes.TooManyRequestsException
	if !errors.As(err, &throttled) || throttled.RetryAfterSeconds == nil || *throttled.RetryAfterSeconds != "3" {
		t.Errorf("error = %+v; want RetryAfterSeconds 3", err)
	}
	log := s.Requests(0).Requests
	if len(log) != 2 || log[0].Throttled || !log[1].Throttled {
		t.Errorf("log = %+v; want the second call marked as throttled", log)
	}
}

func TestEachServiceNamesAnUnknownKeyItsOwnWay(t *testing.T) {
	s := start(t, Options{})
	nobody := config(s, "AKIANOBODY", "x", "eu-west-1")
	_, err := dynamodb.NewFromConfig(nobody).ListTables(t.Context(), nil)
	wantError(t, err, "UnrecognizedClientException", 400)
	_, err = apigateway.NewFromConfig(nobody).GetRestApis(t.Context(), nil)
	wantError(t, err, "UnrecognizedClientException", 403)
	wrong := config(s, "local", "x", "eu-west-1")
	_, err = dynamodb.NewFromConfig(wrong).ListTables(t.Context(), nil)
	wantError(t, err, "InvalidSignatureException", 400)
	_, err = apigateway.NewFromConfig(wrong).GetRestApis(t.Context(), nil)
	wantError(t, err, "InvalidSignatureException", 403)
}
