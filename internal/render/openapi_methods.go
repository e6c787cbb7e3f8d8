// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/stack"
)

// pathItems are the document's paths with their operations.
func pathItems(def stack.Definition) (object, error) {
	paths := object{}
	for _, path := range def.Paths {
		paths[path] = object{}
	}
	for _, key := range sortedKeys(def.Methods) {
		verb, path, ok := strings.Cut(key, " ")
		if !ok {
			return nil, fmt.Errorf("method key %q is not of the form \"METHOD /path\"", key)
		}
		item, ok := paths[path].(object)
		if !ok {
			return nil, fmt.Errorf("method %q has a path that is not among the definition's paths; add it", key)
		}
		operation, err := operation(def, def.Methods[key])
		if err != nil {
			return nil, fmt.Errorf("method %q: %w", key, err)
		}
		if verb == "ANY" {
			item["x-amazon-apigateway-any-method"] = operation
		} else {
			item[strings.ToLower(verb)] = operation
		}
	}
	return paths, nil
}

func operation(def stack.Definition, m stack.Method) (object, error) {
	op := object{}
	put(op, "operationId", m.OperationName)
	if m.Validator != "" {
		if _, ok := def.Validators[m.Validator]; !ok {
			return nil, fmt.Errorf("validator %q is not defined", m.Validator)
		}
		// On the operation and never on the whole document: a validator of
		// the document would refuse calls that have no body.
		op["x-amazon-apigateway-request-validator"] = m.Validator
	}
	switch m.Authorization {
	case "NONE":
	case "AWS_IAM":
		op["x-amazon-apigateway-auth"] = object{"type": "AWS_IAM"}
	default:
		return nil, fmt.Errorf("authorization %q can't be carried; use NONE or AWS_IAM", m.Authorization)
	}
	if m.APIKeyRequired {
		// On the operation, since security of the whole document is ignored
		// (aws-facts B3).
		op["security"] = []any{object{apiKeyScheme: []any{}}}
	}
	parameters, err := parameters(m.RequestParameters)
	if err != nil {
		return nil, err
	}
	if len(parameters) > 0 {
		op["parameters"] = parameters
	}
	if body, err := content(def, m.RequestModels); err != nil {
		return nil, err
	} else if body != nil {
		op["requestBody"] = object{"content": body, "required": true}
	}
	if op["responses"], err = methodResponses(def, m.Responses); err != nil {
		return nil, err
	}
	if op["x-amazon-apigateway-integration"], err = integration(m); err != nil {
		return nil, err
	}
	return op, nil
}

var parameterLocations = map[string]string{"path": "path", "querystring": "query", "header": "header"}

func parameters(declared map[string]bool) ([]any, error) {
	var list []any
	for _, key := range sortedKeys(declared) {
		rest, ok := strings.CutPrefix(key, "method.request.")
		place, name, found := strings.Cut(rest, ".")
		in := parameterLocations[place]
		if !ok || !found || in == "" {
			return nil, fmt.Errorf("request parameter %q is not of the form method.request.{path,querystring,header}.NAME", key)
		}
		list = append(list, object{"name": name, "in": in, "required": declared[key], "schema": object{"type": "string"}})
	}
	return list, nil
}

// content refers to models by content type; nil if there are none.
func content(def stack.Definition, models map[string]string) (object, error) {
	if len(models) == 0 {
		return nil, nil
	}
	all := object{}
	for _, contentType := range sortedKeys(models) {
		name := models[contentType]
		if _, ok := def.Models[name]; !ok {
			return nil, fmt.Errorf("model %q is not defined", name)
		}
		all[contentType] = object{"schema": object{"$ref": "#/components/schemas/" + name}}
	}
	return all, nil
}

func methodResponses(def stack.Definition, responses map[string]stack.MethodResponse) (object, error) {
	if len(responses) == 0 {
		return nil, fmt.Errorf("it declares no responses")
	}
	all := object{}
	for _, code := range sortedKeys(responses) {
		response := object{"description": code + " response"}
		headers := object{}
		for _, key := range sortedKeys(responses[code].Parameters) {
			name, ok := strings.CutPrefix(key, "method.response.header.")
			if !ok {
				return nil, fmt.Errorf("response parameter %q is not of the form method.response.header.NAME", key)
			}
			headers[name] = object{"schema": object{"type": "string"}}
		}
		putMap(response, "headers", headers)
		body, err := content(def, responses[code].Models)
		if err != nil {
			return nil, err
		}
		putMap(response, "content", body)
		all[code] = response
	}
	return all, nil
}

// integration is x-amazon-apigateway-integration (aws-facts B4). Its values
// are lower case where AWS reports upper case (aws-facts C2).
func integration(m stack.Method) (object, error) {
	i := m.Integration
	o := object{
		"type":                strings.ToLower(i.Type),
		"passthroughBehavior": strings.ToLower(i.Passthrough),
	}
	if i.TimeoutMillis > 0 {
		o["timeoutInMillis"] = i.TimeoutMillis
	}
	put(o, "httpMethod", i.HTTPMethod)
	put(o, "uri", i.URI)
	put(o, "credentials", i.Credentials)
	put(o, "contentHandling", i.ContentHandling)
	putMap(o, "requestParameters", i.RequestParameters)
	putMap(o, "requestTemplates", i.RequestTemplates)
	if len(i.CacheKeyParameters) > 0 {
		o["cacheKeyParameters"] = slices.Sorted(slices.Values(i.CacheKeyParameters))
	}
	responses := object{}
	for _, code := range sortedKeys(i.Responses) {
		r := i.Responses[code]
		if _, ok := m.Responses[code]; !ok {
			return nil, fmt.Errorf("the integration answers %s, which the method doesn't declare", code)
		}
		pattern := r.SelectionPattern
		if pattern == "" {
			pattern = "default"
		}
		if _, twice := responses[pattern]; twice {
			return nil, fmt.Errorf("two integration responses have the pattern %q", pattern)
		}
		response := object{"statusCode": code}
		put(response, "contentHandling", r.ContentHandling)
		putMap(response, "responseParameters", r.Parameters)
		putMap(response, "responseTemplates", r.Templates)
		responses[pattern] = response
	}
	putMap(o, "responses", responses)
	return o, nil
}
