// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// TestObserveWritesNothing: mode Observe says what would be done, and GitOps
// tools that wait for Ready get an end.
func TestObserveWritesNothing(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	before := d.inventory()
	o := d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) { o.Spec.Mode = v1alpha1.ModeObserve }))
	live := d.until(o, "ObserveOnly", reasonIs(v1alpha1.ConditionReady, "True", v1alpha1.ReasonObserveOnly))
	if !reasonIs(v1alpha1.ConditionSynced, "False", v1alpha1.ReasonPendingChanges)(live) {
		t.Errorf("Synced does not speak of pending changes: %s", describeStatus(live))
	}
	if meta.FindStatusCondition(live.Status.Conditions, v1alpha1.ConditionReconciling) != nil {
		t.Error("nothing is under way, and Reconciling is there")
	}
	bounded(t, live)
	for range 5 {
		_ = d.step(o)
	}
	if writes, _, _ := d.calls(0); len(writes) > 0 {
		t.Errorf("mode Observe wrote: %v", writes)
	}
	if diff := cmp.Diff(before, d.inventory()); diff != "" {
		t.Errorf("something in AWS was touched (-before +after):\n%s", diff)
	}
	if version := d.live(o).ResourceVersion; version != live.ResourceVersion {
		t.Error("the object changes while nothing else does")
	}
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Mode = v1alpha1.ModeEnforce })
	d.complete(d.ready(o))
}

// bounded checks that status.plan is there and stays small.
func bounded(t *testing.T, o *v1alpha1.CommentsAPI) {
	t.Helper()
	if n := len(o.Status.Plan); n == 0 || n > 20 {
		t.Errorf("status.plan has %d changes; want 1 to 20", n)
	}
	for _, c := range o.Status.Plan {
		if len([]rune(c.Field)) > 128 || len([]rune(c.From)) > 128 || len([]rune(c.To)) > 128 || strings.Contains(c.From+c.To, "#set") {
			t.Errorf("a change is too long for a status: %+v", c)
		}
	}
}

// TestObserveOfAServingStack plans drift without correcting it, in bounds.
func TestObserveOfAServingStack(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	d.change(o, func(o *v1alpha1.CommentsAPI) {
		o.Spec.Mode, o.Spec.Comments.Order, o.Spec.Stage = v1alpha1.ModeObserve, v1alpha1.NewestFirst, "next"
	})
	d.editTemplate(o, strings.Repeat("long ", 1000))
	_, err := d.apis.CreateResource(d.ctx, &apigateway.CreateResourceInput{RestApiId: &o.Status.RestAPI.ID,
		ParentId: d.resource(o, "/comments"), PathPart: aws.String(strings.Repeat("long", 50))})
	d.must(err)
	_, _, since := d.calls(0)
	live := d.until(o, "pending changes", reasonIs(v1alpha1.ConditionSynced, "False", v1alpha1.ReasonPendingChanges))
	bounded(t, live)
	if len(describeStatus(live)) > 16000 {
		t.Errorf("the status is %d bytes long", len(describeStatus(live)))
	}
	for _, call := range d.writes(since) {
		t.Errorf("mode Observe wrote: %s", call)
	}
}

// writes are the operator's writes to AWS since a sequence number.
func (w *world) writes(since int64) []string {
	w.t.Helper()
	writes, _, _ := w.calls(since)
	return writes
}

// TestPausedDoesNothing: the annotation stops everything but deletion, and
// taking it away goes on where it stopped.
func TestPausedDoesNothing(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	d.change(o, func(o *v1alpha1.CommentsAPI) {
		annotate(o, v1alpha1.AnnotationPaused, "true")
		o.Spec.Comments.PageSize = 7
	})
	d.dropRole(o)
	_, _, since := d.calls(0)
	for range 3 {
		_ = d.step(o)
	}
	if _, all, _ := d.calls(since); len(all) > 0 {
		t.Errorf("a paused object causes calls: %v", all)
	}
	live := d.live(o)
	if !reasonIs(v1alpha1.ConditionSynced, "True", v1alpha1.ReasonPaused)(live) || !reasonIs(v1alpha1.ConditionReady, "True", v1alpha1.ReasonAvailable)(live) {
		t.Errorf("the states changed by pausing: %s", describeStatus(live))
	}
	d.change(o, func(o *v1alpha1.CommentsAPI) { delete(o.Annotations, v1alpha1.AnnotationPaused) })
	d.until(o, "the rest", func(o *v1alpha1.CommentsAPI) bool { return settled(o) && len(d.roleNames()) == 1 })
}

