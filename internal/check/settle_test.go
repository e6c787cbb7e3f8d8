// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/plan"
)

// everything is a change of the spec that needs most kinds of steps.
var everything = choose(map[string]int{"billing": 2, "class": 1, "key": 1, "backups": 1, "protection": 1,
	"throttling": 1, "metrics": 1, "tracing": 1, "order": 2, "pageSize": 1, "tags": 2, "stage": 1})

// choose returns the combination of the named ways; the rest is left alone.
func choose(ways map[string]int) combination {
	all := choices()
	c := make(combination, len(all))
	for i := range all {
		c[i] = ways[all[i].name]
	}
	return c
}

// TestTheSameStackGivesTheSamePlan: plans are shown, counted and compared, so
// neither their order nor their text may depend on anything but the stack.
func TestTheSameStackGivesTheSamePlan(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog")
	s.converge()
	everything.apply(&s.spec)
	text := func() string {
		r := s.look()
		c := plan.Context{Claim: s.claim, Recorded: s.recorded, Now: w.now()}
		b, err := json.Marshal(r.Plan)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			again, err := json.Marshal(plan.Diff(r.Desired, r.Observed, c))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(b), string(again)); diff != "" {
				t.Fatalf("two plans of one stack differ:\n%s", diff)
			}
		}
		return string(b)
	}
	first := text()
	if steps := strings.Count(first, `"op"`); steps < 10 {
		t.Fatalf("the plan has %d steps; it proves little: %s", steps, first)
	}
	for range 5 {
		if diff := cmp.Diff(first, text()); diff != "" {
			t.Errorf("two looks at one stack plan differently:\n%s", diff)
		}
	}
}

// TestApplyingTwiceIsApplyingOnce: a plan that was carried out and whose
// outcome was lost is carried out again, as after a crash.
func TestApplyingTwiceIsApplyingOnce(t *testing.T) {
	end := func(times int) string {
		w := newWorld(t)
		s := w.subject("blog")
		s.converge()
		everything.apply(&s.spec)
		for range maxRounds {
			r := s.look()
			if r.Plan.Empty() {
				return s.normalise(r.Observed)
			}
			for n := range times {
				o := s.apply(r)
				if n == 0 && o.Err != nil {
					t.Fatal(o.Err)
				}
				s.pass(o)
			}
		}
		t.Fatalf("not settled when every plan is applied %d times", times)
		return ""
	}
	if diff := cmp.Diff(end(1), end(2)); diff != "" {
		t.Errorf("applying every plan twice leads elsewhere (-once +twice):\n%s", diff)
	}
}

// TestAFailureLeavesTheRestForALaterLook makes every write of a large change
// fail, one at a time: refused, or answered with an error or not at all, before
// or after its effect.
func TestAFailureLeavesTheRestForALaterLook(t *testing.T) {
	change := func(w *world) *subject {
		s := w.subject("blog", tagged("old", "1"))
		s.converge()
		everything.apply(&s.spec)
		return s
	}
	w := newWorld(t)
	s := change(w)
	since := w.seq()
	r, _ := s.converge()
	want, writes := s.normalise(r.Observed), w.writes(since)
	if len(writes) < 15 {
		t.Fatalf("the change makes %d writes; it proves little: %v", len(writes), writes)
	}
	for _, action := range []control.Action{control.Refuse, control.FailBefore, control.FailAfter, control.DropAfter} {
		for nth, name := range writes {
			t.Run(fmt.Sprintf("%s/%02d %s", action, nth+1, name), func(t *testing.T) {
				w := newWorld(t, once)
				s := change(w)
				s.failOnce(t, control.Fault{Writes: true, Nth: nth + 1, Action: action})
				r, _ := s.converge()
				if diff := cmp.Diff(want, s.normalise(r.Observed)); diff != "" {
					t.Errorf("the stack ends elsewhere than without the failure (-without +with):\n%s", diff)
				}
			})
		}
	}
	t.Logf("faults: %d", 4*len(writes))
}

// failOnce applies plans until one fails from the fault, and checks that what
// it did and what it left are the whole plan.
func (s *subject) failOnce(t *testing.T, f control.Fault) {
	t.Helper()
	aws := control.New(s.w.local.Endpoint(), nil)
	if _, err := aws.AddFault(s.w.ctx, f); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := aws.RemoveFault(s.w.ctx, ""); err != nil {
			t.Error(err)
		}
	}()
	for range maxRounds {
		r := s.look()
		if r.Plan.Empty() {
			return // it hit the pruning of old deployments, which may fail
		}
		o := s.apply(r)
		if got, all := len(o.Done)+len(o.Left), len(r.Plan.Steps); got != all {
			t.Errorf("%d steps done and %d left of %d", len(o.Done), len(o.Left), all)
		}
		if o.Err != nil {
			if len(o.Left) == 0 {
				t.Error("a failed plan left nothing")
			}
			return
		}
		s.pass(o)
	}
	t.Error("the failure never came")
}

// TestOneIndexChangeAtATime: AWS refuses a second one, and a table with two
// indexes too many would lose its readers in between.
func TestOneIndexChangeAtATime(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog")
	s.converge()
	var ops []plan.Op
	for _, order := range []v1alpha1.CommentOrder{v1alpha1.Unordered, v1alpha1.OldestFirst} {
		s.spec.Comments.Order = order
		for range maxRounds {
			r := s.look()
			if r.Plan.Empty() {
				break
			}
			o := s.apply(r)
			var changes []plan.Op
			for _, step := range o.Done {
				if step.Op == plan.CreateIndex || step.Op == plan.DeleteIndex {
					changes = append(changes, step.Op)
				}
			}
			if len(changes) > 1 {
				t.Errorf("one run made the index changes %v", changes)
			}
			ops = append(ops, changes...)
			s.pass(o)
		}
	}
	if want := []plan.Op{plan.CreateIndex, plan.DeleteIndex, plan.CreateIndex, plan.DeleteIndex}; !slices.Equal(ops, want) {
		t.Errorf("index changes %v; want each new one before the old one goes: %v", ops, want)
	}
}
