// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

const chosenID = "7d3a8f6e-0c52-4b8e-9a51-3f0f6f0b5a11"

func TestPostRunsTemplatesAndDynamoDBUnderTheRole(t *testing.T) {
	w := newWorld(t)
	w.db.body = `{}`
	got := w.call("POST", "/comments", validComment, "X-Amzn-RequestId: "+chosenID)
	if got.status != 201 || got.body != `{"commentId":"`+chosenID+`"}` {
		t.Fatalf("answer = %d %s; want 201 with the comment's id", got.status, got.body)
	}
	call := w.db.last(t)
	if call.op != "PutItem" || call.body != `{"id":"`+chosenID+`","in":`+validComment+`}` {
		t.Errorf("DynamoDB got %s %s", call.op, call.body)
	}
	if want := "arn:aws:sts::123456789012:assumed-role/blog/BackplaneAssumeRoleSession"; call.caller.ARN != want {
		t.Errorf("caller = %s; want %s", call.caller.ARN, want)
	}
	if call.caller.AccountID != testAccount || call.caller.Region != "eu-west-1" || call.caller.Partition != "aws" {
		t.Errorf("caller = %+v", call.caller)
	}
	w.roles.authorize = errors.New("no policy allows it")
	if err := call.caller.Allowed("dynamodb:PutItem", "arn"); err == nil {
		t.Error("the role's policy is not asked")
	}
}

func TestF7_ResponseHeaders(t *testing.T) {
	w := newWorld(t)
	got := w.call("POST", "/comments", validComment, "X-Amzn-Requestid: "+chosenID, "X-Amzn-Trace-Id: Root=1-2-3;Sampled=1")
	for name, want := range map[string]string{
		"x-amzn-RequestId": chosenID, "Content-Type": "application/json", "X-Amzn-Trace-Id": "Root=1-2-3", "x-amzn-ErrorType": "",
	} {
		if v := got.header.Get(name); v != want {
			t.Errorf("%s = %q; want %q", name, v, want)
		}
	}
	if got.header.Get("x-amz-apigw-id") == "" {
		t.Error("no x-amz-apigw-id")
	}
}

func TestE4_RequestID(t *testing.T) {
	w := newWorld(t)
	for header, kept := range map[string]bool{chosenID: true, "mine": false, "": false, chosenID + "x": false} {
		got := w.call("POST", "/comments", validComment, "x-amzn-RequestId: "+header)
		id := got.header.Get("x-amzn-requestid")
		if (id == header) != kept {
			t.Errorf("client sent %q, answer carries %q; kept should be %t", header, id, kept)
		}
		if !uuidPattern.MatchString(id) {
			t.Errorf("request id %q is no UUID", id)
		}
	}
}

