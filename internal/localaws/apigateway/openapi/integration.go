// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package openapi

import (
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// integration reads x-amazon-apigateway-integration with the normalisations
// of aws-facts C2; whether it makes sense is the control plane's to judge.
func (p *parser) integration(at string, i object) *model.Integration {
	out := &model.Integration{
		Type:                strings.ToUpper(i.text("type")),
		HTTPMethod:          strings.ToUpper(i.text("httpMethod")),
		URI:                 i.text("uri"),
		Credentials:         i.text("credentials"),
		RequestParameters:   i.textMap("requestParameters"),
		RequestTemplates:    i.textMap("requestTemplates"),
		PassthroughBehavior: strings.ToUpper(i.text("passthroughBehavior")),
		ContentHandling:     strings.ToUpper(i.text("contentHandling")),
		CacheNamespace:      i.text("cacheNamespace"),
		CacheKeyParameters:  append([]string{}, i.texts("cacheKeyParameters")...),
		ConnectionType:      strings.ToUpper(i.text("connectionType")),
	}
	if out.PassthroughBehavior == "" {
		out.PassthroughBehavior = "WHEN_NO_MATCH"
	}
	if i.has("timeoutInMillis") {
		ms, ok := i.int("timeoutInMillis")
		if !ok {
			p.errorf("Unable to put integration on '%s': timeoutInMillis %q is not a number", at, i.text("timeoutInMillis"))
		}
		out.TimeoutInMillis = ms
	} else {
		out.TimeoutInMillis = 29000
	}
	responses := i.object("responses")
	for _, pattern := range responses.keys() {
		p.integrationResponse(at, pattern, responses.object(pattern), out)
	}
	return out
}

// integrationResponse files a response under its status code: read back, the
// code is the key and the pattern a member, absent for default
// (aws-facts C2). What AWS does with two patterns of one status code is
// unconfirmed, so that is refused here.
func (p *parser) integrationResponse(at, pattern string, r object, out *model.Integration) {
	res := &model.IntegrationResponse{
		StatusCode:         r.text("statusCode"),
		ResponseParameters: r.textMap("responseParameters"),
		ResponseTemplates:  r.textMap("responseTemplates"),
		ContentHandling:    strings.ToUpper(r.text("contentHandling")),
	}
	if pattern != "default" {
		res.SelectionPattern = &pattern
	}
	if !statusCode.MatchString(res.StatusCode) {
		p.errorf("Unable to put integration response on '%s': statusCode %q of response '%s' is not a status code, use for example \"200\"", at, res.StatusCode, pattern)
		return
	}
	if out.IntegrationResponse == nil {
		out.IntegrationResponse = map[string]*model.IntegrationResponse{}
	}
	if out.IntegrationResponse[res.StatusCode] != nil {
		p.errorf("Unable to put integration response on '%s': two responses have the status code %s. "+
			"What AWS does then is unconfirmed, and the local AWS refuses it", at, res.StatusCode)
		return
	}
	out.IntegrationResponse[res.StatusCode] = res
}
