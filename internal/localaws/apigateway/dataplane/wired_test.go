// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	apigw "github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/commentsapi/operator/internal/localaws/apigateway"
	"github.com/commentsapi/operator/internal/localaws/apigateway/dataplane"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/dynamodb"
	"github.com/commentsapi/operator/internal/localaws/iam"
)

//go:embed testdata/comments.json
var commentsDocument []byte

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

const tableARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/comments"

// wired is the data plane with the real services around it, reached through
// the AWS SDK and over HTTP.
type wired struct {
	t       *testing.T
	ctx     context.Context
	env     *core.Env
	clock   *core.FakeClock
	api     *apigw.Client
	iam     *awsiam.Client
	db      *ddb.Client
	invoke  string
	apiID   string
	dropped []string
}

func newWired(t *testing.T) *wired {
	clock := core.NewFakeClock(time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC))
	w := &wired{t: t, ctx: context.Background(), clock: clock, env: core.NewEnv(clock, core.Nature{})}
	control, roles, tables := apigateway.New(w.env), iam.New(w.env), dynamodb.New(w.env)
	plane := dataplane.New(dataplane.Deps{Env: w.env, Registry: control, DynamoDB: tables, Roles: roles, Keys: control,
		ExecutionLog: func(_, _, line string) { w.dropped = append(w.dropped, line) }})
	control.SetTester(plane)
	cfg := aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		RetryMaxAttempts: 1}
	serve := func(h http.Handler) *string {
		s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			caller := core.Caller{AccountID: "123456789012", Region: "eu-west-1", Partition: "aws", ARN: "arn:aws:iam::123456789012:user/local"}
			h.ServeHTTP(rw, r.WithContext(core.WithCaller(r.Context(), caller)))
		}))
		t.Cleanup(s.Close)
		return &s.URL
	}
	w.api = apigw.NewFromConfig(cfg, func(o *apigw.Options) { o.BaseEndpoint = serve(control) })
	w.iam = awsiam.NewFromConfig(cfg, func(o *awsiam.Options) { o.BaseEndpoint = serve(roles) })
	w.db = ddb.NewFromConfig(cfg, func(o *ddb.Options) { o.BaseEndpoint = serve(tables) })
	w.invoke = *serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		plane.ServeInvoke(rw, r, w.apiID, "prod", r.URL.EscapedPath())
	}))
	return w
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w *wired) createTable() {
	must(w.db.CreateTable(w.ctx, &ddb.CreateTableInput{
		TableName: aws.String("comments"), BillingMode: ddbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []ddbtypes.AttributeDefinition{
			{AttributeName: aws.String("commentId"), AttributeType: ddbtypes.ScalarAttributeTypeS},
			{AttributeName: aws.String("pageId"), AttributeType: ddbtypes.ScalarAttributeTypeS},
			{AttributeName: aws.String("createdAt"), AttributeType: ddbtypes.ScalarAttributeTypeN},
		},
		KeySchema: []ddbtypes.KeySchemaElement{{AttributeName: aws.String("commentId"), KeyType: ddbtypes.KeyTypeHash}},
		GlobalSecondaryIndexes: []ddbtypes.GlobalSecondaryIndex{{
			IndexName: aws.String("pageId-index"),
			KeySchema: []ddbtypes.KeySchemaElement{
				{AttributeName: aws.String("pageId"), KeyType: ddbtypes.KeyTypeHash},
				{AttributeName: aws.String("createdAt"), KeyType: ddbtypes.KeyTypeRange}},
			Projection: &ddbtypes.Projection{ProjectionType: ddbtypes.ProjectionTypeAll},
		}},
	}))(w.t)
}

func (w *wired) createRole() {
	must(w.iam.CreateRole(w.ctx, &awsiam.CreateRoleInput{RoleName: aws.String("writer"), Path: aws.String("/site/"),
		AssumeRolePolicyDocument: aws.String(trust)}))(w.t)
	w.allow(`{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"`+tableARN+`"}`,
		`{"Effect":"Allow","Action":"dynamodb:Query","Resource":"`+tableARN+`/index/pageId-index"}`)
}

