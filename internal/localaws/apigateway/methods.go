// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"net/http"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

var verbs = []string{"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"}

var (
	errNoMethod      = notFound("Invalid Method identifier specified")
	errNoIntegration = notFound("Invalid Integration identifier specified")
	errNoResponse    = notFound("Invalid Response status code specified")
	errAuthorizer    = badRequest("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.")
)

// checkMethod validates a method against the API it is part of (aws-facts
// A4, E1).
func checkMethod(work *model.Snapshot, m *model.Method) error {
	if !slices.Contains(verbs, m.HTTPMethod) {
		return badRequest("Invalid HttpMethod specified. Valid options are %s", strings.Join(verbs, ","))
	}
	switch m.AuthorizationType {
	case "NONE", "AWS_IAM":
	case "CUSTOM", "COGNITO_USER_POOLS":
		return errAuthorizer
	default:
		return badRequest("Invalid authorization type '%s' specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS", m.AuthorizationType)
	}
	if m.RequestValidatorID != "" && work.Validators[m.RequestValidatorID] == nil {
		return badRequest("Invalid Request Validator identifier specified")
	}
	for _, name := range m.RequestModels {
		if work.Models[name] == nil {
			return badRequest("Invalid model identifier specified: %s", name)
		}
	}
	seen := map[string]bool{}
	for parameter := range m.RequestParameters {
		name, ok := requestParameter(parameter)
		if !ok {
			return badRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: %s]", parameter)
		}
		if seen[name] {
			return badRequest("Parameter names must be unique across querystring, header and path")
		}
		seen[name] = true
	}
	for _, r := range m.MethodResponses {
		if err := checkMethodResponse(work, r); err != nil {
			return err
		}
	}
	return nil
}

func checkMethodResponse(work *model.Snapshot, r *model.MethodResponse) error {
	for _, name := range r.ResponseModels {
		if work.Models[name] == nil {
			return badRequest("Invalid model identifier specified: %s", name)
		}
	}
	for parameter := range r.ResponseParameters {
		if name, ok := strings.CutPrefix(parameter, "method.response.header."); !ok || name == "" {
			return badRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: %s]", parameter)
		}
	}
	return nil
}

// requestParameter returns the name in method.request.{place}.{name}.
func requestParameter(expr string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(expr, "method.request.")
	if !ok {
		return "", false
	}
	place, name, _ := strings.Cut(rest, ".")
	ok = name != "" && slices.Contains([]string{"path", "querystring", "header"}, place)
	return name, ok
}

type methodInput struct {
	AuthorizationType   string            `json:"authorizationType"`
	AuthorizerID        string            `json:"authorizerId"`
	APIKeyRequired      bool              `json:"apiKeyRequired"`
	OperationName       string            `json:"operationName"`
	RequestParameters   map[string]bool   `json:"requestParameters"`
	RequestModels       map[string]string `json:"requestModels"`
	RequestValidatorID  string            `json:"requestValidatorId"`
	AuthorizationScopes []string          `json:"authorizationScopes"`
}

