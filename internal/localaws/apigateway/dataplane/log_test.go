// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

func TestD5_AccessLog(t *testing.T) {
	w := newWorld(t)
	w.stage.AccessLogSettings = &model.AccessLogSettings{DestinationARN: "arn:aws:logs:eu-west-1:123456789012:log-group:g",
		Format: `$context.requestId $context.identity.sourceIp [$context.requestTime] "$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength $context.integration.status $context.identity.caller $context.error.responseType.`}
	w.call("GET", "/comments/p1", "", "x-amzn-RequestId: "+chosenID)
	w.call("GET", "/nowhere", "", "x-amzn-RequestId: "+chosenID)
	want := []string{
		chosenID + ` 203.0.113.7 [22/Nov/2026:17:00:00 +0000] "GET /comments/{pageId} HTTP/1.1" 200 25 200 - -.`,
		chosenID + ` 203.0.113.7 [22/Nov/2026:17:00:00 +0000] "GET - HTTP/1.1" 403 42 - - MISSING_AUTHENTICATION_TOKEN.`,
	}
	if diff := cmp.Diff(want, w.access); diff != "" {
		t.Error(diff)
	}
}

func TestE4_Context(t *testing.T) {
	w := newWorld(t)
	w.method("/comments/{pageId}", "GET").MethodIntegration.RequestTemplates["application/json"] = strings.Join([]string{
		"$context.requestTimeEpoch", "$context.requestTime", "$context.httpMethod", "$context.path",
		"$context.resourcePath", "$context.stage", "$context.apiId", "$context.accountId", "$context.domainName",
		"$context.domainPrefix", "$context.identity.sourceIp", "$context.identity.userAgent", "$context.protocol",
		"$context.deploymentId", "$input.params('X-Forwarded-For')"}, "\n")
	w.call("GET", "/comments/a%20b?x=1", "", "User-Agent: \"quoted\" agent", "Host: a1.execute-api.eu-west-1.amazonaws.com", "X-Forwarded-For: 198.51.100.1")
	want := strings.Join([]string{"1795366800123", "22/Nov/2026:17:00:00 +0000", "GET", "/prod/comments/a%20b", "/comments/{pageId}", "prod", testAPI,
		testAccount, "a1.execute-api.eu-west-1.amazonaws.com", "a1", "203.0.113.7", `"quoted" agent`, "HTTP/1.1", "d1", "198.51.100.1, 203.0.113.7"}, "\n")
	if diff := cmp.Diff(want, w.db.last(t).body); diff != "" {
		t.Error(diff)
	}
}

func TestSecretsStayOutOfTheLog(t *testing.T) {
	w := newWorld(t)
	w.call("GET", "/comments/p1", "", "Authorization: AWS4-HMAC-SHA256 sesame", "X-Api-Key: sesame", "X-Amz-Security-Token: sesame")
	if w.logged("sesame") {
		t.Errorf("a secret is in the log:\n%s", strings.Join(w.lines, "\n"))
	}
}

