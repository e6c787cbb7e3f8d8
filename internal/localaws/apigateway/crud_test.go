// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// bare makes an API with GET on its root and returns the ids.
func (w *world) bare() (api, root string) {
	w.t.Helper()
	out, err := w.client.CreateRestApi(w.ctx, &sdk.CreateRestApiInput{Name: aws.String("bare")})
	w.must(err)
	_, err = w.client.PutMethod(w.ctx, &sdk.PutMethodInput{RestApiId: out.Id, ResourceId: out.RootResourceId, HttpMethod: aws.String("GET"), AuthorizationType: aws.String("NONE")})
	w.must(err)
	return *out.Id, *out.RootResourceId
}

func (w *world) resource(api, parent, part string) (*sdk.CreateResourceOutput, error) {
	return w.client.CreateResource(w.ctx, &sdk.CreateResourceInput{RestApiId: &api, ParentId: &parent, PathPart: &part})
}

func TestA4_Resources(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, root := w.bare()
	pets, err := w.resource(api, root, "pets")
	w.must(err)
	if *pets.Path != "/pets" || *pets.PathPart != "pets" || *pets.ParentId != root {
		t.Errorf("created %+v", pets)
	}
	child, err := w.resource(api, *pets.Id, "{petId}")
	w.must(err)
	proxy, err := w.resource(api, root, "{proxy+}")
	w.must(err)
	for _, tc := range []struct{ parent, part, code, text string }{
		{"none", "x", "NotFoundException", "Invalid Resource identifier specified"},
		{root, "pets", "ConflictException", "Another resource with the same parent already has this name: pets"},
		{root, "{other}", "BadRequestException", "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed"},
		{*proxy.Id, "x", "BadRequestException", "Cannot create a child of a resource with a greedy path variable: {proxy+}"},
		{root, "p{id}", "BadRequestException", "Resource's path part only allow"},
	} {
		_, err := w.resource(api, tc.parent, tc.part)
		refused(t, err, tc.code, tc.text)
	}
	update := func(id string, op types.PatchOperation) (*sdk.UpdateResourceOutput, error) {
		return w.client.UpdateResource(w.ctx, &sdk.UpdateResourceInput{RestApiId: &api, ResourceId: &id, PatchOperations: []types.PatchOperation{op}})
	}
	_, err = update(*pets.Id, patch("replace", "/pathPart", "dogs"))
	w.must(err)
	moved, err := w.client.GetResource(w.ctx, &sdk.GetResourceInput{RestApiId: &api, ResourceId: child.Id})
	w.must(err)
	if *moved.Path != "/dogs/{petId}" {
		t.Errorf("the path below a renamed resource is %s", *moved.Path)
	}
	for _, tc := range []struct {
		id, code, text string
		op             types.PatchOperation
	}{
		{*pets.Id, "BadRequestException", "Resources cannot be cyclical.", patch("replace", "/parentId", *child.Id)},
		{*pets.Id, "BadRequestException", "Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations", patch("remove", "/pathPart", "")},
		{*pets.Id, "BadRequestException", "Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]", patch("replace", "/invalid", "x")},
		{*pets.Id, "NotFoundException", "Invalid Resource identifier specified", patch("replace", "/parentId", "none")},
		{root, "BadRequestException", "Root resource cannot update its pathPart.", patch("replace", "/pathPart", "x")},
	} {
		_, err := update(tc.id, tc.op)
		refused(t, err, tc.code, tc.text)
	}
	_, err = w.client.DeleteResource(w.ctx, &sdk.DeleteResourceInput{RestApiId: &api, ResourceId: pets.Id})
	w.must(err)
	if _, left := w.resources(api)["/dogs/{petId}"]; left {
		t.Error("deleting a resource left its children")
	}
}

