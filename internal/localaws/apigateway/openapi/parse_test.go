// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package openapi

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

var vars = Variables{AccountID: "123456789012", Partition: "aws-cn", Region: "cn-north-1"}

// document wraps a paths object, and more root members, into a document.
func document(paths string, more ...string) []byte {
	return []byte(`{"openapi":"3.0.1","info":{"title":"t","version":"1"},"paths":` + paths + strings.Join(append([]string{""}, more...), ",") + `}`)
}

func mustParse(t *testing.T, doc []byte) *Definition {
	t.Helper()
	def, err := Parse(doc, vars)
	if err != nil {
		t.Fatal(err)
	}
	return def
}

func TestB2_UnreadableDocuments(t *testing.T) {
	for name, tc := range map[string]struct {
		doc  string
		want error
	}{
		"nothing":       {"", ErrInvalid},
		"half":          {`{"openapi":`, ErrInvalid},
		"two":           {`{"openapi":"3.0.1","info":{}}{}`, ErrInvalid},
		"a list":        {`- a`, ErrInvalid},
		"bad yaml":      {"a: b: c", ErrInvalid},
		"no version":    {`{"info":{}}`, ErrInvalid},
		"other version": {`{"openapi":"2.5","info":{}}`, ErrInvalid},
		"no info":       {`{"openapi":"3.0.1"}`, ErrInvalid},
		"swagger":       {`{"swagger":"2.0","info":{}}`, ErrSwagger2},
	} {
		if _, err := Parse([]byte(tc.doc), vars); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v; want %v", name, err, tc.want)
		}
	}
}

func TestB2_YamlMeansTheSameAsJson(t *testing.T) {
	jsonDoc := document(`{"/a/{id}":{"get":{"operationId":"x","responses":{"200":{"description":"d"}}}}}`)
	yamlDoc := "openapi: 3.0.1\ninfo:\n  title: t\n  version: '1'\npaths:\n  /a/{id}:\n    get:\n      operationId: x\n      responses:\n        '200':\n          description: d\n"
	if diff := cmp.Diff(mustParse(t, jsonDoc), mustParse(t, []byte(yamlDoc))); diff != "" {
		t.Errorf("YAML parses differently (-json +yaml):\n%s", diff)
	}
}

func TestB2_VariablesAreSubstituted(t *testing.T) {
	def := mustParse(t, document(`{"/a":{"get":{"responses":{},"x-amazon-apigateway-integration":{"type":"aws","uri":"arn:${AWS::Partition}:apigateway:${AWS::Region}:x:${AWS::AccountId}"}}}}`))
	if got, want := def.Paths[0].Methods["GET"].MethodIntegration.URI, "arn:aws-cn:apigateway:cn-north-1:x:123456789012"; got != want {
		t.Errorf("uri = %s; want %s", got, want)
	}
}

