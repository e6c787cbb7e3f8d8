// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// TestARestartBeforeACreationLosesNoTime: an operator that is told to end while
// an object waits for its turn leaves no intent behind, which the next one would
// have to take for a REST API whose answer was lost.
func TestARestartBeforeACreationLosesNoTime(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	d.config.Quotas = []awscloud.Quota{{Service: "API Gateway", Operation: "CreateRestApi", Count: 1, Per: 3 * time.Second}}
	d.config.Successor = true // the turn is near, but not now
	d.restart()
	o := d.create(d.object("blog"))
	key := client.ObjectKeyFromObject(o)
	ctx, end := context.WithCancel(d.ctx)
	defer end()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			_, _ = d.r.Reconcile(ctx, reconcile.Request{NamespacedName: key})
		}
	}()
	deadline := time.Now().Add(patience)
	for d.live(o).Status.Intent == nil {
		if time.Now().After(deadline) {
			t.Fatal("the operator does not get as far as creating a REST API")
		}
	}
	end()
	<-ended
	if live := d.live(o); live.Status.Intent != nil || live.Status.RestAPI != nil {
		t.Errorf("after the end: intent %+v, REST API %+v; want neither", live.Status.Intent, live.Status.RestAPI)
	}
}

// TestAnUnfinishedRolloutWaitsForItsTurnAfterARestart: of a crowd whose
// rollouts were under way, all would otherwise read everything at once, and the
// one whose turn it is would wait behind their reading.
func TestAnUnfinishedRolloutWaitsForItsTurnAfterARestart(t *testing.T) {
	parallel(t)
	for _, c := range []struct {
		quota string
		until func(*v1alpha1.CommentsAPI) bool
	}{
		{"CreateRestApi", func(o *v1alpha1.CommentsAPI) bool {
			return o.Status.AccountID != "" && o.Status.Intent == nil && o.Status.RestAPI == nil
		}},
		{"CreateDeployment", func(o *v1alpha1.CommentsAPI) bool {
			return o.Status.RestAPI != nil && o.Status.RestAPI.DefinitionSHA256 == ""
		}},
	} {
		t.Run(c.quota, func(t *testing.T) {
			d := newDriver(t, core.Nature{})
			release := d.hamper(control.Fault{Operation: c.quota, Action: control.Refuse, Status: 429, RetryAfter: "5"})
			o := d.create(d.object("blog"))
			d.until(o, "the middle of its rollout", c.until)
			release()
			_, _, before := d.calls(0)
			d.config.Quotas = []awscloud.Quota{{Service: "API Gateway", Operation: c.quota, Count: 1, Per: time.Hour}}
			d.config.Successor = true
			d.restart()
			for range 3 {
				_ = d.step(o)
			}
			if !reasonIs(v1alpha1.ConditionReconciling, "True", v1alpha1.ReasonWaitingForQuota)(d.live(o)) {
				t.Errorf("it does not say that it waits for its turn: %s", describeStatus(d.live(o)))
			}
			if _, all, _ := d.calls(before); len(all) != len(with(all, "sts ")) {
				t.Errorf("read before its turn:\n%s", strings.Join(all, "\n"))
			}
			d.config.Quotas, d.config.Successor = []awscloud.Quota{}, false
			d.restart()
			d.ready(o)
		})
	}
}
