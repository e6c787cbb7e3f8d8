// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// tokens is AWS's side of a quota of one call in an interval (aws-facts A1).
type tokens struct {
	interval time.Duration
	mu       sync.Mutex
	last     time.Time
}

// take reports whether AWS allows a call, and if not after how many whole
// seconds it might.
func (a *tokens) take() (bool, time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if wait := a.last.Add(a.interval).Sub(now); wait > 0 {
		return false, wait.Truncate(time.Second) + time.Second
	}
	a.last = now
	return true, 0
}

// stranger asks five hundred times a second and takes every second call that
// AWS allows, until it is over.
func (a *tokens) stranger(over func() bool) {
	for !over() {
		if ok, _ := a.take(); ok {
			time.Sleep(2 * a.interval)
		} else {
			time.Sleep(2 * time.Millisecond)
		}
	}
}

// patient acquires a permit as a reconcile does that comes back as often as it
// is told to.
func patient(ctx context.Context, p *pacer) (*permit, error) {
	for {
		pm, err := p.acquire(ctx, "Create")
		var paced *PacedError
		if !errors.As(err, &paced) {
			return pm, err
		}
		time.Sleep(paced.After)
	}
}

// TestHalfOfAQuotaIsNotStarved: another caller, who asks five hundred times a second
// and never waits, takes every second deployment that the account is allowed.
// What is left is for the operator, with and without a hint of AWS's when to
// come back.
func TestHalfOfAQuotaIsNotStarved(t *testing.T) {
	for name, hint := range map[string]bool{"Retry-After": true, "no hint": false} {
		for _, interval := range []time.Duration{2 * time.Second, 5 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				const span = 100 // intervals
				aws := &tokens{interval: interval}
				r := newPacerRun(t, create(1, interval), 1, true)
				over := time.Now().Add(span * interval)
				r.wg.Go(func() { aws.stranger(func() bool { return !time.Now().Before(over) }) })
				made, refused, longest, last := 0, 0, time.Duration(0), time.Now()
				time.Sleep(100 * time.Millisecond)
				for time.Now().Before(over) {
					pm, err := patient(WithKey(t.Context(), "a"), r.pacer)
					if err != nil {
						t.Fatal(err)
					}
					ok, after := aws.take()
					if !hint {
						after = 0
					}
					pm.done(outcome{throttled: !ok, retryAfter: after})
					if !ok {
						refused++
						continue
					}
					made++
					longest, last = max(longest, time.Since(last)), time.Now()
				}
				r.wg.Wait()
				// Half of the time is theirs, and no two of ours follow each other sooner.
				if made < span*2/5 {
					t.Errorf("%s, %s: %d calls in %d intervals, of which half are left; %d were refused", name, interval, made, span, refused)
				}
				if longest > 4*interval {
					t.Errorf("%s, %s: no call for %s", name, interval, longest)
				}
				t.Logf("%s, %s: %d of %d, %d refused, longest %.1f intervals", name, interval, made, span/2, refused, longest.Seconds()/interval.Seconds())
			})
		}
	}
}

// TestACrowdGetsItsPartToo: as above, for twenty objects that reserve the turn,
// read for a while, and stay away for some time after they were refused.
func TestACrowdGetsItsPartToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const interval, crowd = 2 * time.Second, 20
		aws := &tokens{interval: interval}
		r := newPacerRun(t, create(1, interval), 1, false)
		var ended atomic.Bool
		r.wg.Go(func() { aws.stranger(ended.Load) })
		start := time.Now()
		var all sync.WaitGroup
		for i := range crowd {
			all.Go(func() {
				ctx := WithKey(t.Context(), fmt.Sprint(i))
				for wait := time.Second; ; {
					if paced := r.pacer.reserve(keyOf(ctx), "Create", User); paced != nil {
						time.Sleep(paced.After)
						continue
					}
					time.Sleep(200 * time.Millisecond)
					pm, err := r.pacer.acquire(ctx, "Create")
					var paced *PacedError
					if errors.As(err, &paced) {
						time.Sleep(paced.After)
						continue
					} else if err != nil {
						t.Error(err)
						return
					}
					time.Sleep(time.Millisecond)
					ok, after := aws.take()
					pm.done(outcome{throttled: !ok, retryAfter: after})
					if ok {
						return
					}
					r.pacer.release(keyOf(ctx))
					time.Sleep(max(wait, after))
					wait = min(2*wait, 5*time.Second)
				}
			})
		}
		all.Wait()
		ended.Store(true)
		r.wg.Wait()
		if took, best := time.Since(start), 2*crowd*interval; took > 2*best {
			t.Errorf("%d calls took %s; half of the quota allows them in %s", crowd, took, best)
		}
	})
}

// TestWhereNothingIsLeftLittleIsAsked: beside somebody who takes the whole
// quota, refusals get rarer and rarer, and the first call that is possible is
// made soon after they stop.
func TestWhereNothingIsLeftLittleIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const interval = 5 * time.Second
		r := newPacerRun(t, create(1, interval), 1, true)
		start, refused := time.Now(), 0
		for {
			pm, err := patient(WithKey(t.Context(), "a"), r.pacer)
			if err != nil {
				t.Fatal(err)
			}
			if time.Since(start) > 10*time.Minute {
				pm.done(outcome{})
				break
			}
			refused++
			pm.done(outcome{throttled: true})
		}
		if refused > 48 {
			t.Errorf("%d calls were refused in 10 minutes; more than one in three intervals, and a few at first", refused)
		}
		if late := time.Since(start) - 10*time.Minute; late > 21*time.Second {
			t.Errorf("the first call that is possible was made %s late", late)
		}
	})
}
