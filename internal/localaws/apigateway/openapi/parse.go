// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package openapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// Variables are the values of ${AWS::AccountId}, ${AWS::Partition} and
// ${AWS::Region}, which AWS substitutes anywhere in a document (aws-facts B2).
type Variables struct{ AccountID, Partition, Region string }

// Parse reads a JSON or YAML document. Its errors are ErrInvalid, ErrSwagger2
// and *ImportError.
func Parse(doc []byte, vars Variables) (*Definition, error) {
	doc = []byte(strings.NewReplacer(
		"${AWS::AccountId}", vars.AccountID,
		"${AWS::Partition}", vars.Partition,
		"${AWS::Region}", vars.Region,
	).Replace(string(doc)))
	root, err := decode(doc)
	if err != nil {
		return nil, ErrInvalid
	}
	if root.has("swagger") {
		return nil, ErrSwagger2
	}
	if !strings.HasPrefix(root.text("openapi"), "3.") || !root.has("info") {
		return nil, ErrInvalid
	}
	p := &parser{root: root, def: &Definition{
		Models:           map[string]*model.Model{},
		Validators:       map[string]*model.RequestValidator{},
		GatewayResponses: map[string]*model.GatewayResponse{},
	}}
	p.literals()
	p.schemas()
	p.validators()
	p.gatewayResponses()
	p.paths()
	if len(p.errors) > 0 {
		return nil, &ImportError{Problems: p.errors}
	}
	p.def.Warnings = p.warnings
	return p.def, nil
}

// decode reads JSON, or YAML when the document isn't JSON.
func decode(doc []byte) (object, error) {
	trimmed := bytes.TrimSpace(doc)
	if len(trimmed) == 0 {
		return nil, ErrInvalid
	}
	if trimmed[0] != '{' {
		converted, err := yaml.YAMLToJSON(doc)
		if err != nil {
			return nil, err
		}
		trimmed = converted
	}
	dec := json.NewDecoder(bytes.NewReader(trimmed))
	dec.UseNumber()
	var root map[string]any
	if err := dec.Decode(&root); err != nil {
		return nil, err
	}
	if dec.More() || root == nil {
		return nil, ErrInvalid
	}
	return root, nil
}

type parser struct {
	problems
	root object
	def  *Definition
}

// literals reads what belongs to the API itself (aws-facts B2, B4).
func (p *parser) literals() {
	info := p.root.object("info")
	p.def.Title, p.def.Description, p.def.Version = info.text("title"), info.text("description"), info.text("version")
	p.def.BinaryMediaTypes = p.root.texts("x-amazon-apigateway-binary-media-types")
	if source := p.root.text("x-amazon-apigateway-api-key-source"); source != "" {
		p.def.APIKeySource = strings.ToUpper(source)
		if p.def.APIKeySource != "HEADER" && p.def.APIKeySource != "AUTHORIZER" {
			p.errorf("Invalid API key source %q: use HEADER or AUTHORIZER", source)
		}
	}
	if p.root.has("x-amazon-apigateway-minimum-compression-size") {
		size, ok := p.root.int("x-amazon-apigateway-minimum-compression-size")
		if !ok || size < 0 || size > 10485760 {
			p.errorf("Invalid minimum compression size, must be between 0 and 10485760")
		} else {
			p.def.MinimumCompressionSize = &size
		}
	}
	if policy := p.root["x-amazon-apigateway-policy"]; policy != nil {
		if _, ok := policy.(map[string]any); !ok {
			p.errorf("Invalid x-amazon-apigateway-policy: use an object, an IAM policy document")
		} else if encoded, err := encode(policy); err == nil {
			p.def.Policy = encoded
		}
	}
	for i, v := range p.root.list("servers") {
		server, ok := v.(map[string]any)
		if !ok {
			continue
		}
		p.server(object(server), i == 0)
	}
}

func (p *parser) server(s object, first bool) {
	if first {
		p.def.BasePath = s.object("variables").object("basePath").text("default")
	}
	e := s.object("x-amazon-apigateway-endpoint-configuration")
	if e == nil {
		return
	}
	p.def.VPCEndpointIDs = append(p.def.VPCEndpointIDs, e.texts("vpcEndpointIds")...)
	if e.has("disableExecuteApiEndpoint") {
		off := e.bool("disableExecuteApiEndpoint")
		p.def.DisableExecuteAPIEndpoint = &off
	}
}

func (p *parser) validators() {
	all := p.root.object("x-amazon-apigateway-request-validators")
	for _, name := range all.keys() {
		v := all.object(name)
		p.def.Validators[name] = &model.RequestValidator{
			Name: name, ValidateRequestBody: v.bool("validateRequestBody"), ValidateRequestParameters: v.bool("validateRequestParameters"),
		}
	}
}

func (p *parser) gatewayResponses() {
	all := p.root.object("x-amazon-apigateway-gateway-responses")
	for _, kind := range all.keys() {
		g := all.object(kind)
		p.def.GatewayResponses[kind] = &model.GatewayResponse{
			ResponseType: kind, StatusCode: g.text("statusCode"),
			ResponseParameters: g.textMap("responseParameters"), ResponseTemplates: g.textMap("responseTemplates"),
		}
	}
}

var pathSegment = regexp.MustCompile(`^([a-zA-Z0-9._\-:,]+|\{[a-zA-Z0-9._\-]+\+?\})$`)

// SegmentText is AWS's answer to a path segment it doesn't take
// (aws-facts B3).
const SegmentText = "Resource's path part only allow a-zA-Z0-9._-:, or a valid greedy path variable and curly braces at the beginning and the end"

// ValidSegment reports whether a path part is one that API Gateway takes: a
// parameter must be the whole segment (aws-facts B3).
func ValidSegment(s string) bool { return pathSegment.MatchString(s) }

var httpMethods = map[string]string{
	"get": "GET", "put": "PUT", "post": "POST", "delete": "DELETE", "options": "OPTIONS", "head": "HEAD", "patch": "PATCH",
	"x-amazon-apigateway-any-method": "ANY",
}

func (p *parser) paths() {
	paths := p.root.object("paths")
	for _, path := range paths.keys() {
		if !strings.HasPrefix(path, "/") {
			p.warnf("Parse issue: attribute paths. Resource %s should start with /", path)
			continue
		}
		valid := true
		for _, segment := range strings.Split(strings.Trim(path, "/"), "/") {
			if segment == "" && path == "/" {
				continue
			}
			if !ValidSegment(segment) {
				p.errorf("Unable to create resource at path '%s': %s", path, SegmentText)
				valid = false
				break
			}
		}
		if !valid {
			continue
		}
		item := paths.object(path)
		out := Path{Path: path, Methods: map[string]*model.Method{}}
		for _, key := range slices.Sorted(maps.Keys(httpMethods)) {
			if op := item.object(key); op != nil {
				out.Methods[httpMethods[key]] = p.operation(path, httpMethods[key], item, op)
			}
		}
		p.def.Paths = append(p.def.Paths, out)
	}
}
