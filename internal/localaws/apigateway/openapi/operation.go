// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package openapi

import (
	"regexp"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

var pathParameter = regexp.MustCompile(`\{([^}+]+)\+?\}`)

// where maps a parameter's location to its name in mapping expressions.
var where = map[string]string{"path": "path", "query": "querystring", "header": "header"}

// operation reads one operation object into a method (aws-facts B3, B4).
func (p *parser) operation(path, verb string, item, op object) *model.Method {
	at := verb + "' for resource at path '" + path
	m := &model.Method{
		HTTPMethod: verb, AuthorizationType: "NONE", OperationName: op.text("operationId"),
		RequestParameters: map[string]bool{}, MethodResponses: map[string]*model.MethodResponse{},
	}
	p.parameters(path, item, op, m)
	p.security(at, op, m)
	m.RequestValidatorID = p.root.text("x-amazon-apigateway-request-validator")
	if v := op.text("x-amazon-apigateway-request-validator"); v != "" {
		m.RequestValidatorID = v
	}
	if m.RequestValidatorID != "" && p.def.Validators[m.RequestValidatorID] == nil {
		p.errorf("Unable to put method '%s': Invalid Request Validator identifier specified: %s is not among x-amazon-apigateway-request-validators", at, m.RequestValidatorID)
	}
	if body := p.resolve(op.object("requestBody")); body != nil {
		m.RequestModels = p.contentModels(at, "request body", body)
	}
	responses := op.object("responses")
	for _, code := range responses.keys() {
		p.response(at, code, p.resolve(responses.object(code)), m)
	}
	if len(m.RequestParameters) == 0 {
		m.RequestParameters = nil
	}
	if i := op.object("x-amazon-apigateway-integration"); i != nil {
		m.MethodIntegration = p.integration(at, i)
	}
	return m
}

// parameters reads the path item's and the operation's parameters. Only name,
// in and required count; undeclared path parameters become required
// (aws-facts B2, B3).
func (p *parser) parameters(path string, item, op object, m *model.Method) {
	for _, v := range append(item.list("parameters"), op.list("parameters")...) {
		raw, ok := v.(map[string]any)
		if !ok {
			continue
		}
		param := p.resolve(raw)
		place, ok := where[param.text("in")]
		if !ok {
			p.warnf("Parse issue: parameter '%s' of %s %s is in '%s', which is not supported and is ignored", param.text("name"), m.HTTPMethod, path, param.text("in"))
			continue
		}
		m.RequestParameters["method.request."+place+"."+param.text("name")] = param.bool("required")
	}
	for _, match := range pathParameter.FindAllStringSubmatch(path, -1) {
		name := "method.request.path." + match[1]
		if _, declared := m.RequestParameters[name]; !declared {
			m.RequestParameters[name] = true
		}
	}
}

// security reads how callers prove who they are. Root-level security is
// ignored (aws-facts B3).
func (p *parser) security(at string, op object, m *model.Method) {
	if kind := op.object("x-amazon-apigateway-auth").text("type"); kind != "" {
		m.AuthorizationType = strings.ToUpper(kind)
		if m.AuthorizationType != "NONE" && m.AuthorizationType != "AWS_IAM" {
			p.errorf("Unable to put method '%s': Invalid authorization type %q: use NONE or AWS_IAM", at, kind)
		}
	}
	schemes := p.root.object("components").object("securitySchemes")
	for _, v := range op.list("security") {
		requirement, ok := v.(map[string]any)
		if !ok {
			continue
		}
		for _, name := range object(requirement).keys() {
			scheme := schemes.object(name)
			switch {
			case scheme == nil:
				p.warnf("Parse issue: security scheme '%s' of '%s' is not defined", name, at)
			case scheme.text("type") != "apiKey":
				p.errorf("Unable to put method '%s': security scheme '%s' has type '%s', only apiKey is supported", at, name, scheme.text("type"))
			case strings.EqualFold(scheme.text("x-amazon-apigateway-authtype"), "awsSigv4"):
				m.AuthorizationType = "AWS_IAM"
			case scheme.has("x-amazon-apigateway-authorizer"):
				p.errorf("Unable to put method '%s': the local AWS does not implement authorizers (security scheme '%s')", at, name)
			case strings.EqualFold(scheme.text("name"), "x-api-key"):
				m.APIKeyRequired = true
			default:
				p.warnf("Parse issue: security scheme '%s' of '%s' is neither an API key nor an authorizer and is ignored", name, at)
			}
		}
	}
}

var statusCode = regexp.MustCompile(`^[1-5]\d\d$`)

// response reads one response object; header values come back as false
// (aws-facts C2).
func (p *parser) response(at, code string, r object, m *model.Method) {
	if !statusCode.MatchString(code) {
		p.warnf("Parse issue: response '%s' of '%s' is not a status code and is ignored", code, at)
		return
	}
	out := &model.MethodResponse{StatusCode: code}
	headers := r.object("headers")
	for _, name := range headers.keys() {
		if out.ResponseParameters == nil {
			out.ResponseParameters = map[string]bool{}
		}
		out.ResponseParameters["method.response.header."+name] = false
	}
	out.ResponseModels = p.contentModels(at, "response "+code, r)
	m.MethodResponses[code] = out
}

// resolve follows a local reference; a dangling one is a warning.
func (p *parser) resolve(o object) object {
	ref := o.text("$ref")
	if ref == "" {
		return o
	}
	target := p.root
	for _, key := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		target = target.object(key)
	}
	if target == nil || !strings.HasPrefix(ref, "#/") || target.has("$ref") {
		p.warnf("Parse issue: attribute %s is missing", ref)
		return nil
	}
	return target
}
