// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/stack"
)

// optionalAPI uses everything that a document can carry and the base
// rendering doesn't.
func optionalAPI() stack.API {
	return stack.API{
		Name:                    "naïve 😀",
		KeySource:               "HEADER",
		BinaryMediaTypes:        []string{"image/png", "*/*"},
		MinimumCompressionSize:  0,
		Policy:                  `{"Version":"2012-10-17","Statement":[]}`,
		DefaultEndpointDisabled: true,
		Definition: stack.Definition{
			Paths: []string{"/empty", "/x"},
			Methods: map[string]stack.Method{
				"OPTIONS /x": {
					Authorization: "NONE",
					Responses: map[string]stack.MethodResponse{"204": {
						Parameters: map[string]bool{"method.response.header.Access-Control-Allow-Origin": false},
						Models:     map[string]string{"application/json": "Thing"},
					}},
					Integration: stack.Integration{
						Type:             "MOCK",
						RequestTemplates: map[string]string{"application/json": `{"statusCode":204}`},
						Passthrough:      "NEVER",
						Responses: map[string]stack.IntegrationResponse{"204": {
							Parameters: map[string]string{"method.response.header.Access-Control-Allow-Origin": "'*'"},
						}},
					},
				},
				"GET /x": {
					Authorization:     "AWS_IAM",
					APIKeyRequired:    true,
					OperationName:     "ListThings",
					RequestParameters: map[string]bool{"method.request.header.If-None-Match": false},
					Responses:         map[string]stack.MethodResponse{"200": {}},
					Integration: stack.Integration{
						Type: "AWS", HTTPMethod: "POST", URI: "arn:x", Credentials: "arn:y", Passthrough: "NEVER", TimeoutMillis: 50,
						RequestParameters:  map[string]string{"integration.request.header.X-A": "'a'"},
						CacheKeyParameters: []string{"method.request.header.If-None-Match"},
						ContentHandling:    "CONVERT_TO_TEXT",
						Responses:          map[string]stack.IntegrationResponse{"200": {ContentHandling: "CONVERT_TO_TEXT"}},
					},
				},
			},
			Models: map[string]stack.Model{"Thing": {ContentType: "application/json", Schema: `{"type":"object","properties":{"n":{"type":"number","maximum":1e3}}}`}},
			GatewayResponses: map[string]stack.GatewayResponse{"DEFAULT_4XX": {
				StatusCode: "400",
				Parameters: map[string]string{"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
				Templates:  map[string]string{"application/json": `{"message":$context.error.messageString}`},
			}},
		},
	}
}

// TestOpenAPICarriesEveryOption: what a document leaves out, an overwrite
// resets (aws-facts B2).
func TestOpenAPICarriesEveryOption(t *testing.T) {
	document, err := OpenAPI(optionalAPI())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "options/openapi.json", document)
	if !strings.Contains(string(document), `"na\u00efve \ud83d\ude00"`) {
		t.Error("the title isn't written in ASCII")
	}
}

func TestOpenAPIRefusesWhatItCannotCarry(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*stack.API)
		want   string
	}{
		"import variable": {func(a *stack.API) { a.Name = "${AWS::Region}" }, "${AWS::"},
		"policy":          {func(a *stack.API) { a.Policy = "{" }, "policy is not JSON"},
		"two policies":    {func(a *stack.API) { a.Policy = "{}{}" }, "more than one value"},
		"schema": {func(a *stack.API) {
			a.Definition.Models["Thing"] = stack.Model{ContentType: "application/json", Schema: "x"}
		}, "model Thing"},
		"model type":    {func(a *stack.API) { a.Definition.Models["Thing"] = stack.Model{ContentType: "text/xml"} }, "text/xml"},
		"missing path":  {func(a *stack.API) { a.Definition.Paths = []string{"/empty"} }, "not among the definition's paths"},
		"method key":    {func(a *stack.API) { a.Definition.Methods["GET"] = stack.Method{} }, "METHOD /path"},
		"validator":     {edit("GET /x", func(m *stack.Method) { m.Validator = "none" }), `validator "none"`},
		"model":         {edit("GET /x", func(m *stack.Method) { m.RequestModels = map[string]string{"application/json": "No"} }), `model "No"`},
		"authorization": {edit("GET /x", func(m *stack.Method) { m.Authorization = "CUSTOM" }), "CUSTOM"},
		"parameter":     {edit("GET /x", func(m *stack.Method) { m.RequestParameters = map[string]bool{"x": true} }), "method.request."},
		"no responses":  {edit("GET /x", func(m *stack.Method) { m.Responses = nil }), "declares no responses"},
		"header": {edit("GET /x", func(m *stack.Method) {
			m.Responses["200"] = stack.MethodResponse{Parameters: map[string]bool{"X-A": false}}
		}), "method.response.header."},
		"undeclared answer": {edit("GET /x", func(m *stack.Method) {
			m.Integration.Responses["404"] = stack.IntegrationResponse{SelectionPattern: "404"}
		}), "answers 404"},
		"two defaults": {edit("GET /x", func(m *stack.Method) {
			m.Responses["500"] = stack.MethodResponse{}
			m.Integration.Responses["500"] = stack.IntegrationResponse{}
		}), "default"},
	} {
		t.Run(name, func(t *testing.T) {
			api := optionalAPI()
			c.change(&api)
			_, err := OpenAPI(api)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error about %q", err, c.want)
			}
		})
	}
}

