// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// FuzzServeInvoke holds that whatever a client sends, it gets one answer with
// a final status and a request id, and nothing panics.
func FuzzServeInvoke(f *testing.F) {
	f.Add("POST", "/comments", "", "application/json", "", validComment)
	f.Add("POST", "/comments", "a=1;b=%", "text/plain", "Accept: text/html", "{")
	f.Add("GET", "/comments/%zz", "cursor=%00&cursor", "", "X-Amzn-Requestid: x", "")
	f.Add("OPTIONS", "/comments", "", ";", "Cache-Control: max-age=0", "\xff\xfe")
	f.Add("HEAD", "//comments///", "", "application/json;charset", "X-Amzn-Trace-Id: Root=", "null")
	f.Add("", "comments/../x", "=&=;", "\x00", "Host: \xff", `{"pageId":{}}`)
	f.Fuzz(func(t *testing.T, method, path, query, ctype, header, body string) {
		w := newWorld(t)
		w.snapshot.GatewayResponses["DEFAULT_4XX"] = &model.GatewayResponse{
			ResponseParameters: map[string]string{"gatewayresponse.header.X-Echo": "method.request.header.Accept"},
			ResponseTemplates:  map[string]string{"application/json": "$context.path $method.request.querystring.a"},
		}
		m := w.method("/comments", "POST")
		m.RequestParameters = map[string]bool{"method.request.querystring.a": true}
		m.MethodIntegration.RequestTemplates["application/json"] = "$input.body$context.identity.userAgent$input.params()$input.json('$.pageId')$util.escapeJavaScript($input.params('a'))"
		w.stage.AccessLogSettings = &model.AccessLogSettings{Format: "$context.requestId $context.path"}
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Method, r.URL.RawQuery = method, query
		r.Header.Set("Content-Type", ctype)
		name, value, _ := strings.Cut(header, ": ")
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		rec := httptest.NewRecorder()
		w.Plane().ServeInvoke(rec, r, testAPI, testStage, path)
		if rec.Code < 200 || rec.Code > 599 {
			t.Errorf("status %d", rec.Code)
		}
		if !uuidPattern.MatchString(rec.Header().Get("x-amzn-requestid")) {
			t.Errorf("request id %q", rec.Header().Get("x-amzn-requestid"))
		}
		if len(w.access) != 1 {
			t.Errorf("%d access log lines; want 1", len(w.access))
		}
	})
}
