// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

const maxPlans = 300 // per account and region (aws-facts A3)

var errNoPlan = notFound("Invalid Usage Plan ID specified")

// planRecord is a stored usage plan.
type planRecord struct{ model.UsagePlan }

func (p *planRecord) covers(apiID, stage string) bool {
	return slices.ContainsFunc(p.APIStages, func(s model.UsagePlanStage) bool { return s.APIID == apiID && s.Stage == stage })
}

type planView struct {
	model.UsagePlan
	Tags *map[string]string `json:"tags,omitempty"`
}

func viewPlan(p *planRecord, showEmptyTags bool) planView {
	v := planView{UsagePlan: p.UsagePlan}
	v.APIStages = emptyNotNull(v.APIStages)
	if len(p.Tags) > 0 || showEmptyTags {
		tags := map[string]string{}
		maps.Copy(tags, p.Tags)
		v.Tags = &tags
	}
	return v
}

// checkPlan validates a plan; the caller holds the lock.
func (s *Service) checkPlan(c core.Caller, p *model.UsagePlan) error {
	if strings.TrimSpace(p.Name) == "" {
		return badRequest("Usage Plan name must be non-empty")
	}
	for _, st := range p.APIStages {
		rec, ok := s.apis.Latest(st.APIID)
		if !ok || !rec.belongsTo(c) || rec.stages[st.Stage] == nil {
			return notFound("API Stage not found: %s:%s", st.APIID, st.Stage)
		}
	}
	if q := p.Quota; q != nil {
		if !slices.Contains([]string{"DAY", "WEEK", "MONTH"}, q.Period) {
			return badRequest("Invalid quota period '%s' specified. Valid options are DAY,WEEK,MONTH", q.Period)
		}
		if q.Limit < 1 {
			return badRequest("Quota limit %d must be a number above 0", q.Limit)
		}
	}
	return checkTags(p.Tags)
}

func (s *Service) createUsagePlan(q *request) (int, any, error) {
	var in struct {
		Name        string                 `json:"name"`
		Description string                 `json:"description"`
		APIStages   []model.UsagePlanStage `json:"apiStages"`
		Throttle    *model.Throttle        `json:"throttle"`
		Quota       *model.Quota           `json:"quota"`
		Tags        map[string]string      `json:"tags"`
	}
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	p := &planRecord{model.UsagePlan{
		ID: newID(6), Name: in.Name, Description: in.Description, APIStages: in.APIStages,
		Throttle: in.Throttle, Quota: in.Quota, Tags: in.Tags,
	}}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkPlan(q.caller, &p.UsagePlan); err != nil {
		return 0, nil, err
	}
	count := 0
	for _, id := range s.plans.Keys(0) {
		if strings.HasPrefix(id, scope(q.caller)) {
			count++
		}
	}
	if count >= maxPlans {
		return 0, nil, limitExceeded("Maximum number of usage plans (%d) for this account has been reached in %s", maxPlans, q.caller.Region)
	}
	s.plans.Put(scope(q.caller)+p.ID, p)
	return http.StatusCreated, viewPlan(p, false), nil
}

func (s *Service) readPlan(q *request) (*planRecord, error) {
	p, ok := s.plans.Visible(scope(q.caller)+q.vars["usagePlanId"], s.env.Lag(lagName))
	if !ok {
		return nil, errNoPlan
	}
	return p, nil
}

// changePlan runs fn on a copy of the plan a request names and stores it.
func (s *Service) changePlan(q *request, fn func(*planRecord) error) (*planRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.plans.Latest(scope(q.caller) + q.vars["usagePlanId"])
	if !ok {
		return nil, errNoPlan
	}
	next := &planRecord{UsagePlan: *p.Clone()}
	if err := fn(next); err != nil {
		return nil, err
	}
	if err := s.checkPlan(q.caller, &next.UsagePlan); err != nil {
		return nil, err
	}
	s.plans.Put(scope(q.caller)+p.ID, next)
	return next, nil
}

func (s *Service) getUsagePlan(q *request) (int, any, error) {
	p, err := s.readPlan(q)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, viewPlan(p, true), nil
}

func (s *Service) getUsagePlans(q *request) (int, any, error) {
	lag := s.env.Lag(lagName)
	var items []planView
	for _, id := range s.plans.Keys(lag) {
		p, ok := s.plans.Visible(id, lag)
		if !ok || !strings.HasPrefix(id, scope(q.caller)) {
			continue
		}
		if key := q.query.Get("keyId"); key != "" && !slices.Contains(p.KeyIDs, key) {
			continue
		}
		items = append(items, viewPlan(p, false))
	}
	page, err := page(q, items, func(v planView) string { return v.ID })
	return http.StatusOK, page, err
}

