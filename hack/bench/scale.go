// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// AWS's slowest quotas on the way of one object (aws-facts A1): a creation and
// a change take a deployment, a deletion takes a REST API.
const (
	deployInterval = 5 * time.Second
	deleteInterval = 30 * time.Second
	// patience bounds every wait of the bench.
	patience = 5 * time.Minute
)

// crowd is a number of objects and the intervals that AWS's slowest quota is
// scaled to for them: long enough that fixed times do not hide what the
// operator does with the quota, short enough to come to an end. No quota that
// counts single calls is scaled to less than a tenth of a second; of those on
// the way of a creation, CreateRestApi's is the shortest (aws-facts A1).
type crowd struct {
	objects  int
	interval time.Duration
	// restarts: the operator ends in the middle of each act, and another one
	// goes on.
	restarts bool
}

var crowds = []crowd{{objects: 20, interval: 2 * time.Second}, {objects: 100, interval: 400 * time.Millisecond}, {objects: 500, interval: 170 * time.Millisecond}}

// prefix begins the names of the crowd's numbers.
func (c crowd) prefix() string {
	if c.restarts {
		return "restart_"
	}
	return "scale_"
}

// efficiency is the time that it takes at best, over the time that it took.
func efficiency(objects int, interval, took time.Duration) float64 {
	return float64(objects) * interval.Seconds() / took.Seconds()
}

// interrupted are the crowds whose operator is restarted on the way. A restart
// takes the same time however AWS's quotas are scaled, so that they are scaled
// less: with AWS's own, of 5 and 30 seconds, it would weigh less still.
var interrupted = []crowd{{objects: 20, interval: 4 * time.Second, restarts: true}, {objects: 100, interval: time.Second, restarts: true}}

// runRestart measures them.
func runRestart(ctx context.Context, l *lab, r *report) error {
	for _, c := range interrupted {
		if err := c.run(ctx, l, r); err != nil {
			return err
		}
	}
	return nil
}

// run measures creations, changes and deletions of a crowd.
func (c crowd) run(ctx context.Context, l *lab, r *report) error {
	scale := deployInterval.Seconds() / c.interval.Seconds()
	s, err := l.scene(ctx, core.Nature{Quotas: core.Quotas{Enabled: true, Scale: scale}})
	if err != nil {
		return err
	}
	defer s.close()
	m, err := s.operate(fmt.Sprintf("--quota-scale=%g", scale))
	if err != nil {
		return err
	}
	if s.leader, err = s.lead(ctx, m, ""); err != nil {
		return err
	}
	worst, throttled := 1.0, 0
	for _, act := range []act{{"create", s.create, isSettled}, {"change", s.resize(7), isSettled}, {"delete", s.remove, isGone}} {
		if act.name == "delete" {
			// Deletions have a slower quota, so that its scale is another.
			if err := m.Stop(); err != nil {
				return err
			}
			scale = deleteInterval.Seconds() / c.interval.Seconds()
			s.local.Env().SetNature(core.Nature{Quotas: core.Quotas{Enabled: true, Scale: scale}})
			if m, err = s.operate(fmt.Sprintf("--quota-scale=%g", scale)); err != nil {
				return err
			}
			if s.leader, err = s.lead(ctx, m, s.leader); err != nil {
				return err
			}
		}
		r.progress("%d objects: %s, one in %s", c.objects, act.name, c.interval)
		restarted, during, over := func() (*manager, error) { return m, nil }, ctx, func() {}
		if !c.restarts {
			during, over = m.while(ctx)
		} else {
			restarted = s.restartAfter(ctx, m, time.Duration(c.objects)*c.interval/2, fmt.Sprintf("--quota-scale=%g", scale))
		}
		took, refused, err := s.do(during, c.objects, act)
		over()
		if err != nil {
			return fmt.Errorf("%s %d: %w", act.name, c.objects, err)
		}
		if m, err = restarted(); err != nil {
			return err
		}
		reached := efficiency(c.objects, c.interval, took)
		r.set(fmt.Sprintf("%sefficiency_%s_%d", c.prefix(), act.name, c.objects), reached)
		worst, throttled = min(worst, reached), throttled+refused
	}
	r.set(fmt.Sprintf("%sefficiency_%d", c.prefix(), c.objects), worst)
	r.set(fmt.Sprintf("%sthrottles_%d", c.prefix(), c.objects), float64(throttled))
	return nil
}

// restartAfter replaces the manager after a while, as an update of the operator
// does; the function that it returns waits for the new one.
func (s *scene) restartAfter(ctx context.Context, m *manager, after time.Duration, flags ...string) func() (*manager, error) {
	done := make(chan struct{})
	var next *manager
	var err error
	go func() {
		defer close(done)
		if err = m.Pause(ctx, after); err != nil {
			return
		}
		if err = m.Stop(); err != nil {
			return
		}
		if next, err = s.operate(flags...); err != nil {
			return
		}
		s.leader, err = s.lead(ctx, next, s.leader)
	}()
	return func() (*manager, error) {
		<-done
		return next, err
	}
}

// act is something that befalls all objects, and how its end is known.
type act struct {
	name   string
	do     func(context.Context, *v1alpha1.CommentsAPI) error
	wanted func(name string, o *v1alpha1.CommentsAPI) bool
}

// do lets it befall n objects at once, and returns the time until all are
// done and the number of calls that AWS refused for its quotas.
func (s *scene) do(ctx context.Context, n int, a act) (took time.Duration, refused int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.calls()
	calls := s.tally(ctx)
	start := time.Now()
	if err := s.each(ctx, n, a.do); err != nil {
		return 0, 0, err
	}
	if err := s.until(ctx, n, a.wanted); err != nil {
		return 0, 0, err
	}
	took = time.Since(start)
	cancel()
	return took, (<-calls).refused, nil
}

// tally counts the calls to AWS until ctx ends. The log is bounded, so it is
// read all along.
func (s *scene) tally(ctx context.Context) <-chan tallied {
	result := make(chan tallied, 1)
	go func() {
		t := tallied{}
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for more := true; more; {
			select {
			case <-tick.C:
			case <-ctx.Done():
				more = false
			}
			for _, call := range s.calls() {
				t.add(call)
			}
		}
		result <- t
	}()
	return result
}
