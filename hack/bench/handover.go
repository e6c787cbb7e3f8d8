// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"time"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// runHandover measures how long nobody leads when a leader ends that has
// another replica beside it: first in order, as in an update, then killed.
func runHandover(ctx context.Context, l *lab, r *report) error {
	s, err := l.scene(ctx, core.Nature{})
	if err != nil {
		return err
	}
	defer s.close()
	leader, err := s.operate()
	if err != nil {
		return err
	}
	if s.leader, err = s.lead(ctx, leader, ""); err != nil {
		return err
	}
	for _, end := range []struct {
		number string
		how    func(*manager) error
	}{
		{"handover_seconds", func(m *manager) error { return m.Stop() }},
		{"takeover_seconds", func(m *manager) error { m.Kill(); return nil }},
	} {
		next, err := s.operate()
		if err != nil {
			return err
		}
		// Until it waits for the lease.
		if err := next.Pause(ctx, 5*time.Second); err != nil {
			return err
		}
		began := time.Now()
		ended := make(chan error, 1)
		go func() { ended <- end.how(leader) }()
		if s.leader, err = s.lead(ctx, next, s.leader); err != nil {
			return err
		}
		r.set(end.number, time.Since(began).Seconds())
		if err := <-ended; err != nil {
			return err
		}
		leader = next
	}
	return nil
}
