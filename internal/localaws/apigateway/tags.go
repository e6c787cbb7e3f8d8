// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"maps"
	"net/http"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// taggable is the tags of one thing that can carry them (aws-facts C4: API,
// stage, API key, usage plan; not deployments, resources, methods, models).
type taggable struct {
	get func() map[string]string
	set func(map[string]string)
}

// findTaggable resolves an ARN; the caller holds the lock.
func (s *Service) findTaggable(q *request, lagging bool) (taggable, error) {
	var none taggable
	arn := q.vars["resourceArn"]
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "apigateway" {
		return none, badRequest("Invalid ARN specified in the request: %q; use arn:{partition}:apigateway:{region}::/restapis/{id}", arn)
	}
	if parts[3] != q.caller.Region {
		return none, badRequest("Invalid ARN specified in the request: %q names region %s, the request went to %s", arn, parts[3], q.caller.Region)
	}
	path := strings.Split(strings.Trim(parts[5], "/"), "/")
	delay := s.env.Lag(lagName)
	if !lagging {
		delay = 0
	}
	switch {
	case len(path) == 2 && path[0] == "restapis", len(path) == 4 && path[0] == "restapis" && path[2] == "stages":
		q.vars["restApiId"] = path[1]
		rec, ok := s.apis.Visible(path[1], delay)
		if !ok || !rec.belongsTo(q.caller) {
			return none, noAPI(q)
		}
		if len(path) == 2 {
			return s.apiTags(rec), nil
		}
		return s.stageTags(rec, path[3])
	case len(path) == 2 && path[0] == "apikeys":
		k, ok := s.keys.Visible(scope(q.caller)+path[1], delay)
		if !ok {
			return none, errNoKey
		}
		return s.keyTags(q.caller, k), nil
	case len(path) == 2 && path[0] == "usageplans":
		p, ok := s.plans.Visible(scope(q.caller)+path[1], delay)
		if !ok {
			return none, errNoPlan
		}
		return s.planTags(q.caller, p), nil
	}
	return none, notImplemented("tags on %q", arn)
}

func (s *Service) apiTags(rec *record) taggable {
	return taggable{
		get: func() map[string]string { return rec.work.API.Tags },
		set: func(tags map[string]string) {
			next := rec.copied()
			next.edit().API.Tags = tags
			s.apis.Put(next.work.API.ID, next)
		},
	}
}

func (s *Service) stageTags(rec *record, name string) (taggable, error) {
	st, ok := rec.stages[name]
	if !ok {
		return taggable{}, errNoStage
	}
	return taggable{
		get: func() map[string]string { return st.Tags },
		set: func(tags map[string]string) {
			next := rec.copied()
			changed := st.Clone()
			changed.Tags = tags
			next.stages[name] = changed
			s.apis.Put(next.work.API.ID, next)
		},
	}, nil
}

func (s *Service) keyTags(c core.Caller, k *keyRecord) taggable {
	return taggable{
		get: func() map[string]string { return k.Tags },
		set: func(tags map[string]string) {
			next := *k
			next.Tags = tags
			s.keys.Put(scope(c)+k.ID, &next)
		},
	}
}

func (s *Service) planTags(c core.Caller, p *planRecord) taggable {
	return taggable{
		get: func() map[string]string { return p.Tags },
		set: func(tags map[string]string) {
			next := &planRecord{UsagePlan: *p.Clone()}
			next.Tags = tags
			s.plans.Put(scope(c)+p.ID, next)
		},
	}
}

func (s *Service) tagResource(q *request) (int, any, error) {
	var in struct {
		Tags map[string]string `json:"tags"`
	}
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.findTaggable(q, false)
	if err != nil {
		return 0, nil, err
	}
	merged := map[string]string{}
	maps.Copy(merged, t.get())
	maps.Copy(merged, in.Tags)
	if err := checkTags(merged); err != nil {
		return 0, nil, err
	}
	t.set(merged)
	return http.StatusNoContent, nil, nil
}

func (s *Service) untagResource(q *request) (int, any, error) {
	keys := q.query["tagKeys"]
	if len(keys) == 0 {
		return 0, nil, badRequest("tagKeys must not be empty: name the tags to remove")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.findTaggable(q, false)
	if err != nil {
		return 0, nil, err
	}
	left := maps.Clone(t.get())
	for _, k := range keys {
		delete(left, k)
	}
	t.set(left)
	return http.StatusNoContent, nil, nil
}

func (s *Service) getTags(q *request) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.findTaggable(q, true)
	if err != nil {
		return 0, nil, err
	}
	tags := map[string]string{}
	maps.Copy(tags, t.get())
	return http.StatusOK, map[string]any{"tags": tags}, nil
}
