// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// restAPIView is an API as it goes over the wire.
type restAPIView struct {
	model.RestAPI
	Policy   string             `json:"policy,omitempty"`
	Tags     *map[string]string `json:"tags,omitempty"`
	Warnings []string           `json:"warnings,omitempty"`
}

// viewAPI renders an API. Answers to CreateRestApi and items of GetRestApis
// leave an empty tag map out, the others show it.
func viewAPI(a model.RestAPI, showEmptyTags bool) restAPIView {
	v := restAPIView{RestAPI: a, Policy: escapedPolicy(a.Policy)}
	if len(a.Tags) > 0 || showEmptyTags {
		tags := maps.Clone(a.Tags)
		if tags == nil {
			tags = map[string]string{}
		}
		v.Tags = &tags
	}
	return v
}

// escapedPolicy is the resource policy as AWS reports it: JSON text with its
// quotes and slashes escaped once more (aws-facts C2).
func escapedPolicy(policy string) string {
	if policy == "" {
		return ""
	}
	quoted, err := json.Marshal(policy)
	if err != nil {
		return policy
	}
	return strings.ReplaceAll(string(quoted[1:len(quoted)-1]), "/", `\/`)
}

// resourceView is a resource with its methods in full, or as empty objects
// when they weren't asked for (aws-facts C1).
type resourceView struct {
	*model.Resource
	ResourceMethods map[string]any `json:"resourceMethods,omitempty"`
}

func viewResource(r *model.Resource, withMethods bool) resourceView {
	v := resourceView{Resource: r}
	for name, m := range r.ResourceMethods {
		if v.ResourceMethods == nil {
			v.ResourceMethods = map[string]any{}
		}
		if withMethods {
			v.ResourceMethods[name] = viewMethod(m)
		} else {
			v.ResourceMethods[name] = struct{}{}
		}
	}
	return v
}

type methodView struct {
	*model.Method
	MethodIntegration *integrationView `json:"methodIntegration,omitempty"`
}

func viewMethod(m *model.Method) methodView {
	v := methodView{Method: m}
	if m.MethodIntegration != nil {
		i := viewIntegration(m.MethodIntegration)
		v.MethodIntegration = &i
	}
	return v
}

type integrationView struct {
	*model.Integration
	RequestTemplates     map[string]*string                 `json:"requestTemplates,omitempty"`
	IntegrationResponses map[string]integrationResponseView `json:"integrationResponses,omitempty"`
}

func viewIntegration(i *model.Integration) integrationView {
	v := integrationView{Integration: i, RequestTemplates: nullWhenEmpty(i.RequestTemplates)}
	for code, r := range i.IntegrationResponse {
		if v.IntegrationResponses == nil {
			v.IntegrationResponses = map[string]integrationResponseView{}
		}
		v.IntegrationResponses[code] = viewIntegrationResponse(r)
	}
	return v
}

type integrationResponseView struct {
	*model.IntegrationResponse
	ResponseTemplates map[string]*string `json:"responseTemplates,omitempty"`
}

func viewIntegrationResponse(r *model.IntegrationResponse) integrationResponseView {
	return integrationResponseView{IntegrationResponse: r, ResponseTemplates: nullWhenEmpty(r.ResponseTemplates)}
}

// nullWhenEmpty shows an empty template as JSON null (aws-facts C2).
func nullWhenEmpty(templates map[string]string) map[string]*string {
	if len(templates) == 0 {
		return nil
	}
	out := make(map[string]*string, len(templates))
	for contentType, text := range templates {
		if text == "" {
			out[contentType] = nil
			continue
		}
		out[contentType] = &text
	}
	return out
}
