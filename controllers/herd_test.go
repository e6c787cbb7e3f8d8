// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/controllers"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// TestARestartMakesNoHerd: an object that was settled is checked at its own
// moment in the interval, one that waits for the operator at once.
func TestARestartMakesNoHerd(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	settledOne, changed, deleted := d.ready(d.create(d.object("settled"))), d.ready(d.create(d.object("changed"))), d.ready(d.create(d.object("deleted")))
	d.change(changed, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.PageSize = 7 })
	if err := d.k8s.Delete(d.ctx, deleted); err != nil {
		t.Fatal(err)
	}
	d.restart()
	_, _, before := d.calls(0)

	_ = d.step(settledOne)
	if _, calls, _ := d.calls(before); len(calls) > 0 {
		t.Errorf("a restart makes %d calls for an object that was settled: %v", len(calls), calls)
	}
	if d.next <= 0 || d.next > 10*time.Minute {
		t.Errorf("it is checked in %s; want a moment in the interval of 10m", d.next)
	}
	for _, o := range []*v1alpha1.CommentsAPI{changed, deleted} {
		_, _, since := d.calls(0)
		_ = d.step(o)
		if _, calls, _ := d.calls(since); len(calls) == 0 {
			t.Errorf("%s waits for the operator, and a restart lets it wait on", o.Name)
		}
	}
	_, _, before = d.calls(0)
	_ = d.step(settledOne)
	if writes, calls, _ := d.calls(before); len(calls) < 8 || len(writes) > 0 {
		t.Errorf("at its moment it is checked with %d calls and %d writes; want a whole check", len(calls), len(writes))
	}
	d.ready(changed)
	d.until(deleted, "its end", gone)
}

// TestRestartsSpreadChecks: not all objects have the same moment.
func TestRestartsSpreadChecks(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	moments := map[time.Time]bool{}
	const objects = 4
	for i := range objects {
		o := d.ready(d.create(d.object(fmt.Sprint("blog-", i))))
		d.restart()
		_ = d.step(o)
		moments[d.clock.Now().Truncate(time.Second)] = true
	}
	if len(moments) != objects {
		t.Errorf("the checks of %d objects fall on %d moments", objects, len(moments))
	}
}

// narrow is an operator with a quota of one check, four calls, a minute, of
// which eight tenths are for checks, and the registry of its metrics.
func narrow(t *testing.T, service string) (*driver, *prometheus.Registry) {
	t.Helper()
	d, registry := newDriver(t, core.Nature{}), prometheus.NewRegistry()
	d.config.Quotas = []awscloud.Quota{{Service: service, Count: 4, Per: time.Minute, Burst: 1000}}
	d.metrics = controllers.NewMetrics(registry)
	d.restart()
	return d, registry
}

// often asks for a check a minute.
func often(o *v1alpha1.CommentsAPI) { o.Spec.DriftCheckInterval = "1m" }

// TestIntervalsStretchToTheQuota: checks that AWS's quota does not carry are
// made less often, and the object says so, in words that stand still.
func TestIntervalsStretchToTheQuota(t *testing.T) {
	parallel(t)
	d, registry := narrow(t, "API Gateway")
	first, second := d.ready(d.create(d.object("first", often))), d.ready(d.create(d.object("second", often)))
	rarely := func(o *v1alpha1.CommentsAPI) bool {
		return strings.Contains(meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionSynced).Message, "less often")
	}
	_ = d.step(first)
	first = d.live(first)
	if !rarely(first) || !rarely(second) {
		t.Errorf("0.8 checks a minute are carried, not two; Synced says nothing of it: %s", describeStatus(first))
	}
	for range 3 {
		_ = d.step(first)
		if d.next > 3*time.Minute+9*time.Second || d.next < 9*time.Second {
			t.Errorf("the next check is %s away; want once in 3m", d.next)
		}
	}
	if live := d.live(first); live.ResourceVersion != first.ResourceVersion {
		t.Errorf("checks that find nothing write: %s", describeStatus(live))
	}
	if got := stretches(t, registry); len(got) != 1 || got[first.Spec.Region] != 3 {
		t.Errorf("the metric says %v; want 3 in %s", got, first.Spec.Region)
	}
	d.remove(second)
	d.config.Quotas = []awscloud.Quota{}
	d.restart()
	_ = d.step(first)
	_ = d.step(first)
	if rarely(d.live(first)) {
		t.Error("the quota carries all checks now, and Synced says that it does not")
	}
	d.remove(first)
	if got := stretches(t, registry); len(got) != 0 {
		t.Errorf("no object is left, and the metric says %v", got)
	}
}

// TestIntervalsStretchToTheQuotaOfTheAccount: IAM has one quota for all
// regions, so that objects elsewhere count too.
func TestIntervalsStretchToTheQuotaOfTheAccount(t *testing.T) {
	parallel(t)
	d, registry := narrow(t, "IAM")
	elsewhere := func(o *v1alpha1.CommentsAPI) { o.Spec.Region = otherRegion }
	first := d.ready(d.create(d.object("first", often)))
	d.ready(d.create(d.object("second", often, elsewhere)))
	_ = d.step(first)
	if got := stretches(t, registry); got[first.Spec.Region] != 3 || got[otherRegion] != 3 {
		t.Errorf("0.8 checks a minute are carried in all regions together, not two; the metric says %v", got)
	}
}

// stretches reads the metric by region.
func stretches(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, f := range families {
		if f.GetName() != "commentsapi_drift_check_stretch" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "region" {
					found[l.GetValue()] = m.GetGauge().GetValue()
				}
			}
		}
	}
	return found
}
