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
	// thousand is a number of objects that AWS allows in two regions or
	// accounts: each holds 600 REST APIs (aws-facts A3).
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
	m, err := s.operate()
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
	return m.Stop()
}

// seed makes a thousand objects Ready, half of them in another region.
func (s *scene) seed(ctx context.Context, r *report) error {
	m, err := s.operate(fmt.Sprintf("--quota-scale=%d", fast))
	if err != nil {
		return err
	}
	r.progress("making %d objects Ready without quotas", thousand)
	started := time.Now()
	err = s.each(ctx, thousand, func(ctx context.Context, o *v1alpha1.CommentsAPI) error {
		o.Spec.DriftCheckInterval = often.String()
		if o.Name[len(o.Name)-1]%2 == 0 {
			o.Spec.Region = "eu-central-1"
		}
		return s.create(ctx, o)
	})
	if err == nil {
		err = s.until(ctx, m, thousand, isSettled)
	}
	if err != nil {
		return err
	}
	r.progress("that took %.0f s", time.Since(started).Seconds())
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

// steady measures checks that find nothing.
func (s *scene) steady(ctx context.Context, r *report) error {
	s.local.Env().SetNature(core.Nature{})
	m, err := s.operate(fmt.Sprintf("--quota-scale=%d", fast))
	if err != nil {
		return err
	}
	// The first check of each object after a start reads everything.
	r.progress("two rounds of checks of %d objects", thousand)
	if err := s.until(ctx, m, thousand, isSettled); err != nil {
		return err
	}
	if err := m.Pause(ctx, often+10*time.Second); err != nil {
		return err
	}
	s.calls()
	versions, err := s.versions(ctx)
	if err != nil {
		return err
	}
	counting, stop := context.WithCancel(ctx)
	defer stop()
	calls := s.tally(counting)
	before, err := m.cpu()
	if err != nil {
		return err
	}
	if err := m.Pause(ctx, often+10*time.Second); err != nil {
		return err
	}
	after, err := m.cpu()
	if err != nil {
		return err
	}
	stop()
	t := <-calls
	r.set("checks_measured", float64(t.checks))
	r.set("cpu_ms_per_check", (after-before).Seconds()*1000/float64(max(t.checks, 1)))
	r.set("calls_per_check", float64(t.all)/float64(max(t.checks, 1)))
	now, err := s.versions(ctx)
	if err != nil {
		return err
	}
	written := 0
	for name, version := range now {
		if version != versions[name] {
			written++
		}
	}
	r.set("kubernetes_writes_per_check", float64(written)/float64(max(t.checks, 1)))
	for name, field := range map[string]string{"rss_mib_1000": "VmRSS", "rss_peak_mib_1000": "VmHWM"} {
		mib, err := m.resident(field)
		if err != nil {
			return err
		}
		r.set(name, mib)
	}
	r.set("rss_kib_per_object", (r.numbers["rss_mib_1000"]-r.numbers["rss_mib_0"])*1024/thousand)
	return nil
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
