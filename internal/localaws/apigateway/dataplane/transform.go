// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"net/http"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// backendRequest is what goes to the integration's endpoint.
type backendRequest struct {
	header http.Header
	body   []byte
}

// mapRequest makes the backend's request from the client's: parameters, then
// the body by the template for its content type.
func (x *exchange) mapRequest(in *model.Integration) (*backendRequest, error) {
	out := &backendRequest{header: http.Header{}}
	for target, expr := range in.RequestParameters {
		name, ok := strings.CutPrefix(target, "integration.request.header.")
		if !ok {
			continue // the endpoint has neither path nor query parameters
		}
		if value, ok := x.requestValue(expr); ok {
			out.header.Set(name, value)
		}
	}
	source, ok := byMediaType(in.RequestTemplates, x.request.mediaType())
	if !ok {
		if err := x.passthrough(in); err != nil {
			return nil, err
		}
		out.body = x.request.body
		return out, nil
	}
	result, err := x.render(source, x.request.text())
	if err != nil {
		return nil, misconfigured("Unable to transform request: %v", err)
	}
	for name, value := range result.RequestHeaders {
		out.header.Set(name, value)
	}
	x.overrides.merge(result.ResponseStatus, result.ResponseHeaders)
	out.body = []byte(result.Body)
	return out, nil
}

// passthrough decides about a body no template is for: the table of
// aws-facts E5. A request without a body is held to the same rule.
func (x *exchange) passthrough(in *model.Integration) error {
	switch {
	case in.PassthroughBehavior == "NEVER",
		in.PassthroughBehavior == "WHEN_NO_TEMPLATES" && len(in.RequestTemplates) > 0:
		return fail(kindMediaType, "No request template for content type %s and passthrough behavior %s",
			x.request.mediaType(), in.PassthroughBehavior)
	}
	return nil
}

// byMediaType finds the template for a media type; names compare without
// regard to case.
func byMediaType(templates map[string]string, mediaType string) (string, bool) {
	if t, ok := templates[mediaType]; ok {
		return t, true
	}
	for name, t := range templates {
		if strings.EqualFold(name, mediaType) {
			return t, true
		}
	}
	return "", false
}

// render runs a template over a body, of the request or of the backend.
func (x *exchange) render(source string, body []byte) (mapping.Output, error) {
	t, err := x.def.template(source)
	if err != nil {
		return mapping.Output{}, err
	}
	return mapping.Render(t, mapping.Input{
		Body:           body,
		Path:           x.route.params,
		Query:          lastValues(x.request.query),
		Header:         x.templateHeaders(),
		Context:        x.vars,
		StageVariables: x.variables,
	})
}

// templateHeaders are the headers as templates see them, with those that API
// Gateway adds.
func (x *exchange) templateHeaders() map[string]string {
	h := lastValues(x.request.header)
	if x.request.host != "" {
		h["Host"] = validUTF8(x.request.host)
	}
	if !x.test {
		forwarded := x.request.sourceIP
		if before := h["X-Forwarded-For"]; before != "" {
			forwarded = before + ", " + forwarded
		}
		h["X-Forwarded-For"] = forwarded
		h["X-Forwarded-Proto"] = "https"
		h["X-Forwarded-Port"] = "443"
		h[headerTrace] = x.trace
	}
	return h
}
