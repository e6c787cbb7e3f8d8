// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"

	"github.com/commentsapi/operator/internal/check"
)

// countCalls counts the AWS calls of a stack with the default spec.
func countCalls(ctx context.Context, r *report) error {
	s, err := start(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.local.Close() }()
	numbers, err := measure(ctx, s)
	for name, n := range numbers {
		r.set(name, float64(n))
	}
	return err
}

// measure rolls a stack out and checks it until every part was read in turn.
// Of the checks the most expensive counts.
func measure(ctx context.Context, s *rollout) (map[string]int, error) {
	numbers := map[string]int{}
	looks, err := s.converge(ctx)
	if err != nil {
		return nil, err
	}
	created := s.count(0)
	numbers["create_looks"] = looks
	numbers["create_calls_total"], numbers["create_calls_apigateway"], numbers["create_writes"] = created.all, created.gateway, created.writes
	var memory check.Memory
	for n := range 1 + 2*check.Turns() {
		since := s.local.Requests(0).Last
		r, err := check.LookInTurn(ctx, s.account, settings, s.subject, s.clock.Now(), &memory)
		if err != nil {
			return nil, err
		}
		if !r.Plan.Empty() {
			return nil, errors.New("a settled stack does not look settled")
		}
		if n == 0 {
			continue // reads everything, as after a restart
		}
		c := s.count(since)
		numbers["drift_check_calls_total"] = max(numbers["drift_check_calls_total"], c.all)
		numbers["drift_check_calls_apigateway"] = max(numbers["drift_check_calls_apigateway"], c.gateway)
		numbers["drift_check_writes"] = max(numbers["drift_check_writes"], c.writes)
	}
	return numbers, nil
}
