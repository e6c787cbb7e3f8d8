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

// throttle applies the stage's limits for the method (aws-facts D6: after the
// usage plan's, before the account's).
func (x *exchange) throttle() error {
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

// methodKey names the method the way usage plans do: /comments/POST.
func (x *exchange) methodKey() string {
	return x.route.resource.Path + "/" + x.route.method.HTTPMethod
}
