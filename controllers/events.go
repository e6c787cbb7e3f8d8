// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
)

// maxEventFields is how many fields an event names.
const maxEventFields = 3

// Reasons of events. Trouble has the reason of its condition.
const (
	eventRolledOut      = "RolledOut"
	eventCorrected      = "Corrected"
	eventTableRecreated = "TableRecreated"
	eventURLChanged     = "URLChanged"
	eventDeletionWaits  = "DeletionWaits"
)

// announceSteps records and counts what was done to AWS, one event for each
// step, whatever becomes of the check after it.
func (r *Reconciler) announceSteps(obj *v1alpha1.CommentsAPI, before *v1alpha1.CommentsAPIStatus, f findings) {
	drift := driftNotRollout(before, obj.Generation)
	for _, step := range f.outcome.Done {
		if drift {
			r.Metrics.corrected(step)
			r.Recorder.Eventf(obj, nil, corev1.EventTypeNormal, eventCorrected, string(step.Op), "%s", describeStep(step))
		} else {
			r.Recorder.Eventf(obj, nil, corev1.EventTypeNormal, eventRolledOut, string(step.Op), "%s", describeStep(step))
		}
		if step.Op == plan.CreateTable && before.Table != nil {
			r.Recorder.Eventf(obj, nil, corev1.EventTypeWarning, eventTableRecreated, string(step.Op),
				"table %s was gone with its comments; an empty one was made", step.Target)
		}
	}
}

// announceState records what changed for people: a new address, and trouble
// that a person has to end, once when it appears. A check that finds nothing
// records nothing.
func (r *Reconciler) announceState(obj *v1alpha1.CommentsAPI, before *v1alpha1.CommentsAPIStatus, f findings) {
	if was := before.InvokeURL; was != "" && was != obj.Status.InvokeURL {
		r.Recorder.Eventf(obj, nil, corev1.EventTypeWarning, eventURLChanged, "Check",
			"the invoke URL was %s and is %s now; change the website", was, obj.Status.InvokeURL)
	}
	if bad := troubleOf(f); bad != nil && bad.person {
		was := conditionOf(before, v1alpha1.ConditionStalled)
		if was == nil || was.Reason != bad.reason {
			r.Recorder.Eventf(obj, nil, corev1.EventTypeWarning, bad.reason, "Check", "%s", bad.message)
		}
	}
}

// announceDeletion records what holds a deletion back, once for each reason.
func (r *Reconciler) announceDeletion(obj *v1alpha1.CommentsAPI, before *v1alpha1.CommentsAPIStatus, failure *awscloud.Failure) {
	if was := conditionOf(before, v1alpha1.ConditionReconciling); was == nil || was.Reason != failure.Reason {
		r.Recorder.Eventf(obj, nil, corev1.EventTypeWarning, eventDeletionWaits, "Delete", "%s", failure.Message)
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
