// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"errors"
	"net/http"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// code checks and returns the status code in the path.
func (q *request) code() (string, error) {
	var v validation
	v.statusCode(q.vars["statusCode"], "statusCode")
	return q.vars["statusCode"], v.err()
}

func (s *Service) putMethodResponse(q *request) (int, any, error) {
	var in struct {
		ResponseParameters map[string]bool   `json:"responseParameters"`
		ResponseModels     map[string]string `json:"responseModels"`
	}
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	code, err := q.code()
	if err != nil {
		return 0, nil, err
	}
	r := &model.MethodResponse{StatusCode: code, ResponseParameters: in.ResponseParameters, ResponseModels: in.ResponseModels}
	err = s.changeMethod(q, func(work *model.Snapshot, _ *model.Resource, m *model.Method) error {
		if err := checkMethodResponse(work, r); err != nil {
			return err
		}
		if m.MethodResponses[code] != nil {
			return conflict("Response already exists for this resource")
		}
		if m.MethodResponses == nil {
			m.MethodResponses = map[string]*model.MethodResponse{}
		}
		m.MethodResponses[code] = r
		return nil
	})
	return http.StatusCreated, r, err
}

func (s *Service) getMethodResponse(q *request) (int, any, error) {
	code, err := q.code()
	if err != nil {
		return 0, nil, err
	}
	m, err := s.readMethod(q)
	if err != nil {
		return 0, nil, err
	}
	if m.MethodResponses[code] == nil {
		return 0, nil, errNoResponse
	}
	return http.StatusOK, m.MethodResponses[code], nil
}

// updateMethodResponse answers 201, unlike the other updates: recorded so.
func (s *Service) updateMethodResponse(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	code, err := q.code()
	if err != nil {
		return 0, nil, err
	}
	var changed *model.MethodResponse
	err = s.changeMethod(q, func(work *model.Snapshot, _ *model.Resource, m *model.Method) error {
		if changed = m.MethodResponses[code]; changed == nil {
			return errNoResponse
		}
		for i := range ops {
			op := &ops[i]
			var err error
			if key, ok := op.under("/responseParameters"); ok {
				err = patchMap(&changed.ResponseParameters, key, op, "responseParameters", func() (bool, error) { return op.bool(), nil })
			} else if key, ok := op.under("/responseModels"); ok {
				err = patchMap(&changed.ResponseModels, key, op, "responseModels", func() (string, error) { return op.text(), nil })
			} else {
				err = errPatchPath(op.Path)
			}
			if err != nil {
				return err
			}
		}
		return checkMethodResponse(work, changed)
	})
	return http.StatusCreated, changed, err
}

func (s *Service) deleteMethodResponse(q *request) (int, any, error) {
	code, err := q.code()
	if err != nil {
		return 0, nil, err
	}
	err = s.changeMethod(q, func(_ *model.Snapshot, _ *model.Resource, m *model.Method) error {
		if m.MethodResponses[code] == nil {
			return errNoResponse
		}
		delete(m.MethodResponses, code)
		return nil
	})
	return http.StatusNoContent, nil, err
}

// putIntegrationResponse creates or replaces. A missing pattern reads back as
// "" here, other than after an import (aws-facts C2).
func (s *Service) putIntegrationResponse(q *request) (int, any, error) {
	var in struct {
		SelectionPattern   string            `json:"selectionPattern"`
		ResponseParameters map[string]string `json:"responseParameters"`
		ResponseTemplates  map[string]string `json:"responseTemplates"`
		ContentHandling    string            `json:"contentHandling"`
	}
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	code, err := q.code()
	if err != nil {
		return 0, nil, err
	}
	r := &model.IntegrationResponse{
		StatusCode: code, SelectionPattern: &in.SelectionPattern, ResponseParameters: in.ResponseParameters,
		ResponseTemplates: in.ResponseTemplates, ContentHandling: in.ContentHandling,
	}
	err = s.changeIntegration(q, func(m *model.Method, i *model.Integration) error {
		if err := checkIntegrationResponse(m, i, r); err != nil {
			return err
		}
		if i.IntegrationResponse == nil {
			i.IntegrationResponse = map[string]*model.IntegrationResponse{}
		}
		i.IntegrationResponse[code] = r
		return nil
	})
	return http.StatusCreated, viewIntegrationResponse(r), err
}

func (s *Service) getIntegrationResponse(q *request) (int, any, error) {
	code, err := q.code()
	if err != nil {
		return 0, nil, err
	}
	m, err := s.readMethod(q)
	switch {
	case err != nil:
		return 0, nil, err
	case m.MethodIntegration == nil:
		return 0, nil, errNoIntegration
	case m.MethodIntegration.IntegrationResponse[code] == nil:
		return 0, nil, errNoResponse
	}
	return http.StatusOK, viewIntegrationResponse(m.MethodIntegration.IntegrationResponse[code]), nil
}

func (s *Service) updateIntegrationResponse(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	code, err := q.code()
	if err != nil {
		return 0, nil, err
	}
	var changed *model.IntegrationResponse
	err = s.changeIntegration(q, func(m *model.Method, i *model.Integration) error {
		if changed = i.IntegrationResponse[code]; changed == nil {
			return errNoResponse
		}
		for n := range ops {
			if err := patchIntegrationResponse(changed, &ops[n]); err != nil {
				return err
			}
		}
		return checkIntegrationResponse(m, i, changed)
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, viewIntegrationResponse(changed), nil
}

func patchIntegrationResponse(r *model.IntegrationResponse, op *patchOp) error {
	text := func() (string, error) { return op.text(), nil }
	if key, ok := op.under("/responseParameters"); ok {
		return patchMap(&r.ResponseParameters, key, op, "responseParameters", text)
	}
	if key, ok := op.under("/responseTemplates"); ok {
		return patchMap(&r.ResponseTemplates, key, op, "responseTemplates", text)
	}
	switch op.Path {
	case "/selectionPattern":
		if err := op.replaces(); err != nil {
			return err
		}
		pattern := op.text()
		r.SelectionPattern = &pattern
	case "/contentHandling":
		if err := op.replaces(); err != nil {
			return err
		}
		r.ContentHandling = strings.ToUpper(op.text())
	default:
		return errPatchPath(op.Path)
	}
	return nil
}

func (s *Service) deleteIntegrationResponse(q *request) (int, any, error) {
	code, err := q.code()
	if err != nil {
		return 0, nil, err
	}
	_, err = s.change(q, noResource, func(rec *record) error {
		work := rec.edit()
		_, m, err := methodOf(q, work)
		if err != nil && !errors.Is(err, errNoMethod) {
			return err
		}
		// An unknown method is reported as a missing integration: recorded so.
		if m == nil || m.MethodIntegration == nil {
			return errNoIntegration
		}
		if m.MethodIntegration.IntegrationResponse[code] == nil {
			return errNoResponse
		}
		delete(m.MethodIntegration.IntegrationResponse, code)
		return nil
	})
	return http.StatusNoContent, nil, err
}