func edit(key string, change func(*stack.Method)) func(*stack.API) {
	return func(a *stack.API) {
		m := a.Definition.Methods[key]
		change(&m)
		a.Definition.Methods[key] = m
	}
}

// TestAnswersAreSafe holds the rules of every integration: never pass a body
// through, one template per answer, success explicit, and one pattern per
// status code (aws-facts C2, E5, F1).
func TestAnswersAreSafe(t *testing.T) {
	for name, c := range cases() {
		def := mustRender(t, c.spec, c.facts).API.Definition
		for kind, r := range def.GatewayResponses {
			if got := r.Parameters["gatewayresponse.header.X-Content-Type-Options"]; got != "'nosniff'" {
				t.Errorf("%s: the gateway response %s has X-Content-Type-Options %q", name, kind, got)
			}
		}
		for key, m := range def.Methods {
			i := m.Integration
			for code, r := range i.Responses {
				if got := r.Parameters["method.response.header.X-Content-Type-Options"]; got != "'nosniff'" {
					t.Errorf("%s: %s %s has X-Content-Type-Options %q", name, key, code, got)
				}
			}
			if i.Passthrough != "NEVER" {
				t.Errorf("%s: %s passes bodies through: %s", name, key, i.Passthrough)
			}
			if len(i.RequestTemplates) != 1 {
				t.Errorf("%s: %s has %d request templates", name, key, len(i.RequestTemplates))
			}
			byPattern := map[string]string{}
			for code, r := range i.Responses {
				if other, twice := byPattern[r.SelectionPattern]; twice {
					t.Errorf("%s: %s answers %s and %s to the pattern %q", name, key, code, other, r.SelectionPattern)
				}
				byPattern[r.SelectionPattern] = code
				if _, ok := r.Templates["application/json"]; !ok || len(r.Templates) != 1 {
					t.Errorf("%s: %s %s has the templates %v; want one for application/json", name, key, code, r.Templates)
				}
			}
			success := "200"
			if key == "POST /comments" {
				success = "201"
				if moderated(c.spec) {
					success = "202"
				}
			}
			if i.Type == "MOCK" {
				// A preflight has one answer, whatever happens.
				if diff := cmp.Diff(map[string]string{"": "200"}, byPattern); diff != "" {
					t.Errorf("%s: %s answers by pattern (-want +got):\n%s", name, key, diff)
				}
				continue
			}
			want := map[string]string{"200": success, `4\d{2}`: "400", `5\d{2}`: "503", "": "500"}
			if diff := cmp.Diff(want, byPattern); diff != "" {
				t.Errorf("%s: %s answers by pattern (-want +got):\n%s", name, key, diff)
			}
		}
	}
}

// TestModelPageIDs reads the model's pattern and limits as a
// validator does.
func TestModelPageIDs(t *testing.T) {
	text, err := newCommentSchema(withDefaults(someSpec()).Comments)
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Type       string
		Required   []string
		Properties map[string]struct {
			Type                 string
			Pattern              string
			MinLength, MaxLength int
		}
	}
	if err := json.Unmarshal([]byte(text), &schema); err != nil {
		t.Fatal(err)
	}
	if schema.Type != "object" || !slices.Equal(schema.Required, []string{"message", "pageId", "userName"}) {
		t.Errorf("type %q, required %v", schema.Type, schema.Required)
	}
	for name, p := range schema.Properties {
		if p.Type != "string" || p.MinLength != 1 || p.MaxLength < 1 {
			t.Errorf("%s: %+v; want a bounded string that isn't empty", name, p)
		}
	}
	if most := schema.Properties["message"].MaxLength; most < 4000 {
		t.Errorf("a message of 4000 characters is refused: the limit is %d", most)
	}
	pattern := regexp.MustCompile(schema.Properties["pageId"].Pattern)
	for id, want := range map[string]bool{
		"a": true, "breaking-news-story-01-18-2016": true, "A.b_c~d-9": true, ".hidden": true, "..a": true, "a..": true, "-": true,
		"": false, ".": false, "..": false, "a b": false, "a/b": false, "a%20b": false, "ä": false, `a"`: false, "a\n": false, "\na": false,
		"#a": false, "a?b": false, "$a": false,
	} {
		if got := pattern.MatchString(id); got != want {
			t.Errorf("page id %q accepted: %t, want %t", id, got, want)
		}
	}
}
