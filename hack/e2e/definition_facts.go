// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	agtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/awscloud"
)

// thing is a model that {} doesn't satisfy.
var thing = map[string]any{"schemas": map[string]any{
	"Thing": map[string]any{"type": "object", "required": []string{"a"}, "properties": map[string]any{"a": map[string]any{"type": "string"}}},
}}

var validators = map[string]any{"all": map[string]any{"validateRequestBody": true, "validateRequestParameters": true}}

// definitionFacts are about what importing a document makes of the API.
func (l *lab) definitionFacts() []fact {
	return []fact{
		{"K12", "a template with CRLF, tab and ü, read back", l.texts},
		{"K4", "overwriting leaves of models, validators, gateway responses and tags", l.overwritten},
		{"K4", "overwriting leaves of authorizers", l.authorizers},
	}
}

func (l *lab) texts(ctx context.Context) (string, error) {
	const want = "a\r\nb\tü"
	if err := l.put(ctx, fallback(want)); err != nil {
		return "", err
	}
	got, err := l.apis.GetIntegrationResponse(ctx, &apigateway.GetIntegrationResponseInput{
		RestApiId: &l.id, ResourceId: &l.resource, HttpMethod: aws.String("GET"), StatusCode: aws.String("200"),
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("sent %q, read %q", want, got.ResponseTemplates[jsonType]), nil
}

// twoPatterns lets a pattern and the default lead to one status code, the key
// under which responses are kept (aws-facts C2).
func (l *lab) twoPatterns(ctx context.Context) (string, error) {
	m := fallback("default")
	m.responses["200"] = says("200", "pattern")
	if err := l.put(ctx, m); err != nil {
		return "", err
	}
	got, err := l.apis.GetIntegrationResponse(ctx, &apigateway.GetIntegrationResponseInput{
		RestApiId: &l.id, ResourceId: &l.resource, HttpMethod: aws.String("GET"), StatusCode: aws.String("200"),
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("accepted; the response is of pattern %q, with the template %q", aws.ToString(got.SelectionPattern), got.ResponseTemplates[jsonType]), nil
}

func (l *lab) overwritten(ctx context.Context) (string, error) {
	full := fallback("ok")
	full.more = map[string]any{
		"components": thing, "x-amazon-apigateway-request-validators": validators,
		"x-amazon-apigateway-gateway-responses": map[string]any{
			"THROTTLED": map[string]any{"statusCode": "429", "responseTemplates": map[string]any{jsonType: "{}"}},
		},
	}
	if err := l.put(ctx, full); err != nil {
		return "", err
	}
	if err := l.put(ctx, fallback("ok")); err != nil {
		return "", err
	}
	models, err := l.apis.GetModels(ctx, &apigateway.GetModelsInput{RestApiId: &l.id})
	if err != nil {
		return "", err
	}
	validators, err := l.apis.GetRequestValidators(ctx, &apigateway.GetRequestValidatorsInput{RestApiId: &l.id})
	if err != nil {
		return "", err
	}
	responses, err := l.apis.GetGatewayResponses(ctx, &apigateway.GetGatewayResponsesInput{RestApiId: &l.id})
	if err != nil {
		return "", err
	}
	own := 0
	for _, r := range responses.Items {
		if !r.DefaultResponse {
			own++
		}
	}
	api, err := l.apis.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &l.id})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d models, %d validators, %d gateway responses, %d tags", len(models.Items), len(validators.Items), own, len(api.Tags)), nil
}

// authorizers adds one that no method uses; its function needn't exist.
func (l *lab) authorizers(ctx context.Context) (string, error) {
	partition, _ := awscloud.PartitionOf(l.region)
	function := fmt.Sprintf("arn:%s:lambda:%s:000000000000:function:none", partition, l.region)
	_, err := l.apis.CreateAuthorizer(ctx, &apigateway.CreateAuthorizerInput{
		RestApiId: &l.id, Name: aws.String("none"), Type: agtypes.AuthorizerTypeToken,
		IdentitySource: aws.String("method.request.header.Authorization"),
		AuthorizerUri:  aws.String(fmt.Sprintf("arn:%s:apigateway:%s:lambda:path/2015-03-31/functions/%s/invocations", partition, l.region, function)),
	})
	if err != nil {
		return "", err
	}
	if err := l.put(ctx, fallback("ok")); err != nil {
		return "", err
	}
	left, err := l.apis.GetAuthorizers(ctx, &apigateway.GetAuthorizersInput{RestApiId: &l.id})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d of 1", len(left.Items)), nil
}

// keys are a map's, in order.
func keys[V any](m map[string]V) string {
	return "[" + strings.Join(slices.Sorted(maps.Keys(m)), " ") + "]"
}
