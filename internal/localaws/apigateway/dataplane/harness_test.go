// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

const (
	testAPI     = "a1b2c3d4e5"
	testStage   = "prod"
	testAccount = "123456789012"
	testRole    = "arn:aws:iam::123456789012:role/commentsapi/blog"
)

// world is a plane with everything around it faked; tests change what they
// are about before the first request.
type world struct {
	t        testing.TB
	clock    *core.FakeClock
	snapshot *model.Snapshot
	stage    *model.Stage
	db       *fakeDB
	roles    *fakeRoles
	deps     Deps
	access   []string
	lines    []string

	once  sync.Once
	plane *Plane
}

func newWorld(t testing.TB) *world {
	w := &world{
		t:        t,
		clock:    core.NewFakeClock(time.Date(2026, 11, 22, 17, 0, 0, 123e6, time.UTC)),
		snapshot: commentsAPI(),
		stage:    &model.Stage{StageName: testStage, DeploymentID: "d1", MethodSettings: map[string]*model.MethodSetting{}},
		db:       &fakeDB{status: 200, body: `{"Items":[]}`},
		roles:    &fakeRoles{},
	}
	w.deps = Deps{
		Env: core.NewEnv(w.clock, core.Nature{}), Registry: w, DynamoDB: w.db, Roles: w.roles,
		AccessLog:    func(_, line string) { w.access = append(w.access, line) },
		ExecutionLog: func(_, _, line string) { w.lines = append(w.lines, line) },
	}
	return w
}

func (w *world) Deployed(apiID, stage string) (*model.Snapshot, *model.Stage, bool) {
	return w.snapshot, w.stage, apiID == testAPI && stage == testStage
}

func (w *world) Plane() *Plane {
	w.once.Do(func() { w.plane = New(w.deps) })
	return w.plane
}

// method gives tests the method of a path.
func (w *world) method(path, name string) *model.Method {
	w.t.Helper()
	res := w.snapshot.ByPath(path)
	if res == nil || res.ResourceMethods[name] == nil {
		w.t.Fatalf("the test API has no %s %s", name, path)
	}
	return res.ResourceMethods[name]
}

type answer struct {
	status int
	header http.Header
	body   string
}

// call sends a request; headers are "Name: value".
func (w *world) call(method, target, body string, headers ...string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, "http://localhost/execute-api/"+testAPI+"/"+testStage+target, strings.NewReader(body))
	r.RemoteAddr = "203.0.113.7:4711"
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Add(name, value)
	}
	path, _, _ := strings.Cut(target, "?")
	rec := httptest.NewRecorder()
	w.Plane().ServeInvoke(rec, r, testAPI, testStage, path)
	return answer{rec.Code, rec.Header(), rec.Body.String()}
}

func (w *world) logged(text string) bool { return strings.Contains(strings.Join(w.lines, "\n"), text) }

type fakeDB struct {
	mu     sync.Mutex
	status int
	body   string
	calls  []dbCall
	wait   bool
}

type dbCall struct {
	caller core.Caller
	op     string
	body   string
}

func (f *fakeDB) Call(ctx context.Context, caller core.Caller, op string, body []byte) (int, []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, dbCall{caller, op, string(body)})
	if f.wait {
		<-ctx.Done()
	}
	return f.status, []byte(f.body)
}

func (f *fakeDB) last(t testing.TB) dbCall {
	t.Helper()
	if len(f.calls) == 0 {
		t.Fatal("DynamoDB was not called")
	}
	return f.calls[len(f.calls)-1]
}

type fakeRoles struct{ assume, authorize error }

func (f *fakeRoles) Assume(_ context.Context, role, principal string) error {
	if role != testRole || principal != "apigateway.amazonaws.com" {
		return errors.New("unexpected " + role + " by " + principal)
	}
	return f.assume
}

func (f *fakeRoles) Authorize(_ context.Context, _, action, resource string, _ map[string][]string) error {
	if f.authorize != nil {
		return f.authorize
	}
	if action == "" || resource == "" {
		return errors.New("no action or resource")
	}
	return nil
}

func pattern(s string) *string { return &s }

