// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

func TestOperationNamesCallsAndTheirApi(t *testing.T) {
	s := New(core.NewEnv(nil, core.Nature{}))
	for request, want := range map[string][2]string{
		"POST /restapis":                                     {"CreateRestApi", ""},
		"POST /restapis?mode=import":                         {"ImportRestApi", ""},
		"GET /restapis":                                      {"GetRestApis", ""},
		"PUT /restapis/abc?mode=overwrite":                   {"PutRestApi", "abc"},
		"GET /restapis/abc/resources?embed=methods":          {"GetResources", "abc"},
		"POST /restapis/abc/resources/r1":                    {"CreateResource", "abc"},
		"POST /restapis/abc/resources/r1/methods/GET":        {"TestInvokeMethod", "abc"},
		"PUT /restapis/abc/resources/r1/methods/GET":         {"PutMethod", "abc"},
		"POST /restapis/abc/deployments":                     {"CreateDeployment", "abc"},
		"DELETE /restapis/abc":                               {"DeleteRestApi", "abc"},
		"DELETE /restapis/abc/stages/prod/cache/data":        {"FlushStageCache", "abc"},
		"GET /account":                                       {"GetAccount", ""},
		"PUT /tags/arn:aws:apigateway:x::%2Frestapis%2Fabc":  {"TagResource", "abc"},
		"GET /tags/arn:aws:apigateway:x::/restapis/abc":      {"GetTags", "abc"},
		"GET /tags/arn%3Aaws%3Aapigateway%3Ax::%2Fapikeys/1": {"GetTags", ""},
		"POST /vpclinks":                                     {"", ""},
	} {
		method, target, _ := strings.Cut(request, " ")
		op, resource := s.Operation(httptest.NewRequest(method, target, nil), nil)
		if got := [2]string{op, resource}; got != want {
			t.Errorf("Operation(%s) = %v; want %v", request, got, want)
		}
	}
}

func TestA4_SuccessCodes(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, deployment := w.deployed()
	do := func(method, path, body string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(w.ctx, method, w.url+path, strings.NewReader(body))
		w.must(err)
		res, err := http.DefaultClient.Do(r)
		w.must(err)
		defer func() { _ = res.Body.Close() }()
		if res.Header.Get("X-Amzn-Requestid") == "" {
			t.Errorf("%s %s: no request id", method, path)
		}
		return res.StatusCode
	}
	base := "/restapis/" + api
	root := *w.resources(api)["/"].Id
	for _, tc := range []struct {
		method, path, body string
		want               int
	}{
		{"POST", "/restapis", `{"name":"x"}`, 201},
		{"POST", "/restapis?mode=import", string(commentsDoc(t)), 201},
		{"GET", base, "", 200},
		{"PUT", base + "?mode=merge", string(commentsDoc(t)), 200},
		{"PUT", base + "/gatewayresponses/THROTTLED", `{}`, 201},
		{"PUT", base + "/resources/" + root + "/methods/GET", `{"authorizationType":"NONE"}`, 201},
		{"PUT", base + "/resources/" + root + "/methods/GET/integration", `{"type":"MOCK"}`, 201},
		{"DELETE", base + "/resources/" + root + "/methods/GET/integration", "", 204},
		{"DELETE", base + "/resources/" + root + "/methods/GET", "", 204},
		{"PUT", "/tags/arn:aws:apigateway:eu-west-1::%2Frestapis%2F" + api, `{"tags":{"a":"b"}}`, 204},
		{"DELETE", base + "/stages/prod", "", 202},
		{"DELETE", base + "/deployments/" + deployment, "", 202},
		{"DELETE", base, "", 202},
		{"GET", base, "", 404},
		{"POST", "/restapis", `{"name":1}`, 400},
		{"GET", "/vpclinks", "", 501},
		{"GET", base + "/authorizers", "", 501},
	} {
		if got := do(tc.method, tc.path, tc.body); got != tc.want {
			t.Errorf("%s %s = %d; want %d", tc.method, tc.path, got, tc.want)
		}
	}
}