func TestA3_ResourceLimit(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, root := w.bare()
	for i := range 299 {
		_, err := w.resource(api, root, "r"+string(rune('a'+i/26))+string(rune('a'+i%26)))
		w.must(err)
	}
	_, err := w.resource(api, root, "last")
	refused(t, err, "LimitExceededException", "Maximum number of resources for this API has been reached.")
	pages, seen := 0, 0
	for p := sdk.NewGetResourcesPaginator(w.client, &sdk.GetResourcesInput{RestApiId: &api}); p.HasMorePages(); pages++ {
		out, err := p.NextPage(w.ctx)
		w.must(err)
		seen += len(out.Items)
	}
	if seen != 300 || pages != 12 {
		t.Errorf("%d resources on %d pages; want 300 on 12 pages of the default 25", seen, pages)
	}
}

func TestB4_MethodsAndIntegrations(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, root := w.bare()
	id := struct{ api, resource, method *string }{&api, &root, aws.String("GET")}
	_, err := w.client.GetIntegration(w.ctx, &sdk.GetIntegrationInput{RestApiId: id.api, ResourceId: id.resource, HttpMethod: id.method})
	refused(t, err, "NotFoundException", "Invalid Integration identifier specified")
	put := func(in sdk.PutIntegrationInput) (*sdk.PutIntegrationOutput, error) {
		in.RestApiId, in.ResourceId, in.HttpMethod = id.api, id.resource, id.method
		return w.client.PutIntegration(w.ctx, &in)
	}
	query := aws.String("arn:aws:apigateway:eu-west-1:dynamodb:action/Query")
	for _, tc := range []struct {
		in         sdk.PutIntegrationInput
		code, text string
	}{
		{sdk.PutIntegrationInput{Type: "HTTPS_PROXY"}, "ValidationException", "Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]"},
		{sdk.PutIntegrationInput{Type: "AWS", Uri: query}, "BadRequestException", "Enumeration value for HttpMethod must be non-empty"},
		{sdk.PutIntegrationInput{Type: "AWS", IntegrationHttpMethod: aws.String("POST"), Uri: aws.String("x")}, "BadRequestException", "Invalid ARN specified in the request"},
		{sdk.PutIntegrationInput{Type: "HTTP", IntegrationHttpMethod: aws.String("POST"), Uri: aws.String("x")}, "BadRequestException", "Invalid HTTP endpoint specified for URI"},
		{sdk.PutIntegrationInput{Type: "AWS", IntegrationHttpMethod: aws.String("POST"), Uri: query, Credentials: aws.String("arn:aws:iam::000000000000:role/x")}, "AccessDeniedException", "Cross-account pass role is not allowed."},
		{sdk.PutIntegrationInput{Type: "MOCK", TimeoutInMillis: aws.Int32(1)}, "BadRequestException", "Timeout should be between 50 ms and 29000 ms"},
		{sdk.PutIntegrationInput{Type: "MOCK", RequestTemplates: map[string]string{"123": "x"}}, "BadRequestException", "Validation Result: warnings : [], errors : [Invalid content type specified: 123]"},
	} {
		_, err := put(tc.in)
		refused(t, err, tc.code, tc.text)
	}
	out, err := put(sdk.PutIntegrationInput{Type: "AWS", IntegrationHttpMethod: aws.String("POST"), Uri: query})
	w.must(err)
	if *out.PassthroughBehavior != "WHEN_NO_MATCH" || out.TimeoutInMillis != 29000 || *out.CacheNamespace != root || len(out.CacheKeyParameters) != 0 || *out.HttpMethod != "POST" {
		t.Errorf("defaults of an integration: %+v", out)
	}
	updated, err := w.client.UpdateIntegration(w.ctx, &sdk.UpdateIntegrationInput{RestApiId: id.api, ResourceId: id.resource, HttpMethod: id.method, PatchOperations: []types.PatchOperation{
		patch("replace", "/passthroughBehavior", "NEVER"), patch("add", "/requestTemplates/application~1json", "{}"), patch("replace", "/timeoutInMillis", "5000")}})
	w.must(err)
	if *updated.PassthroughBehavior != "NEVER" || updated.RequestTemplates["application/json"] != "{}" || updated.TimeoutInMillis != 5000 {
		t.Errorf("updated integration: %+v", updated)
	}
	_, err = w.client.DeleteIntegration(w.ctx, &sdk.DeleteIntegrationInput{RestApiId: id.api, ResourceId: id.resource, HttpMethod: id.method})
	w.must(err)
	_, err = w.client.DeleteMethod(w.ctx, &sdk.DeleteMethodInput{RestApiId: id.api, ResourceId: id.resource, HttpMethod: id.method})
	w.must(err)
	_, err = w.client.GetMethod(w.ctx, &sdk.GetMethodInput{RestApiId: id.api, ResourceId: id.resource, HttpMethod: id.method})
	refused(t, err, "NotFoundException", "Invalid Method identifier specified")
}

