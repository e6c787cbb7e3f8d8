// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/commentsapi/operator/internal/localaws/core"
)

var ignoreSerde = cmpopts.IgnoreUnexported(types.Method{}, types.Integration{}, types.IntegrationResponse{}, types.MethodResponse{}, types.Resource{},
	types.GatewayResponse{}, types.RequestValidator{}, types.MethodSetting{})

func TestC2_ImportNormalisations(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api := w.createAPI()
	out := w.put(api, commentsDoc(t))
	if *out.Name != "shop/blog" || *out.Version != "1" || *out.Description != "Comments of a blog" {
		t.Errorf("API literals = %s %s %s", *out.Name, *out.Version, *out.Description)
	}
	if out.EndpointConfiguration.Types[0] != types.EndpointTypeRegional || out.Tags["commentsapi.io/name"] != "blog" {
		t.Errorf("PutRestApi changed endpoint type or tags: %v %v", out.EndpointConfiguration.Types, out.Tags)
	}
	res := w.resources(api)
	post := res["/comments"].ResourceMethods["POST"]
	validators, err := w.client.GetRequestValidators(w.ctx, &sdk.GetRequestValidatorsInput{RestApiId: &api})
	w.must(err)
	want := types.Method{
		HttpMethod: aws.String("POST"), AuthorizationType: aws.String("NONE"), ApiKeyRequired: aws.Bool(false),
		OperationName: aws.String("postComment"), RequestValidatorId: validators.Items[0].Id,
		RequestModels: map[string]string{"application/json": "Comment"},
		MethodResponses: map[string]types.MethodResponse{
			"201": {StatusCode: aws.String("201"), ResponseParameters: map[string]bool{"method.response.header.Access-Control-Allow-Origin": false}},
			"500": {StatusCode: aws.String("500")},
		},
		MethodIntegration: &types.Integration{
			Type: types.IntegrationTypeAws, HttpMethod: aws.String("POST"),
			Uri:         aws.String("arn:aws:apigateway:eu-west-1:dynamodb:action/PutItem"),
			Credentials: aws.String("arn:aws:iam::123456789012:role/commentsapi/blog"), PassthroughBehavior: aws.String("NEVER"),
			RequestTemplates: map[string]string{"application/json": "{\n  \"TableName\": \"blog-comments\",\n  \"Item\": {\"message\": {\"S\": $input.json('$.message')}}\n}\n"},
			TimeoutInMillis:  29000, CacheNamespace: res["/comments"].Id, CacheKeyParameters: []string{},
			IntegrationResponses: map[string]types.IntegrationResponse{
				"201": {StatusCode: aws.String("201"), SelectionPattern: aws.String("200"),
					ResponseParameters: map[string]string{"method.response.header.Access-Control-Allow-Origin": "'*'"},
					ResponseTemplates:  map[string]string{"application/json": `{"commentId":"$context.requestId"}`}},
				"500": {StatusCode: aws.String("500"), ResponseTemplates: map[string]string{"application/json": ""}},
			},
		},
	}
	if diff := cmp.Diff(want, post, ignoreSerde); diff != "" {
		t.Errorf("POST /comments (-want +got):\n%s", diff)
	}
	get := res["/comments/{pageId}"].ResourceMethods["GET"]
	wantParams := map[string]bool{"method.request.path.pageId": true, "method.request.querystring.limit": false}
	if diff := cmp.Diff(wantParams, get.RequestParameters); diff != "" {
		t.Errorf("parameters, the undeclared path parameter included (-want +got):\n%s", diff)
	}
	if *get.AuthorizationType != "AWS_IAM" {
		t.Errorf("authorization of a sigv4 operation = %s", *get.AuthorizationType)
	}
	options := res["/comments/{pageId}"].ResourceMethods["OPTIONS"].MethodIntegration
	if *options.PassthroughBehavior != "WHEN_NO_MATCH" || options.Type != types.IntegrationTypeMock {
		t.Errorf("mock integration = %s %s", options.Type, *options.PassthroughBehavior)
	}
}

