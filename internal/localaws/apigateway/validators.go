// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"net/http"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

func noValidator(*request) error { return notFound("Invalid Request Validator identifier specified") }

func (s *Service) createRequestValidator(q *request) (int, any, error) {
	var in struct {
		Name                      string `json:"name"`
		ValidateRequestBody       bool   `json:"validateRequestBody"`
		ValidateRequestParameters bool   `json:"validateRequestParameters"`
	}
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	missing := func(*request) error { return badRequest("Invalid REST API identifier specified") } // aws-facts A4
	v := &model.RequestValidator{ID: newID(6), Name: in.Name, ValidateRequestBody: in.ValidateRequestBody, ValidateRequestParameters: in.ValidateRequestParameters}
	_, err := s.change(q, missing, func(rec *record) error {
		if strings.TrimSpace(v.Name) == "" {
			return badRequest("Request Validator name cannot be blank")
		}
		rec.edit().Validators[v.ID] = v
		return nil
	})
	return http.StatusCreated, v, err
}

func (s *Service) getRequestValidators(q *request) (int, any, error) {
	rec, err := s.read(q, noAPI)
	if err != nil {
		return 0, nil, err
	}
	var items []*model.RequestValidator
	for _, v := range rec.work.Validators {
		items = append(items, v)
	}
	slices.SortFunc(items, func(a, b *model.RequestValidator) int { return strings.Compare(a.ID, b.ID) })
	p, err := page(q, items, func(v *model.RequestValidator) string { return v.ID })
	return http.StatusOK, p, err
}

func (s *Service) getRequestValidator(q *request) (int, any, error) {
	rec, err := s.read(q, noValidator)
	if err != nil {
		return 0, nil, err
	}
	v := rec.work.Validators[q.vars["requestValidatorId"]]
	if v == nil {
		return 0, nil, noValidator(q)
	}
	return http.StatusOK, v, nil
}

func (s *Service) updateRequestValidator(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	var changed *model.RequestValidator
	_, err = s.change(q, noValidator, func(rec *record) error {
		if changed = rec.edit().Validators[q.vars["requestValidatorId"]]; changed == nil {
			return noValidator(q)
		}
		for i := range ops {
			op := &ops[i]
			if err := op.replacesOnly("/name", "/validateRequestParameters", "/validateRequestBody"); err != nil {
				return err
			}
			switch op.Path {
			case "/name":
				if strings.TrimSpace(op.text()) == "" {
					return badRequest("Request Validator name cannot be blank")
				}
				changed.Name = op.text()
			case "/validateRequestParameters":
				changed.ValidateRequestParameters = op.bool()
			default:
				changed.ValidateRequestBody = op.bool()
			}
		}
		return nil
	})
	return http.StatusOK, changed, err
}

func (s *Service) deleteRequestValidator(q *request) (int, any, error) {
	id := q.vars["requestValidatorId"]
	_, err := s.change(q, noValidator, func(rec *record) error {
		work := rec.edit()
		if work.Validators[id] == nil {
			return noValidator(q)
		}
		for _, r := range work.SortedResources() {
			for _, verb := range verbs {
				if m := r.ResourceMethods[verb]; m != nil && m.RequestValidatorID == id {
					return conflict("Cannot delete Request Validator '%s' because it is referenced by method %s %s", id, verb, r.Path)
				}
			}
		}
		delete(work.Validators, id)
		return nil
	})
	return http.StatusAccepted, nil, err
}