func TestA4_PutMethodRefusals(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, root := w.bare()
	for _, tc := range []struct {
		in         sdk.PutMethodInput
		code, text string
	}{
		{sdk.PutMethodInput{HttpMethod: aws.String("GET")}, "ConflictException", "Method already exists for this resource"},
		{sdk.PutMethodInput{HttpMethod: aws.String("FETCH")}, "BadRequestException", "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"},
		{sdk.PutMethodInput{HttpMethod: aws.String("PUT"), AuthorizationType: aws.String("CUSTOM")}, "BadRequestException", "Invalid authorizer ID specified."},
		{sdk.PutMethodInput{HttpMethod: aws.String("PUT"), RequestValidatorId: aws.String("x")}, "BadRequestException", "Invalid Request Validator identifier specified"},
		{sdk.PutMethodInput{HttpMethod: aws.String("PUT"), RequestModels: map[string]string{"application/json": "petModel"}}, "BadRequestException", "Invalid model identifier specified: petModel"},
		{sdk.PutMethodInput{HttpMethod: aws.String("PUT"), RequestParameters: map[string]bool{"method.request.header.a": true, "method.request.querystring.a": true}},
			"BadRequestException", "Parameter names must be unique across querystring, header and path"},
	} {
		tc.in.RestApiId, tc.in.ResourceId = &api, &root
		if tc.in.AuthorizationType == nil {
			tc.in.AuthorizationType = aws.String("NONE")
		}
		_, err := w.client.PutMethod(w.ctx, &tc.in)
		refused(t, err, tc.code, tc.text)
	}
}

