// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"maps"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// record is everything one API consists of. A stored record is never
// modified: change copies it first.
type record struct {
	work        *model.Snapshot
	deployments map[string]*model.Deployment
	stages      map[string]*model.Stage
	sequence    int // orders APIs and deployments by creation
	order       map[string]int
}

// copied returns a record whose maps may be changed; their values, and the
// working copy, still belong to the original.
func (r *record) copied() *record {
	c := *r
	c.deployments = maps.Clone(r.deployments)
	c.stages = maps.Clone(r.stages)
	c.order = maps.Clone(r.order)
	return &c
}

// edit makes the record's working copy its own and returns it. Deployments
// keep the one from before (aws-facts D1: immutable).
func (r *record) edit() *model.Snapshot {
	r.work = r.work.Clone()
	return r.work
}

// belongsTo reports whether the caller's account and region hold the API.
func (r *record) belongsTo(c core.Caller) bool {
	return r.work.API.AccountID == c.AccountID && r.work.API.Region == c.Region
}

// noAPI is the usual answer for an unknown API (aws-facts A4).
func noAPI(q *request) error {
	return notFound("Invalid API identifier specified %s:%s", q.caller.AccountID, q.vars["restApiId"])
}

// noResource is what method and integration calls answer for an unknown API
// and for an unknown resource alike (aws-facts A4).
func noResource(*request) error { return notFound("Invalid Resource identifier specified") }

// read returns the API of the request as reads see it, which may lag.
func (s *Service) read(q *request, missing func(*request) error) (*record, error) {
	rec, ok := s.apis.Visible(q.vars["restApiId"], s.env.Lag(lagName))
	if !ok || !rec.belongsTo(q.caller) {
		return nil, missing(q)
	}
	return rec, nil
}

// change runs fn on a copy of the API of the request and stores the copy when
// fn succeeds, so that a refused mutation leaves no trace.
func (s *Service) change(q *request, missing func(*request) error, fn func(*record) error) (*record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec, ok := s.apis.Latest(q.vars["restApiId"])
	if !ok || !rec.belongsTo(q.caller) {
		return nil, missing(q)
	}
	rec = rec.copied()
	if err := fn(rec); err != nil {
		return nil, err
	}
	s.apis.Put(rec.work.API.ID, rec)
	return rec, nil
}

// scope is the store key prefix of an account and region.
func scope(c core.Caller) string { return c.AccountID + "/" + c.Region + "/" }