func TestB4_AuthorizationPerOperation(t *testing.T) {
	schemes := `"security":[{"sig":[]}],"components":{"securitySchemes":{
		"sig":{"type":"apiKey","name":"Authorization","in":"header","x-amazon-apigateway-authtype":"awsSigv4"},
		"key":{"type":"apiKey","name":"X-API-Key","in":"header"}}}`
	def := mustParse(t, document(`{"/a":{
		"get":{"security":[{"sig":[],"key":[]}]},
		"put":{"x-amazon-apigateway-auth":{"type":"aws_iam"}},
		"post":{},
		"x-amazon-apigateway-any-method":{"security":[{"key":[]}]}}}`, schemes))
	got := map[string][2]any{}
	for verb, m := range def.Paths[0].Methods {
		got[verb] = [2]any{m.AuthorizationType, m.APIKeyRequired}
	}
	want := map[string][2]any{"GET": {"AWS_IAM", true}, "PUT": {"AWS_IAM", false}, "POST": {"NONE", false}, "ANY": {"NONE", true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("authorization; root-level security is ignored (-want +got):\n%s", diff)
	}
}

func TestB4_ValidatorOfTheOperationWins(t *testing.T) {
	def := mustParse(t, document(`{"/a":{"get":{},"post":{"x-amazon-apigateway-request-validator":"body"}}}`,
		`"x-amazon-apigateway-request-validator":"params"`,
		`"x-amazon-apigateway-request-validators":{"body":{"validateRequestBody":true},"params":{"validateRequestParameters":true}}`))
	m := def.Paths[0].Methods
	if m["GET"].RequestValidatorID != "params" || m["POST"].RequestValidatorID != "body" {
		t.Errorf("validators = %s, %s; want params, body", m["GET"].RequestValidatorID, m["POST"].RequestValidatorID)
	}
	want := map[string]*model.RequestValidator{"body": {Name: "body", ValidateRequestBody: true}, "params": {Name: "params", ValidateRequestParameters: true}}
	if diff := cmp.Diff(want, def.Validators); diff != "" {
		t.Errorf("validators (-want +got):\n%s", diff)
	}
}

func TestB2_ParametersOfPathAndOperation(t *testing.T) {
	def := mustParse(t, document(`{"/a/{id}/{rest+}":{
		"parameters":[{"name":"q","in":"query","required":true},{"name":"h","in":"header"}],
		"get":{"parameters":[{"$ref":"#/components/parameters/id"},{"name":"q","in":"query"},{"name":"c","in":"cookie"}]}}}`,
		`"components":{"parameters":{"id":{"name":"id","in":"path","required":true}}}`))
	want := map[string]bool{"method.request.querystring.q": false, "method.request.header.h": false, "method.request.path.id": true, "method.request.path.rest": true}
	if diff := cmp.Diff(want, def.Paths[0].Methods["GET"].RequestParameters); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if len(def.Warnings) != 1 || !strings.Contains(def.Warnings[0], "'cookie'") {
		t.Errorf("warnings = %v; want one about the cookie", def.Warnings)
	}
}

func TestSchemasWrittenInPlaceBecomeModels(t *testing.T) {
	doc := document(`{"/a":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"object"}}}}}}}`)
	def := mustParse(t, doc)
	name := def.Paths[0].Methods["POST"].RequestModels["application/json"]
	if !strings.HasPrefix(name, "MODEL") || def.Models[name] == nil || !json.Valid([]byte(def.Models[name].Schema)) {
		t.Errorf("model of an inline schema = %q, models %v", name, def.Models)
	}
	if again := mustParse(t, doc); again.Models[name] == nil {
		t.Error("the same document gives the inline schema another name the second time")
	}
}

func TestC2_ReferencesAreRewrittenBothWays(t *testing.T) {
	schema := `{"items":{"$ref":"#/components/schemas/A"},"allOf":[{"$ref":"#/components/schemas/B"}],"n":1.50}`
	stored := RewriteReferences(schema, "abc")
	for _, want := range []string{
		`"https://apigateway.amazonaws.com/restapis/abc/models/A"`, `"https://apigateway.amazonaws.com/restapis/abc/models/B"`, `1.50`,
	} {
		if !strings.Contains(stored, want) {
			t.Errorf("stored schema lacks %s:\n%s", want, stored)
		}
	}
	var before, after any
	if err := errors.Join(json.Unmarshal([]byte(schema), &before), json.Unmarshal([]byte(localReferences(stored, "abc")), &after)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("after both rewrites (-want +got):\n%s", diff)
	}
}

func TestB4_EndpointConfigurationSitsInAServer(t *testing.T) {
	def := mustParse(t, document(`{}`, `"servers":[{"url":"https://x/{basePath}","variables":{"basePath":{"default":"/v1"}},
		"x-amazon-apigateway-endpoint-configuration":{"disableExecuteApiEndpoint":true,"vpcEndpointIds":["vpce-1"]}}]`))
	if def.DisableExecuteAPIEndpoint == nil || !*def.DisableExecuteAPIEndpoint || def.BasePath != "/v1" || !cmp.Equal(def.VPCEndpointIDs, []string{"vpce-1"}) {
		t.Errorf("endpoint configuration = %v %s %v", def.DisableExecuteAPIEndpoint, def.BasePath, def.VPCEndpointIDs)
	}
}

func TestB2_AllErrorsAreListed(t *testing.T) {
	_, err := Parse(document(`{"/p{x}":{},"/a":{"get":{"x-amazon-apigateway-request-validator":"none","x-amazon-apigateway-integration":{"responses":{"200":{}}}}}}`,
		`"x-amazon-apigateway-policy":"text"`, `"x-amazon-apigateway-api-key-source":"cookie"`), vars)
	var problems *ImportError
	if !errors.As(err, &problems) || len(problems.Problems) != 5 {
		t.Fatalf("error = %v; want five problems", err)
	}
	if !strings.HasPrefix(err.Error(), "Errors found during import:\n\t") {
		t.Errorf("the text isn't AWS's: %s", err)
	}
}

// FuzzParse holds Parse to an answer for every document.
func FuzzParse(f *testing.F) {
	f.Add(document(`{"/a":{"get":{"parameters":[{"$ref":"#/paths"},1],"responses":{"200":{"$ref":"#/x"}}}}}`))
	f.Add([]byte("openapi: 3.0.1\ninfo: {}\npaths: {/a: {get: &x {responses: *x}}}"))
	f.Add(document(`{"/a":{"get":{"security":[1,{"a":1}],"requestBody":{"content":{"a":{"schema":{"$ref":"#/components/schemas/A"}}}}}}}`, `"components":{"schemas":{"A":{"$ref":"#/components/schemas/A"}}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		def, err := Parse(doc, vars)
		if (def == nil) == (err == nil) {
			t.Errorf("Parse returned %v, %v; want a definition or an error", def, err)
		}
	})
}
