// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"net/http"
	"slices"
	"strings"
)

// planKeyView is an API key as a member of a usage plan.
type planKeyView struct {
	ID    string `json:"id"`
	Type  string `json:"type"`
	Value string `json:"value,omitempty"`
	Name  string `json:"name,omitempty"`
}

func viewPlanKey(k *keyRecord) planKeyView {
	return planKeyView{ID: k.ID, Type: "API_KEY", Value: k.Value, Name: k.Name}
}

func (s *Service) createUsagePlanKey(q *request) (int, any, error) {
	var in struct {
		KeyID   string `json:"keyId"`
		KeyType string `json:"keyType"`
	}
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	if in.KeyType != "API_KEY" {
		return 0, nil, badRequest("Invalid key type '%s' specified. Valid options are API_KEY", in.KeyType)
	}
	k, ok := s.keys.Latest(scope(q.caller) + in.KeyID)
	if !ok {
		return 0, nil, errNoKey
	}
	_, err := s.changePlan(q, func(p *planRecord) error {
		if slices.Contains(p.KeyIDs, in.KeyID) {
			return conflict("API Key %s is already in usage plan %s", in.KeyID, p.ID)
		}
		p.KeyIDs = append(p.KeyIDs, in.KeyID)
		return nil
	})
	return http.StatusCreated, viewPlanKey(k), err
}

func (s *Service) getUsagePlanKeys(q *request) (int, any, error) {
	p, err := s.readPlan(q)
	if err != nil {
		return 0, nil, err
	}
	var items []planKeyView
	for _, id := range slices.Sorted(slices.Values(p.KeyIDs)) {
		if k, ok := s.keys.Latest(scope(q.caller) + id); ok && strings.HasPrefix(k.Name, q.query.Get("name")) {
			items = append(items, viewPlanKey(k))
		}
	}
	page, err := page(q, items, func(v planKeyView) string { return v.ID })
	return http.StatusOK, page, err
}

func (s *Service) getUsagePlanKey(q *request) (int, any, error) {
	p, err := s.readPlan(q)
	if err != nil {
		return 0, nil, err
	}
	k, ok := s.keys.Latest(scope(q.caller) + q.vars["keyId"])
	if !ok || !slices.Contains(p.KeyIDs, k.ID) {
		return 0, nil, errNoKey
	}
	return http.StatusOK, viewPlanKey(k), nil
}

func (s *Service) deleteUsagePlanKey(q *request) (int, any, error) {
	_, err := s.changePlan(q, func(p *planRecord) error {
		at := slices.Index(p.KeyIDs, q.vars["keyId"])
		if at < 0 {
			return errNoKey
		}
		p.KeyIDs = slices.Delete(p.KeyIDs, at, at+1)
		return nil
	})
	return http.StatusAccepted, nil, err
}