func dynamo(op, tmpl string, responses ...*model.IntegrationResponse) *model.Integration {
	in := &model.Integration{
		Type: "AWS", HTTPMethod: "POST", Credentials: testRole, PassthroughBehavior: "NEVER", TimeoutInMillis: 29000,
		URI:                 "arn:aws:apigateway:eu-west-1:dynamodb:action/" + op,
		RequestTemplates:    map[string]string{"application/json": tmpl},
		IntegrationResponse: map[string]*model.IntegrationResponse{},
	}
	for _, r := range responses {
		in.IntegrationResponse[r.StatusCode] = r
	}
	return in
}

func responds(status, selection, tmpl string) *model.IntegrationResponse {
	r := &model.IntegrationResponse{StatusCode: status, SelectionPattern: pattern(selection)}
	if tmpl != "" {
		r.ResponseTemplates = map[string]string{"application/json": tmpl}
	}
	return r
}

func declares(codes ...string) map[string]*model.MethodResponse {
	m := map[string]*model.MethodResponse{}
	for _, c := range codes {
		m[c] = &model.MethodResponse{StatusCode: c}
	}
	return m
}

// commentsAPI is the shape of API the operator deploys.
func commentsAPI() *model.Snapshot {
	post := &model.Method{
		HTTPMethod: "POST", AuthorizationType: "NONE", RequestValidatorID: "v1",
		RequestModels:   map[string]string{"application/json": "Comment"},
		MethodResponses: declares("201", "409", "500"),
		MethodIntegration: dynamo("PutItem", `{"id":"$context.requestId","in":$input.body}`,
			responds("201", "200", `{"commentId":"$context.requestId"}`),
			responds("409", "400", `{"error":"conflict"}`),
			responds("500", "", `{"error":"internal"}`)),
	}
	get := &model.Method{
		HTTPMethod: "GET", AuthorizationType: "NONE", RequestValidatorID: "v1",
		RequestParameters: map[string]bool{"method.request.path.pageId": true, "method.request.querystring.cursor": false},
		MethodResponses:   declares("200", "500"),
		MethodIntegration: dynamo("Query", `{"page":"$input.params('pageId')","cursor":"$input.params('cursor')"}`,
			responds("200", "200", `{"comments":$input.body}`),
			responds("500", "", `{"error":"internal"}`)),
	}
	options := &model.Method{
		HTTPMethod: "OPTIONS", AuthorizationType: "NONE", MethodResponses: declares("204"),
		MethodIntegration: &model.Integration{
			Type: "MOCK", PassthroughBehavior: "NEVER",
			RequestTemplates: map[string]string{"application/json": `{"statusCode":204}`},
			IntegrationResponse: map[string]*model.IntegrationResponse{"204": {
				StatusCode: "204",
				ResponseParameters: map[string]string{
					"method.response.header.Access-Control-Allow-Origin": "'*'",
				},
			}},
		},
	}
	return &model.Snapshot{
		API: model.RestAPI{ID: testAPI, AccountID: testAccount, Region: "eu-west-1", Partition: "aws", APIKeySource: "HEADER", RootResourceID: "r0"},
		Resources: map[string]*model.Resource{
			"r0": {ID: "r0", Path: "/"},
			"r1": {ID: "r1", ParentID: "r0", PathPart: "comments", Path: "/comments",
				ResourceMethods: map[string]*model.Method{"POST": post, "OPTIONS": options}},
			"r2": {ID: "r2", ParentID: "r1", PathPart: "{pageId}", Path: "/comments/{pageId}",
				ResourceMethods: map[string]*model.Method{"GET": get}},
		},
		Models: map[string]*model.Model{"Comment": {Name: "Comment", ContentType: "application/json", Schema: `{
			"$schema": "http://json-schema.org/draft-04/schema#", "type": "object",
			"required": ["pageId", "message"], "additionalProperties": false,
			"properties": {"pageId": {"type": "string", "minLength": 1, "maxLength": 8}, "message": {"type": "string"}}}`}},
		Validators: map[string]*model.RequestValidator{
			"v1": {ID: "v1", Name: "all", ValidateRequestBody: true, ValidateRequestParameters: true}},
		GatewayResponses: map[string]*model.GatewayResponse{},
	}
}

const validComment = `{"pageId":"p1","message":"hello"}`
