// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// stagesAnHour leaves room for one look at an API an hour.
var stagesAnHour = []awscloud.Quota{{Service: "API Gateway", Operation: "GetStages", Count: 1, Per: time.Hour}}

// TestASettledObjectWaitsForItsTurnInSilence: with many objects, checks wait
// for AWS's quotas all the time; that is no news.
func TestASettledObjectWaitsForItsTurnInSilence(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	d.config.Quotas = stagesAnHour
	d.restart()
	_ = d.step(o) // finds its moment in the interval
	_ = d.step(o) // takes the only turn
	for range 3 {
		_ = d.step(o)
		if d.next < 30*time.Minute {
			t.Errorf("the next look is %s away; its turn is in an hour", d.next)
		}
	}
	if live := d.live(o); live.ResourceVersion != o.ResourceVersion {
		t.Errorf("the object was written: %s", describeStatus(live))
	}
}

// TestANewObjectSaysThatItWaitsForItsTurn, since somebody waits for it.
func TestANewObjectSaysThatItWaitsForItsTurn(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	d.config.Quotas = stagesAnHour
	d.restart()
	o := d.create(d.object("blog"))
	live := d.until(o, "WaitingForQuota", func(o *v1alpha1.CommentsAPI) bool {
		c := meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionReconciling)
		return c != nil && c.Reason == v1alpha1.ReasonWaitingForQuota
	})
	if c := meta.FindStatusCondition(live.Status.Conditions, v1alpha1.ConditionReady); c.Status != "False" || !strings.Contains(c.Message, "quota") {
		t.Errorf("Ready: %+v", c)
	}
}

// TestAWaitNamesItsTimeOnce: people who wait want to know how long, and status
// must not move with the line.
func TestAWaitNamesItsTimeOnce(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	d.config.Quotas = []awscloud.Quota{{Service: "API Gateway", Operation: "CreateRestApi", Count: 1, Per: 10 * time.Minute}}
	d.config.Successor = true // as if one had just been made
	d.restart()
	d.clock.Advance(30 * time.Second) // the time is given in whole minutes
	start := d.clock.Now()
	o := d.create(d.object("blog"))
	live := d.until(o, "its wait", reasonIs(v1alpha1.ConditionReconciling, "True", v1alpha1.ReasonWaitingForQuota))
	want := "Its turn is expected at " + start.Add(10*time.Minute).Truncate(time.Minute).Format("2006-01-02 15:04 UTC") + "."
	for _, kind := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionReady, v1alpha1.ConditionSynced} {
		if m := message(live, kind); !strings.HasSuffix(m, want) {
			t.Errorf("%s says %q; want %q", kind, m, want)
		}
	}
	d.clock.Advance(-d.next) // looked at again at once, as after an event
	for range 2 {
		_ = d.step(o)
	}
	if again := d.live(o); again.ResourceVersion != live.ResourceVersion {
		t.Errorf("the status moved while the object waits: %s", describeStatus(again))
	}
	if err := d.k8s.Delete(d.ctx, live); err != nil {
		t.Fatal(err)
	}
	d.until(o, "its end", gone)
}

// TestDeletionsTakeTurns: AWS allows few deletions of REST APIs, so of many
// objects one goes after the other; none of them is in trouble.
func TestDeletionsTakeTurns(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	first, second := d.ready(d.create(d.object("first"))), d.ready(d.create(d.object("second")))
	d.config.Quotas = []awscloud.Quota{{Service: "API Gateway", Operation: "DeleteRestApi", Count: 1, Per: 7 * time.Second}}
	d.restart()
	d.recorder.take()
	d.remove(first)
	if err := d.k8s.Delete(d.ctx, second); err != nil {
		t.Fatal(err)
	}
	d.until(second, "its wait", reasonIs(v1alpha1.ConditionReconciling, "True", v1alpha1.ReasonWaitingForQuota))
	d.until(second, "its end", gone)
	if warnings := with(d.recorder.take(), "Warning"); len(warnings) > 0 {
		t.Errorf("waiting for a turn is announced as trouble: %v", warnings)
	}
}
