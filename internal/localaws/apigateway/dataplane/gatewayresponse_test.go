// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"testing"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

func TestF4_GatewayResponses(t *testing.T) {
	cors := map[string]string{"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
	for _, c := range []struct {
		name    string
		custom  map[string]*model.GatewayResponse
		headers []string
		status  int
		body    string
		header  map[string]string
	}{
		{"built in", nil, nil, 400, `{"message":"Invalid request body"}`, map[string]string{"Access-Control-Allow-Origin": ""}},
		{"default adds headers, keeps status and template",
			map[string]*model.GatewayResponse{"DEFAULT_4XX": {ResponseParameters: cors}}, nil,
			400, `{"message":"Invalid request body"}`, map[string]string{"Access-Control-Allow-Origin": "*"}},
		{"a status on the default changes all",
			map[string]*model.GatewayResponse{"DEFAULT_4XX": {StatusCode: "418"}}, nil, 418, `{"message":"Invalid request body"}`, nil},
		{"own type wins over the default",
			map[string]*model.GatewayResponse{
				"DEFAULT_4XX":      {StatusCode: "418", ResponseParameters: cors},
				"BAD_REQUEST_BODY": {StatusCode: "422"},
			}, nil, 422, `{"message":"Invalid request body"}`, map[string]string{"Access-Control-Allow-Origin": ""}},
		{"the other class does not apply",
			map[string]*model.GatewayResponse{"DEFAULT_5XX": {StatusCode: "599"}}, nil, 400, `{"message":"Invalid request body"}`, nil},
		{"an entry that reports AWS's default is none",
			map[string]*model.GatewayResponse{"BAD_REQUEST_BODY": {StatusCode: "499", DefaultResponse: true}}, nil,
			400, `{"message":"Invalid request body"}`, nil},
		{"template substitutes, and is no VTL",
			map[string]*model.GatewayResponse{"BAD_REQUEST_BODY": {ResponseTemplates: map[string]string{
				"application/json": `{"m":$context.error.messageString,"t":"${context.error.responseType}","s":"$stageVariables.color","v":"$context.error.validationErrorString","h":"$method.request.header.X-Me","none":"$context.nope.x","vtl":"#set($a=1)$a"}`,
			}}}, []string{"X-Me: me"},
			400, `{"m":"Invalid request body","t":"BAD_REQUEST_BODY","s":"blue","v":"[object has missing required properties (["message","pageId"])]","h":"me","none":"","vtl":"#set($a=1)$a"}`, nil},
		{"template by Accept",
			map[string]*model.GatewayResponse{"BAD_REQUEST_BODY": {ResponseTemplates: map[string]string{
				"application/json": `{}`, "text/html": `<p>$context.error.message</p>`,
			}}}, []string{"Accept: text/html"},
			400, `<p>Invalid request body</p>`, map[string]string{"Content-Type": "text/html"}},
		{"headers from request and context",
			map[string]*model.GatewayResponse{"BAD_REQUEST_BODY": {ResponseParameters: map[string]string{
				"gatewayresponse.header.X-Origin": "method.request.header.Origin",
				"gatewayresponse.header.X-Query":  "method.request.querystring.q",
				"gatewayresponse.header.X-Stage":  "context.stage",
				"gatewayresponse.header.X-None":   "method.request.header.Nope",
			}}}, []string{"Origin: https://blog.example"},
			400, `{"message":"Invalid request body"}`,
			map[string]string{"X-Origin": "https://blog.example", "X-Query": "1", "X-Stage": "prod", "X-None": "", "x-amzn-ErrorType": "BadRequestException"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.snapshot.GatewayResponses = c.custom
			w.stage.Variables = map[string]string{"color": "blue"}
			got := w.call("POST", "/comments?q=1", `{}`, c.headers...)
			if got.status != c.status || got.body != c.body {
				t.Errorf("answer = %d %s; want %d %s", got.status, got.body, c.status, c.body)
			}
			for name, want := range c.header {
				if v := got.header.Get(name); v != want {
					t.Errorf("%s = %q; want %q", name, v, want)
				}
			}
		})
	}
}

func TestF4_UnknownPathsAreCustomisedToo(t *testing.T) {
	w := newWorld(t)
	w.snapshot.GatewayResponses["MISSING_AUTHENTICATION_TOKEN"] = &model.GatewayResponse{
		StatusCode: "404", ResponseTemplates: map[string]string{"application/json": `{"message":"no $context.path"}`}}
	if got := w.call("GET", "/nowhere", ""); got.status != 404 || got.body != `{"message":"no /prod/nowhere"}` {
		t.Errorf("answer = %d %s", got.status, got.body)
	}
}
