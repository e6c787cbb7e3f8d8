// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// maxWait is the longest a caller is blocked; longer waits are for the
	// caller to spend on something else.
	maxWait = 1500 * time.Millisecond

	// lead is how much before its turn a caller is told to come back: it has
	// other calls to make on its way here, and waits out the rest.
	lead = 750 * time.Millisecond

	// approach is how long before its turn a caller that reserved one is asked
	// to come: it reads everything on its way, and writes and proves what the
	// call is about. It waits out what is left of it.
	approach = 6 * time.Second

	// A place is kept after its turn for the span of its quota, within these
	// bounds: while it is kept, the quota lies idle.
	minGrace = 2 * time.Second
	maxGrace = 5 * time.Second

	// seniority is how long an owner that came too late still goes before all
	// who came after it: when more is to do than workers are there to do it,
	// nobody comes in time, and nobody must starve.
	seniority = 15 * time.Minute

	// throttledPause is the wait after a refusal that names none.
	throttledPause = time.Second
)

// pacer keeps the calls to one service of one account and region within its
// quotas. It runs nothing of its own: callers work out their turn themselves.
type pacer struct {
	mu      sync.Mutex
	total   *rate
	windows map[string]*window
	line    line
	tickets uint64
	// changed is closed when somebody leaves the line before its turn.
	changed chan struct{}
	// onWait hears of every wait, zero included; nil: nobody.
	onWait func(bucket string, p Priority, d time.Duration)
}

// newPacer makes the pacer of one service; nil when no quota limits it.
func newPacer(service string, quotas []Quota, share float64) *pacer {
	p := &pacer{windows: map[string]*window{}, changed: make(chan struct{})}
	for _, q := range quotas {
		if q.Service != service || q.Count <= 0 || q.Per <= 0 {
			continue
		}
		if q = q.take(share); q.Operation == "" {
			p.total = newRate(q)
		} else {
			p.windows[q.Operation] = newWindow(q)
		}
	}
	if p.total == nil {
		if len(p.windows) == 0 {
			return nil
		}
		p.total = newRate(Quota{Service: service, Count: 1000, Per: time.Second, Burst: 1000})
	}
	return p
}

// spend uses up what all quotas allow at once: a predecessor may have done so.
func (p *pacer) spend(now time.Time) {
	interval := p.total.interval(now)
	p.total.full = now.Add(p.total.depth(interval) + interval)
	for _, w := range p.windows {
		for range w.quota.Count {
			w.launch(now).done = now
		}
	}
}

// permit is the leave to make one call, to be given back with its outcome.
type permit struct {
	pacer  *pacer
	window *window // nil: only the total counts
	flight *flight
	sent   time.Time
}

// outcome is what a call's answer teaches the pacer.
type outcome struct {
	// unanswered: nobody knows when, and whether, AWS counted it.
	unanswered bool
	throttled  bool
	retryAfter time.Duration
}

// acquire waits for the turn of a call. It returns a *PacedError when that
// takes more than a moment, and the context's error when it ends first.
func (p *pacer) acquire(ctx context.Context, bucket string) (*permit, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	arrived := time.Now()
	limit := arrived.Add(maxWait)
	p.line = p.line.expire(arrived)
	t, kept := p.admit(keyOf(ctx), bucket, priorityOf(ctx))
	if kept { // it came when it was told to; another round would cost more
		limit = arrived.Add(approach + maxWait)
	}
	for {
		now := time.Now()
		p.line = p.line.expire(now)
		turn := p.forecast(now, t)
		if !turn.After(now) {
			p.line = p.line.remove(t)
			p.waited(t, now.Sub(arrived))
			return p.launch(bucket, now), nil
		}
		wake := turn
		if expiry, ok := p.line.expiryBefore(t); ok && expiry.Before(wake) {
			wake = expiry
		}
		if wake.After(limit) {
			return nil, p.dismiss(t, turn, now)
		}
		if err := p.sleep(ctx, wake.Sub(now)); err != nil {
			p.leave(t)
			return nil, fmt.Errorf("waiting for the request quota: %w", err)
		}
	}
}

// admit finds the caller's kept place or gives it one at the end, and says
// which.
func (p *pacer) admit(key, bucket string, priority Priority) (t *ticket, kept bool) {
	t = p.line.kept(key, bucket)
	if kept = t != nil; kept {
		p.line = p.line.remove(t)
		t.priority = max(t.priority, priority)
	} else {
		p.tickets++
		t = &ticket{bucket: bucket, key: key, number: p.tickets, priority: priority}
	}
	t.near = p.line.expects(key, time.Now().Add(approach))
	t.present, t.lapsed = true, false
	p.line = p.line.insert(t)
	return t, kept
}

// sleep gives up the lock until d is over or somebody left the line.
func (p *pacer) sleep(ctx context.Context, d time.Duration) error {
	changed := p.changed
	p.mu.Unlock()
	defer p.mu.Lock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-changed:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// dismiss sends a caller away with the time to come back: a little before its
// turn.
func (p *pacer) dismiss(t *ticket, turn, now time.Time) error {
	return p.keep(t, turn, max(turn.Sub(now)-lead, lead/10))
}

// keep keeps the place of a caller that can be recognised when it comes back.
func (p *pacer) keep(t *ticket, turn time.Time, after time.Duration) *PacedError {
	quota, grace := p.total.quota, minGrace
	if w := p.windows[t.bucket]; w != nil {
		quota, grace = w.quota, w.grace()
		after = w.sooner(after, time.Now())
	}
	if t.key == "" {
		p.leave(t)
	} else {
		t.present, t.turn, t.expires = false, turn, turn.Add(grace)
	}
	p.waited(t, after)
	return &PacedError{Operation: operationOf(t.bucket), After: after, At: turn, Quota: quota.String()}
}

func (p *pacer) waited(t *ticket, d time.Duration) {
	if p.onWait != nil {
		p.onWait(t.bucket, t.priority, d)
	}
}

// leave takes a ticket out of the line and lets the others look again.
func (p *pacer) leave(t *ticket) {
	p.line = p.line.remove(t)
	p.announce()
}

func (p *pacer) announce() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *pacer) launch(bucket string, now time.Time) *permit {
	if bucket != checkBucket { // no call by itself
		p.total.launch(now)
	}
	pm := &permit{pacer: p, window: p.windows[bucket], sent: now}
	if pm.window != nil {
		pm.flight = pm.window.launch(now)
	}
	return pm
}

// done gives the permit back. A refusal teaches the narrowest quota the call
// counts against: if the total is meant, its other callers will find out.
func (pm *permit) done(o outcome) {
	p := pm.pacer
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if pm.flight != nil && !o.unanswered {
		pm.flight.done = now
	}
	if !o.throttled {
		if pm.window != nil {
			pm.window.allowed()
		}
		return
	}
	if pm.window != nil {
		pause := max(o.retryAfter, pm.window.refused(pm.flight))
		pm.window.throttled(now, pm.sent, now.Add(pause))
		return
	}
	pause := o.retryAfter
	if pause <= 0 {
		pause = throttledPause
	}
	p.total.throttled(now, pm.sent, now.Add(pause))
}
