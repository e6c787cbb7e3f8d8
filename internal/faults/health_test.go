// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
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
	if o.Status.ObservedGeneration == 0 { // the fake API server sets no defaults
		o.Status.ObservedGeneration = -1
	}
	for _, problem := range statuslint.Problems(o) {
		w.violate("status: %s", problem)
	}
	if v.object == nil || v.object.UID != o.UID || v.shared {
		return
	}
	for _, problem := range statuslint.Changed(v.object, o) {
		w.violate("status: %s", problem)
	}
}
