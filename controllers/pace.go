// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"cmp"
	"hash/fnv"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/check"
)

// Delays between looks at one object.
const (
	// rereadDelay is the floor between two looks, so that nothing can spin.
	rereadDelay = 50 * time.Millisecond
	// repeatMost bounds the growing pause between corrections that are made
	// again and again: somebody undoes them, or AWS does not show them yet.
	repeatMost = time.Minute
	// throttledMost bounds the pauses of an object whose call AWS refused for
	// its quotas: it reads nothing before it is near its turn again.
	throttledMost = 5 * time.Second
	// probeDelay is the rhythm of test calls while a role spreads: 2 s is
	// typical, 60 s the tail (aws-facts G4).
	probeDelay = 2 * time.Second
	// conflictDelay lets the cache catch up with a lost race.
	conflictDelay = 200 * time.Millisecond
	// defaultInterval is the schema's default of driftCheckInterval.
	defaultInterval = 10 * time.Minute
)

// Delays are the pauses between looks at an object in trouble; each pair is
// the first one and the bound of its doubling. Zero values are defaults.
type Delays struct {
	// Trouble that passes: 1 s, up to a minute.
	RetryFirst, RetryMost time.Duration
	// Trouble that a person has to end is rechecked slowly: 15 s, up to 5
	// minutes.
	PersonFirst, PersonMost time.Duration
}

func (d Delays) of(person bool) (first, most time.Duration) {
	if person {
		return cmp.Or(d.PersonFirst, 15*time.Second), cmp.Or(d.PersonMost, 5*time.Minute)
	}
	return cmp.Or(d.RetryFirst, time.Second), cmp.Or(d.RetryMost, time.Minute)
}

// afterTrouble says when to look again at an object in trouble. A turn within
// AWS's quota is met, not missed, and does not count as another failure.
func (r *Reconciler) afterTrouble(obj *v1alpha1.CommentsAPI, failure *awscloud.Failure, person bool) time.Duration {
	if failure != nil && failure.Class == awscloud.Paced {
		return max(failure.RetryAfter, rereadDelay)
	}
	first, most := r.Options.Delays.of(person)
	if failure != nil && failure.Class == awscloud.Throttled {
		// The line at the quota is waited in, not here.
		most = min(most, throttledMost)
	}
	delay := r.backoff.next(client.ObjectKeyFromObject(obj), "trouble", first, most)
	if failure != nil {
		delay = max(delay, failure.RetryAfter)
	}
	return max(delay, rereadDelay)
}

// nextLook says when to look at the object again.
func (r *Reconciler) nextLook(obj *v1alpha1.CommentsAPI, f findings) time.Duration {
	key := client.ObjectKeyFromObject(obj)
	if bad := troubleOf(f); bad != nil {
		return r.afterTrouble(obj, f.failure, bad.person)
	}
	if f.unproven != "" && len(f.outcome.Done) == 0 {
		r.backoff.forget(key)
		return probeDelay
	}
	if done := f.outcome.Done; len(done) > 0 && f.outcome.Wait == nil {
		return r.backoff.next(key, string(done[0].Op)+" "+done[0].Target, rereadDelay, repeatMost)
	}
	r.backoff.forget(key)
	next := untilPhase(r.now(), string(obj.UID), cmp.Or(f.every, interval(obj)))
	if f.outcome.Wait != nil { // drift does not wait for a time of grace
		next = min(next, f.outcome.Wait.After)
	}
	return max(next, rereadDelay)
}

func interval(obj *v1alpha1.CommentsAPI) time.Duration {
	d, err := time.ParseDuration(obj.Spec.DriftCheckInterval)
	if err != nil || d <= 0 {
		return defaultInterval
	}
	return d
}

// untilPhase spreads the checks of many objects over their interval: each has
// its own moment in it, a hash of its uid, so that a restart makes no herd.
func untilPhase(now time.Time, uid string, interval time.Duration) time.Duration {
	left := phase(now, uid, interval)
	if left <= interval/20 { // at once, or just missed: the next one
		left += interval
	}
	return left
}

// phase is how long it is until an object's moment in the interval.
func phase(now time.Time, uid string, interval time.Duration) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(uid))
	left := time.Duration(h.Sum64()%uint64(interval)) - time.Duration(now.UnixNano())%interval
	if left < 0 {
		left += interval
	}
	return left
}

// spread says when to check an object that is met for the first time, after a
// restart or a change of leaders, and was settled when it was checked last:
// at its own moment, as if nothing had happened. Others are looked at now.
func (r *Reconciler) spread(obj *v1alpha1.CommentsAPI) (time.Duration, bool) {
	if first := r.load.note(obj.UID, placeOf(obj), interval(obj)); !first || priority(obj) != awscloud.Background || !serves(&obj.Status) {
		return 0, false
	}
	if synced := conditionOf(&obj.Status, v1alpha1.ConditionSynced); synced.Reason != v1alpha1.ReasonAvailable {
		return 0, false
	}
	return max(phase(r.now(), string(obj.UID), interval(obj)), rereadDelay), true
}

// stretched is the interval in which an object is checked where AWS's request
// quotas don't carry the checks that all objects of the place ask for; zero
// where they do.
func (r *Reconciler) stretched(obj *v1alpha1.CommentsAPI, account *awscloud.Account) time.Duration {
	at := place{account.ID, obj.Spec.Region}
	r.load.note(obj.UID, at, interval(obj))
	factor := r.load.stretch(at, check.CapacityOf(account))
	r.Metrics.stretched(at, factor)
	if factor == 1 {
		return 0
	}
	return time.Duration(factor * float64(interval(obj)))
}

// backoff doubles the delay between looks at an object that come from the same
// cause.
type backoff struct {
	mu   sync.Mutex
	last map[types.NamespacedName]step
}

type step struct {
	cause string
	delay time.Duration
}

func (b *backoff) next(key types.NamespacedName, cause string, first, most time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last == nil {
		b.last = map[types.NamespacedName]step{}
	}
	delay := first
	if last := b.last[key]; last.cause == cause {
		delay = min(max(last.delay*2, first), most)
	}
	b.last[key] = step{cause, delay}
	return delay
}

func (b *backoff) forget(key types.NamespacedName) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.last, key)
}