func TestC2_ModelsAndGatewayResponses(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api := w.createAPI()
	w.put(api, commentsDoc(t))
	models, err := w.client.GetModels(w.ctx, &sdk.GetModelsInput{RestApiId: &api})
	w.must(err)
	if len(models.Items) != 2 {
		t.Fatalf("overwriting left %d models; want the document's 2", len(models.Items))
	}
	var schema struct {
		Properties map[string]map[string]any
	}
	w.must(json.Unmarshal([]byte(*models.Items[0].Schema), &schema))
	if got, want := schema.Properties["message"]["$ref"], "https://apigateway.amazonaws.com/restapis/"+api+"/models/Message"; got != want {
		t.Errorf("$ref = %v; want %s", got, want)
	}
	responses, err := w.client.GetGatewayResponses(w.ctx, &sdk.GetGatewayResponsesInput{RestApiId: &api})
	w.must(err)
	byType := map[string]types.GatewayResponse{}
	for _, g := range responses.Items {
		byType[string(g.ResponseType)] = g
	}
	if len(byType) != 21 {
		t.Errorf("%d gateway responses; want all 21 types", len(byType))
	}
	cors := map[string]string{"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
	plain := map[string]string{"application/json": `{"message":$context.error.messageString}`}
	for kind, want := range map[string]types.GatewayResponse{
		"DEFAULT_4XX": {ResponseType: "DEFAULT_4XX", ResponseParameters: cors, ResponseTemplates: plain},
		"THROTTLED":   {ResponseType: "THROTTLED", StatusCode: aws.String("429"), DefaultResponse: true, ResponseParameters: cors, ResponseTemplates: plain},
		"DEFAULT_5XX": {ResponseType: "DEFAULT_5XX", DefaultResponse: true, ResponseParameters: map[string]string{}, ResponseTemplates: plain},
		"BAD_REQUEST_BODY": {ResponseType: "BAD_REQUEST_BODY", StatusCode: aws.String("422"), ResponseParameters: map[string]string{},
			ResponseTemplates: map[string]string{"application/json": `{"message":"$context.error.validationErrorString"}`}},
	} {
		if diff := cmp.Diff(want, byType[kind], ignoreSerde); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

func TestB2_OverwriteKeepsIdsOfPathsAndDeletesTheRest(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api := w.createAPI()
	w.put(api, commentsDoc(t))
	before := w.resources(api)
	_, err := w.client.CreateResource(w.ctx, &sdk.CreateResourceInput{RestApiId: &api, ParentId: before["/"].Id, PathPart: aws.String("drift")})
	w.must(err)
	_, err = w.client.PutMethod(w.ctx, &sdk.PutMethodInput{RestApiId: &api, ResourceId: before["/comments"].Id, HttpMethod: aws.String("DELETE"), AuthorizationType: aws.String("NONE")})
	w.must(err)
	_, err = w.client.UpdateRestApi(w.ctx, &sdk.UpdateRestApiInput{RestApiId: &api, PatchOperations: []types.PatchOperation{patch("add", "/binaryMediaTypes/a~1b", "")}})
	w.must(err)
	w.put(api, edited(t, func(doc map[string]any) {
		delete(doc, "x-amazon-apigateway-policy")
		delete(doc, "x-amazon-apigateway-minimum-compression-size")
		delete(dig(doc, "info"), "description")
	}))
	after := w.resources(api)
	if diff := cmp.Diff(before, after, ignoreSerde); diff != "" {
		t.Errorf("resources after overwriting drift (-before +after):\n%s", diff)
	}
	got, err := w.client.GetRestApi(w.ctx, &sdk.GetRestApiInput{RestApiId: &api})
	w.must(err)
	if got.Policy != nil || got.MinimumCompressionSize != nil || got.Description != nil || !cmp.Equal(got.BinaryMediaTypes, []string{"image/png"}) {
		t.Errorf("literals the document lacks survive: policy %v compression %v description %v binary %v", got.Policy, got.MinimumCompressionSize, got.Description, got.BinaryMediaTypes)
	}
}

func TestB2_MergeKeepsWhatTheDocumentDoesNotMention(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api := w.createAPI()
	w.put(api, commentsDoc(t))
	_, err := w.client.PutRestApi(w.ctx, &sdk.PutRestApiInput{RestApiId: &api, Mode: types.PutModeMerge, Body: []byte(`{
		"openapi":"3.0.1","info":{"title":"renamed","version":"2"},"x-amazon-apigateway-binary-media-types":["image/gif"],
		"paths":{"/health":{"get":{"responses":{"200":{"description":"x"}}}}}}`)})
	w.must(err)
	res := w.resources(api)
	if res["/health"].ResourceMethods["GET"].HttpMethod == nil || res["/comments"].ResourceMethods["POST"].HttpMethod == nil {
		t.Errorf("merged resources: %v", res)
	}
	got, err := w.client.GetRestApi(w.ctx, &sdk.GetRestApiInput{RestApiId: &api})
	w.must(err)
	if *got.Name != "renamed" || got.Policy == nil || *got.MinimumCompressionSize != 1024 || !cmp.Equal(got.BinaryMediaTypes, []string{"image/png", "image/gif"}) {
		t.Errorf("merged literals: %s %v %v %v", *got.Name, got.Policy, got.MinimumCompressionSize, got.BinaryMediaTypes)
	}
}

func TestB2_DocumentsAreRefusedWhole(t *testing.T) {
	post := []string{"paths", "/comments", "post"}
	integration := append(post, "x-amazon-apigateway-integration")
	for _, tc := range []struct {
		name string
		edit func(doc map[string]any)
		code string
		text string
	}{
		{"no openapi version", func(d map[string]any) { delete(d, "openapi") }, "BadRequestException", "Invalid OpenAPI input."},
		{"swagger 2", func(d map[string]any) { d["swagger"] = "2.0" }, "NotImplementedException", "Swagger 2.0"},
		{"no backend method", func(d map[string]any) { delete(dig(d, integration...), "httpMethod") }, "BadRequestException",
			"Unable to put integration on 'POST' for resource at path '/comments': Enumeration value for HttpMethod must be non-empty"},
		{"aws_proxy", func(d map[string]any) { dig(d, integration...)["type"] = "aws_proxy" }, "BadRequestException",
			"Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."},
		{"uri without action", func(d map[string]any) {
			dig(d, integration...)["uri"] = "arn:aws:apigateway:eu-west-1:dynamodb:PutItem"
		},
			"BadRequestException", "AWS ARN for integration must contain path or action"},
		{"foreign role", func(d map[string]any) { dig(d, integration...)["credentials"] = "arn:aws:iam::999999999999:role/x" },
			"AccessDeniedException", "Cross-account pass role is not allowed."},
		{"undeclared status", func(d map[string]any) { delete(dig(d, append(post, "responses")...), "500") }, "BadRequestException",
			"Unable to put integration response on 'POST' for resource at path '/comments': Invalid Response status code specified"},
		{"undeclared header", func(d map[string]any) { delete(dig(d, append(post, "responses", "201")...), "headers") }, "BadRequestException",
			"errors : [Invalid mapping expression parameter specified: method.response.header.Access-Control-Allow-Origin]"},
		{"undeclared request parameter", func(d map[string]any) {
			dig(d, integration...)["requestParameters"] = map[string]any{"integration.request.header.X": "method.request.header.Y"}
		}, "BadRequestException", "Invalid mapping expression parameter specified: method.request.header.Y"},
		{"unknown cache key", func(d map[string]any) {
			dig(d, integration...)["cacheKeyParameters"] = []string{"method.request.path.x"}
		},
			"BadRequestException", "Invalid cache key parameter specified"},
		{"timeout", func(d map[string]any) { dig(d, integration...)["timeoutInMillis"] = 29001 }, "BadRequestException",
			"Timeout should be between 50 ms and 29000 ms"},
		{"two patterns of one status", func(d map[string]any) {
			dig(d, append(integration, "responses")...)["400"] = map[string]any{"statusCode": "500"}
		}, "BadRequestException", "two responses have the status code 500"},
		{"unknown validator", func(d map[string]any) { dig(d, post...)["x-amazon-apigateway-request-validator"] = "none" }, "BadRequestException",
			"Invalid Request Validator identifier specified"},
		{"model name", func(d map[string]any) { dig(d, "components", "schemas")["a-b"] = map[string]any{"type": "object"} }, "BadRequestException",
			"Model name must be alphanumeric: a-b"},
		{"dangling reference", func(d map[string]any) { delete(dig(d, "components", "schemas"), "Message") }, "BadRequestException",
			"Invalid model reference specified"},
		{"parameter inside a segment", func(d map[string]any) { dig(d, "paths")["/x/p{id}"] = map[string]any{} }, "BadRequestException",
			"Resource's path part only allow"},
		{"two variables below one parent", func(d map[string]any) { dig(d, "paths")["/comments/{other}"] = map[string]any{} }, "BadRequestException",
			"A sibling ({"},
		{"gateway response", func(d map[string]any) { dig(d, "x-amazon-apigateway-gateway-responses")["NOPE"] = map[string]any{} }, "BadRequestException",
			"Invalid gateway response type 'NOPE' specified"},
		{"same name in query and path", func(d map[string]any) {
			dig(d, "paths", "/comments/{pageId}", "get")["parameters"] = []any{map[string]any{"name": "pageId", "in": "query"}}
		}, "BadRequestException", "Parameter names must be unique across querystring, header and path"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, core.Nature{})
			api := w.createAPI()
			w.put(api, commentsDoc(t))
			before := w.svc.Snapshot()
			_, err := w.client.PutRestApi(w.ctx, &sdk.PutRestApiInput{RestApiId: &api, Mode: "overwrite", Body: edited(t, tc.edit)})
			refused(t, err, tc.code, tc.text)
			if diff := cmp.Diff(before, w.svc.Snapshot(), cmpopts.EquateEmpty(), cmp.AllowUnexported(apiDump{})); diff != "" {
				t.Errorf("a refused document left traces (-before +after):\n%s", diff)
			}
		})
	}
}

func TestB2_WarningsFailWhenAskedTo(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api := w.createAPI()
	doc := edited(t, func(d map[string]any) {
		dig(d, "paths", "/comments", "post", "responses")["default"] = map[string]any{"description": "x"}
	})
	_, err := w.client.PutRestApi(w.ctx, &sdk.PutRestApiInput{RestApiId: &api, Mode: "overwrite", FailOnWarnings: true, Body: doc})
	refused(t, err, "BadRequestException", "Warnings found during import:\n\tParse issue: response 'default'")
	if _, there := w.resources(api)["/comments"]; there {
		t.Error("warnings that fail changed the API")
	}
	out, err := w.client.PutRestApi(w.ctx, &sdk.PutRestApiInput{RestApiId: &api, Mode: "overwrite", Body: doc})
	w.must(err)
	if len(out.Warnings) != 1 || !strings.Contains(out.Warnings[0], "response 'default'") {
		t.Errorf("warnings = %v", out.Warnings)
	}
}

func TestB1_ImportRestApi(t *testing.T) {
	w := newWorld(t, core.Nature{})
	out, err := w.client.ImportRestApi(w.ctx, &sdk.ImportRestApiInput{Body: commentsDoc(t), Parameters: map[string]string{"endpointConfigurationTypes": "REGIONAL"}})
	w.must(err)
	if out.EndpointConfiguration.Types[0] != types.EndpointTypeRegional || len(out.Tags) != 0 {
		t.Errorf("imported API: %v %v", out.EndpointConfiguration.Types, out.Tags)
	}
	if w.resources(*out.Id)["/comments"].ResourceMethods["POST"].MethodIntegration == nil {
		t.Error("the imported API has no POST /comments")
	}
	yamlDoc := "openapi: 3.0.1\ninfo:\n  title: y\n  version: '1'\nservers:\n- url: https://x/{basePath}\n  variables:\n    basePath:\n      default: /v1/shop\npaths:\n  /a:\n    get:\n      responses: {}\n"
	for mode, want := range map[string]string{"ignore": "/a", "prepend": "/v1/shop/a", "split": "/shop/a"} {
		out, err := w.client.ImportRestApi(w.ctx, &sdk.ImportRestApiInput{Body: []byte(yamlDoc), Parameters: map[string]string{"basepath": mode}})
		w.must(err)
		if _, ok := w.resources(*out.Id)[want]; !ok {
			t.Errorf("basepath=%s: no resource %s", mode, want)
		}
	}
}
