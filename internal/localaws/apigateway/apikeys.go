// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

var errNoKey = notFound("Invalid API Key identifier specified")

// keyRecord is a stored API key.
type keyRecord struct{ model.APIKey }

// keyView shows the value only to those who asked for it.
type keyView struct {
	model.APIKey
	Value string             `json:"value,omitempty"`
	Tags  *map[string]string `json:"tags,omitempty"`
}

func viewKey(k *keyRecord, withValue, showEmptyTags bool) keyView {
	v := keyView{APIKey: k.APIKey}
	v.StageKeys = emptyNotNull(v.StageKeys)
	if withValue {
		v.Value = k.Value
	}
	if len(k.Tags) > 0 || showEmptyTags {
		tags := map[string]string{}
		maps.Copy(tags, k.Tags)
		v.Tags = &tags
	}
	return v
}

func (s *Service) createAPIKey(q *request) (int, any, error) {
	var in struct {
		Name        string            `json:"name"`
		Description string            `json:"description"`
		Enabled     bool              `json:"enabled"`
		Value       string            `json:"value"`
		StageKeys   []any             `json:"stageKeys"`
		CustomerID  string            `json:"customerId"`
		Tags        map[string]string `json:"tags"`
	}
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	if len(in.StageKeys) > 0 {
		return 0, nil, notImplemented("stageKeys of API keys (AWS deprecated them): use usage plans")
	}
	if in.Value != "" && (len(in.Value) < 20 || len(in.Value) > 128) {
		return 0, nil, badRequest("API Key value should be at least 20 and at most 128 characters")
	}
	if err := checkTags(in.Tags); err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.env.Now().Unix()
	k := &keyRecord{model.APIKey{
		ID: newID(10), Name: in.Name, Description: in.Description, Enabled: in.Enabled, Value: in.Value,
		CustomerID: in.CustomerID, CreatedDate: now, LastUpdatedDate: now, Tags: maps.Clone(in.Tags),
	}}
	if k.Value == "" {
		k.Value = newID(40)
	}
	for _, id := range s.keys.Keys(0) {
		if other, ok := s.keys.Latest(id); ok && strings.HasPrefix(id, scope(q.caller)) && other.Value == k.Value {
			return 0, nil, conflict("API Key already exists")
		}
	}
	s.keys.Put(scope(q.caller)+k.ID, k)
	return http.StatusCreated, viewKey(k, true, false), nil
}

func (s *Service) getAPIKeys(q *request) (int, any, error) {
	lag := s.env.Lag(lagName)
	var items []keyView
	for _, id := range s.keys.Keys(lag) {
		k, ok := s.keys.Visible(id, lag)
		if !ok || !strings.HasPrefix(id, scope(q.caller)) || !strings.HasPrefix(k.Name, q.query.Get("name")) {
			continue
		}
		if customer := q.query.Get("customerId"); customer != "" && customer != k.CustomerID {
			continue
		}
		items = append(items, viewKey(k, q.query.Get("includeValues") == "true", false))
	}
	p, err := page(q, items, func(v keyView) string { return v.ID })
	return http.StatusOK, p, err
}

func (s *Service) getAPIKey(q *request) (int, any, error) {
	k, ok := s.keys.Visible(scope(q.caller)+q.vars["apiKey"], s.env.Lag(lagName))
	if !ok {
		return 0, nil, errNoKey
	}
	return http.StatusOK, viewKey(k, q.query.Get("includeValue") == "true", true), nil
}

func (s *Service) updateAPIKey(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.keys.Latest(scope(q.caller) + q.vars["apiKey"])
	if !ok {
		return 0, nil, errNoKey
	}
	next := *k
	for i := range ops {
		op := &ops[i]
		if err := op.replacesOnly("/name", "/description", "/enabled", "/customerId"); err != nil {
			return 0, nil, err
		}
		switch op.Path {
		case "/name":
			next.Name = op.text()
		case "/description":
			next.Description = op.text()
		case "/customerId":
			next.CustomerID = op.text()
		default:
			next.Enabled = op.bool()
		}
	}
	next.LastUpdatedDate = s.env.Now().Unix()
	s.keys.Put(scope(q.caller)+next.ID, &next)
	return http.StatusOK, viewKey(&next, false, true), nil
}

// deleteAPIKey also takes the key out of the usage plans it is in.
func (s *Service) deleteAPIKey(q *request) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := q.vars["apiKey"]
	if _, ok := s.keys.Latest(scope(q.caller) + id); !ok {
		return 0, nil, errNoKey
	}
	for _, planID := range s.plans.Keys(0) {
		p, ok := s.plans.Latest(planID)
		if at := slices.Index(p.KeyIDs, id); ok && strings.HasPrefix(planID, scope(q.caller)) && at >= 0 {
			next := &planRecord{UsagePlan: *p.Clone()}
			next.KeyIDs = slices.Delete(next.KeyIDs, at, at+1)
			s.plans.Put(planID, next)
		}
	}
	s.keys.Delete(scope(q.caller) + id)
	return http.StatusAccepted, nil, nil
}