func TestF4_UnknownPlaces(t *testing.T) {
	for _, c := range []struct {
		name, method, path, body, errorType string
	}{
		{"path", "GET", "/nowhere", `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
		{"method", "DELETE", "/comments", `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
		{"root", "GET", "/", `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
		{"empty parameter", "GET", "/comments/", `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
		{"HEAD is no GET", "HEAD", "/comments/p1", "", "MissingAuthenticationTokenException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := newWorld(t).call(c.method, c.path, "")
			if got.status != 403 || got.body != c.body || got.header.Get("x-amzn-ErrorType") != c.errorType {
				t.Errorf("answer = %d %s (%s)", got.status, got.body, got.header.Get("x-amzn-ErrorType"))
			}
		})
	}
}

func TestUnknownStageAndDisabledEndpointAreForbidden(t *testing.T) {
	w := newWorld(t)
	w.stage.StageName = "other"
	w.deps.Registry = registryFunc(func(string, string) (*model.Snapshot, *model.Stage, bool) { return nil, nil, false })
	if got := w.call("GET", "/comments/p1", ""); got.status != 403 || got.body != `{"message":"Forbidden"}` ||
		got.header.Get("x-amzn-ErrorType") != "ForbiddenException" {
		t.Errorf("unknown stage: %+v", got)
	}
	w = newWorld(t)
	w.snapshot.API.DisableExecuteAPIEndpoint = true
	if got := w.call("GET", "/comments/p1", ""); got.status != 403 || got.body != `{"message":"Forbidden"}` {
		t.Errorf("disabled endpoint: %+v", got)
	}
}

type registryFunc func(string, string) (*model.Snapshot, *model.Stage, bool)

func (f registryFunc) Deployed(api, stage string) (*model.Snapshot, *model.Stage, bool) {
	return f(api, stage)
}

func TestE6_PathAndQueryAreDecodedOnce(t *testing.T) {
	for target, want := range map[string]string{
		"/comments/a%20b":                `{"page":"a b","cursor":""}`,
		"/comments/a%252Fb":              `{"page":"a%2Fb","cursor":""}`,
		"/comments/a%2Fb":                `{"page":"a/b","cursor":""}`,
		"/comments/a+b?cursor=c+d":       `{"page":"a+b","cursor":"c d"}`,
		"/comments/x?cursor=1&cursor=2":  `{"page":"x","cursor":"2"}`,
		"/comments/x?cursor=test%203":    `{"page":"x","cursor":"test 3"}`,
		"/comments/x?cursor=1;cursor=2":  `{"page":"x","cursor":"2"}`,
		"/comments/x/?cursor=1":          `{"page":"x","cursor":"1"}`,
		"/comments/x?cursor=%25&other=1": `{"page":"x","cursor":"%"}`,
	} {
		w := newWorld(t)
		w.call("GET", target, "")
		if got := w.db.last(t).body; got != want {
			t.Errorf("%s: DynamoDB got %s; want %s", target, got, want)
		}
	}
}

func TestE5_Passthrough(t *testing.T) {
	template, none := map[string]string{"application/json": "T"}, map[string]string{}
	for _, c := range []struct {
		behavior  string
		templates map[string]string
		ctype     string
		want      string // what DynamoDB gets; "" for 415
	}{
		{"WHEN_NO_MATCH", template, "application/json", "T"},
		{"WHEN_NO_MATCH", template, "text/plain", "raw"},
		{"WHEN_NO_MATCH", none, "text/plain", "raw"},
		{"WHEN_NO_TEMPLATES", template, "application/json; charset=utf-8", "T"},
		{"WHEN_NO_TEMPLATES", template, "text/plain", ""},
		{"WHEN_NO_TEMPLATES", none, "text/plain", "raw"},
		{"NEVER", template, "", "T"},
		{"NEVER", template, "APPLICATION/JSON", "T"},
		{"NEVER", template, "text/plain", ""},
		{"NEVER", none, "application/json", ""},
		{"", template, "text/plain", "raw"},
	} {
		t.Run(c.behavior+"/"+c.ctype, func(t *testing.T) {
			w := newWorld(t)
			m := w.method("/comments", "POST")
			m.RequestValidatorID = ""
			m.MethodIntegration.RequestTemplates, m.MethodIntegration.PassthroughBehavior = c.templates, c.behavior
			got := w.call("POST", "/comments", "raw", "Content-Type: "+c.ctype)
			if c.want == "" {
				if got.status != 415 || got.body != `{"message":"Unsupported Media Type"}` || len(w.db.calls) > 0 {
					t.Fatalf("answer = %d %s; want 415 and no call", got.status, got.body)
				}
				return
			}
			if body := w.db.last(t).body; body != c.want {
				t.Errorf("DynamoDB got %q; want %q", body, c.want)
			}
		})
	}
}

func TestE5_ResponseTemplateByAccept(t *testing.T) {
	both := map[string]string{"application/json": "J", "text/html": "H"}
	for _, c := range []struct {
		name      string
		templates map[string]string
		accept    string
		want      string
	}{
		{"exact", both, "text/html", "H"},
		{"with parameters", both, "text/html;q=0.9, */*", "H"},
		{"absent is JSON", both, "", "J"},
		{"no match is the first", map[string]string{"text/html": "H"}, "image/png", "H"},
		{"no template passes the body", nil, "", `{"Items":[]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.method("/comments/{pageId}", "GET").MethodIntegration.IntegrationResponse["200"].ResponseTemplates = c.templates
			var headers []string
			if c.accept != "" {
				headers = []string{"Accept: " + c.accept}
			}
			if got := w.call("GET", "/comments/p1", "", headers...); got.status != 200 || got.body != c.want {
				t.Errorf("answer = %d %s; want 200 %s", got.status, got.body, c.want)
			}
		})
	}
}

func TestF1_Selection(t *testing.T) {
	for _, c := range []struct {
		name    string
		backend int
		change  func(*model.Method)
		status  int
		log     string
	}{
		{"pattern", 200, nil, 200, "Successfully completed execution"},
		{"default", 400, nil, 500, "Endpoint response body before transformations"},
		{"pattern is a regular expression", 404, func(m *model.Method) {
			m.MethodIntegration.IntegrationResponse["500"].SelectionPattern = pattern(`4\d{2}`)
		}, 500, "Successfully completed execution"},
		{"no match and no default", 503, func(m *model.Method) {
			delete(m.MethodIntegration.IntegrationResponse, "500")
		}, 500, "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: 503"},
		{"undeclared method response", 200, func(m *model.Method) { delete(m.MethodResponses, "200") },
			500, "Output mapping refers to an invalid method response: 200"},
		{"absent pattern is the default", 418, func(m *model.Method) {
			m.MethodIntegration.IntegrationResponse["500"].SelectionPattern = nil
		}, 500, "Successfully completed execution"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.db.status = c.backend
			if c.change != nil {
				c.change(w.method("/comments/{pageId}", "GET"))
			}
			got := w.call("GET", "/comments/p1", "")
			if got.status != c.status {
				t.Errorf("answer = %d %s; want %d", got.status, got.body, c.status)
			}
			if !w.logged(c.log) {
				t.Errorf("the log does not say %q:\n%s", c.log, strings.Join(w.lines, "\n"))
			}
		})
	}
}

func TestE4_ResponseOverride(t *testing.T) {
	w := newWorld(t)
	m := w.method("/comments", "POST").MethodIntegration
	m.IntegrationResponse["201"].ResponseTemplates["application/json"] = `#set($context.responseOverride.status = 202)#set($context.responseOverride.header.X-Why = "later"){}`
	got := w.call("POST", "/comments", validComment)
	if got.status != 202 || got.header.Get("X-Why") != "later" {
		t.Errorf("answer = %d X-Why=%q; want the override", got.status, got.header.Get("X-Why"))
	}
	// What the request template sets persists into the response.
	m.IntegrationResponse["201"].ResponseTemplates["application/json"] = `{}`
	m.RequestTemplates["application/json"] = `#set($context.responseOverride.status = 203){}`
	if got := w.call("POST", "/comments", validComment); got.status != 203 {
		t.Errorf("answer = %d; want the request template's 203", got.status)
	}
}

func TestF3_RoleProblems(t *testing.T) {
	w := newWorld(t)
	w.roles.assume = errors.New("role was created 2s ago")
	got := w.call("GET", "/comments/p1", "")
	if got.status != 500 || got.body != `{"message":"Internal server error"}` ||
		got.header.Get("x-amzn-ErrorType") != "InternalServerErrorException" {
		t.Errorf("answer = %+v", got)
	}
	if len(w.db.calls) > 0 {
		t.Error("DynamoDB was called without a role")
	}
	for _, text := range []string{"API Gateway does not have permission to assume the provided role " + testRole, "role was created 2s ago"} {
		if !w.logged(text) {
			t.Errorf("the log does not say %q", text)
		}
	}
}

func TestMockPreflight(t *testing.T) {
	w := newWorld(t)
	got := w.call("OPTIONS", "/comments", "", "Origin: https://blog.example")
	if got.status != 204 || got.body != "" || got.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("preflight = %+v", got)
	}
	in := w.method("/comments", "OPTIONS").MethodIntegration
	in.RequestTemplates["application/json"] = `{statusCode: 204}`
	if got := w.call("OPTIONS", "/comments", ""); got.status != 204 {
		t.Errorf("B4: {statusCode: 204} answers %d", got.status)
	}
	in.RequestTemplates["application/json"] = `{}`
	if got := w.call("OPTIONS", "/comments", ""); got.status != 500 || !w.logged("Unable to parse statusCode") {
		t.Errorf("no status code: %d", got.status)
	}
}

func TestIntegrationTroubleIsVisible(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*world, *model.Integration)
		status int
		body   string
		log    string
	}{
		{"timeout", func(w *world, in *model.Integration) { w.db.wait = true; in.TimeoutInMillis = 20 }, 504,
			`{"message":"Endpoint request timed out"}`, "timeout"},
		{"connection broken", func(w *world, _ *model.Integration) { w.db.status = 0 }, 504,
			`{"message":"Network error communicating with endpoint"}`, "network error"},
		{"other service", func(_ *world, in *model.Integration) { in.URI = "arn:aws:apigateway:eu-west-1:sqs:action/SendMessage" }, 500,
			`{"message":"Internal server error"}`, "not implemented by the local AWS: integrations with sqs"},
		{"other type", func(_ *world, in *model.Integration) { in.Type = "HTTP_PROXY" }, 500,
			`{"message":"Internal server error"}`, "not implemented by the local AWS: integration type HTTP_PROXY"},
		{"binary media type", func(w *world, _ *model.Integration) { w.snapshot.API.BinaryMediaTypes = []string{"application/json"} }, 500,
			`{"message":"Internal server error"}`, "not implemented by the local AWS: binary payloads"},
		{"conversion to binary", func(_ *world, in *model.Integration) { in.ContentHandling = "CONVERT_TO_BINARY" }, 500,
			`{"message":"Internal server error"}`, "not implemented by the local AWS: binary payloads"},
		{"GET to DynamoDB", func(_ *world, in *model.Integration) { in.HTTPMethod = "GET" }, 500,
			`{"message":"Internal server error"}`, "it takes POST"},
		{"template fails", func(_ *world, in *model.Integration) {
			in.RequestTemplates["application/json"] = "#set($context.responseOverride.status = 1)#set($context.responseOverride.status = 2)"
		}, 500,
			`{"message":"Internal server error"}`, "Unable to transform request"},
		{"template does not compile", func(_ *world, in *model.Integration) { in.RequestTemplates["application/json"] = "#if(" }, 500,
			`{"message":"Internal server error"}`, "Unable to transform request"},
		{"no ARN of a role", func(_ *world, in *model.Integration) { in.Credentials = "blog" }, 500,
			`{"message":"Internal server error"}`, "use the ARN of a role"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.change(w, w.method("/comments/{pageId}", "GET").MethodIntegration)
			got := w.call("GET", "/comments/p1", "")
			if got.status != c.status || got.body != c.body {
				t.Errorf("answer = %d %s; want %d %s", got.status, got.body, c.status, c.body)
			}
			if !w.logged(c.log) {
				t.Errorf("the log does not say %q:\n%s", c.log, strings.Join(w.lines, "\n"))
			}
		})
	}
}

