// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"math"
	"time"
)

// Turn is a call to API Gateway that AWS allows so seldom (aws-facts A1) that
// work leading up to it is worth nothing before its turn is near.
type Turn string

// The turns that can be reserved.
const (
	TurnCreate Turn = "CreateRestApi"
	TurnDeploy Turn = "CreateDeployment"
	TurnDelete Turn = "DeleteRestApi"
	// TurnCheck is for looks that change nothing.
	TurnCheck Turn = "GetResources"
)

// Reserve keeps a turn for the context's key (WithKey) and returns nil when it
// is near, so that the caller can go on towards it. Otherwise the error is of
// class Paced: the caller should come back when it says, and has not used up a
// single call meanwhile. What is reserved and not used is given back with
// Release.
func (a *Account) Reserve(ctx context.Context, turn Turn) error {
	p := a.pacers[serviceAPIGateway]
	if p == nil {
		return nil
	}
	if paced := p.reserve(keyOf(ctx), string(turn), priorityOf(ctx)); paced != nil {
		return &callError{Err: paced, callInfo: callInfo{Region: a.Region}}
	}
	return nil
}

// Begin waits for the turn of a check of a settled stack, among all that are
// due. The error is of class Paced when that takes more than a moment.
func (a *Account) Begin(ctx context.Context) error {
	p := a.pacers[serviceAPIGateway]
	if p == nil || p.windows[checkBucket] == nil {
		return nil
	}
	permit, err := p.acquire(ctx, checkBucket)
	if err != nil {
		return &callError{Err: err, callInfo: callInfo{Region: a.Region}}
	}
	permit.done(outcome{})
	return nil
}

// Release gives back every turn that is kept for the context's key.
func (a *Account) Release(ctx context.Context) {
	for _, p := range a.pacers {
		if p != nil {
			p.release(keyOf(ctx))
		}
	}
}

// Sustained is how many times a second the quotas of the account's region
// allow a number of calls to API Gateway, by operation; the empty one stands for
// all calls together. Infinity is no limit.
func (a *Account) Sustained(calls map[string]int) float64 {
	return a.pacers[serviceAPIGateway].sustained(calls)
}

// SustainedIAM is the same for calls to IAM, in all regions of the account
// together (aws-facts G4).
func (a *Account) SustainedIAM(calls map[string]int) float64 {
	return a.pacers[serviceIAM].sustained(calls)
}

func (p *pacer) sustained(calls map[string]int) float64 {
	most := math.Inf(1)
	if p == nil {
		return most
	}
	for operation, n := range calls {
		quota := p.total.quota
		if w := p.windows[operation]; w != nil {
			quota = w.quota
		} else if operation != "" {
			continue
		}
		most = min(most, float64(quota.Count)/quota.Per.Seconds()/float64(n))
	}
	return most
}

// reserve keeps a place and reports how long it is until the caller should be
// on its way; nil is now.
func (p *pacer) reserve(key, bucket string, priority Priority) *PacedError {
	w := p.windows[bucket]
	if key == "" || w == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.line = p.line.expire(now)
	t, _ := p.admit(key, bucket, priority)
	t.reserved = true
	turn := p.forecast(now, t)
	wait := turn.Sub(now) - approach
	if wait > 0 {
		return p.keep(t, turn, wait)
	}
	t.present, t.turn, t.expires = false, turn, now.Add(approach+w.grace())
	return nil
}

// release forgets the places kept for a key.
func (p *pacer) release(key string) {
	if key == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	before := len(p.line)
	p.line = p.line.without(key)
	if len(p.line) != before {
		p.announce()
	}
}
