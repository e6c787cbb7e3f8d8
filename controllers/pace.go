// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"hash/fnv"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
)

// Delays between looks at one object.
const (
	// rereadDelay is the floor between two looks, so that nothing can spin.
	rereadDelay = 50 * time.Millisecond
	// conflictDelay lets the cache catch up with a lost race.
	conflictDelay = 200 * time.Millisecond
	// Trouble that passes is looked at again after a delay that doubles.
	retryFirst, retryMost = time.Second, time.Minute
	// Trouble that a person has to end is rechecked slowly.
	personFirst, personMost = 15 * time.Second, 5 * time.Minute
	// defaultInterval is the schema's default of driftCheckInterval.
	defaultInterval = 10 * time.Minute
)

// nextLook says when to look at the object again.
func (r *Reconciler) nextLook(obj *v1alpha1.CommentsAPI, f findings) time.Duration {
	key := types.NamespacedName{Namespace: obj.Namespace, Name: obj.Name}
	if bad := troubleOf(f); bad != nil {
		first, most := retryFirst, retryMost
		if bad.person {
			first, most = personFirst, personMost
		}
		delay := r.backoff.next(key, first, most)
		if f.failure != nil && (f.failure.Class == awscloud.Paced || f.failure.RetryAfter > delay) {
			delay = f.failure.RetryAfter
		}
		return max(delay, rereadDelay)
	}
	if f.outcome.Err != nil { // not AWS: a lost race for the object's status
		return conflictDelay
	}
	r.backoff.forget(key)
	switch {
	case f.outcome.Wait != nil:
		return f.outcome.Wait.After
	case len(f.outcome.Done) > 0:
		return rereadDelay
	default:
		return untilPhase(r.now(), string(obj.UID), interval(obj))
	}
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
	h := fnv.New64a()
	_, _ = h.Write([]byte(uid))
	phase := time.Duration(h.Sum64() % uint64(interval))
	left := phase - time.Duration(now.UnixNano())%interval
	if left <= interval/20 { // at once, or just missed: the next one
		left += interval
	}
	return left
}

// backoff doubles the delay between looks at an object in trouble.
type backoff struct {
	mu     sync.Mutex
	delays map[types.NamespacedName]time.Duration
}

func (b *backoff) next(key types.NamespacedName, first, most time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.delays == nil {
		b.delays = map[types.NamespacedName]time.Duration{}
	}
	delay := min(max(b.delays[key]*2, first), most)
	b.delays[key] = delay
	return delay
}

func (b *backoff) forget(key types.NamespacedName) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.delays, key)
}
