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
// operator does with the quota, short enough to come to an end.
type crowd struct {
	objects  int
	interval time.Duration
}

var crowds = []crowd{{20, 2 * time.Second}, {100, 400 * time.Millisecond}, {500, 100 * time.Millisecond}}

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
		took, refused, err := s.do(ctx, m, c.objects, act)
		if err != nil {
			return fmt.Errorf("%s %d: %w", act.name, c.objects, err)
		}
		efficiency := float64(c.objects) * c.interval.Seconds() / took.Seconds()
		r.set(fmt.Sprintf("scale_efficiency_%s_%d", act.name, c.objects), efficiency)
		worst, throttled = min(worst, efficiency), throttled+refused
	}
	r.set(fmt.Sprintf("scale_efficiency_%d", c.objects), worst)
	r.set(fmt.Sprintf("scale_throttles_%d", c.objects), float64(throttled))
	return nil
}

// act is something that befalls all objects, and how its end is known.
type act struct {
	name   string
	do     func(context.Context, *v1alpha1.CommentsAPI) error
	wanted func(name string, o *v1alpha1.CommentsAPI) bool
}

// do lets it befall n objects at once, and returns the time until all are
// done and the number of calls that AWS refused for its quotas.
func (s *scene) do(ctx context.Context, m *manager, n int, a act) (took time.Duration, refused int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.calls()
	calls := s.tally(ctx)
	start := time.Now()
	if err := s.each(ctx, n, a.do); err != nil {
		return 0, 0, err
	}
	if err := s.until(ctx, m, n, a.wanted); err != nil {
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