func (s *Service) updateUsagePlan(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	p, err := s.changePlan(q, func(p *planRecord) error {
		for i := range ops {
			if err := patchPlan(&p.UsagePlan, &ops[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, viewPlan(p, true), nil
}

func patchPlan(p *model.UsagePlan, op *patchOp) error {
	if op.Path == "/apiStages" {
		return patchPlanStages(p, op)
	}
	if rest, ok := strings.CutPrefix(op.Path, "/apiStages/"); ok {
		return patchPlanThrottle(p, op, rest)
	}
	if op.Op == "remove" && op.Path == "/throttle" {
		p.Throttle = nil
		return nil
	}
	if op.Op == "remove" && op.Path == "/quota" {
		p.Quota = nil
		return nil
	}
	if err := op.replacesOnly("/name", "/description", "/throttle/burstLimit", "/throttle/rateLimit", "/quota/limit", "/quota/offset", "/quota/period"); err != nil {
		return err
	}
	if strings.HasPrefix(op.Path, "/throttle/") && p.Throttle == nil {
		p.Throttle = &model.Throttle{}
	}
	if strings.HasPrefix(op.Path, "/quota/") && p.Quota == nil {
		p.Quota = &model.Quota{Limit: 1, Period: "DAY"}
	}
	var err error
	switch op.Path {
	case "/name":
		p.Name = op.text()
	case "/description":
		p.Description = op.text()
	case "/throttle/burstLimit":
		p.Throttle.BurstLimit, err = op.number(0, accountBurst)
	case "/throttle/rateLimit":
		if p.Throttle.RateLimit, err = strconv.ParseFloat(op.text(), 64); err != nil {
			err = badRequest("Invalid value '%s' for %s: use a number of requests per second", op.text(), op.Path)
		}
	case "/quota/limit":
		p.Quota.Limit, err = op.number(1, 1<<31-1)
	case "/quota/offset":
		p.Quota.Offset, err = op.number(0, 31)
	default:
		p.Quota.Period = op.text()
	}
	return err
}

// patchPlanStages adds or removes a stage written as {api id}:{stage}.
func patchPlanStages(p *model.UsagePlan, op *patchOp) error {
	api, stage, ok := strings.Cut(op.text(), ":")
	if !ok {
		return badRequest("Invalid API stage '%s': use {api id}:{stage}", op.text())
	}
	at := slices.IndexFunc(p.APIStages, func(s model.UsagePlanStage) bool { return s.APIID == api && s.Stage == stage })
	switch {
	case op.Op == "add" && at >= 0:
		return conflict("API Stage %s is already in usage plan %s", op.text(), p.ID)
	case op.Op == "add":
		p.APIStages = append(p.APIStages, model.UsagePlanStage{APIID: api, Stage: stage})
	case op.Op == "remove" && at >= 0:
		p.APIStages = slices.Delete(p.APIStages, at, at+1)
	case op.Op == "remove":
		return notFound("API Stage not found: %s", op.text())
	default:
		return badRequest("Invalid patch operation specified. Must be 'add'|'remove'")
	}
	return nil
}

// patchPlanThrottle changes the limits of one method of a stage, written as
// {api id}:{stage}/throttle/{resource}/{METHOD}/{setting}, or removes all of a
// stage's. The slashes of a resource are written as ~1.
func patchPlanThrottle(p *model.UsagePlan, op *patchOp, rest string) error {
	invalid := badRequest("Invalid patch path '%s' specified for op '%s'. Must be one of: [/apiStages, /quota, /throttle, /productCode, "+
		"/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>, /apiStages/<apidId:stageName>/throttle]", op.Path, op.Op)
	parts := strings.Split(rest, "/")
	api, stage, _ := strings.Cut(parts[0], ":")
	at := slices.IndexFunc(p.APIStages, func(s model.UsagePlanStage) bool { return s.APIID == api && s.Stage == stage })
	if at < 0 {
		return notFound("API Stage not found: %s", parts[0])
	}
	if len(parts) < 2 || parts[1] != "throttle" {
		return invalid
	}
	limits := maps.Clone(p.APIStages[at].Throttle)
	switch {
	case op.Op == "remove" && len(parts) == 2:
		limits = nil
	case op.Op == "remove" && len(parts) == 4:
		delete(limits, unescaped(parts[2])+"/"+parts[3])
	case op.Op == "replace" && len(parts) == 5:
		if limits == nil {
			limits = map[string]model.Throttle{}
		}
		key := unescaped(parts[2]) + "/" + parts[3]
		limit := limits[key]
		var err error
		switch parts[4] {
		case "rateLimit":
			limit.RateLimit, err = strconv.ParseFloat(op.text(), 64)
		case "burstLimit":
			limit.BurstLimit, err = strconv.Atoi(op.text())
		default:
			return invalid
		}
		if err != nil {
			return badRequest("Invalid value '%s' for %s: use a number", op.text(), op.Path)
		}
		limits[key] = limit
	default:
		return invalid
	}
	p.APIStages[at].Throttle = limits
	return nil
}

func unescaped(resource string) string { return strings.ReplaceAll(resource, "~1", "/") }

func (s *Service) deleteUsagePlan(q *request) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := scope(q.caller) + q.vars["usagePlanId"]
	p, ok := s.plans.Latest(id)
	if !ok {
		return 0, nil, errNoPlan
	}
	if len(p.APIStages) > 0 {
		first := p.APIStages[0]
		return 0, nil, badRequest("Cannot delete Usage Plan %s because there are API Stages associated with it, including %s:%s", p.ID, first.APIID, first.Stage)
	}
	s.plans.Delete(id)
	return http.StatusAccepted, nil, nil
}

// forgetStages takes a stage that is gone, or with none all of an API, out of
// the usage plans that hold it: one made anew under its name is not covered.
// The caller holds the lock.
func (s *Service) forgetStages(apiID, stage string) {
	for _, id := range s.plans.Keys(0) {
		p, ok := s.plans.Latest(id)
		gone := func(st model.UsagePlanStage) bool { return st.APIID == apiID && (stage == "" || st.Stage == stage) }
		if ok && slices.ContainsFunc(p.APIStages, gone) {
			next := &planRecord{UsagePlan: *p.Clone()}
			next.APIStages = slices.DeleteFunc(next.APIStages, gone)
			s.plans.Put(id, next)
		}
	}
}