func (w *wired) allow(statements ...string) {
	must(w.iam.PutRolePolicy(w.ctx, &awsiam.PutRolePolicyInput{RoleName: aws.String("writer"), PolicyName: aws.String("comments"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)}))(w.t)
}

func (w *wired) deploy() {
	created := must(w.api.CreateRestApi(w.ctx, &apigw.CreateRestApiInput{Name: aws.String("comments"),
		EndpointConfiguration: &apigwtypes.EndpointConfiguration{Types: []apigwtypes.EndpointType{apigwtypes.EndpointTypeRegional}}}))(w.t)
	w.apiID = *created.Id
	must(w.api.PutRestApi(w.ctx, &apigw.PutRestApiInput{RestApiId: created.Id, Mode: apigwtypes.PutModeOverwrite,
		FailOnWarnings: true, Body: commentsDocument}))(w.t)
	must(w.api.CreateDeployment(w.ctx, &apigw.CreateDeploymentInput{RestApiId: created.Id, StageName: aws.String("prod")}))(w.t)
}

type reply struct {
	status int
	body   string
	header http.Header
}

func (w *wired) send(method, path, body string, headers ...string) reply {
	w.t.Helper()
	r := must(http.NewRequestWithContext(w.ctx, method, w.invoke+path, strings.NewReader(body)))(w.t)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	resp := must(http.DefaultClient.Do(r))(w.t)
	defer func() { _ = resp.Body.Close() }()
	text := must(io.ReadAll(resp.Body))(w.t)
	return reply{resp.StatusCode, string(text), resp.Header}
}

func (w *wired) expect(what string, got reply, status int, part string) {
	w.t.Helper()
	if got.status != status || !strings.Contains(got.body, part) {
		w.t.Errorf("%s: %d %s; want %d with %s\n%s", what, got.status, got.body, status, part, strings.Join(w.dropped, "\n"))
	}
	w.dropped = nil
}

func TestWiredComments(t *testing.T) {
	w := newWired(t)
	w.createTable()
	w.createRole()
	w.deploy()
	const id = "6f1d7c5e-57c8-4a4d-a4c6-9a4e0c1b7f00"
	w.expect("post", w.send("POST", "/comments", `{"pageId":"p 1","message":"hello"}`, "Content-Type: application/json", "x-amzn-RequestId: "+id),
		201, `{"commentId":"`+id+`"}`)
	w.expect("same id again", w.send("POST", "/comments", `{"pageId":"p 1","message":"mine now"}`, "x-amzn-RequestId: "+id), 409, "exists")
	w.expect("list", w.send("GET", "/comments/p%201", ""), 200, `{"comments":[{"commentId":"`+id+`","message":"hello"}]}`)
	w.expect("empty list", w.send("GET", "/comments/other", ""), 200, `{"comments":[]}`)
	w.expect("limit is not spliced", w.send("GET", "/comments/p%201?limit=1,%22x%22:1", ""), 200, "hello")
	w.expect("invalid", w.send("POST", "/comments", `{"pageId":""}`), 400, `{"message":"Invalid request body","id":"`)
	w.expect("other content type", w.send("POST", "/comments", `{"TableName":"comments"}`, "Content-Type: text/plain"), 415, "Unsupported Media Type")
	preflight := w.send("OPTIONS", "/comments", "", "Origin: https://blog.example")
	w.expect("preflight", preflight, 204, "")
	for _, got := range []reply{preflight, w.send("GET", "/nowhere", "")} {
		if got.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%d without CORS header", got.status)
		}
	}
}