func (s *Service) putMethod(q *request) (int, any, error) {
	var in methodInput
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	m := &model.Method{
		HTTPMethod: q.vars["httpMethod"], AuthorizationType: in.AuthorizationType, AuthorizerID: in.AuthorizerID,
		APIKeyRequired: in.APIKeyRequired, OperationName: in.OperationName, RequestParameters: in.RequestParameters,
		RequestModels: in.RequestModels, RequestValidatorID: in.RequestValidatorID, AuthorizationScopes: in.AuthorizationScopes,
	}
	_, err := s.change(q, noResource, func(rec *record) error {
		work := rec.edit()
		r := work.Resources[q.vars["resourceId"]]
		if r == nil {
			return noResource(q)
		}
		if err := checkMethod(work, m); err != nil {
			return err
		}
		if r.ResourceMethods[m.HTTPMethod] != nil {
			return conflict("Method already exists for this resource")
		}
		r.ResourceMethods[m.HTTPMethod] = m
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, viewMethod(m), nil
}

// methodOf finds the method a request names.
func methodOf(q *request, work *model.Snapshot) (*model.Resource, *model.Method, error) {
	r := work.Resources[q.vars["resourceId"]]
	if r == nil {
		return nil, nil, noResource(q)
	}
	m := r.ResourceMethods[q.vars["httpMethod"]]
	if m == nil {
		return nil, nil, errNoMethod
	}
	return r, m, nil
}

// readMethod is methodOf for reads.
func (s *Service) readMethod(q *request) (*model.Method, error) {
	rec, err := s.read(q, noResource)
	if err != nil {
		return nil, err
	}
	_, m, err := methodOf(q, rec.work)
	return m, err
}

// changeMethod runs fn on an editable copy of the method a request names.
func (s *Service) changeMethod(q *request, fn func(*model.Snapshot, *model.Resource, *model.Method) error) error {
	_, err := s.change(q, noResource, func(rec *record) error {
		work := rec.edit()
		r, m, err := methodOf(q, work)
		if err != nil {
			return err
		}
		return fn(work, r, m)
	})
	return err
}

func (s *Service) getMethod(q *request) (int, any, error) {
	m, err := s.readMethod(q)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, viewMethod(m), nil
}

func (s *Service) deleteMethod(q *request) (int, any, error) {
	err := s.changeMethod(q, func(_ *model.Snapshot, r *model.Resource, m *model.Method) error {
		delete(r.ResourceMethods, m.HTTPMethod)
		return nil
	})
	return http.StatusNoContent, nil, err
}

func (s *Service) updateMethod(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	var changed *model.Method
	err = s.changeMethod(q, func(work *model.Snapshot, _ *model.Resource, m *model.Method) error {
		for i := range ops {
			if err := patchMethod(m, &ops[i]); err != nil {
				return err
			}
		}
		changed = m
		return checkMethod(work, m)
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, viewMethod(changed), nil
}

func patchMethod(m *model.Method, op *patchOp) error {
	if key, ok := op.under("/requestParameters"); ok {
		return patchMap(&m.RequestParameters, key, op, "requestParameters", func() (bool, error) { return op.bool(), nil })
	}
	if key, ok := op.under("/requestModels"); ok {
		return patchMap(&m.RequestModels, key, op, "requestModels", func() (string, error) { return op.text(), nil })
	}
	set := map[string]func(){
		"/authorizationType":  func() { m.AuthorizationType = op.text() },
		"/authorizerId":       func() { m.AuthorizerID = op.text() },
		"/apiKeyRequired":     func() { m.APIKeyRequired = op.bool() },
		"/operationName":      func() { m.OperationName = op.text() },
		"/requestValidatorId": func() { m.RequestValidatorID = op.text() },
	}[op.Path]
	if set == nil {
		return errPatchPath(op.Path)
	}
	if err := op.replaces(); err != nil {
		return err
	}
	set()
	return nil
}

// patchMap adds, replaces or removes one entry of a map member.
func patchMap[V any](m *map[string]V, key string, op *patchOp, member string, value func() (V, error)) error {
	_, there := (*m)[key]
	switch op.Op {
	case "add", "replace":
		if op.Op == "replace" && !there {
			return missingEntry(member)
		}
		v, err := value()
		if err != nil {
			return err
		}
		if *m == nil {
			*m = map[string]V{}
		}
		(*m)[key] = v
		return nil
	case "remove":
		if !there {
			return missingEntry(member)
		}
		delete(*m, key)
		return nil
	}
	return badRequest("Invalid patch operation specified. Must be 'add'|'remove'|'replace'")
}

func missingEntry(member string) error {
	if strings.HasSuffix(member, "Parameters") {
		return notFound("Invalid parameter name specified")
	}
	return notFound("Content-Type specified was not found")
}
