// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// steady measures checks that find nothing.
func (s *scene) steady(ctx context.Context, r *report) error {
	s.local.Env().SetNature(core.Nature{})
	m, err := s.watched(fmt.Sprintf("--quota-scale=%d", fast))
	if err != nil {
		return err
	}
	// The first check of each object after a start reads everything.
	r.progress("two rounds of checks of %d objects", thousand)
	if err := s.until(ctx, thousand, isSettled); err != nil {
		return err
	}
	if err := m.Pause(ctx, often+10*time.Second); err != nil {
		return err
	}
	before, err := s.measureAt(ctx, m)
	if err != nil {
		return err
	}
	versions, err := s.versions(ctx)
	if err != nil {
		return err
	}
	s.calls()
	counting, stop := context.WithCancel(ctx)
	defer stop()
	calls := s.tally(counting)
	if err := m.Pause(ctx, often+10*time.Second); err != nil {
		return err
	}
	stop()
	t := <-calls
	now, err := s.versions(ctx)
	if err != nil {
		return err
	}
	after, err := s.measureAt(ctx, m)
	if err != nil {
		return err
	}
	checks := float64(max(t.checks, 1))
	r.set("checks_measured", float64(t.checks))
	r.set("cpu_ms_per_check", (after.cpu-before.cpu).Seconds()*1000/checks)
	r.set("calls_per_check", float64(t.all)/checks)
	// More than one would be a loop; one is looked at when its moment comes.
	r.set("reconciles_per_check", (after.reconciles-before.reconciles)/checks)
	r.set("kubernetes_writes_per_check", max(after.writes-before.writes, float64(moved(versions, now)))/checks)
	for name, field := range map[string]string{"rss_mib_1000": "VmRSS", "rss_peak_mib_1000": "VmHWM"} {
		mib, err := m.resident(field)
		if err != nil {
			return err
		}
		r.set(name, mib)
	}
	heap, err := m.vital(ctx, heapLive)
	if err != nil {
		return err
	}
	r.set("heap_mib_1000", heap/(1<<20))
	r.set("heap_kib_per_object", (r.numbers["heap_mib_1000"]-r.numbers["heap_mib_0"])*1024/thousand)
	one := s.object(0)
	if err := s.k8s.Get(ctx, client.ObjectKeyFromObject(one), one); err != nil {
		return err
	}
	text, err := json.Marshal(one)
	if err != nil {
		return err
	}
	r.set("object_kib", float64(len(text))/1024) // about what etcd stores
	r.set("rss_kib_per_object", (r.numbers["rss_mib_1000"]-r.numbers["rss_mib_0"])*1024/thousand)
	return nil
}

// moment is what was used up to a moment.
type moment struct {
	cpu                time.Duration
	reconciles, writes float64
}

func (s *scene) measureAt(ctx context.Context, m *manager) (at moment, err error) {
	if at.reconciles, err = m.vital(ctx, reconciles); err != nil {
		return at, err
	}
	if at.writes, err = s.clusterWrites(ctx); err != nil {
		return at, err
	}
	at.cpu, err = m.cpu()
	return at, err
}

// moved counts the objects that were written: each has another version.
func moved(before, after map[string]string) int {
	n := 0
	for name, version := range after {
		if version != before[name] {
			n++
		}
	}
	return n
}
