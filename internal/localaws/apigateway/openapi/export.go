// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package openapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// Extensions says which of API Gateway's extensions an export carries.
type Extensions string

const (
	// NoExtensions is plain OpenAPI.
	NoExtensions Extensions = ""
	// Integrations adds integrations and authorization.
	Integrations Extensions = "integrations"
	// Everything adds validators, gateway responses, policy and so on too.
	Everything Extensions = "apigateway"
)

// Export writes a definition as the OpenAPI 3.0.1 document that GetExport
// answers: with a server for the stage, plain response descriptions, and
// without what is at its default (aws-facts C3).
func Export(s *model.Snapshot, stage string, ext Extensions) ([]byte, error) {
	a := s.API
	info := map[string]any{"title": a.Name}
	if a.Description != "" {
		info["description"] = a.Description
	}
	if a.Version != "" {
		info["version"] = a.Version
	}
	doc := map[string]any{
		"openapi": "3.0.1",
		"info":    info,
		"servers": []any{map[string]any{
			"url":       "https://" + a.ID + ".execute-api." + a.Region + ".amazonaws.com/{basePath}",
			"variables": map[string]any{"basePath": map[string]any{"default": stage}},
		}},
		"paths": exportPaths(s, ext),
	}
	if components := exportComponents(s); len(components) > 0 {
		doc["components"] = components
	}
	if ext == Everything {
		exportRoot(doc, s)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(doc)
	return buf.Bytes(), err
}

func exportRoot(doc map[string]any, s *model.Snapshot) {
	if len(s.API.BinaryMediaTypes) > 0 {
		doc["x-amazon-apigateway-binary-media-types"] = s.API.BinaryMediaTypes
	}
	if s.API.MinimumCompressionSize != nil {
		doc["x-amazon-apigateway-minimum-compression-size"] = *s.API.MinimumCompressionSize
	}
	if s.API.APIKeySource != "" && s.API.APIKeySource != "HEADER" {
		doc["x-amazon-apigateway-api-key-source"] = s.API.APIKeySource
	}
	if s.API.Policy != "" {
		doc["x-amazon-apigateway-policy"] = json.RawMessage(s.API.Policy)
	}
	if len(s.Validators) > 0 {
		validators := map[string]any{}
		for _, v := range s.Validators {
			validators[v.Name] = map[string]any{
				"validateRequestBody": v.ValidateRequestBody, "validateRequestParameters": v.ValidateRequestParameters,
			}
		}
		doc["x-amazon-apigateway-request-validators"] = validators
	}
	if len(s.GatewayResponses) > 0 {
		responses := map[string]any{}
		for kind, g := range s.GatewayResponses {
			r := map[string]any{"responseTemplates": g.ResponseTemplates}
			if g.StatusCode != "" {
				r["statusCode"] = g.StatusCode
			}
			if len(g.ResponseParameters) > 0 {
				r["responseParameters"] = g.ResponseParameters
			}
			responses[kind] = r
		}
		doc["x-amazon-apigateway-gateway-responses"] = responses
	}
}

// exportComponents writes the models in use, and the security schemes that
// methods need.
func exportComponents(s *model.Snapshot) map[string]any {
	components := map[string]any{}
	schemas := map[string]any{}
	for name := range s.Models {
		if m := s.Models[name]; json.Valid([]byte(m.Schema)) {
			schemas[name] = json.RawMessage(localReferences(m.Schema, s.API.ID))
		}
	}
	if len(schemas) > 0 {
		components["schemas"] = schemas
	}
	schemes := map[string]any{}
	for _, r := range s.Resources {
		for _, m := range r.ResourceMethods {
			if m.APIKeyRequired {
				schemes["api_key"] = map[string]any{"type": "apiKey", "name": "x-api-key", "in": "header"}
			}
			if m.AuthorizationType == "AWS_IAM" {
				schemes["sigv4"] = map[string]any{
					"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4",
				}
			}
		}
	}
	if len(schemes) > 0 {
		components["securitySchemes"] = schemes
	}
	return components
}

func exportPaths(s *model.Snapshot, ext Extensions) map[string]any {
	paths := map[string]any{}
	for _, r := range s.SortedResources() {
		if len(r.ResourceMethods) == 0 {
			continue
		}
		item := map[string]any{}
		for verb, m := range r.ResourceMethods {
			key := strings.ToLower(verb)
			if verb == "ANY" {
				key = "x-amazon-apigateway-any-method"
			}
			item[key] = exportMethod(s, m, ext)
		}
		paths[r.Path] = item
	}
	return paths
}

func exportMethod(s *model.Snapshot, m *model.Method, ext Extensions) map[string]any {
	op := map[string]any{"responses": exportResponses(m)}
	if m.OperationName != "" {
		op["operationId"] = m.OperationName
	}
	if params := exportParameters(m); len(params) > 0 {
		op["parameters"] = params
	}
	if len(m.RequestModels) > 0 {
		op["requestBody"] = map[string]any{"content": exportContent(m.RequestModels), "required": true}
	}
	var security []any
	if m.AuthorizationType == "AWS_IAM" {
		security = append(security, map[string]any{"sigv4": []string{}})
	}
	if m.APIKeyRequired {
		security = append(security, map[string]any{"api_key": []string{}})
	}
	if security != nil {
		op["security"] = security
	}
	if ext == NoExtensions {
		return op
	}
	if v := s.Validators[m.RequestValidatorID]; v != nil && ext == Everything {
		op["x-amazon-apigateway-request-validator"] = v.Name
	}
	if m.MethodIntegration != nil {
		op["x-amazon-apigateway-integration"] = exportIntegration(m.MethodIntegration)
	}
	return op
}

func exportParameters(m *model.Method) []any {
	places := map[string]string{"path": "path", "querystring": "query", "header": "header"}
	var out []any
	for _, name := range slices.Sorted(maps.Keys(m.RequestParameters)) {
		place, short, _ := strings.Cut(strings.TrimPrefix(name, "method.request."), ".")
		p := map[string]any{"name": short, "in": places[place], "schema": map[string]any{"type": "string"}}
		if m.RequestParameters[name] {
			p["required"] = true
		}
		out = append(out, p)
	}
	return out
}

func exportContent(models map[string]string) map[string]any {
	content := map[string]any{}
	for kind, name := range models {
		content[kind] = map[string]any{"schema": map[string]any{"$ref": schemaPrefix + name}}
	}
	return content
}

func exportResponses(m *model.Method) map[string]any {
	out := map[string]any{}
	for code, r := range m.MethodResponses {
		response := map[string]any{"description": code + " response", "content": exportContent(r.ResponseModels)}
		if len(r.ResponseParameters) > 0 {
			headers := map[string]any{}
			for name := range r.ResponseParameters {
				headers[strings.TrimPrefix(name, "method.response.header.")] = map[string]any{"schema": map[string]any{"type": "string"}}
			}
			response["headers"] = headers
		}
		out[code] = response
	}
	return out
}

func exportIntegration(i *model.Integration) map[string]any {
	out := map[string]any{"type": strings.ToLower(i.Type), "passthroughBehavior": strings.ToLower(i.PassthroughBehavior)}
	set := func(key, value string) {
		if value != "" {
			out[key] = value
		}
	}
	set("httpMethod", i.HTTPMethod)
	set("uri", i.URI)
	set("credentials", i.Credentials)
	set("contentHandling", i.ContentHandling)
	if len(i.RequestParameters) > 0 {
		out["requestParameters"] = i.RequestParameters
	}
	if len(i.RequestTemplates) > 0 {
		out["requestTemplates"] = i.RequestTemplates
	}
	if len(i.CacheKeyParameters) > 0 {
		out["cacheKeyParameters"] = i.CacheKeyParameters
	}
	responses := map[string]any{}
	for code, r := range i.IntegrationResponse {
		response := map[string]any{"statusCode": code}
		if len(r.ResponseParameters) > 0 {
			response["responseParameters"] = r.ResponseParameters
		}
		if len(r.ResponseTemplates) > 0 {
			response["responseTemplates"] = r.ResponseTemplates
		}
		pattern := "default"
		if r.SelectionPattern != nil && *r.SelectionPattern != "" {
			pattern = *r.SelectionPattern
		}
		responses[pattern] = response
	}
	if len(responses) > 0 {
		out["responses"] = responses
	}
	return out
}
