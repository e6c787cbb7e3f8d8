// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/check"
)

// drift is one change behind the operator's back.
type drift struct {
	name string
	// fields are what a check must plan to put back, and nothing else;
	// without any, the change is none of the operator's business.
	fields []string
	// unnoticed says that no client can notice the change before another one
	// that a check sees at once; it is found within check.Turns() checks.
	unnoticed bool
	// provisioned makes the change on a table with provisioned billing.
	provisioned bool
	// moderated makes the change on a stack with moderators' calls.
	moderated bool
	// keyed makes the change on a stack whose calls need an API key.
	keyed bool
	// cached makes the change on a stack that keeps answers.
	cached bool
	// fresh makes the change to a stack that nothing was done to before: what
	// others put on a resource goes with it when they delete it.
	fresh bool
	do    func(*outsider)
}

// TestDriftIsSeenAndPutRight makes each change to a settled stack, through
// AWS's public API. A full check must plan exactly the fields concerned, a
// check that nobody asked for must find them as soon as clients could notice,
// and carrying the plan out must lead back to the stack as it was, everything
// else untouched.
func TestDriftIsSeenAndPutRight(t *testing.T) {
	w := newWorld(t)
	onDemand := w.subject("blog", capped(100, 50), tagged("team", "web", "tier", "free"))
	bought := w.subject("bought", provisioned(5, 6, 7, 8))
	guarded := w.subject("guarded", tagged("team", "web", "tier", "free"), keyedWith(1000))
	watched := w.subject("watched", tagged("team", "web", "tier", "free"), moderation)
	kept := w.subject("kept", caching("1.6", 120), func(s *v1alpha1.CommentsAPISpec) {
		s.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: []v1alpha1.Origin{"https://a.example", "https://b.example"}}
	})
	cases := slices.Concat(tableDrift(), roleDrift(), moderatorDrift(), apiDrift(), definitionDrift(), stageDrift(), keyDrift(), cacheDrift())
	for i, d := range cases {
		t.Run(d.name, func(t *testing.T) {
			s := onDemand
			switch {
			case d.provisioned:
				s = bought
			case d.moderated:
				s = watched
			case d.keyed && d.fresh:
				s = w.subject(fmt.Sprintf("fresh%d", i), tagged("team", "web"), keyedWith(1000))
			case d.keyed:
				s = guarded
			case d.cached:
				s = kept
			case d.fresh:
				s = w.subject(fmt.Sprintf("fresh%d", i), tagged("team", "web"))
			}
			s.t = t
			s.suffer(t, d)
		})
	}
	if len(cases) < 80 {
		t.Errorf("%d cases; the suite lost some", len(cases))
	}
	t.Logf("drift: %d cases", len(cases))
}

func (s *subject) suffer(t *testing.T, d drift) {
	before, _ := s.converge()
	s.memory = check.Memory{}
	if r := s.lookInTurn(); !r.Plan.Empty() {
		t.Fatalf("a settled stack has the plan %s", describe(r.Plan))
	}
	x := &outsider{world: s.w, t: t, s: s, seen: before, moderator: d.moderated}
	d.do(x)

	r := s.look()
	if diff := cmp.Diff(d.fields, fields(r.Plan)); diff != "" {
		t.Errorf("planned fields (-want +got):\n%s\nplan: %s", diff, describe(r.Plan))
	}
	if len(d.fields) == 0 {
		since := s.w.seq()
		s.lookInTurn()
		if writes := s.w.writes(since); len(writes) > 0 {
			t.Errorf("something that is none of the operator's business led to %v", writes)
		}
		return
	}
	s.noticed(t, d)
	after, _ := s.converge()
	if diff := cmp.Diff(s.normalise(before.Observed), s.normalise(after.Observed)); diff != "" {
		t.Errorf("the stack is not as it was (-before +after):\n%s", diff)
	}
}

// noticed counts the checks that nobody asked for until one of them sees.
func (s *subject) noticed(t *testing.T, d drift) {
	t.Helper()
	most := 1
	if d.unnoticed {
		most = check.Turns()
	}
	for n := 1; n <= most; n++ {
		r := s.lookInTurn()
		if r.Plan.Empty() {
			s.remember(r, noOutcome)
			continue
		}
		if diff := cmp.Diff(d.fields, fields(r.Plan)); diff != "" {
			t.Errorf("fields planned by a check in turn (-want +got):\n%s", diff)
		}
		return
	}
	t.Errorf("%d checks in turn did not see it", most)
}
