// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxBuckets bounds the token buckets kept; all of them start anew when it is
// reached. Throttling is best effort on AWS too (aws-facts D6).
const maxBuckets = 8192

// buckets are token buckets by name. The zero value is ready.
type buckets struct {
	mu sync.Mutex
	by map[string]*rate.Limiter
}

// allow takes a token from the named bucket. A negative rate or burst means
// no limit (aws-facts D2); changed values apply to the tokens at hand.
func (b *buckets) allow(now time.Time, name string, perSecond float64, burst int) bool {
	if perSecond < 0 || burst < 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.by[name]
	if l == nil {
		if b.by == nil || len(b.by) >= maxBuckets {
			b.by = map[string]*rate.Limiter{}
		}
		l = rate.NewLimiter(rate.Limit(perSecond), burst)
		b.by[name] = l
	}
	if l.Limit() != rate.Limit(perSecond) {
		l.SetLimitAt(now, rate.Limit(perSecond))
	}
	if l.Burst() != burst {
		l.SetBurstAt(now, burst)
	}
	return l.AllowN(now, 1)
}

// throttle applies the stage's limits for the method and then, where request
// quotas are on, the account's (aws-facts D6: both after the usage plan's).
func (x *exchange) throttle() error {
	if err := x.throttleMethod(); err != nil {
		return err
	}
	return x.throttleAccount()
}

func (x *exchange) throttleMethod() error {
	s := x.setting()
	if s == nil {
		return nil
	}
	name := "stage/" + x.def.snapshot.API.ID + "/" + x.stageName() + "/" + x.methodKey()
	if !x.plane.buckets.allow(x.started, name, s.ThrottlingRateLimit, s.ThrottlingBurstLimit) {
		return fail(kindThrottled, "Rate limit of the method exceeded (%g per second, burst %d)",
			s.ThrottlingRateLimit, s.ThrottlingBurstLimit)
	}
	return nil
}

// smallRegions have a quarter of the others' account limits (aws-facts A2).
var smallRegions = map[string]bool{
	"af-south-1": true, "eu-south-1": true, "ap-southeast-3": true, "me-central-1": true, "ap-south-2": true,
	"ap-southeast-4": true, "eu-south-2": true, "eu-central-2": true, "il-central-1": true, "ca-west-1": true,
	"ap-southeast-5": true, "ap-southeast-7": true, "mx-central-1": true,
}

// throttleAccount applies the limit all APIs of an account and Region share:
// 10,000 per second and bursts of 5,000 (aws-facts A2).
func (x *exchange) throttleAccount() error {
	q := x.plane.deps.Env.Nature().Quotas
	if !q.Enabled {
		return nil
	}
	api := x.def.snapshot.API
	perSecond, burst := 10000.0, 5000
	if smallRegions[api.Region] {
		perSecond, burst = perSecond/4, burst/4
	}
	if q.Scale > 0 {
		perSecond *= q.Scale
	}
	if !x.plane.buckets.allow(x.started, "account/"+api.AccountID+"/"+api.Region, perSecond, burst) {
		return fail(kindThrottled, "Rate limit of the account exceeded (%g per second, burst %d)", perSecond, burst)
	}
	return nil
}

// methodKey names the method the way usage plans do: /comments/POST.
func (x *exchange) methodKey() string {
	return x.route.resource.Path + "/" + x.route.method.HTTPMethod
}