func TestWiredHostileTextComesBackAsItWas(t *testing.T) {
	w := newWired(t)
	w.createTable()
	w.createRole()
	w.deploy()
	for i, text := range []string{
		`"},"commentId":{"S":"x`, `it's \ a "test" / </script>`, "line\nbreak\ttab\u2028", "\U0001F600 ünï", `$util.urlDecode('x') #set($a=1) ${context.stage}`, `'`, `\'`,
	} {
		page := "page" + string(rune('a'+i)) + "'\"$x"
		body := must(json.Marshal(map[string]string{"pageId": page, "message": text}))(t)
		w.expect("post", w.send("POST", "/comments", string(body)), 201, "commentId")
		got := w.send("GET", "/comments/"+url.PathEscape(page), "")
		var list struct {
			Comments []struct{ Message string }
		}
		if err := json.Unmarshal([]byte(got.body), &list); err != nil {
			t.Errorf("%q: the answer is no JSON: %v\n%s", text, err, got.body)
			continue
		}
		if len(list.Comments) != 1 || list.Comments[0].Message != text {
			t.Errorf("%q came back as %s", text, got.body)
		}
	}
}

func TestWiredRole(t *testing.T) {
	w := newWired(t)
	w.createTable()
	w.env.SetNature(core.Nature{Delays: core.Delays{RoleAssumable: core.Duration(10 * time.Second)}})
	w.createRole()
	w.deploy()
	w.expect("role not there yet", w.send("GET", "/comments/p1", ""), 500, `{"message":"Internal server error"}`)
	probe := func() *apigw.TestInvokeMethodOutput {
		resources := must(w.api.GetResources(w.ctx, &apigw.GetResourcesInput{RestApiId: &w.apiID}))(t)
		for _, r := range resources.Items {
			if *r.Path == "/comments/{pageId}" {
				return must(w.api.TestInvokeMethod(w.ctx, &apigw.TestInvokeMethodInput{RestApiId: &w.apiID, ResourceId: r.Id,
					HttpMethod: aws.String("GET"), PathWithQueryString: aws.String("/comments/p1")}))(t)
			}
		}
		t.Fatal("no resource")
		return nil
	}
	if got := probe(); got.Status != 500 || !strings.Contains(*got.Log, "does not have permission to assume the provided role") {
		t.Errorf("probe = %d\n%s", got.Status, aws.ToString(got.Log))
	}
	w.clock.Advance(10 * time.Second)
	if got := probe(); got.Status != 200 || aws.ToString(got.Body) == "" || !strings.Contains(*got.Log, `"KeyConditionExpression": "pageId = :p"`) {
		t.Errorf("probe = %d\n%s", got.Status, aws.ToString(got.Log))
	}
	w.expect("role there", w.send("GET", "/comments/p1", ""), 200, `{"comments":[]}`)

	w.allow(`{"Effect":"Allow","Action":"dynamodb:Query","Resource":"` + tableARN + `"}`)
	w.clock.Advance(10 * time.Second)
	got := w.send("GET", "/comments/p1", "")
	if !strings.Contains(strings.Join(w.dropped, "\n"), "AccessDeniedException") {
		t.Error("the log does not say that the role may not query the index")
	}
	w.expect("the table's ARN does not cover the index", got, 500, `{"message":"failed"}`)
}

func TestWiredDeploymentsAreSnapshots(t *testing.T) {
	w := newWired(t)
	w.createTable()
	w.createRole()
	w.deploy()
	changed := strings.ReplaceAll(string(commentsDocument), `{\"message\":\"failed\"}`, `{\"message\":\"changed\"}`)
	must(w.api.PutRestApi(w.ctx, &apigw.PutRestApiInput{RestApiId: &w.apiID, Mode: apigwtypes.PutModeOverwrite, Body: []byte(changed)}))(t)
	must(w.iam.DeleteRolePolicy(w.ctx, &awsiam.DeleteRolePolicyInput{RoleName: aws.String("writer"), PolicyName: aws.String("comments")}))(t)
	w.expect("still the old definition", w.send("GET", "/comments/p1", ""), 500, `{"message":"failed"}`)
	must(w.api.CreateDeployment(w.ctx, &apigw.CreateDeploymentInput{RestApiId: &w.apiID, StageName: aws.String("prod")}))(t)
	w.expect("the new one", w.send("GET", "/comments/p1", ""), 500, `{"message":"changed"}`)
	must(w.api.DeleteRestApi(w.ctx, &apigw.DeleteRestApiInput{RestApiId: &w.apiID}))(t)
	w.expect("gone", w.send("GET", "/comments/p1", ""), 403, `{"message":"Forbidden"}`)
}
