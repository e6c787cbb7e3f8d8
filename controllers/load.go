// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"math"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/check"
)

// checksPart is the part of AWS's request quotas that checks may take; the
// rest is for changes.
const checksPart = 0.8

// place is what shares a request quota.
type place struct{ account, region string }

func placeOf(obj *v1alpha1.CommentsAPI) place {
	return place{obj.Status.AccountID, obj.Spec.Region}
}

// load is how many checks all objects ask for, by place. An object that was
// never met here is not yet part of it.
type load struct {
	mu     sync.Mutex
	asks   map[types.UID]ask
	demand map[place]float64 // checks a second
}

// ask is one object's part of the demand.
type ask struct {
	at     place
	demand float64
}

// note counts an object that asks to be checked once in an interval, in place
// of what it asked for before, and reports whether it is met for the first
// time.
func (l *load) note(uid types.UID, at place, interval time.Duration) (first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asks == nil {
		l.asks, l.demand = map[types.UID]ask{}, map[place]float64{}
	}
	old, known := l.asks[uid]
	now := ask{at, 1 / interval.Seconds()}
	if old != now {
		l.demand[old.at] -= old.demand
		l.demand[at] += now.demand
		l.asks[uid] = now
	}
	return !known
}

// forget takes an object out, and reports its place if it was the last there.
func (l *load) forget(uid types.UID) (left place, empty bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old, known := l.asks[uid]
	if !known {
		return place{}, false
	}
	l.demand[old.at] -= old.demand
	delete(l.asks, uid)
	for _, other := range l.asks {
		if other.at == old.at {
			return place{}, false
		}
	}
	delete(l.demand, old.at)
	return old.at, true
}

// stretch is by how much intervals have to grow in a place where AWS's quotas
// allow that many checks a second. It grows in steps, so that a few objects
// more or less change nothing.
func (l *load) stretch(at place, capacity check.Capacity) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	whole := 0.0
	for other, demand := range l.demand {
		if other.account == at.account {
			whole += demand
		}
	}
	return steps(max(l.demand[at]/capacity.Region, whole/capacity.Account) / checksPart)
}

// steps rounds up to 1, 1.5, 2, 3, 4, 6, 8, 12, ...
func steps(factor float64) float64 {
	// What adds up to exactly the capacity may do so with a rounding error.
	if !(factor > 1+1e-9) {
		return 1
	}
	power := math.Exp2(math.Floor(math.Log2(factor)))
	for _, step := range []float64{1, 1.5, 2} {
		if factor <= step*power*(1+1e-9) {
			return step * power
		}
	}
	return 2 * power
}