func TestA4_WrongJsonTypesAreSerializationExceptions(t *testing.T) {
	w := newWorld(t, core.Nature{})
	for _, body := range []string{`{"name":true}`, `{"name":`, `[]`, `{"name":"a","tags":{"k":1}}`} {
		res, err := http.Post(w.url+"/restapis", "application/json", strings.NewReader(body))
		w.must(err)
		if got := res.Header.Get("X-Amzn-Errortype"); got != "SerializationException" || res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %s; want 400 SerializationException", body, res.StatusCode, got)
		}
		_ = res.Body.Close()
	}
}

func TestA4_ConcurrentModification(t *testing.T) {
	w := newWorld(t, core.Nature{StrictConcurrency: true})
	api := w.createAPI()
	doc := commentsDoc(t)
	// start begins a mutation that lasts until the rest of its body is written:
	// the server reads that only once the mutation is under way.
	start := func() (*io.PipeWriter, chan error) {
		reader, writer := io.Pipe()
		done := make(chan error, 1)
		go func() {
			r, err := http.NewRequestWithContext(w.ctx, http.MethodPut, w.url+"/restapis/"+api+"?mode=overwrite", reader)
			if err != nil {
				done <- err
				return
			}
			res, err := http.DefaultClient.Do(r)
			if err == nil {
				_ = res.Body.Close()
				if res.StatusCode != http.StatusOK {
					err = errors.New(res.Status)
				}
			}
			done <- err
		}()
		_, _ = writer.Write(doc[:1])
		return writer, done
	}
	update := &sdk.UpdateRestApiInput{RestApiId: &api}
	var writer *io.PipeWriter
	var done chan error
	var err error
	for deadline := time.Now().Add(20 * time.Second); err == nil && time.Now().Before(deadline); {
		if writer == nil {
			writer, done = start()
		}
		select {
		case refusal := <-done:
			if refusal == nil {
				t.Fatal("the mutation ended before its body did")
			}
			_ = writer.Close() // it came upon an update; another one
			writer = nil
		default:
			_, err = w.client.UpdateRestApi(w.ctx, update)
		}
	}
	refused(t, err, "ConflictException", "Unable to complete operation due to concurrent modification. Please try again later.")
	if _, err := w.client.GetRestApi(w.ctx, &sdk.GetRestApiInput{RestApiId: &api}); err != nil {
		t.Errorf("a read during a mutation failed: %v", err)
	}
	_, err = writer.Write(doc[1:])
	w.must(err)
	w.must(writer.Close())
	w.must(<-done)
	_, err = w.client.UpdateRestApi(w.ctx, update)
	w.must(err)
}