func (w *world) testInvoke(req model.TestInvokeRequest) model.TestInvokeResult {
	w.t.Helper()
	got, err := w.Plane().TestInvoke(context.Background(), core.Caller{}, w.snapshot, req)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func TestTestInvokeRunsTheMethodAndSaysHow(t *testing.T) {
	w := newWorld(t)
	w.method("/comments/{pageId}", "GET").AuthorizationType = "AWS_IAM"
	w.method("/comments/{pageId}", "GET").APIKeyRequired = true
	got := w.testInvoke(model.TestInvokeRequest{
		ResourceID: "r2", HTTPMethod: "GET", PathWithQueryString: "/comments/a%20b?cursor=c",
		Headers: map[string][]string{"x-amzn-RequestId": {chosenID}}})
	if got.Status != 200 || got.Body != `{"comments":{"Items":[]}}` {
		t.Errorf("result = %d %s", got.Status, got.Body)
	}
	const at = "Sun Nov 22 17:00:00 UTC 2026 : "
	want := "Execution log for request " + chosenID + "\n" +
		at + "Starting execution for request: " + chosenID + "\n" +
		at + "HTTP Method: GET, Resource Path: /comments/a%20b\n" +
		at + "Method request path: {pageId=a b}\n" +
		at + "Method request query string: {cursor=c}\n" +
		at + "Method request headers: {X-Amzn-Requestid=" + chosenID + "}\n" +
		at + "Method request body before transformations: \n" +
		at + "Request validation succeeded for content type application/json\n" +
		at + "Endpoint request URI: https://dynamodb.eu-west-1.amazonaws.com/?Action=Query\n" +
		at + "Endpoint request headers: {}\n" +
		at + `Endpoint request body after transformations: {"page":"a b","cursor":"c"}` + "\n" +
		at + "Sending request to https://dynamodb.eu-west-1.amazonaws.com/?Action=Query\n" +
		at + "Received response. Status: 200, Integration latency: 0 ms\n" +
		at + "Endpoint response headers: {Content-Length=12, Content-Type=application/x-amz-json-1.0, X-Amzn-Requestid=...}\n" +
		at + `Endpoint response body before transformations: {"Items":[]}` + "\n" +
		at + `Method response body after transformations: {"comments":{"Items":[]}}` + "\n" +
		at + "Method response headers: {Content-Type=application/json, X-Amz-Apigw-Id=..., X-Amzn-Requestid=" + chosenID + ", X-Amzn-Trace-Id=...}\n" +
		at + "Successfully completed execution\n" +
		at + "Method completed with status: 200\n"
	if diff := cmp.Diff(want, hideRandom(got.Log)); diff != "" {
		t.Error(diff)
	}
	for name := range got.Headers {
		if name != "Content-Type" && name != headerTrace {
			t.Errorf("unexpected header %s", name)
		}
	}
}

// hideRandom replaces ids that differ from run to run.
func hideRandom(log string) string {
	lines := strings.Split(log, "\n")
	for i, l := range lines {
		for _, name := range []string{"X-Amz-Apigw-Id=", "X-Amzn-Trace-Id=", "X-Amzn-Requestid="} {
			if before, after, ok := strings.Cut(l, name); ok && !strings.HasPrefix(after, chosenID) {
				end := strings.IndexAny(after, ",}")
				l = before + name + "..." + after[end:]
			}
		}
		lines[i] = l
	}
	return strings.Join(lines, "\n")
}

func TestTestInvokeFailures(t *testing.T) {
	w := newWorld(t)
	get := model.TestInvokeRequest{ResourceID: "r2", HTTPMethod: "GET", PathWithQueryString: "/comments/p1"}
	w.roles.assume = errors.New("not yet")
	got := w.testInvoke(get)
	if got.Status != 500 || got.Body != `{"message":"Internal server error"}` ||
		!strings.Contains(got.Log, "Execution failed due to configuration error: API Gateway does not have permission to assume the provided role") {
		t.Errorf("role: %d %s\n%s", got.Status, got.Body, got.Log)
	}
	w.roles.assume = nil
	got = w.testInvoke(model.TestInvokeRequest{ResourceID: "r2", HTTPMethod: "GET", PathWithQueryString: "/else/where/1"})
	if got.Status != 400 || got.Body != `{"message":"Missing required request parameters: [pageId]"}` {
		t.Errorf("a path that doesn't fit gives no parameters: %d %s", got.Status, got.Body)
	}
	got = w.testInvoke(model.TestInvokeRequest{ResourceID: "r1", HTTPMethod: "POST", Body: `{}`})
	if got.Status != 400 || !strings.Contains(got.Log, `Request body does not match model schema for content type application/json: [object has missing`) {
		t.Errorf("invalid body: %d\n%s", got.Status, got.Log)
	}
	if got = w.testInvoke(model.TestInvokeRequest{ResourceID: "nope", HTTPMethod: "GET"}); got.Status != 403 {
		t.Errorf("unknown resource: %d", got.Status)
	}
}

func TestTestInvokeContext(t *testing.T) {
	w := newWorld(t)
	w.method("/comments/{pageId}", "GET").MethodIntegration.RequestTemplates["application/json"] =
		"$context.path $context.stage $context.identity.sourceIp $stageVariables.color $input.params('q')"
	w.testInvoke(model.TestInvokeRequest{ResourceID: "r2", HTTPMethod: "GET", PathWithQueryString: "/comments/a b?q=1",
		StageVariables: map[string]string{"color": "red"}})
	if got, want := w.db.last(t).body, "/comments/a%20b test-invoke-stage test-invoke-source-ip red 1"; got != want {
		t.Errorf("template saw %q; want %q", got, want)
	}
}
