// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"strings"
	"testing"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

func TestF5_BodyValidation(t *testing.T) {
	for _, c := range []struct {
		name, body, ctype string
		problem           string // "" when the body is valid
	}{
		{"valid", validComment, "application/json", ""},
		{"valid with a charset", validComment, "application/json; charset=UTF-8", ""},
		{"valid without a content type", validComment, "", ""},
		{"missing", `{"pageId":"p"}`, "application/json", `[object has missing required properties (["message"])]`},
		{"wrong type", `{"pageId":1,"message":"m"}`, "application/json", `[instance type (number) does not match any allowed primitive type (allowed: ["string"])]`},
		{"too short", `{"pageId":"","message":"m"}`, "application/json", `[string is too short (length: 0, required minimum: 1)]`},
		{"too long", `{"pageId":"123456789","message":"m"}`, "application/json", `[string is too long (length: 9, maximum allowed: 8)]`},
		{"length counts characters", `{"pageId":"äöüßäöüß","message":"m"}`, "application/json", ""},
		{"additional", `{"pageId":"p","message":"m","x":1}`, "application/json", `[object instance has properties which are not allowed by the schema: ["x"]]`},
		{"not an object", `[]`, "application/json", `[instance type (array) does not match any allowed primitive type (allowed: ["object"])]`},
		{"no JSON", `{`, "application/json", `[Unable to parse the request body as JSON: unexpected EOF]`},
		{"more than one value", validComment + `{}`, "application/json", `[Unable to parse the request body as JSON: invalid character after top-level value]`},
		{"empty", ``, "application/json", `[null request body]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.snapshot.GatewayResponses["BAD_REQUEST_BODY"] = &model.GatewayResponse{
				ResponseTemplates: map[string]string{"application/json": `$context.error.validationErrorString`}}
			got := w.call("POST", "/comments", c.body, "Content-Type: "+c.ctype)
			if c.problem == "" {
				if got.status != 201 {
					t.Errorf("answer = %d %s; want 201", got.status, got.body)
				}
				return
			}
			if got.status != 400 || got.body != c.problem {
				t.Errorf("answer = %d %s; want 400 %s", got.status, got.body, c.problem)
			}
			if len(w.db.calls) > 0 {
				t.Error("an invalid body reached DynamoDB")
			}
		})
	}
}

func TestF5_OnlyTheModelsContentTypeIsValidated(t *testing.T) {
	w := newWorld(t)
	m := w.method("/comments", "POST")
	m.MethodIntegration.PassthroughBehavior = "WHEN_NO_MATCH"
	if got := w.call("POST", "/comments", "raw", "Content-Type: text/plain"); got.status != 201 {
		t.Errorf("other content type: %d %s; want no validation", got.status, got.body)
	}
	m.RequestModels["$default"] = "Comment"
	if got := w.call("POST", "/comments", "raw", "Content-Type: text/plain"); got.status != 400 {
		t.Errorf("with a $default model: %d; want 400", got.status)
	}
}

func TestF5_Parameters(t *testing.T) {
	for _, c := range []struct {
		query   string
		headers []string
		want    string
	}{
		{"?a=1&b=2", []string{"X-Need: yes"}, ""},
		{"?a=1&b=2", nil, "Missing required request parameters: [X-Need]"},
		{"", []string{"x-need: any case"}, "Missing required request parameters: [a, b]"},
		{"?a=%20&b=2", []string{"X-Need: yes"}, "Missing required request parameters: [a]"},
		{"", nil, "Missing required request parameters: [X-Need, a, b]"},
	} {
		w := newWorld(t)
		m := w.method("/comments/{pageId}", "GET")
		for _, p := range []string{"querystring.b", "querystring.a", "header.X-Need"} {
			m.RequestParameters["method.request."+p] = true
		}
		got := w.call("GET", "/comments/p1"+c.query, "", c.headers...)
		if c.want == "" {
			if got.status != 200 {
				t.Errorf("%s: %d %s; want 200", c.query, got.status, got.body)
			}
			continue
		}
		if got.status != 400 || got.body != `{"message":"`+c.want+`"}` || got.header.Get("x-amzn-ErrorType") != "BadRequestException" {
			t.Errorf("%s: %d %s; want 400 %s", c.query, got.status, got.body, c.want)
		}
	}
}

func TestModelsReferToEachOther(t *testing.T) {
	w := newWorld(t)
	w.snapshot.Models["Page"] = &model.Model{Name: "Page", Schema: `{"type":"string","pattern":"^[^\\u0000-\\u001f\\\\]+$"}`}
	w.snapshot.Models["Comment"].Schema = `{"type":"object","properties":{"pageId":{"$ref":"https://apigateway.amazonaws.com/restapis/` +
		testAPI + `/models/Page"}}}`
	if got := w.call("POST", "/comments", `{"pageId":"p"}`); got.status != 201 {
		t.Errorf("valid: %d %s", got.status, got.body)
	}
	for _, body := range []string{`{"pageId":"a\u0001"}`, `{"pageId":"a\\"}`, `{"pageId":7}`} {
		if got := w.call("POST", "/comments", body); got.status != 400 {
			t.Errorf("%s: %d; want 400", body, got.status)
		}
	}
	if !w.logged(`ECMA 262 regex "^[^\\u0000-\\u001f\\\\]+$" does not match input string`) {
		t.Errorf("the log does not quote the pattern:\n%s", strings.Join(w.lines, "\n"))
	}
	w = newWorld(t)
	w.snapshot.Models["Comment"].Schema = `{"$ref":"http://example.com/schema"}`
	if got := w.call("POST", "/comments", `{}`); got.status != 500 || !w.logged("is no model of this API") {
		t.Errorf("foreign reference: %d", got.status)
	}
}
