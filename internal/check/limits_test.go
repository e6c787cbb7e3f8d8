// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/provision"
)

// until applies plans until one has to leave the operation for later, and
// returns that plan's outcome.
func (s *subject) until(t *testing.T, op plan.Op) (check.Result, provision.Outcome) {
	t.Helper()
	for range maxRounds {
		r := s.look()
		o := s.apply(r)
		if o.Err != nil {
			t.Fatalf("%v in %s", o.Err, describe(r.Plan))
		}
		left := slices.ContainsFunc(o.Left, func(step plan.Step) bool { return step.Op == op })
		if left && !strings.Contains(o.Wait.Message, "being updated") {
			return r, o
		}
		if r.Plan.Empty() {
			t.Fatalf("%s was never left for later", op)
		}
		s.pass(o)
	}
	t.Fatalf("%s was neither done nor left for later", op)
	return check.Result{}, provision.Outcome{}
}

// held checks that an outcome says what it waits for, asks AWS seldom
// meanwhile, and does not make the object look broken.
func held(t *testing.T, r check.Result, o provision.Outcome, word string) {
	t.Helper()
	if !strings.Contains(o.Wait.Message, word) || o.Wait.After < 5*time.Minute || o.Wait.After > 10*time.Minute {
		t.Errorf("the wait is %q for %s; want one about %q, for about ten minutes", o.Wait.Message, o.Wait.After, word)
	}
	if !r.Plan.Serving() {
		t.Errorf("waiting is taken for not serving: %s", describe(r.Plan))
	}
}

// TestExpiryIsChangedOnceAnHour: AWS refuses a second change within the hour;
// it is waited out, and the rest of the plan goes on.
func TestExpiryIsChangedOnceAnHour(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog")
	before, _ := s.converge()
	x := &outsider{world: w, t: t, s: s, seen: before}
	x.ttl("expiresAt", true)
	x.patchStage("replace /tracingEnabled true")
	since, begin := w.seq(), w.now()
	r, o := s.until(t, plan.UpdateTTL)
	held(t, r, o, "expiry")
	if writes := w.writes(since); !slices.Contains(writes, "apigateway UpdateStage") {
		t.Errorf("the rest of the plan was held up: writes %v", writes)
	}
	s.converge()
	if took := w.now().Sub(begin); took < time.Hour || took > 80*time.Minute {
		t.Errorf("expiry was put right after %s; want soon after the hour", took)
	}
	if tries := len(w.writes(since)); tries > 12 {
		t.Errorf("%d writes in an hour of waiting: %v", tries, w.writes(since))
	}
}

// TestBillingIsSwitchedAFewTimesADay: the fifth switch to on-demand billing in
// 24 hours is waited out.
func TestBillingIsSwitchedAFewTimesADay(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog")
	s.converge()
	onDemand := s.spec
	for range 4 {
		provisioned(5, 5)(&s.spec)
		s.converge()
		s.spec = onDemand
		s.converge()
	}
	provisioned(5, 5)(&s.spec)
	s.converge()
	s.spec = onDemand
	r, o := s.until(t, plan.UpdateBilling)
	held(t, r, o, "billing")
	w.clock.Advance(24 * time.Hour)
	s.converge()
}

// TestABusyTableIsWaitedFor: while AWS changes the table, other changes of it
// are left alone instead of being refused again and again.
func TestABusyTableIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.local.Env().SetNature(slowNature)
	s := w.subject("blog")
	s.converge()
	since := w.seq()
	for _, c := range []combination{everything, choose(nil), choose(map[string]int{"billing": 2, "class": 1, "order": 2})} {
		s.become(c)
		s.apply(s.look()) // and before that is done, something else is asked for
		s.become(everything)
		s.apply(s.look())
		s.become(c)
		s.converge()
	}
	refused := 0
	for _, r := range w.calls(since) {
		if r.Service == "dynamodb" && r.Status >= 400 {
			refused++
			t.Logf("%s was refused as %s", r.Operation, r.ErrorCode)
		}
	}
	if refused > 0 {
		t.Errorf("%d calls to DynamoDB were refused", refused)
	}
}

// TestWhetherClientsAreServed: what clients notice makes a plan a serving one,
// what they don't does not.
func TestWhetherClientsAreServed(t *testing.T) {
	tests := []struct {
		name   string
		serves bool
		do     func(*outsider)
	}{
		{"limits that let nothing through", false, func(x *outsider) { x.patchStage("replace /*/*/throttling/rateLimit 0") }},
		{"other limits", true, func(x *outsider) { x.patchStage("replace /*/*/throttling/rateLimit 7") }},
		{"somebody's deployment", false, func(x *outsider) { x.patchStage("replace /deploymentId " + x.deploy("")) }},
		{"an edit that is not deployed", true, func(x *outsider) {
			x.patchIntegration("GET", page, "replace /requestTemplates/application~1json {}")
		}},
		{"the endpoint turned off, not deployed", true, func(x *outsider) { x.patchAPI("replace /disableExecuteApiEndpoint true") }},
		{"no index", false, func(x *outsider) { x.dropIndex() }},
		{"no backups", true, func(x *outsider) { x.backups(false) }},
		{"a role that can do nothing", false, func(x *outsider) {
			x.putRolePolicy("comments", strings.Replace(widerPolicy, "Allow", "Deny", 1))
		}},
		{"a role nobody may assume", false, func(x *outsider) { x.trust(otherTrust) }},
		{"a description", true, func(x *outsider) { x.patchAPI("replace /description mine") }},
	}
	w := newWorld(t)
	s := w.subject("blog")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			before, _ := s.converge()
			tt.do(&outsider{world: w, t: t, s: s, seen: before})
			r := s.look()
			if r.Plan.Empty() || r.Plan.Serving() != tt.serves {
				t.Errorf("serving = %v; want %v of %s", r.Plan.Serving(), tt.serves, describe(r.Plan))
			}
		})
	}
}
