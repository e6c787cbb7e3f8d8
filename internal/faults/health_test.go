// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"regexp"
	"strings"

	kstatus "github.com/fluxcd/cli-utils/pkg/kstatus/status"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/statuslint"
)

// checkHealth checks what tools that wait for objects make of one after a
// reconcile: InProgress, Current, Failed or Terminating at the right moment,
// and no message that moves by itself.
func (v *invariants) checkHealth(w *world, o *v1alpha1.CommentsAPI) {
	if o == nil {
		return
	}
	w.health(o)
	for _, problem := range statuslint.Problems(o) {
		w.violate("status: %s", problem)
	}
	if v.object == nil || v.object.UID != o.UID || v.shared {
		return
	}
	if v.trails || v.trailed { // times that a message tells are read anew, and are others
		return
	}
	for _, problem := range statuslint.Changed(v.object, o) {
		w.violate("status: %s", problem)
	}
}

// health is what kstatus makes of the object. Whatever it becomes is kept, as
// somebody who follows the object would see it.
func (w *world) health(o *v1alpha1.CommentsAPI) kstatus.Status {
	if o.Status.ObservedGeneration == 0 { // the fake API server sets no defaults
		o.Status.ObservedGeneration = -1
	}
	is, err := statuslint.Kstatus(o)
	if err != nil {
		w.violate("kstatus: %v", err)
	}
	if n := len(w.moments); n == 0 || w.moments[n-1] != is.String() {
		w.moments = append(w.moments, is.String())
	}
	return is
}

// becomes checks what tools that wait make of the object at a moment that its
// user knows of.
func (w *world) becomes(when string, want kstatus.Status) {
	o := w.live()
	if o == nil {
		return
	}
	if !o.DeletionTimestamp.IsZero() {
		want = kstatus.TerminatingStatus
	}
	if is := w.health(o); is != want {
		w.violate("kstatus is %s %s; want %s: %s", is, when, want, w.describe())
	}
}

// lives are the ways that objects go in the eyes of tools that wait, where
// nothing fails: work is seen as such, and ends in a state that means its end.
var lives = regexp.MustCompile(`^(((Current )?InProgress )+(Current|Failed)( Terminating)?|(InProgress )*Terminating|Failed|Terminating InProgress Current)$`)

// checkLife checks what was seen of an object in a workload without faults.
func (w *world) checkLife() {
	if seen := strings.Join(w.moments, " "); !lives.MatchString(seen) {
		w.violate("kstatus went through %q", seen)
	}
}
