// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/plan"
)

// maxEventFields is how many fields an event names.
const maxEventFields = 3

// announce records what was done, one event for each step, and trouble that a
// person has to end, once when it appears. A check that finds nothing records
// nothing.
func (r *Reconciler) announce(obj *v1alpha1.CommentsAPI, before *v1alpha1.CommentsAPIStatus, f findings) {
	reason := "RolledOut"
	if driftNotRollout(before, obj.Generation) {
		reason = "Corrected"
	}
	for _, step := range f.outcome.Done {
		r.Recorder.Eventf(obj, nil, corev1.EventTypeNormal, reason, string(step.Op), "%s", describeStep(step))
	}
	if table := f.observed.Table; f.seen && table == nil && before.Table != nil && len(f.outcome.Done) > 0 {
		r.Recorder.Eventf(obj, nil, corev1.EventTypeWarning, "TableRecreated", string(plan.CreateTable),
			"%s", "the table was gone and nothing could be restored; an empty one was made")
	}
	if bad := troubleOf(f); bad != nil && bad.person {
		was := conditionOf(before, v1alpha1.ConditionStalled)
		if was == nil || was.Reason != bad.reason {
			r.Recorder.Eventf(obj, nil, corev1.EventTypeWarning, bad.reason, "Check", "%s", bad.message)
		}
	}
}

// describeStep says what a step did.
func describeStep(step plan.Step) string {
	text := string(step.Op)
	if step.Target != "" {
		text += " " + step.Target
	}
	var fields []string
	for _, c := range step.Changes {
		if c.Field != "" {
			fields = append(fields, c.Field)
		}
	}
	if len(fields) == 0 {
		return text
	}
	more := ""
	if len(fields) > maxEventFields {
		more = fmt.Sprintf(" and %d more", len(fields)-maxEventFields)
		fields = fields[:maxEventFields]
	}
	return fmt.Sprintf("%s: %s%s", text, strings.Join(fields, ", "), more)
}