func TestB4_ParameterMapping(t *testing.T) {
	w := newWorld(t)
	w.stage.Variables = map[string]string{"color": "blue", "op": "Query"}
	w.db.body = `{"a":{"b":[1,"two"]}}`
	m := w.method("/comments/{pageId}", "GET")
	m.MethodIntegration.URI = "arn:aws:apigateway:eu-west-1:dynamodb:action/${stageVariables.op}"
	m.MethodIntegration.IntegrationResponse["200"].ResponseParameters = map[string]string{
		"method.response.header.Static":   "'fixed'",
		"method.response.header.Type":     "integration.response.header.Content-Type",
		"method.response.header.Body":     "integration.response.body.a.b[1]",
		"method.response.header.Stage":    "context.stage",
		"method.response.header.Variable": "stageVariables.color",
		"method.response.header.Missing":  "integration.response.header.Nope",
		// A mapped length must not break the framing.
		"method.response.header.Content-Length": "'7'",
	}
	got := w.call("GET", "/comments/p1", "")
	want := map[string]string{"Static": "fixed", "Type": "application/x-amz-json-1.0", "Body": "two", "Stage": "prod",
		"Variable": "blue", "Missing": "", "X-Amzn-Remapped-Content-Length": "7"}
	have := map[string]string{}
	for name := range want {
		have[name] = got.header.Get(name)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}
	if op := w.db.last(t).op; op != "Query" {
		t.Errorf("operation %q; want the stage variable's", op)
	}
}

