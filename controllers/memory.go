// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/commentsapi/operator/internal/check"
)

// memories are what checks of objects leave for their next check. They save
// calls and nothing depends on them: after a restart everything is read once.
type memories struct {
	mu  sync.Mutex
	all map[types.UID]*check.Memory
	// looked are the objects that were looked at since the process began.
	looked map[types.UID]bool
	// told are warnings that were given already.
	told map[types.UID]map[string]bool
}

// tell reports whether a warning is news.
func (m *memories) tell(uid types.UID, warning string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.told[uid][warning] {
		return false
	}
	if m.told == nil {
		m.told = map[types.UID]map[string]bool{}
	}
	if m.told[uid] == nil {
		m.told[uid] = map[string]bool{}
	}
	m.told[uid][warning] = true
	return true
}

// of returns an object's memory. The work queue hands an object to one worker
// at a time, so the memory itself needs no lock.
func (m *memories) of(uid types.UID) *check.Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[types.UID]*check.Memory{}
	}
	if m.all[uid] == nil {
		m.all[uid] = &check.Memory{}
	}
	return m.all[uid]
}

// first reports whether the object was not looked at yet.
func (m *memories) first(uid types.UID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.looked[uid]
}

// look remembers that the object was looked at.
func (m *memories) look(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.looked == nil {
		m.looked = map[types.UID]bool{}
	}
	m.looked[uid] = true
}

func (m *memories) forget(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, uid)
	delete(m.looked, uid)
	delete(m.told, uid)
}