// TestAForcedCheckIsAcknowledged: whoever sets reconcile-at can wait for the
// answer, also while something is wrong.
func TestAForcedCheckIsAcknowledged(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	d.dropTable("blog-comments")
	d.change(o, func(o *v1alpha1.CommentsAPI) { annotate(o, v1alpha1.AnnotationReconcileAt, "now") })
	d.until(o, "the acknowledgement", func(o *v1alpha1.CommentsAPI) bool { return o.Status.LastHandledReconcileAt == "now" })
}

// TestAStageIsRenamedWithoutAGap: the new stage serves before the old one
// goes, and the old one stays ten minutes for its readers.
func TestAStageIsRenamedWithoutAGap(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	old := o.DeepCopy()
	serves := func(o *v1alpha1.CommentsAPI) bool {
		d.t.Helper()
		return d.send("GET", listURL(o, "p"), "").status == 200
	}
	d.recorder.take()
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Stage = "next" })
	renamed := d.clock.Now()
	o = d.until(o, "the new stage", func(o *v1alpha1.CommentsAPI) bool {
		if !serves(old) {
			t.Fatal("the old stage went before the new one was there")
		}
		return o.Status.Stage.Name == "next"
	})
	if !serves(o) || !strings.HasSuffix(o.Status.InvokeURL, "/next") {
		t.Errorf("%s is announced and does not serve", o.Status.InvokeURL)
	}
	if !meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionReady) {
		t.Error("it serves and is not Ready")
	}
	if events := with(d.recorder.take(), "Warning URLChanged"); len(events) != 1 {
		t.Errorf("%d events of the changed URL; want 1", len(events))
	}
	for serves(old) {
		if err := d.step(o); err != nil {
			t.Fatal(err)
		}
		if d.clock.Now().Sub(renamed) > 30*time.Minute {
			t.Fatal("the old stage stays for good")
		}
	}
	if stayed := d.clock.Now().Sub(renamed); stayed < 10*time.Minute {
		t.Errorf("the old stage stayed %s; want 10m", stayed)
	}
	d.ready(o)
}

// TestOrderChangesWithoutAGap: moving readers to another index never fails a
// reader, and what is not needed any more goes after a time of grace.
func TestOrderChangesWithoutAGap(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{Delays: core.Delays{
		IndexCreate: core.Duration(40 * time.Second), IndexDelete: core.Duration(20 * time.Second),
		RoleAssumable: core.Duration(8 * time.Second), StagePropagation: core.Duration(5 * time.Second)}})
	o := d.ready(d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.Order = v1alpha1.Unordered })))
	for _, m := range []string{"one", "two"} {
		if status, _ := d.post(o, map[string]string{"pageId": "p", "userName": "u", "message": m}); status != 201 {
			t.Fatal(status)
		}
		d.clock.Advance(time.Second)
	}
	index := o.Status.Table.IndexName
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.Order = v1alpha1.NewestFirst })
	polls := 0
	var moved time.Time
	o = d.until(o, "the end of the move", func(o *v1alpha1.CommentsAPI) bool {
		r := d.send("GET", listURL(o, "p"), "")
		polls++
		if r.status != 200 || !strings.Contains(r.body, "one") || !strings.Contains(r.body, "two") {
			t.Fatalf("reader %d gets %+v", polls, r)
		}
		if moved.IsZero() && strings.Index(r.body, "two") < strings.Index(r.body, "one") && o.Status.Table.IndexName != index {
			moved = d.clock.Now()
		}
		return settled(o)
	})
	if grace := d.clock.Now().Sub(moved); moved.IsZero() || grace < 2*time.Minute-10*time.Second {
		t.Errorf("the old index went %s after the readers; want 2m", grace)
	}
	if o.Status.Table.IndexName == index {
		t.Errorf("the index is still %s", index)
	}
	policy := d.inventory()["iam"]
	if strings.Contains(policy, "index/"+index+`\"`) || strings.Contains(policy, "index/"+index+`"`) {
		t.Errorf("the role may still read index %s", index)
	}
	if tables := d.inventory()["dynamodb"]; strings.Contains(tables, `"`+index+`"`) {
		t.Errorf("index %s is still there", index)
	}
	if polls < 8 {
		t.Errorf("%d polls prove nothing", polls)
	}
}

