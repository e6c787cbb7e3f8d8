// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// lintStatus holds every status that a test happens to see to the rules that
// tools rely on.
func lintStatus(t *testing.T, o *v1alpha1.CommentsAPI) {
	t.Helper()
	seen := map[string]bool{}
	for _, c := range o.Status.Conditions {
		if seen[c.Type] {
			t.Errorf("condition %s stands twice", c.Type)
		}
		seen[c.Type] = true
		if c.ObservedGeneration > o.Generation {
			t.Errorf("condition %s speaks of generation %d, the object is at %d", c.Type, c.ObservedGeneration, o.Generation)
		}
		if c.Reason == "" || c.Message == "" {
			t.Errorf("condition %s says nothing: reason %q, message %q", c.Type, c.Reason, c.Message)
		}
	}
	if o.Status.ObservedGeneration > o.Generation {
		t.Errorf("observedGeneration %d is ahead of generation %d", o.Status.ObservedGeneration, o.Generation)
	}
	if seen[v1alpha1.ConditionReconciling] && seen[v1alpha1.ConditionStalled] {
		t.Error("Reconciling and Stalled are both there")
	}
	for _, kind := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
		if seen[kind] && !meta.IsStatusConditionTrue(o.Status.Conditions, kind) {
			t.Errorf("%s exists without being true", kind)
		}
	}
}
