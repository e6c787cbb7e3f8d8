// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"encoding/json"
	"testing"

	kstatus "github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

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
	lintWaiting(t, o)
}

// lintWaiting holds what tools that wait for objects make of a status to what
// it says.
func lintWaiting(t *testing.T, o *v1alpha1.CommentsAPI) {
	t.Helper()
	waiting := waitingStatus(t, o)
	var want kstatus.Status
	switch has := func(kind string) bool { return meta.IsStatusConditionTrue(o.Status.Conditions, kind) }; {
	case !o.DeletionTimestamp.IsZero():
		want = kstatus.TerminatingStatus
	case o.Status.ObservedGeneration != o.Generation:
		want = kstatus.InProgressStatus
	case has(v1alpha1.ConditionStalled):
		want = kstatus.FailedStatus
	case has(v1alpha1.ConditionReconciling):
		want = kstatus.InProgressStatus
	case settled(o):
		want = kstatus.CurrentStatus
	default:
		return
	}
	if waiting != want {
		t.Errorf("kstatus is %s; want %s: %s", waiting, want, describeStatus(o))
	}
}

// waitingStatus is what kstatus, and so Flux and others, think of an object.
func waitingStatus(t *testing.T, o *v1alpha1.CommentsAPI) kstatus.Status {
	t.Helper()
	o = o.DeepCopy()
	o.APIVersion, o.Kind = v1alpha1.GroupVersion.String(), "CommentsAPI"
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(b); err != nil {
		t.Fatal(err)
	}
	result, err := kstatus.Compute(u)
	if err != nil {
		t.Fatal(err)
	}
	return result.Status
}