// TestAStageAndAnOrderChangeTogether: while the old stage stays, what it reads
// stays.
func TestAStageAndAnOrderChangeTogether(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) {
		o.Spec.Comments.Order, o.Spec.DriftCheckInterval = v1alpha1.Unordered, "1m"
	})))
	old := o.DeepCopy()
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.Order, o.Spec.Stage = v1alpha1.OldestFirst, "next" })
	changed := d.clock.Now()
	d.until(o, "the end of the move", func(o *v1alpha1.CommentsAPI) bool {
		r := d.send("GET", listURL(old, "p"), "")
		if passed := d.clock.Now().Sub(changed); r.status != 200 && passed < 10*time.Minute {
			t.Fatalf("the old stage answers %+v after %s", r, passed)
		}
		return settled(o)
	})
	if tables := d.inventory()["dynamodb"]; strings.Contains(tables, `"`+old.Status.Table.IndexName+`"`) {
		t.Errorf("index %s is still there", old.Status.Table.IndexName)
	}
}

// TestAnInconsistentAWS: readings that trail writes delay a rollout, and cause
// neither duplicates nor a storm of writes.
func TestAnInconsistentAWS(t *testing.T) {
	parallel(t)
	lag := core.Duration(15 * time.Second)
	d := newDriver(t, core.Nature{Lag: map[string]core.Duration{"iam": lag, "apigateway": lag, "dynamodb": lag}})
	o := d.ready(d.create(d.object("blog")))
	writes := d.writes(0)
	if len(writes) > 60 {
		t.Errorf("%d writes:\n%s", len(writes), strings.Join(writes, "\n"))
	}
	d.clock.Advance(lag.D())
	if ids := d.restAPIs(); len(ids) != 1 || ids[0] != o.Status.RestAPI.ID {
		t.Errorf("REST APIs are %v; want only %s", ids, o.Status.RestAPI.ID)
	}
	d.force(o)
}

// TestObserveDoesNotCountAsServing: Ready of mode Observe is for tools that
// wait; an object that never served does not keep it.
func TestObserveDoesNotCountAsServing(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) { o.Spec.Mode = v1alpha1.ModeObserve }))
	d.until(o, "ObserveOnly", reasonIs(v1alpha1.ConditionReady, "True", v1alpha1.ReasonObserveOnly))
	d.deny("iam:GetRole")
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Mode = v1alpha1.ModeEnforce })
	d.until(o, "Stalled", reasonIs(v1alpha1.ConditionStalled, "True", v1alpha1.ReasonAccessDenied))
	if !reasonIs(v1alpha1.ConditionReady, "False", v1alpha1.ReasonAccessDenied)(d.live(o)) {
		t.Errorf("it never served: %s", describeStatus(d.live(o)))
	}
}

// TestDriftIsLookedForDuringAGrace: waiting for an old stage's end is no
// reason to look less often than asked for.
func TestDriftIsLookedForDuringAGrace(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) { o.Spec.DriftCheckInterval = "1m" })))
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Stage = "next" })
	d.until(o, "the new stage", func(o *v1alpha1.CommentsAPI) bool { return o.Status.Stage.Name == "next" })
	for range 5 {
		if _ = d.step(o); d.next > 65*time.Second {
			t.Errorf("the next look is %s away; it was asked for every minute", d.next)
		}
	}
}
