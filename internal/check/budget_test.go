// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"testing"

	"github.com/commentsapi/operator/internal/check"
)

// count returns the calls after a sequence number: all, those to API Gateway,
// and those that write.
func (w *world) count(since int64) (all, gateway, writes int) {
	w.t.Helper()
	for _, r := range w.calls(since) {
		all++
		if r.Service == "apigateway" {
			gateway++
		}
		if r.Write {
			writes++
		}
	}
	return all, gateway, writes
}

// The most calls a check of a settled stack with the default spec may make
// (design section 6), and what a first rollout takes.
const (
	mostCalls, mostGateway             = 11, 4
	mostCreateCalls, mostCreateGateway = 60, 32
)

func TestASettledCheckIsCheap(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog")
	s.converge()
	s.lookInTurn()
	for n := range 2 * check.Turns() {
		since := w.seq()
		if r := s.lookInTurn(); !r.Plan.Empty() {
			t.Fatalf("check %d plans %s", n, describe(r.Plan))
		}
		all, gateway, writes := w.count(since)
		if all > mostCalls || gateway > mostGateway || writes > 0 {
			t.Errorf("check %d makes %d calls, %d of them to API Gateway, %d writes; want at most %d, %d and none", n, all, gateway, writes, mostCalls, mostGateway)
		}
		if all < 8 {
			t.Errorf("check %d makes %d calls; it can't have looked", n, all)
		}
	}
}

func TestAFirstRolloutIsBounded(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog")
	since := w.seq()
	_, rounds := s.converge()
	all, gateway, writes := w.count(since)
	t.Logf("first rollout: %d looks, %d calls, %d to API Gateway, %d writes", rounds, all, gateway, writes)
	if all > mostCreateCalls || gateway > mostCreateGateway {
		t.Errorf("a first rollout makes %d calls, %d of them to API Gateway; want at most %d and %d", all, gateway, mostCreateCalls, mostCreateGateway)
	}
}
