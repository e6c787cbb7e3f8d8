// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"testing"
	"time"

	kstatus "github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"go.uber.org/goleak"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/controllers"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/statuslint"
)

// TestToolsThatWait: GitOps tools wait for objects by kstatus, from the moment
// they apply them.
func TestToolsThatWait(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{Delays: core.Delays{TableCreate: core.Duration(5 * time.Second)}})
	o := d.create(d.object("blog"))
	expect := func(when string, want kstatus.Status) {
		t.Helper()
		if got, err := statuslint.Kstatus(d.live(o)); err != nil || got != want {
			t.Errorf("%s kstatus is %s, %v; want %s", when, got, err, want)
		}
	}
	expect("before the first look", kstatus.InProgressStatus)
	_ = d.step(o)
	expect("during the rollout", kstatus.InProgressStatus)
	d.ready(o)
	expect("when it serves", kstatus.CurrentStatus)
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.PageSize = 3 })
	expect("after a change", kstatus.InProgressStatus)
	d.ready(o)
	end := d.deny("iam:GetRole")
	d.until(o, "Stalled", reasonIs(v1alpha1.ConditionStalled, "True", v1alpha1.ReasonAccessDenied))
	expect("when a person is needed", kstatus.FailedStatus)
	if err := d.k8s.Delete(d.ctx, o); err != nil {
		t.Fatal(err)
	}
	_ = d.step(o)
	expect("during the deletion", kstatus.TerminatingStatus)
	end()
	d.until(o, "the end", gone)
}

// TestARunningOperatorRecovers meets trouble in the real thing: with its work
// queue, cache and clock.
func TestARunningOperatorRecovers(t *testing.T) {
	parallel(t)
	w := newWorld(t, core.Nature{}, func(o *controllers.Options) {
		o.Delays.RetryMost, o.Delays.PersonFirst, o.Delays.PersonMost = 2*time.Second, time.Second, time.Second
	})
	f := w.fault(control.Fault{Operation: "CreateRole", Action: control.Refuse, Status: 403, Code: "AccessDenied", Times: -1})
	o := w.create(w.object("blog"))
	w.eventually(o, "AccessDenied", reasonIs(v1alpha1.ConditionStalled, "True", v1alpha1.ReasonAccessDenied))
	w.endFault(f)
	o = w.ready(o)
	w.dropAPI(o)
	w.force(o, "look")
	w.eventually(o, "another API", func(now *v1alpha1.CommentsAPI) bool {
		return settled(now) && now.Status.RestAPI.ID != o.Status.RestAPI.ID
	})
	w.delete(o)
	w.left("blog-comments")
}

// TestAStoppedOperatorLeavesNothingRunning: no goroutine outlives it.
func TestAStoppedOperatorLeavesNothingRunning(t *testing.T) {
	w := newWorldWithoutOperator(t, core.Nature{})
	before := goleak.IgnoreCurrent()
	stop := w.operate("local")
	w.ready(w.create(w.object("blog")))
	stop()
	goleak.VerifyNone(t, before,
		// Idle connections of the clients, which close in time.
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
		goleak.IgnoreAnyFunction("net/http.(*http2ClientConn).readLoop"),
		goleak.IgnoreAnyFunction("golang.org/x/net/http2.(*ClientConn).readLoop"),
		// The local AWS's side of them.
		goleak.IgnoreAnyFunction("net/http.(*conn).serve"))
}
