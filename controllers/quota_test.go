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