func TestA4_UpdateMethod(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, root := w.bare()
	update := func(ops ...types.PatchOperation) (*sdk.UpdateMethodOutput, error) {
		return w.client.UpdateMethod(w.ctx, &sdk.UpdateMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"), PatchOperations: ops})
	}
	out, err := update(patch("add", "/requestParameters/method.request.querystring.optional", "true"), patch("add", "/requestModels/application~1json", "Empty"),
		patch("replace", "/authorizationType", "AWS_IAM"), patch("replace", "/apiKeyRequired", "true"), patch("replace", "/operationName", "name"))
	w.must(err)
	if !out.RequestParameters["method.request.querystring.optional"] || out.RequestModels["application/json"] != "Empty" || *out.AuthorizationType != "AWS_IAM" || !*out.ApiKeyRequired {
		t.Errorf("updated method: %+v", out)
	}
	_, err = w.client.DeleteModel(w.ctx, &sdk.DeleteModelInput{RestApiId: &api, ModelName: aws.String("Empty")})
	refused(t, err, "ConflictException", "Cannot delete model 'Empty', is referenced in method request: //GET")
	for path, text := range map[string]string{
		"/httpMethod":                     "Invalid patch path /httpMethod",
		"/requestParameters":              "Invalid patch path /requestParameters",
		"/requestModels/application/json": "Invalid patch path /requestModels/application/json",
	} {
		_, err := update(patch("replace", path, "x"))
		refused(t, err, "BadRequestException", text)
	}
	_, err = update(patch("remove", "/apiKeyRequired", ""))
	refused(t, err, "BadRequestException", "Invalid patch operation specified. Must be one of: [replace]")
	_, err = update(patch("remove", "/requestParameters/method.request.header.x", ""))
	refused(t, err, "NotFoundException", "Invalid parameter name specified")
}

func TestC2_ResponsesOfMethodsAndIntegrations(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, root := w.bare()
	get := aws.String("GET")
	_, err := w.client.PutIntegration(w.ctx, &sdk.PutIntegrationInput{RestApiId: &api, ResourceId: &root, HttpMethod: get, Type: "MOCK"})
	w.must(err)
	for _, code := range []string{"200", "400"} {
		_, err := w.client.PutMethodResponse(w.ctx, &sdk.PutMethodResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: get, StatusCode: &code,
			ResponseParameters: map[string]bool{"method.response.header.X": true}})
		w.must(err)
	}
	_, err = w.client.PutMethodResponse(w.ctx, &sdk.PutMethodResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: get, StatusCode: aws.String("wrong")})
	refused(t, err, "ValidationException", `Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`)
	put := func(in sdk.PutIntegrationResponseInput) (*sdk.PutIntegrationResponseOutput, error) {
		in.RestApiId, in.ResourceId, in.HttpMethod = &api, &root, get
		return w.client.PutIntegrationResponse(w.ctx, &in)
	}
	first, err := put(sdk.PutIntegrationResponseInput{StatusCode: aws.String("200")})
	w.must(err)
	if first.SelectionPattern == nil || *first.SelectionPattern != "" {
		t.Errorf("selectionPattern of a default put by itself = %v; want empty, not absent", first.SelectionPattern)
	}
	_, err = put(sdk.PutIntegrationResponseInput{StatusCode: aws.String("400"), SelectionPattern: aws.String("")})
	refused(t, err, "ConflictException", "Integration response with selection pattern default already exists")
	_, err = put(sdk.PutIntegrationResponseInput{StatusCode: aws.String("500"), SelectionPattern: aws.String("5..")})
	refused(t, err, "BadRequestException", "Invalid Response status code specified")
	_, err = put(sdk.PutIntegrationResponseInput{StatusCode: aws.String("400"), SelectionPattern: aws.String("4.."), ResponseParameters: map[string]string{"method.response.header.Y": "'v'"}})
	refused(t, err, "BadRequestException", "Invalid mapping expression parameter specified: method.response.header.Y")
	_, err = put(sdk.PutIntegrationResponseInput{StatusCode: aws.String("400"), SelectionPattern: aws.String(`4\d{2}`), ResponseParameters: map[string]string{"method.response.header.X": "'v'"}})
	w.must(err)
	updated, err := w.client.UpdateIntegrationResponse(w.ctx, &sdk.UpdateIntegrationResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: get, StatusCode: aws.String("400"),
		PatchOperations: []types.PatchOperation{patch("replace", "/selectionPattern", "400"), patch("add", "/responseTemplates/application~1json", "x")}})
	w.must(err)
	if *updated.SelectionPattern != "400" || updated.ResponseTemplates["application/json"] != "x" {
		t.Errorf("updated response: %+v", updated)
	}
	m, err := w.client.UpdateMethodResponse(w.ctx, &sdk.UpdateMethodResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: get, StatusCode: aws.String("400"),
		PatchOperations: []types.PatchOperation{patch("add", "/responseModels/application~1json", "Error"), patch("remove", "/responseParameters/method.response.header.X", "")}})
	w.must(err)
	if m.ResponseModels["application/json"] != "Error" || len(m.ResponseParameters) != 0 {
		t.Errorf("updated method response: %+v", m)
	}
	for _, want := range []string{"", "Invalid Response status code specified"} {
		_, err = w.client.DeleteIntegrationResponse(w.ctx, &sdk.DeleteIntegrationResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: get, StatusCode: aws.String("400")})
		if want == "" {
			w.must(err)
			continue
		}
		refused(t, err, "NotFoundException", want)
	}
	_, err = w.client.DeleteMethodResponse(w.ctx, &sdk.DeleteMethodResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: get, StatusCode: aws.String("400")})
	w.must(err)
	_, err = w.client.GetMethodResponse(w.ctx, &sdk.GetMethodResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: get, StatusCode: aws.String("400")})
	refused(t, err, "NotFoundException", "Invalid Response status code specified")
}