func TestStrictMutationsEndWithTheirCaller(t *testing.T) {
	s := New(core.NewEnv(nil, core.Nature{StrictConcurrency: true, Latency: map[string]core.Duration{"apigateway": core.Duration(time.Hour)}}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range routes {
		if err := s.linger(ctx, &routes[i]); routes[i].mutates() != errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v; want mutations, and only those, to be under way for a while", routes[i].op, err)
		}
	}
}

func TestC3_GetExport(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, _ := w.deployed()
	w.put(api, edited(t, func(d map[string]any) { delete(dig(d, "paths"), "/comments/{pageId}") }))
	export := func(extensions string) map[string]any {
		t.Helper()
		out, err := w.client.GetExport(w.ctx, &sdk.GetExportInput{RestApiId: &api, StageName: aws.String("prod"), ExportType: aws.String("oas30"),
			Parameters: map[string]string{"extensions": extensions}})
		w.must(err)
		var doc map[string]any
		w.must(json.Unmarshal(out.Body, &doc))
		return doc
	}
	doc := export("apigateway")
	if _, deployed := dig(doc, "paths")["/comments/{pageId}"]; !deployed {
		t.Error("the export shows the working copy, not what the stage serves")
	}
	if got := dig(doc, "paths", "/comments", "post", "responses", "201")["description"]; got != "201 response" {
		t.Errorf("response description = %v", got)
	}
	integration := dig(doc, "paths", "/comments/{pageId}", "get", "x-amazon-apigateway-integration")
	if _, there := integration["timeoutInMillis"]; there {
		t.Error("the export carries timeoutInMillis, which AWS omits")
	}
	server := doc["servers"].([]any)[0].(map[string]any)
	if got := dig(server, "variables", "basePath")["default"]; got != "prod" {
		t.Errorf("the server's basePath is %v by default; want the stage", got)
	}
	if plain := export("integrations"); plain["x-amazon-apigateway-policy"] != nil || dig(plain, "paths", "/comments", "post")["x-amazon-apigateway-integration"] == nil {
		t.Error("extensions=integrations must carry integrations and nothing of the API")
	}
	// What is exported imports to the same definition.
	before := w.svc.Snapshot()
	raw, err := json.Marshal(doc)
	w.must(err)
	imported, err := w.client.ImportRestApi(w.ctx, &sdk.ImportRestApiInput{Body: raw, FailOnWarnings: true})
	w.must(err)
	if diff := cmp.Diff(methodsOf(t, before, api)["/comments"], methodsOf(t, w.svc.Snapshot(), *imported.Id)["/comments"]); diff != "" {
		t.Errorf("the exported definition imports differently (-before +after):\n%s", diff)
	}
}

// methodsOf returns path -> method -> integration responses of an API.
func methodsOf(t *testing.T, snapshot any, api string) map[string]map[string]map[string]*model.IntegrationResponse {
	t.Helper()
	for _, dump := range snapshot.(map[string]any)["restApis"].([]apiDump) {
		if dump.API.ID != api {
			continue
		}
		out := map[string]map[string]map[string]*model.IntegrationResponse{}
		for _, r := range dump.Resources {
			out[r.Path] = map[string]map[string]*model.IntegrationResponse{}
			for verb, m := range r.ResourceMethods {
				out[r.Path][verb] = m.MethodIntegration.IntegrationResponse
			}
		}
		return out
	}
	t.Fatalf("no API %s", api)
	return nil
}

// fakeTester records what TestInvokeMethod hands to the data plane.
type fakeTester struct {
	api *model.Snapshot
	req model.TestInvokeRequest
}

func (f *fakeTester) TestInvoke(_ context.Context, _ core.Caller, api *model.Snapshot, req model.TestInvokeRequest) (model.TestInvokeResult, error) {
	f.api, f.req = api, req
	return model.TestInvokeResult{Status: 201, Body: "{}", Headers: map[string][]string{"A": {"1", "2"}}, Log: "log", LatencyMillis: 7}, nil
}

func TestC1_TestInvokeMethodRunsTheWorkingCopy(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api := w.createAPI()
	w.put(api, commentsDoc(t))
	res := *w.resources(api)["/comments"].Id
	in := &sdk.TestInvokeMethodInput{RestApiId: &api, ResourceId: &res, HttpMethod: aws.String("POST"), Body: aws.String("{}"),
		PathWithQueryString: aws.String("/comments?x=1"), Headers: map[string]string{"H": "v"}, MultiValueHeaders: map[string][]string{"M": {"a", "b"}}}
	_, err := w.client.TestInvokeMethod(w.ctx, in)
	refused(t, err, "NotImplementedException", "TestInvokeMethod")
	tester := &fakeTester{}
	w.svc.SetTester(tester)
	out, err := w.client.TestInvokeMethod(w.ctx, in)
	w.must(err)
	if out.Status != 201 || *out.Body != "{}" || out.Latency != 7 || *out.Log != "log" || out.Headers["A"] != "2" || len(out.MultiValueHeaders["A"]) != 2 {
		t.Errorf("answer = %+v", out)
	}
	want := model.TestInvokeRequest{ResourceID: res, HTTPMethod: "POST", PathWithQueryString: "/comments?x=1", Body: "{}", Headers: map[string][]string{"H": {"v"}, "M": {"a", "b"}}}
	if diff := cmp.Diff(want, tester.req); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if tester.api.ByPath("/comments") == nil {
		t.Error("the data plane didn't get the working copy")
	}
	in.HttpMethod = aws.String("DELETE")
	_, err = w.client.TestInvokeMethod(w.ctx, in)
	refused(t, err, "NotFoundException", "Invalid Method identifier specified")
}

// FuzzProtocol holds the service to answering every request with JSON or
// nothing, whatever it is: it never panics, and never reports a failure of
// its own.
func FuzzProtocol(f *testing.F) {
	doc := string(commentsDoc(f))
	for i := range routes {
		path := "/" + strings.NewReplacer("{restApiId}", "API", "{resourceId}", "ROOT", "{httpMethod}", "GET", "{statusCode}", "200",
			"{responseType}", "THROTTLED", "{stageName}", "prod", "{exportType}", "oas30").Replace(strings.Join(routes[i].segments, "/"))
		f.Add(routes[i].method, path, `{"name":"x","patchOperations":[{"op":"replace","path":"/a/b/c/d","value":"1"}]}`)
	}
	f.Add("PUT", "/restapis/API?mode=overwrite", doc)
	f.Add("PUT", "/restapis/API?mode=merge&basepath=split", "openapi: 3.0.1\ninfo: {title: x}\npaths: {/a//b: {get: {}}, /a/: {get: {}}}")
	f.Add("POST", "/restapis?mode=import", doc)
	f.Add("PATCH", "/restapis/API/stages/prod", `{"patchOperations":[{"op":"remove","path":"/*/*"},{"op":"replace","path":"/~1/GET/caching/enabled","value":"true"}]}`)
	f.Add("PATCH", "/restapis/API", `{"patchOperations":[{"op":"replace","path":"/endpointConfiguration/types/x","value":"PRIVATE"},{"op":"replace","path":"/policy","value":"{}"}]}`)
	f.Fuzz(func(t *testing.T, method, target, body string) {
		s, api, root := fuzzService(t, doc)
		r, err := http.NewRequest(method, "http://local", bytes.NewReader([]byte(body)))
		if err != nil {
			return
		}
		path, query, _ := strings.Cut(strings.NewReplacer("API", api, "ROOT", root).Replace(target), "?")
		r.URL.Path, r.URL.RawQuery = path, query
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r.WithContext(core.WithCaller(r.Context(), core.Caller{AccountID: testAccount, Region: "eu-west-1", Partition: "aws"})))
		if rec.Code == http.StatusInternalServerError {
			t.Errorf("%s %s: %s", method, target, rec.Body)
		}
		if rec.Body.Len() > 0 && !json.Valid(rec.Body.Bytes()) {
			t.Errorf("%s %s answers something that isn't JSON: %s", method, target, rec.Body)
		}
	})
}

func fuzzService(t *testing.T, doc string) (s *Service, api, root string) {
	t.Helper()
	s = New(core.NewEnv(core.NewFakeClock(time.Unix(0, 0)), core.Nature{}))
	call := func(method, target, body string) map[string]any {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r.WithContext(core.WithCaller(r.Context(), core.Caller{AccountID: testAccount, Region: "eu-west-1", Partition: "aws"})))
		var out map[string]any
		if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil || rec.Code >= 400 {
			t.Fatalf("%s %s: %d %s", method, target, rec.Code, rec.Body)
		}
		return out
	}
	created := call("POST", "/restapis?mode=import", doc)
	api = created["id"].(string)
	call("POST", "/restapis/"+api+"/deployments", `{"stageName":"prod"}`)
	return s, api, created["rootResourceId"].(string)
}