func TestHeadHasNoBody(t *testing.T) {
	w := newWorld(t)
	res := w.snapshot.ByPath("/comments/{pageId}")
	res.ResourceMethods["ANY"] = res.ResourceMethods["GET"]
	got := w.call("HEAD", "/comments/p1", "")
	if got.status != http.StatusOK || got.body != "" || got.header.Get("Content-Length") == "0" {
		t.Errorf("HEAD = %+v", got)
	}
}

func TestIntegrationWithoutRoleCallsUnsigned(t *testing.T) {
	w := newWorld(t)
	w.method("/comments/{pageId}", "GET").MethodIntegration.Credentials = ""
	w.call("GET", "/comments/p1", "")
	if caller := w.db.last(t).caller; caller.ARN != "" || caller.AccountID != "" {
		t.Errorf("DynamoDB was called as %+v; want nobody", caller)
	}
}

func TestB4_TargetHeaderNamesTheOperation(t *testing.T) {
	w := newWorld(t)
	in := w.method("/comments/{pageId}", "GET").MethodIntegration
	in.URI = "arn:aws:apigateway:us-east-1:dynamodb:path//"
	in.RequestParameters = map[string]string{"integration.request.header.X-Amz-Target": "'DynamoDB_20120810.Query'"}
	w.call("GET", "/comments/p1", "")
	if call := w.db.last(t); call.op != "Query" || call.caller.Region != "us-east-1" {
		t.Errorf("DynamoDB got %s in %s; want Query in the URI's region", call.op, call.caller.Region)
	}
	in.RequestTemplates["application/json"] = `#set($context.requestOverride.header.X-Amz-Target = "DynamoDB_20120810.Scan"){}`
	w.call("GET", "/comments/p1", "")
	if op := w.db.last(t).op; op != "Scan" {
		t.Errorf("operation %s; want the override's", op)
	}
	in.RequestParameters, in.RequestTemplates["application/json"] = nil, `{}`
	if got := w.call("GET", "/comments/p1", ""); got.status != 500 || !w.logged("names no operation") {
		t.Errorf("without a target: %d", got.status)
	}
}