func TestC2_Models(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, _ := w.bare()
	create := func(name, schema string) error {
		_, err := w.client.CreateModel(w.ctx, &sdk.CreateModelInput{RestApiId: &api, Name: &name, ContentType: aws.String("application/json"), Schema: &schema})
		return err
	}
	w.must(create("Pet", `{"title":"Pet","type":"object"}`))
	refused(t, create("Pet", `{"type":"object"}`), "ConflictException", "Model name already exists for this REST API")
	refused(t, create("Pet2", `{}`), "BadRequestException", "Model schema must have at least 1 property or array items defined")
	refused(t, create("Pet2", ``), "BadRequestException", "Model schema must have at least 1 property or array items defined")
	refused(t, create("a_b", `{"type":"object"}`), "BadRequestException", "Model name must be alphanumeric: a_b")
	refused(t, create("", `{"type":"object"}`), "BadRequestException", "Model name must be non-empty")
	update := func(op types.PatchOperation) (*sdk.UpdateModelOutput, error) {
		return w.client.UpdateModel(w.ctx, &sdk.UpdateModelInput{RestApiId: &api, ModelName: aws.String("Pet"), PatchOperations: []types.PatchOperation{op}})
	}
	out, err := update(patch("replace", "/schema", `{"type":"array"}`))
	w.must(err)
	if *out.Schema != `{"type":"array"}` {
		t.Errorf("schema = %s", *out.Schema)
	}
	_, err = update(patch("replace", "/name", "x"))
	refused(t, err, "BadRequestException", "Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]")
	_, err = w.client.DeleteModel(w.ctx, &sdk.DeleteModelInput{RestApiId: &api, ModelName: aws.String("Pet")})
	w.must(err)
	_, err = w.client.GetModel(w.ctx, &sdk.GetModelInput{RestApiId: &api, ModelName: aws.String("Pet")})
	refused(t, err, "NotFoundException", "Invalid model name specified: Pet")
}

func TestA4_RequestValidators(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, root := w.bare()
	v, err := w.client.CreateRequestValidator(w.ctx, &sdk.CreateRequestValidatorInput{RestApiId: &api, Name: aws.String("v")})
	w.must(err)
	update := func(op types.PatchOperation) (*sdk.UpdateRequestValidatorOutput, error) {
		return w.client.UpdateRequestValidator(w.ctx, &sdk.UpdateRequestValidatorInput{RestApiId: &api, RequestValidatorId: v.Id, PatchOperations: []types.PatchOperation{op}})
	}
	out, err := update(patch("replace", "/validateRequestBody", "true"))
	w.must(err)
	if !out.ValidateRequestBody || out.ValidateRequestParameters {
		t.Errorf("validator = %+v", out)
	}
	_, err = update(patch("replace", "/name", ""))
	refused(t, err, "BadRequestException", "Request Validator name cannot be blank")
	_, err = update(patch("replace", "/invalidPath", "x"))
	refused(t, err, "BadRequestException", "Must be one of: [/name, /validateRequestParameters, /validateRequestBody]")
	_, err = w.client.UpdateMethod(w.ctx, &sdk.UpdateMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("GET"),
		PatchOperations: []types.PatchOperation{patch("replace", "/requestValidatorId", *v.Id)}})
	w.must(err)
	_, err = w.client.DeleteRequestValidator(w.ctx, &sdk.DeleteRequestValidatorInput{RestApiId: &api, RequestValidatorId: v.Id})
	refused(t, err, "ConflictException", "because it is referenced by method GET /")
	_, err = w.client.GetRequestValidator(w.ctx, &sdk.GetRequestValidatorInput{RestApiId: &api, RequestValidatorId: aws.String("none")})
	refused(t, err, "NotFoundException", "Invalid Request Validator identifier specified")
}

