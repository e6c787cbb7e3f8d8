// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

// maxQuota is the schema's bound on requests in a period.
const maxQuota = 2000000000

// periods are AWS's words for the periods of a quota.
var periods = map[v1alpha1.QuotaPeriod]string{v1alpha1.QuotaDay: "DAY", v1alpha1.QuotaWeek: "WEEK", v1alpha1.QuotaMonth: "MONTH"}

// NeedsKey reports whether some call of the spec's API needs an API key.
func NeedsKey(spec v1alpha1.CommentsAPISpec) bool { return spec.API.APIKey != nil }

// apiKey is the key; nil where no call needs one. Its value is API Gateway's
// and nobody's here.
func apiKey(spec v1alpha1.CommentsAPISpec, facts stack.Facts) *stack.APIKey {
	if !NeedsKey(spec) {
		return nil
	}
	return &stack.APIKey{
		Name:        stack.RoleName(facts.Claim, spec.Region),
		Description: "Key to the comments API " + stack.APIName(facts.Claim) + ". Managed by the CommentsAPI operator, which undoes changes made here.",
		Enabled:     true,
		Tags:        tags(spec, facts),
	}
}

// usagePlan admits the key to the stage; nil where there is no key.
func usagePlan(spec v1alpha1.CommentsAPISpec, facts stack.Facts) *stack.UsagePlan {
	if !NeedsKey(spec) {
		return nil
	}
	p := &stack.UsagePlan{
		Name:        stack.RoleName(facts.Claim, spec.Region),
		Description: "What the key to the comments API " + stack.APIName(facts.Claim) + " is good for. Managed by the CommentsAPI operator, which undoes changes made here.",
		Tags:        tags(spec, facts),
	}
	if q := spec.API.APIKey.Quota; q != nil {
		p.Quota = &stack.Quota{Limit: int(q.Limit), Period: periods[q.Period]}
	}
	if t := spec.API.APIKey.Throttling; t != nil {
		p.Throttle = &stack.Throttle{Rate: float64(t.Rate), Burst: int(t.Burst)}
	}
	return p
}

// checkKey checks what is asked of the API key.
func checkKey(p *problems, key *v1alpha1.APIKeySpec) {
	if key == nil {
		return
	}
	oneOf(p, "spec.api.apiKey.post", key.Post, v1alpha1.KeyRequired, v1alpha1.KeyNone)
	oneOf(p, "spec.api.apiKey.list", key.List, v1alpha1.KeyRequired, v1alpha1.KeyNone)
	if key.Post == v1alpha1.KeyNone && key.List == v1alpha1.KeyNone {
		p.add("spec.api.apiKey.post", key.Post, "no call needs the key; make post or list Required, or leave apiKey out")
	}
	if q := key.Quota; q != nil {
		p.upTo("spec.api.apiKey.quota.limit", int64(q.Limit), maxQuota)
		oneOf(p, "spec.api.apiKey.quota.period", q.Period, v1alpha1.QuotaDay, v1alpha1.QuotaWeek, v1alpha1.QuotaMonth)
	}
	if t := key.Throttling; t != nil {
		p.upTo("spec.api.apiKey.throttling.rate", int64(t.Rate), maxRate)
		p.upTo("spec.api.apiKey.throttling.burst", int64(t.Burst), maxBurst)
	}
}
