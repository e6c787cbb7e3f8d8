// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

const (
	pathComments = "/comments"
	pathPage     = "/comments/{pageId}"
	pathCount    = "/comments/{pageId}/count"

	paramPage   = "method.request.path.pageId"
	paramCursor = "method.request.querystring.cursor"
	paramLimit  = "method.request.querystring.limit"

	validatorBody       = "body"
	validatorParameters = "parameters"

	contentJSON = "application/json"

	// integrationTimeoutMillis is AWS's default and its upper bound for APIs
	// that don't ask for more (aws-facts A3, C2).
	integrationTimeoutMillis = 29000
	// noCompression is how stack.API says that answers aren't compressed.
	noCompression = -1
)

// The backend's status codes that select an answer. Three characters, so that
// it doesn't matter whether AWS anchors the pattern (aws-facts F1). Success is
// explicit and the default is an error: whatever DynamoDB comes to answer, it
// isn't taken for a success.
const (
	patternOK          = "200"
	patternRefused     = `4\d{2}`
	patternUnavailable = `5\d{2}`
	patternElse        = ""
)

// restAPI is the API in the form in which AWS reports it after the import.
func restAPI(spec v1alpha1.CommentsAPISpec, facts stack.Facts) (stack.API, error) {
	definition, err := definition(spec, facts)
	if err != nil {
		return stack.API{}, err
	}
	policy, err := networkPolicy(spec, definition)
	if err != nil {
		return stack.API{}, err
	}
	return stack.API{
		Name:                   stack.APIName(facts.Claim),
		Description:            "Public comments, straight from DynamoDB. Managed by the CommentsAPI operator, which undoes changes made here.",
		EndpointType:           "REGIONAL",
		KeySource:              "HEADER",
		MinimumCompressionSize: noCompression,
		Policy:                 policy,
		Definition:             definition,
		Tags:                   tags(spec, facts),
	}, nil
}

func definition(spec v1alpha1.CommentsAPISpec, facts stack.Facts) (stack.Definition, error) {
	texts, err := templates(spec, facts)
	if err != nil {
		return stack.Definition{}, err
	}
	schema, err := newCommentSchema(spec.Comments)
	if err != nil {
		return stack.Definition{}, err
	}
	origins := newCORS(spec)
	d := stack.Definition{
		Paths: []string{pathComments, pathPage},
		Methods: map[string]stack.Method{
			"POST " + pathComments: createMethod(spec, facts, texts),
			"GET " + pathPage:      listMethod(spec, facts, texts),
		},
		Models: map[string]stack.Model{modelNewComment: {ContentType: contentJSON, Schema: schema}},
		Validators: map[string]stack.Validator{
			validatorBody:       {Body: true},
			validatorParameters: {Parameters: true},
		},
		GatewayResponses: gatewayResponses(origins.gatewayHeaders()),
	}
	if spec.Comments.Count == v1alpha1.Enabled {
		d.Paths = append(d.Paths, pathCount)
		d.Methods["GET "+pathCount] = countMethod(spec, facts, texts)
	}
	moderate(&d, spec, facts, texts)
	cacheKeys(&d, spec)
	for key, m := range d.Methods {
		d.Methods[key] = origins.answerHeaders().on(m)
	}
	origins.preflights(d.Methods, texts[preflightResponse])
	return d, nil
}

// authorization is AWS's word for who may make a call.
func authorization(a v1alpha1.Authorization) string {
	if a == v1alpha1.AuthorizationIAM {
		return "AWS_IAM"
	}
	return "NONE"
}

func createMethod(spec v1alpha1.CommentsAPISpec, facts stack.Facts, texts templateTexts) stack.Method {
	stored := "201"
	if moderated(spec) {
		stored = "202"
	}
	return stack.Method{
		Authorization:  authorization(spec.API.Authorization.Post),
		APIKeyRequired: NeedsKey(spec) && spec.API.APIKey.Post == v1alpha1.KeyRequired,
		Validator:      validatorBody,
		RequestModels:  map[string]string{contentJSON: modelNewComment},
		Responses:      answers(stored, "400", "409", "500", "503"),
		Integration: dynamoDB(spec, facts, "PutItem", texts[createRequest], texts, map[string]stack.IntegrationResponse{
			stored: respond(patternOK, texts[createResponse]),
			"400":  respond(patternRefused, texts[refusedResponse]),
		}),
	}
}

func listMethod(spec v1alpha1.CommentsAPISpec, facts stack.Facts, texts templateTexts) stack.Method {
	return stack.Method{
		Authorization:     authorization(spec.API.Authorization.List),
		APIKeyRequired:    NeedsKey(spec) && spec.API.APIKey.List == v1alpha1.KeyRequired,
		Validator:         validatorParameters,
		RequestParameters: map[string]bool{paramPage: true, paramCursor: false, paramLimit: false},
		Responses:         answers("200", "400", "500", "503"),
		Integration: dynamoDB(spec, facts, "Query", texts[listRequest], texts, map[string]stack.IntegrationResponse{
			"200": respond(patternOK, texts[listResponse]),
			"400": respond(patternRefused, texts[refusedResponse]),
		}),
	}
}

func countMethod(spec v1alpha1.CommentsAPISpec, facts stack.Facts, texts templateTexts) stack.Method {
	return stack.Method{
		Authorization:     authorization(spec.API.Authorization.List),
		APIKeyRequired:    NeedsKey(spec) && spec.API.APIKey.List == v1alpha1.KeyRequired,
		Validator:         validatorParameters,
		RequestParameters: map[string]bool{paramPage: true},
		Responses:         answers("200", "400", "500", "503"),
		Integration: dynamoDB(spec, facts, "Query", texts[countRequest], texts, map[string]stack.IntegrationResponse{
			"200": respond(patternOK, texts[countResponse]),
			"400": respond(patternRefused, texts[refusedResponse]),
		}),
	}
}

// answers declares status codes: those of the integration's responses, which
// AWS requires (aws-facts B4), and those a template overrides to.
func answers(codes ...string) map[string]stack.MethodResponse {
	all := make(map[string]stack.MethodResponse, len(codes))
	for _, code := range codes {
		all[code] = stack.MethodResponse{}
	}
	return all
}

// respond has exactly one template, so that the client's Accept header has no
// choice (aws-facts E5).
func respond(pattern, template string) stack.IntegrationResponse {
	return stack.IntegrationResponse{SelectionPattern: pattern, Templates: map[string]string{contentJSON: template}}
}

// dynamoDB calls an action of DynamoDB as the public role. What the backend
// does answer beside what the responses say is an error. Passthrough is never: with
// any other, a request with another content type would take the client's own
// JSON to DynamoDB, under the API's role (aws-facts E5).
func dynamoDB(spec v1alpha1.CommentsAPISpec, facts stack.Facts, action, template string, texts templateTexts, responses map[string]stack.IntegrationResponse) stack.Integration {
	responses["503"] = respond(patternUnavailable, texts[unavailableResponse])
	responses["500"] = respond(patternElse, texts[failedResponse])
	arn := arns(spec, facts)
	return stack.Integration{
		Type:             "AWS",
		HTTPMethod:       "POST",
		URI:              arn.DynamoDBAction(action),
		Credentials:      arn.Role(facts.RolePath, stack.RoleName(facts.Claim, spec.Region)),
		RequestTemplates: map[string]string{contentJSON: template},
		Passthrough:      "NEVER",
		TimeoutMillis:    integrationTimeoutMillis,
		Responses:        responses,
	}
}