func TestF4_GatewayResponses(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, _ := w.bare()
	get := func(kind types.GatewayResponseType) *sdk.GetGatewayResponseOutput {
		t.Helper()
		out, err := w.client.GetGatewayResponse(w.ctx, &sdk.GetGatewayResponseInput{RestApiId: &api, ResponseType: kind})
		w.must(err)
		return out
	}
	for kind, status := range map[types.GatewayResponseType]string{"MISSING_AUTHENTICATION_TOKEN": "403", "THROTTLED": "429", "INTEGRATION_TIMEOUT": "504", "REQUEST_TOO_LARGE": "413"} {
		if got := get(kind); *got.StatusCode != status || !got.DefaultResponse {
			t.Errorf("%s = %s, default %t; want %s by default", kind, *got.StatusCode, got.DefaultResponse, status)
		}
	}
	_, err := w.client.PutGatewayResponse(w.ctx, &sdk.PutGatewayResponseInput{RestApiId: &api, ResponseType: "DEFAULT_5XX", StatusCode: aws.String("599"),
		ResponseParameters: map[string]string{"gatewayresponse.header.x": "method.request.header.Accept"}})
	w.must(err)
	if got := get("INTEGRATION_FAILURE"); *got.StatusCode != "599" || !got.DefaultResponse || len(got.ResponseParameters) != 1 {
		t.Errorf("an unset type of the class = %+v; want the class's values, still default", got)
	}
	updated, err := w.client.UpdateGatewayResponse(w.ctx, &sdk.UpdateGatewayResponseInput{RestApiId: &api, ResponseType: "DEFAULT_4XX", PatchOperations: []types.PatchOperation{
		patch("add", "/responseTemplates/application~1xml", "<a/>"), patch("add", "/responseParameters/gatewayresponse.header.Access-Control-Allow-Origin", "'*'")}})
	w.must(err)
	want := map[string]string{"application/json": `{"message":$context.error.messageString}`, "application/xml": "<a/>"}
	if diff := cmp.Diff(want, updated.ResponseTemplates); diff != "" || updated.StatusCode != nil {
		t.Errorf("updated DEFAULT_4XX, status %v (-want +got):\n%s", updated.StatusCode, diff)
	}
	_, err = w.client.UpdateGatewayResponse(w.ctx, &sdk.UpdateGatewayResponseInput{RestApiId: &api, ResponseType: "DEFAULT_4XX", PatchOperations: []types.PatchOperation{patch("add", "/statusCode", "400")}})
	refused(t, err, "BadRequestException", "Invalid patch path /statusCode")
	_, err = w.client.PutGatewayResponse(w.ctx, &sdk.PutGatewayResponseInput{RestApiId: &api, ResponseType: "FAKE_RESPONSE_TYPE"})
	refused(t, err, "ValidationException", "Value 'FAKE_RESPONSE_TYPE' at 'responseType' failed to satisfy constraint: Member must satisfy enum value set: [REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND,")
	_, err = w.client.DeleteGatewayResponse(w.ctx, &sdk.DeleteGatewayResponseInput{RestApiId: &api, ResponseType: "DEFAULT_5XX"})
	w.must(err)
	_, err = w.client.DeleteGatewayResponse(w.ctx, &sdk.DeleteGatewayResponseInput{RestApiId: &api, ResponseType: "DEFAULT_5XX"})
	refused(t, err, "NotFoundException", "Gateway response type not defined on api")
}
