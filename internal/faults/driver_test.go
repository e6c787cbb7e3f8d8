// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	kstatus "github.com/fluxcd/cli-utils/pkg/kstatus/status"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// mostLooks bounds how many reconciles any goal may take once faults are over.
const mostLooks = 90

// look reconciles once. It reports how soon the operator wants to look again;
// a crash starts a new operator, which looks at once.
func (w *world) look() (next time.Duration) {
	w.inv.beforeReconcile(w)
	from := len(w.sites)
	result, err, crashed := w.reconcile()
	if w.trace {
		fmt.Printf("%s look: %v, then %s; error %v; crashed %v\n\t%s\n", time.Now().Format("15:04:05"), w.sites[from:], result.RequeueAfter, err, crashed, w.describe())
	}
	if crashed {
		w.restart()
		return time.Second
	}
	w.inv.afterReconcile(w, result.RequeueAfter, err)
	if o := w.live(); o != nil && slices.ContainsFunc(o.Status.Conditions, func(c metav1.Condition) bool { return c.Reason == v1alpha1.ReasonWaitingForQuota }) {
		w.turns++
	}
	if err != nil {
		w.failures++
		return min(time.Second<<min(w.failures-1, 6), time.Minute) // as work queues do
	}
	w.failures = 0
	return result.RequeueAfter
}

func (w *world) reconcile() (result reconcile.Result, err error, crashed bool) { //nolint:revive // a crash is no error
	defer func() {
		p := recover()
		w.duet.end(w)
		if p != nil {
			if _, ok := p.(crash); !ok {
				panic(p)
			}
			crashed = true
		}
	}()
	result, err = w.op.r.Reconcile(w.ctx, reconcile.Request{NamespacedName: key})
	return result, err, w.op.doomed
}

// looks reconciles n times, waiting in between as the operator asks.
func (w *world) looks(n int) {
	for range n {
		w.wait(w.look())
	}
}

// wait lets time pass until the next look; an operator that asks for none is
// left alone, as the work queue would.
func (w *world) wait(next time.Duration) {
	if next > 0 {
		time.Sleep(next)
	}
}

// until looks until the object is as wanted, and says so if it takes too long.
func (w *world) until(what string, wanted func(*v1alpha1.CommentsAPI) bool) bool {
	looks, faults := 0, w.met
	for !wanted(w.live()) {
		if w.storming() || w.met != faults {
			looks, faults = 0, w.met
		}
		if looks++; looks > mostLooks {
			w.violate("%s does not come about in %d looks: %s", what, mostLooks, w.describe())
			return false
		}
		next := w.look()
		if next == 0 && !wanted(w.live()) {
			if o := w.live(); o == nil || w.traits&stale == 0 {
				w.violate("the operator stops before %s: %s", what, w.describe())
				return false
			}
			next = time.Second // the watch brings what the cache was missing
		}
		w.wait(next)
	}
	return true
}

// storming reports whether something still goes wrong.
func (w *world) storming() bool {
	now := time.Now()
	for _, s := range w.storms {
		if now.Before(s.ends) {
			return true
		}
	}
	return now.Before(w.lagEnds.Add(mostLag)) || now.Before(w.oldGets)
}

// settle is the usual goal: everything as declared, then silence.
func (w *world) settle() {
	if w.live() == nil || !w.live().DeletionTimestamp.IsZero() {
		w.vanish()
		return
	}
	done := func(o *v1alpha1.CommentsAPI) bool { return o == nil || !o.DeletionTimestamp.IsZero() || settled(o) }
	if !w.until("a settled object", done) {
		return
	}
	if o := w.live(); o == nil || !o.DeletionTimestamp.IsZero() {
		w.vanish()
		return
	}
	w.silence()
	// A fault may have befallen the last look of the silence.
	if !w.until("a settled object again", done) {
		return
	}
	if o := w.live(); o == nil || !o.DeletionTimestamp.IsZero() { // a user deleted it meanwhile
		w.vanish()
		return
	}
	w.becomes("when all is done", kstatus.CurrentStatus)
}

// silence checks that a settled object stays settled without a write: faults
// that are still to come have their turn first.
func (w *world) silence() {
	w.learned = len(w.sites)
	for w.storming() { // what trails may look settled without being so
		w.wait(max(w.look(), time.Second))
	}
	for n := range 2 { // a fault may befall the first forced check, or another operator answer it
		w.edit(func(o *v1alpha1.CommentsAPI) {
			annotate(o, v1alpha1.AnnotationReconcileAt, fmt.Sprint(time.Now(), n))
		})
		if !w.until("an answer to a forced check", func(o *v1alpha1.CommentsAPI) bool {
			return o == nil || !o.DeletionTimestamp.IsZero() ||
				settled(o) && o.Status.LastHandledReconcileAt == o.Annotations[v1alpha1.AnnotationReconcileAt]
		}) {
			return
		}
	}
	before, from := w.met, len(w.sites)
	for range 4 { // as many as it takes to read everything in turn
		w.wait(w.look())
	}
	if o := w.live(); w.met != before || w.storming() || o == nil || !o.DeletionTimestamp.IsZero() || !settled(o) {
		return
	}
	for _, s := range w.sites[from:] {
		if !s.read() {
			w.violate("a settled object is written to: %s", s.Op)
		}
	}
}

// vanish waits for the end of an object that is being deleted.
func (w *world) vanish() {
	w.until("the object's end", func(o *v1alpha1.CommentsAPI) bool {
		if o != nil && w.traits&recreated != 0 {
			w.delete() // the new object goes the way of the old one
		}
		return o == nil
	})
	if w.traits&stale != 0 && w.live() == nil && len(w.violations) == 0 {
		if o := w.inv.object; o != nil {
			w.inv.checkLeft(w, o)
		}
	}
}

func (w *world) describe() string {
	o := w.live()
	if o == nil {
		return "no object"
	}
	var out []string
	for _, c := range o.Status.Conditions {
		out = append(out, c.Type+"="+string(c.Status)+" "+c.Reason+" "+c.Message)
	}
	return strings.Join(out, "; ")
}
