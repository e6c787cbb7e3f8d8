// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package statuslint says what is wrong with the status of a CommentsAPI in
// the eyes of tools that wait for objects: kubectl, Flux, Argo CD. Tests use
// it on every status that they happen to see.
package statuslint

import (
	"encoding/json"
	"fmt"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// Problems returns what is wrong with an object's status as it is, in words;
// nothing when all is well.
func Problems(o *v1alpha1.CommentsAPI) []string {
	var found []string
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	seen := map[string]bool{}
	for _, c := range o.Status.Conditions {
		if seen[c.Type] {
			say("condition %s stands twice", c.Type)
		}
		seen[c.Type] = true
		if c.ObservedGeneration > o.Generation {
			say("condition %s speaks of generation %d, the object is at %d", c.Type, c.ObservedGeneration, o.Generation)
		}
		if c.Reason == "" || c.Message == "" {
			say("condition %s says nothing: reason %q, message %q", c.Type, c.Reason, c.Message)
		}
	}
	if o.Status.ObservedGeneration > o.Generation {
		say("observedGeneration %d is ahead of generation %d", o.Status.ObservedGeneration, o.Generation)
	}
	if seen[v1alpha1.ConditionReconciling] && seen[v1alpha1.ConditionStalled] {
		say("Reconciling and Stalled are both there")
	}
	for _, kind := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
		if seen[kind] && !isTrue(o, kind) {
			say("%s exists without being true", kind)
		}
	}
	if want, got, err := health(o); err != nil {
		say("kstatus: %v", err)
	} else if want != "" && got != want {
		say("kstatus is %s; want %s", got, want)
	}
	return found
}

// health returns what kstatus should make of an object and what it does make
// of it. Nothing is expected of an object that is neither settled nor says
// what goes on, which only a paused one may be.
func health(o *v1alpha1.CommentsAPI) (want, got status.Status, err error) {
	if got, err = Kstatus(o); err != nil {
		return "", "", err
	}
	_, paused := o.Annotations[v1alpha1.AnnotationPaused]
	switch {
	case !o.DeletionTimestamp.IsZero():
		want = status.TerminatingStatus
	case o.Status.ObservedGeneration != o.Generation:
		want = status.InProgressStatus
	case isTrue(o, v1alpha1.ConditionStalled):
		want = status.FailedStatus
	case isTrue(o, v1alpha1.ConditionReconciling):
		want = status.InProgressStatus
	case isTrue(o, v1alpha1.ConditionReady):
		want = status.CurrentStatus
	case !paused && len(o.Status.Conditions) > 0:
		want = status.InProgressStatus
	}
	return want, got, nil
}

// Kstatus is what kstatus, and so Flux and others, make of an object.
func Kstatus(o *v1alpha1.CommentsAPI) (status.Status, error) {
	o = o.DeepCopy()
	o.APIVersion, o.Kind = v1alpha1.GroupVersion.String(), "CommentsAPI"
	text, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(text); err != nil {
		return "", err
	}
	result, err := status.Compute(u)
	if err != nil {
		return "", err
	}
	return result.Status, nil
}

func isTrue(o *v1alpha1.CommentsAPI, kind string) bool {
	c := meta.FindStatusCondition(o.Status.Conditions, kind)
	return c != nil && c.Status == metav1.ConditionTrue
}