func TestConcurrentRequestsAndDeployments(t *testing.T) {
	w := newWorld(t)
	w.deps.ExecutionLog, w.deps.AccessLog = nil, nil
	w.stage.CacheClusterEnabled = true
	w.stage.MethodSettings["*/*"] = &model.MethodSetting{CachingEnabled: true, CacheTTLInSeconds: 1, ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 << 20}
	versions := []*model.Snapshot{commentsAPI(), commentsAPI(), commentsAPI()}
	var served atomic.Int64
	w.deps.Registry = registryFunc(func(string, string) (*model.Snapshot, *model.Stage, bool) {
		return versions[served.Add(1)%int64(len(versions))], w.stage, true
	})
	plane := w.Plane()
	var done sync.WaitGroup
	for i := range 8 {
		done.Go(func() {
			for j := range 50 {
				method, path, body, want := "POST", "/comments", validComment, 201
				if (i+j)%2 == 0 {
					method, path, body, want = "GET", "/comments/p1", "", 200
				}
				rec := httptest.NewRecorder()
				plane.ServeInvoke(rec, httptest.NewRequest(method, "/", strings.NewReader(body)), testAPI, testStage, path)
				if rec.Code != want {
					t.Errorf("%s %s = %d %s", method, path, rec.Code, rec.Body)
				}
			}
		})
	}
	done.Wait()
}
