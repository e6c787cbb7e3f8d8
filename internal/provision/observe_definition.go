// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/stack"
)

// readDefinition reads the working copy: the methods always, models,
// validators and gateway responses as parts asks.
func (c Cloud) readDefinition(ctx context.Context, api *stack.ObservedAPI, id Identity, parts stack.Parts) error {
	d := &api.Definition
	api.ValidatorNames = id.ValidatorNames
	if parts.Has(stack.PartValidators) {
		if err := c.readValidators(ctx, api); err != nil {
			return err
		}
	}
	d.Methods = map[string]stack.Method{}
	api.ResourceIDs = map[string]string{}
	pages := apigateway.NewGetResourcesPaginator(c.APIs, &apigateway.GetResourcesInput{
		RestApiId: &api.ID, Embed: []string{"methods"}, Limit: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, resource := range page.Items {
			path := aws.ToString(resource.Path)
			api.ResourceIDs[path] = aws.ToString(resource.Id)
			if path != "/" {
				d.Paths = append(d.Paths, path)
			}
			for verb, method := range resource.ResourceMethods {
				d.Methods[verb+" "+path] = readMethod(method, api.ValidatorNames)
			}
		}
	}
	var err error
	if parts.Has(stack.PartModels) {
		if d.Models, err = c.models(ctx, api.ID); err != nil {
			return err
		}
	}
	if parts.Has(stack.PartGatewayResponses) {
		if d.GatewayResponses, err = c.gatewayResponses(ctx, api.ID); err != nil {
			return err
		}
	}
	return nil
}

// readValidators reads the request validators and the names behind their ids.
func (c Cloud) readValidators(ctx context.Context, api *stack.ObservedAPI) error {
	api.Definition.Validators = map[string]stack.Validator{}
	api.ValidatorNames = map[string]string{}
	var position *string
	for {
		// The SDK has no paginator for this one (aws-facts J5).
		out, err := c.APIs.GetRequestValidators(ctx, &apigateway.GetRequestValidatorsInput{
			RestApiId: &api.ID, Limit: aws.Int32(pageSize), Position: position})
		if err != nil {
			return err
		}
		for _, v := range out.Items {
			name := aws.ToString(v.Name)
			api.ValidatorNames[aws.ToString(v.Id)] = name
			api.Definition.Validators[name] = stack.Validator{Body: v.ValidateRequestBody, Parameters: v.ValidateRequestParameters}
		}
		if position = out.Position; aws.ToString(position) == "" {
			return nil
		}
	}
}

func (c Cloud) models(ctx context.Context, apiID string) (map[string]stack.Model, error) {
	found := map[string]stack.Model{}
	pages := apigateway.NewGetModelsPaginator(c.APIs, &apigateway.GetModelsInput{RestApiId: &apiID, Limit: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, m := range page.Items {
			found[aws.ToString(m.Name)] = stack.Model{ContentType: aws.ToString(m.ContentType), Schema: aws.ToString(m.Schema)}
		}
	}
	return found, nil
}

// gatewayResponses reads those that somebody set; AWS lists all types every
// time (aws-facts C1).
func (c Cloud) gatewayResponses(ctx context.Context, apiID string) (map[string]stack.GatewayResponse, error) {
	out, err := c.APIs.GetGatewayResponses(ctx, &apigateway.GetGatewayResponsesInput{RestApiId: &apiID, Limit: aws.Int32(pageSize)})
	if err != nil {
		return nil, err
	}
	found := map[string]stack.GatewayResponse{}
	for _, g := range out.Items {
		if !g.DefaultResponse {
			found[string(g.ResponseType)] = stack.GatewayResponse{
				StatusCode: aws.ToString(g.StatusCode), Parameters: g.ResponseParameters, Templates: g.ResponseTemplates}
		}
	}
	return found, nil
}

func readMethod(m types.Method, validatorNames map[string]string) stack.Method {
	method := stack.Method{
		Authorization:     aws.ToString(m.AuthorizationType),
		APIKeyRequired:    aws.ToBool(m.ApiKeyRequired),
		Validator:         validatorName(aws.ToString(m.RequestValidatorId), validatorNames),
		OperationName:     aws.ToString(m.OperationName),
		RequestParameters: m.RequestParameters,
		RequestModels:     m.RequestModels,
		Responses:         map[string]stack.MethodResponse{},
	}
	for status, r := range m.MethodResponses {
		method.Responses[status] = stack.MethodResponse{Parameters: r.ResponseParameters, Models: r.ResponseModels}
	}
	if m.MethodIntegration != nil {
		method.Integration = readIntegration(m.MethodIntegration)
	}
	return method
}

// validatorName translates an id; an unknown one stays an id, which differs
// from every wanted name.
func validatorName(id string, names map[string]string) string {
	if name, ok := names[id]; ok {
		return name
	}
	return id
}

func readIntegration(i *types.Integration) stack.Integration {
	integration := stack.Integration{
		Type:               string(i.Type),
		HTTPMethod:         aws.ToString(i.HttpMethod),
		URI:                aws.ToString(i.Uri),
		Credentials:        aws.ToString(i.Credentials),
		RequestParameters:  i.RequestParameters,
		RequestTemplates:   i.RequestTemplates,
		Passthrough:        aws.ToString(i.PassthroughBehavior),
		TimeoutMillis:      int(i.TimeoutInMillis),
		CacheKeyParameters: i.CacheKeyParameters,
		ContentHandling:    string(i.ContentHandling),
		Responses:          map[string]stack.IntegrationResponse{},
	}
	for status, r := range i.IntegrationResponses {
		integration.Responses[status] = stack.IntegrationResponse{
			SelectionPattern: aws.ToString(r.SelectionPattern),
			Parameters:       r.ResponseParameters,
			Templates:        r.ResponseTemplates,
			ContentHandling:  string(r.ContentHandling),
		}
	}
	return integration
}
