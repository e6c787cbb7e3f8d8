// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

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
	eventUpgraded       = "Upgraded"
	eventTableRecreated = "TableRecreated"
	eventURLChanged     = "URLChanged"
	eventDeletionWaits  = "DeletionWaits"
	eventAPILeft        = "APILeft"
	eventDuplicateAPI   = "DuplicateAPI"
)

// announceSteps records and counts what was done to AWS, one event for each
// step, whatever becomes of the check after it.
func (r *Reconciler) announceSteps(ctx context.Context, obj *v1alpha1.CommentsAPI, before *v1alpha1.CommentsAPIStatus, f findings) {
	reasons := map[string]string{v1alpha1.ReasonUpgrade: eventUpgraded, v1alpha1.ReasonDrifted: eventCorrected, v1alpha1.ReasonRollingOut: eventRolledOut}
	cause := causeOf(before, obj.Generation, f)
	for _, step := range f.outcome.Done {
		if cause == v1alpha1.ReasonDrifted {
			r.Metrics.corrected(step)
		}
		r.event(ctx, obj, corev1.EventTypeNormal, reasons[cause], string(step.Op), describeStep(step))
		if step.Op == plan.CreateTable && before.Table != nil {
			r.event(ctx, obj, corev1.EventTypeWarning, eventTableRecreated, string(step.Op),
				"table "+step.Target+" was gone with its comments; an empty one was made")
		}
	}
}

// announceState records what changed for people: a new address, and trouble
// that a person has to end, once when it appears. A check that finds nothing
// records nothing.
func (r *Reconciler) announceState(ctx context.Context, obj *v1alpha1.CommentsAPI, before *v1alpha1.CommentsAPIStatus, f findings) {
	if was := before.InvokeURL; was != "" && was != obj.Status.InvokeURL {
		r.event(ctx, obj, corev1.EventTypeWarning, eventURLChanged, "Check",
			"the invoke URL was "+was+" and is "+obj.Status.InvokeURL+" now; change the website")
	}
	for _, warning := range f.plan.Warnings {
		if r.memories.tell(obj.UID, warning) {
			r.event(ctx, obj, corev1.EventTypeWarning, eventDuplicateAPI, "Check", warning)
		}
	}
	bad := troubleOf(f)
	switch {
	case bad == nil:
	case bad.person:
		if was := conditionOf(before, v1alpha1.ConditionStalled); was == nil || was.Reason != bad.reason {
			r.event(ctx, obj, corev1.EventTypeWarning, bad.reason, "Check", bad.message)
		}
	case f.failure.Class != awscloud.Paced:
		// Nobody has to do anything, so that it is no event; whoever looks for a
		// cause later finds it in the log.
		if was := conditionOf(before, v1alpha1.ConditionSynced); was == nil || was.Reason != bad.reason {
			line(ctx, corev1.EventTypeNormal, bad.reason, "Check", bad.message)
		}
	}
}

// announceDeletion records what holds a deletion back, once for each reason. A
// turn within AWS's quota is no trouble.
func (r *Reconciler) announceDeletion(ctx context.Context, obj *v1alpha1.CommentsAPI, before *v1alpha1.CommentsAPIStatus, failure *awscloud.Failure) {
	was := conditionOf(before, v1alpha1.ConditionReconciling)
	if failure.Class != awscloud.Paced && (was == nil || was.Reason != failure.Reason) {
		r.event(ctx, obj, corev1.EventTypeWarning, eventDeletionWaits, "Delete", failure.Message)
	}
}

// maxEventNote is Kubernetes' limit, in bytes; it refuses longer events.
const maxEventNote = 1024

// line is one of the log's. Its keys are documented in docs/operations.md; the
// object is among them.
func line(ctx context.Context, kind, reason, action, note string) {
	log.FromContext(ctx).Info(reason, "type", kind, "action", action, "note", note)
}

// event tells people: in the cluster, where it is kept for an hour, and in the
// log.
func (r *Reconciler) event(ctx context.Context, obj *v1alpha1.CommentsAPI, kind, reason, action, note string) {
	if len(note) > maxEventNote {
		note = strings.ToValidUTF8(note[:maxEventNote-3], "") + "..."
	}
	line(ctx, kind, reason, action, note)
	r.Recorder.Eventf(obj, nil, kind, reason, action, "%s", note)
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
