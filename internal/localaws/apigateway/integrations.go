// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

type integrationInput struct {
	Type                string            `json:"type"`
	HTTPMethod          string            `json:"httpMethod"`
	URI                 string            `json:"uri"`
	ConnectionType      string            `json:"connectionType"`
	Credentials         string            `json:"credentials"`
	RequestParameters   map[string]string `json:"requestParameters"`
	RequestTemplates    map[string]string `json:"requestTemplates"`
	PassthroughBehavior string            `json:"passthroughBehavior"`
	CacheNamespace      string            `json:"cacheNamespace"`
	CacheKeyParameters  []string          `json:"cacheKeyParameters"`
	ContentHandling     string            `json:"contentHandling"`
	TimeoutInMillis     *int              `json:"timeoutInMillis"`
}

func (s *Service) putIntegration(q *request) (int, any, error) {
	var in integrationInput
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	var v validation
	v.enum(in.Type, "putIntegrationInput.type", "HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS")
	if err := v.err(); err != nil {
		return 0, nil, err
	}
	i := &model.Integration{
		Type: in.Type, HTTPMethod: in.HTTPMethod, URI: in.URI, ConnectionType: in.ConnectionType, Credentials: in.Credentials,
		RequestParameters: in.RequestParameters, RequestTemplates: in.RequestTemplates,
		PassthroughBehavior: cmp.Or(strings.ToUpper(in.PassthroughBehavior), "WHEN_NO_MATCH"),
		CacheNamespace:      cmp.Or(in.CacheNamespace, q.vars["resourceId"]),
		CacheKeyParameters:  emptyNotNull(in.CacheKeyParameters), ContentHandling: in.ContentHandling, TimeoutInMillis: maxTimeout,
	}
	if in.TimeoutInMillis != nil {
		i.TimeoutInMillis = *in.TimeoutInMillis
	}
	err := s.changeMethod(q, func(_ *model.Snapshot, _ *model.Resource, m *model.Method) error {
		if err := checkIntegration(q.caller, m, i); err != nil {
			return err
		}
		m.MethodIntegration = i
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, viewIntegration(i), nil
}

func (s *Service) getIntegration(q *request) (int, any, error) {
	m, err := s.readMethod(q)
	if err != nil {
		return 0, nil, err
	}
	if m.MethodIntegration == nil {
		return 0, nil, errNoIntegration
	}
	return http.StatusOK, viewIntegration(m.MethodIntegration), nil
}

// changeIntegration runs fn on an editable copy of the integration a request
// names.
func (s *Service) changeIntegration(q *request, fn func(*model.Method, *model.Integration) error) error {
	return s.changeMethod(q, func(_ *model.Snapshot, _ *model.Resource, m *model.Method) error {
		if m.MethodIntegration == nil {
			return errNoIntegration
		}
		return fn(m, m.MethodIntegration)
	})
}

func (s *Service) deleteIntegration(q *request) (int, any, error) {
	err := s.changeIntegration(q, func(m *model.Method, _ *model.Integration) error {
		m.MethodIntegration = nil
		return nil
	})
	return http.StatusNoContent, nil, err
}

func (s *Service) updateIntegration(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	var changed *model.Integration
	err = s.changeIntegration(q, func(m *model.Method, i *model.Integration) error {
		for n := range ops {
			if err := patchIntegration(i, &ops[n]); err != nil {
				return err
			}
		}
		changed = i
		return checkIntegration(q.caller, m, i)
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, viewIntegration(changed), nil
}

func patchIntegration(i *model.Integration, op *patchOp) error {
	text := func() (string, error) { return op.text(), nil }
	if key, ok := op.under("/requestParameters"); ok {
		return patchMap(&i.RequestParameters, key, op, "requestParameters", text)
	}
	if key, ok := op.under("/requestTemplates"); ok {
		return patchMap(&i.RequestTemplates, key, op, "requestTemplates", text)
	}
	if op.Path == "/cacheKeyParameters" || strings.HasPrefix(op.Path, "/cacheKeyParameters/") {
		return patchCacheKeys(i, op)
	}
	var ms int
	set := map[string]func(){
		"/uri":                 func() { i.URI = op.text() },
		"/httpMethod":          func() { i.HTTPMethod = op.text() },
		"/credentials":         func() { i.Credentials = op.text() },
		"/passthroughBehavior": func() { i.PassthroughBehavior = strings.ToUpper(op.text()) },
		"/contentHandling":     func() { i.ContentHandling = op.text() },
		"/cacheNamespace":      func() { i.CacheNamespace = op.text() },
		"/connectionType":      func() { i.ConnectionType = op.text() },
		"/timeoutInMillis":     func() { i.TimeoutInMillis = ms },
	}[op.Path]
	if set == nil {
		return errPatchPath(op.Path)
	}
	if err := op.replaces(); err != nil {
		return err
	}
	if op.Path == "/timeoutInMillis" {
		var err error
		if ms, err = op.number(0, 1<<30); err != nil {
			return err
		}
	}
	set()
	return nil
}

// patchCacheKeys adds or removes a cache key: in the path (escaped) or as the
// value.
func patchCacheKeys(i *model.Integration, op *patchOp) error {
	key, inPath := op.under("/cacheKeyParameters")
	if !inPath {
		key = op.text()
	}
	at := slices.Index(i.CacheKeyParameters, key)
	switch {
	case op.Op == "add" && at < 0:
		i.CacheKeyParameters = append(i.CacheKeyParameters, key)
	case op.Op == "remove" && at >= 0:
		i.CacheKeyParameters = slices.Delete(i.CacheKeyParameters, at, at+1)
	case op.Op == "remove":
		return notFound("Invalid parameter name specified")
	case op.Op != "add":
		return badRequest("Invalid patch operation specified. Must be 'add'|'remove'")
	}
	return nil
}
