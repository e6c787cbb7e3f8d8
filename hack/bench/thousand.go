// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

const (
	// thousand is a number of objects that takes two accounts: each holds 600
	// REST APIs in a region (aws-facts A3).
	thousand = 1000
	// fast is a scale of quotas that holds nobody up.
	fast = 1000
	// often is the shortest interval of drift checks.
	often = time.Minute
	// backlog is how long checks that the quota can't carry pile up before
	// somebody changes an object.
	backlog = 45 * time.Second
)

// runThousand measures one operator with a thousand objects that are Ready:
// what a restart costs, how soon a change is served while checks are due, and
// what checks take when nothing is found.
func runThousand(ctx context.Context, l *lab, r *report) error {
	s, err := l.scene(ctx, core.Nature{})
	if err != nil {
		return err
	}
	defer s.close()
	role, err := s.roleIn(ctx, secondAccount)
	if err != nil {
		return err
	}
	if err := s.namespace(ctx, role); err != nil {
		return err
	}
	if err := s.empty(ctx, r); err != nil {
		return err
	}
	if err := s.seed(ctx, r); err != nil {
		return err
	}
	if err := s.afterRestart(ctx, r); err != nil {
		return err
	}
	return s.steady(ctx, r)
}

// empty notes what the manager takes without objects, and how soon it leads.
func (s *scene) empty(ctx context.Context, r *report) error {
	info, err := os.Stat(s.manager)
	if err != nil {
		return err
	}
	r.set("manager_binary_mib", float64(info.Size())/(1<<20))
	m, err := s.watched()
	if err != nil {
		return err
	}
	if s.leader, err = s.lead(ctx, m, ""); err != nil {
		return err
	}
	r.set("startup_seconds", time.Since(m.Started).Seconds())
	if err := m.Pause(ctx, 3*time.Second); err != nil {
		return err
	}
	rss, err := m.resident("VmRSS")
	if err != nil {
		return err
	}
	r.set("rss_mib_0", rss)
	heap, err := m.vital(ctx, heapLive)
	if err != nil {
		return err
	}
	r.set("heap_mib_0", heap/(1<<20))
	return m.Stop()
}

// seed makes a thousand objects Ready, half of them in each account.
func (s *scene) seed(ctx context.Context, r *report) error {
	m, err := s.operate(fmt.Sprintf("--quota-scale=%d", fast))
	if err != nil {
		return err
	}
	r.progress("making %d objects Ready without quotas", thousand)
	started := time.Now()
	err = s.each(ctx, thousand, func(ctx context.Context, o *v1alpha1.CommentsAPI) error {
		o.Spec.DriftCheckInterval = often.String()
		return s.create(ctx, o)
	})
	if err == nil {
		during, over := m.while(ctx)
		defer over()
		err = s.until(during, thousand, isSettled)
	}
	if err != nil {
		return err
	}
	r.progress("that took %.0f s", time.Since(started).Seconds())
	used, err := m.cpu()
	if err != nil {
		return err
	}
	r.set("cpu_ms_per_create", used.Seconds()*1000/thousand)
	peak, err := m.resident("VmHWM")
	if err != nil {
		return err
	}
	r.set("rss_peak_mib_rollout_1000", peak)
	return m.Stop()
}

// afterRestart starts the manager anew under AWS's quotas, which can't carry
// the checks that are asked for: they pile up. Then somebody changes an object.
func (s *scene) afterRestart(ctx context.Context, r *report) error {
	s.local.Env().SetNature(core.Nature{Quotas: core.Quotas{Enabled: true}})
	counting, stop := context.WithCancel(ctx)
	defer stop()
	s.calls()
	calls := s.tally(counting)
	m, err := s.operate()
	if err != nil {
		return err
	}
	if s.leader, err = s.lead(ctx, m, s.leader); err != nil {
		return err
	}
	r.set("startup_seconds_1000", time.Since(m.Started).Seconds())
	r.progress("letting checks pile up for %s", backlog)
	if err := m.Pause(ctx, backlog); err != nil {
		return err
	}
	stop()
	t := <-calls
	r.set("restart_writes_1000", float64(t.writes))
	r.set("restart_throttles_1000", float64(t.refused))
	due := float64(thousand)*backlog.Seconds()/often.Seconds() - float64(t.checks)
	r.set("first_change_checks_due", due)
	changed := time.Now()
	if err := s.resize(9)(ctx, s.object(3)); err != nil {
		return err
	}
	for {
		for _, call := range s.calls() {
			if call.Write {
				r.set("first_change_seconds", call.Time.Sub(changed).Seconds())
				return m.Stop()
			}
		}
		if time.Since(changed) > patience {
			return errors.New("nobody served the change of an object")
		}
		if err := m.Pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

// tallied is what was sent to AWS in a while.
type tallied struct{ all, checks, writes, refused int }

func (t *tallied) add(call control.Request) {
	t.all++
	if call.Write {
		t.writes++
	}
	if call.Operation == "GetStages" && !call.Throttled { // once in every check
		t.checks++
	}
	if call.Throttled {
		t.refused++
	}
}
