// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package core

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

// Nature says how much like AWS the local AWS behaves where AWS is
// unpleasant. The zero value is a pleasant world: everything is instant and
// consistent. Durations are JSON numbers of nanoseconds or Go duration
// strings on the control endpoint.
type Nature struct {
	// Delays of transitions between states.
	Delays Delays `json:"delays"`
	// Lag is how long reads (Describe, Get, List) keep seeing the state from
	// before a write, per service: "dynamodb", "iam", "apigateway".
	Lag map[string]Duration `json:"lag,omitempty"`
	// StrictConcurrency answers a second mutation of a REST API that is in
	// flight with ConflictException (aws-facts A4).
	StrictConcurrency bool `json:"strictConcurrency,omitempty"`
	// Latency is how long every call takes before anything happens, per
	// service: "dynamodb", "iam", "sts", "apigateway", "execute-api".
	Latency map[string]Duration `json:"latency,omitempty"`
	// Quotas are AWS's documented request quotas.
	Quotas Quotas `json:"quotas"`
}

// Quotas switches the request quotas of AWS on (aws-facts A1).
type Quotas struct {
	// Enabled makes calls beyond a quota fail as throttled.
	Enabled bool `json:"enabled,omitempty"`
	// Scale multiplies all rates, so that tests need not wait as long as AWS
	// makes one wait; 0 is 1.
	Scale float64 `json:"scale,omitempty"`
}

// Delays are the times AWS takes for transitions; zero is at once.
type Delays struct {
	// TableCreate is CREATING to ACTIVE (aws-facts H2).
	TableCreate Duration `json:"tableCreate,omitempty"`
	// TableUpdate is UPDATING to ACTIVE.
	TableUpdate Duration `json:"tableUpdate,omitempty"`
	// TableDelete is DELETING to gone.
	TableDelete Duration `json:"tableDelete,omitempty"`
	// IndexCreate is CREATING to ACTIVE; its second half is backfilling (H3).
	IndexCreate Duration `json:"indexCreate,omitempty"`
	// IndexDelete is DELETING to gone.
	IndexDelete Duration `json:"indexDelete,omitempty"`
	// BackupsAvailable is how long after a table's creation
	// UpdateContinuousBackups is refused (H5).
	BackupsAvailable Duration `json:"backupsAvailable,omitempty"`
	// IndexLag is how long a written item stays invisible in indexes (H7).
	IndexLag Duration `json:"indexLag,omitempty"`
	// RoleAssumable is how long a new or changed role can't be used (G4).
	RoleAssumable Duration `json:"roleAssumable,omitempty"`
	// StagePropagation is how long a stage keeps serving what it served
	// before a deployment or a setting changed (A4).
	StagePropagation Duration `json:"stagePropagation,omitempty"`
	// CacheCluster is how long a stage's cache cluster takes (D4).
	CacheCluster Duration `json:"cacheCluster,omitempty"`
}

// Env is the world a service lives in. Create it with NewEnv.
type Env struct {
	Clock Clock

	mu     sync.RWMutex
	nature Nature
}

// NewEnv returns an environment with the given clock (nil is the system
// clock) and nature.
func NewEnv(clock Clock, nature Nature) *Env {
	if clock == nil {
		clock = SystemClock{}
	}
	return &Env{Clock: clock, nature: nature}
}

// Now is the environment's time.
func (e *Env) Now() time.Time { return e.Clock.Now() }

// Nature returns the nature in force. The result must not be modified.
func (e *Env) Nature() Nature {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.nature
}

// SetNature replaces the nature; it applies from the next call on.
func (e *Env) SetNature(n Nature) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.nature = n
}

// Lag is how far reads of the service trail its writes.
func (e *Env) Lag(service string) time.Duration {
	return e.Nature().Lag[service].D()
}

// NewID returns n random lower-case hexadecimal characters.
func NewID(n int) string {
	b := make([]byte, (n+1)/2)
	_, _ = rand.Read(b) // crypto/rand.Read never fails (Go 1.24 and later)
	return hex.EncodeToString(b)[:n]
}
