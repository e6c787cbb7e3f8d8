// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package core

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// historyKept bounds how long a Store remembers superseded versions; a lag
// above it behaves like this one.
const historyKept = 5 * time.Minute

// Store maps keys to values and remembers what each key held a while ago, so
// that reads can be as stale as AWS's (aws-facts A4, G4, H2). Values are
// treated as immutable once stored: to change one, copy it, change the copy
// and Put that. A Store is safe for concurrent use; read-modify-write
// sequences need the owner's own lock.
type Store[K cmp.Ordered, V any] struct {
	clock Clock

	mu    sync.RWMutex
	data  map[K][]version[V]
	swept time.Time // when forget last looked
}

type version[V any] struct {
	at      time.Time
	value   V
	present bool
}

// NewStore returns an empty store that reads the time from clock.
func NewStore[K cmp.Ordered, V any](clock Clock) *Store[K, V] {
	return &Store[K, V]{clock: clock, data: map[K][]version[V]{}}
}

// Put makes v the latest value of k.
func (s *Store[K, V]) Put(k K, v V) { s.append(k, version[V]{value: v, present: true}) }

// Delete removes k; lagging reads go on seeing it for their lag.
func (s *Store[K, V]) Delete(k K) {
	if _, ok := s.Latest(k); ok {
		s.append(k, version[V]{})
	}
}

func (s *Store[K, V]) append(k K, v version[V]) {
	now := s.clock.Now()
	v.at = now
	s.mu.Lock()
	defer s.mu.Unlock()
	versions := append(s.data[k], v)
	// Everything before the newest version that is already older than the
	// horizon can't be seen by any read any more.
	first := 0
	for i := range versions {
		if now.Sub(versions[i].at) > historyKept {
			first = i
		}
	}
	s.data[k] = slices.Clone(versions[first:])
	if now.Sub(s.swept) > historyKept {
		s.swept = now
		s.forget(now)
	}
}

// forget drops the keys that no read can see any more, so that a store whose
// keys come and go doesn't grow for ever. The caller holds mu.
func (s *Store[K, V]) forget(now time.Time) {
	for k, versions := range s.data {
		if last := versions[len(versions)-1]; !last.present && now.Sub(last.at) > historyKept {
			delete(s.data, k)
		}
	}
}

// Latest returns the newest value: what a mutation must check against.
func (s *Store[K, V]) Latest(k K) (V, bool) { return s.Visible(k, 0) }

// Visible returns the value a read sees that trails the writes by lag.
func (s *Store[K, V]) Visible(k K, lag time.Duration) (V, bool) {
	now := s.clock.Now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	return visible(s.data[k], now, lag)
}

func visible[V any](versions []version[V], now time.Time, lag time.Duration) (V, bool) {
	for i := len(versions) - 1; i >= 0; i-- {
		if lag <= 0 || now.Sub(versions[i].at) >= lag {
			return versions[i].value, versions[i].present
		}
	}
	var none V
	return none, false
}

// Keys returns, in order, the keys present to a read that trails by lag.
func (s *Store[K, V]) Keys(lag time.Duration) []K {
	now := s.clock.Now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	keys := make([]K, 0, len(s.data))
	for k, versions := range s.data {
		if _, ok := visible(versions, now, lag); ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}
