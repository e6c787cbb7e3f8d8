// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"sync"
	"time"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// checkKey asks for an API key where the method requires one, and applies the
// usage plan that covers key and stage.
func (x *exchange) checkKey() error {
	if !x.route.method.APIKeyRequired {
		return nil
	}
	value := x.request.header.Get("X-Api-Key")
	if value == "" {
		return fail(kindInvalidKey, "The method requires an API key and the request has none")
	}
	if x.plane.deps.Keys == nil {
		return fail(kindInvalidKey, "The API key is unknown")
	}
	api := x.def.snapshot.API
	if api.APIKeySource == "AUTHORIZER" {
		return notImplemented("API keys from authorizers")
	}
	key, plan, ok := x.plane.deps.Keys.KeyFor(api.ID, x.stageName(), value)
	if !ok {
		return fail(kindInvalidKey, "No enabled API key with this value is in a usage plan that covers stage %s", x.stageName())
	}
	x.caller.apiKey, x.caller.apiKeyID = value, key.ID
	x.knowCaller()
	return x.applyPlan(plan, key.ID)
}

// applyPlan takes from the plan's throttle, then from its quota.
func (x *exchange) applyPlan(plan *model.UsagePlan, keyID string) error {
	client := "plan/" + plan.ID + "/" + keyID
	limits := map[string]model.Throttle{}
	for _, s := range plan.APIStages {
		if s.APIID != x.def.snapshot.API.ID || s.Stage != x.stageName() {
			continue
		}
		if t, ok := s.Throttle[x.methodKey()]; ok {
			limits[client+x.methodKey()] = t
		}
	}
	if len(limits) == 0 && plan.Throttle != nil {
		limits[client] = *plan.Throttle
	}
	for name, t := range limits {
		if !x.plane.buckets.allow(x.started, name, t.RateLimit, t.BurstLimit) {
			return fail(kindThrottled, "Rate limit of usage plan %s exceeded", plan.ID)
		}
	}
	if plan.Quota != nil && !x.plane.quotas.take(client, *plan.Quota, x.started) {
		return fail(kindQuota, "Quota of usage plan %s exceeded", plan.ID)
	}
	return nil
}

// quotas count requests per client and period. The zero value is ready.
type quotas struct {
	mu   sync.Mutex
	used map[string]usage
}

type usage struct {
	since time.Time
	count int
}

func (q *quotas) take(client string, quota model.Quota, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.used == nil || len(q.used) >= maxBuckets {
		q.used = map[string]usage{}
	}
	since := periodStart(quota, now)
	u := q.used[client]
	if !u.since.Equal(since) {
		u = usage{since: since}
	}
	if u.count >= quota.Limit {
		return false
	}
	u.count++
	q.used[client] = u
	return true
}

// periodStart is when the current quota period began, in UTC. The offset
// moves the day within the week or month on which a period starts.
func periodStart(quota model.Quota, now time.Time) time.Time {
	now = now.UTC()
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	switch quota.Period {
	case "WEEK":
		back := (int(day.Weekday()) - quota.Offset%7 + 7) % 7
		return day.AddDate(0, 0, -back)
	case "MONTH":
		start := time.Date(now.Year(), now.Month(), 1+quota.Offset, 0, 0, 0, 0, time.UTC)
		if start.After(now) {
			start = time.Date(now.Year(), now.Month()-1, 1+quota.Offset, 0, 0, 0, 0, time.UTC)
		}
		return start
	default:
		return day
	}
}
