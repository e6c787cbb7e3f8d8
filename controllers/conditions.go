// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
)

// state is what a condition says.
type state struct {
	status  metav1.ConditionStatus
	reason  string
	message string
}

func set(s *v1alpha1.CommentsAPIStatus, generation int64, kind string, v state) {
	meta.SetStatusCondition(&s.Conditions, metav1.Condition{Type: kind, Status: v.status,
		Reason: v.reason, Message: v.message, ObservedGeneration: generation})
}

// keep leaves a condition as it was but for the generation it speaks of; one
// that never was becomes initial.
func keep(s *v1alpha1.CommentsAPIStatus, generation int64, kind string, initial state) {
	if c := conditionOf(s, kind); c != nil {
		initial = state{c.Status, c.Reason, c.Message}
	}
	set(s, generation, kind, initial)
}

// trouble is what keeps a stack from its desired state, in the words of a
// condition. A person is needed when waiting does not help.
type trouble struct {
	reason, message string
	person          bool
}

// troubleOf tells what stands in the way: a block of the plan, a failure, or
// nothing.
func troubleOf(f findings) *trouble {
	if b := f.plan.Block; b != nil {
		return &trouble{b.Reason, b.Message, true}
	}
	if f.failure != nil {
		return &trouble{f.failure.Reason, f.failure.Message, needsPerson(f.failure.Class)}
	}
	return nil
}

func needsPerson(c awscloud.Class) bool {
	switch c {
	case awscloud.AccessDenied, awscloud.Limit, awscloud.Invalid, awscloud.UnknownRegion:
		return true
	default:
		return false
	}
}

// summariseConditions follows the table of states in the design: Ready says
// whether it serves, Synced whether it matches the spec; Reconciling and
// Stalled exist only while true, and never together.
func summariseConditions(s *v1alpha1.CommentsAPIStatus, obj *v1alpha1.CommentsAPI, f findings) {
	g := obj.Generation
	cause := causeOf(s, g, f)
	bad := troubleOf(f)
	observe := obj.Spec.Mode == v1alpha1.ModeObserve

	ready := readyState(s, f, bad, cause)
	switch {
	case observe && (bad == nil || !bad.person):
		set(s, g, v1alpha1.ConditionReady, state{metav1.ConditionTrue, v1alpha1.ReasonObserveOnly, "mode is Observe: nothing is written to AWS"})
	case ready == nil && serves(s):
		set(s, g, v1alpha1.ConditionReady, state{metav1.ConditionTrue, v1alpha1.ReasonAvailable, serving})
	case ready == nil:
		set(s, g, v1alpha1.ConditionReady, state{metav1.ConditionFalse, bad.reason, bad.message})
	default:
		set(s, g, v1alpha1.ConditionReady, *ready)
	}
	synced := syncedState(f, bad, cause, observe)
	set(s, g, v1alpha1.ConditionSynced, synced)
	summariseResources(s, g, f, bad)

	stalled := bad != nil && bad.person
	reconciling := !stalled && !observe && (synced.status != metav1.ConditionTrue || f.unproven != "")
	whileTrue(s, g, v1alpha1.ConditionStalled, stalled, synced)
	if synced.status == metav1.ConditionTrue && f.unproven != "" {
		synced = *ready
	}
	whileTrue(s, g, v1alpha1.ConditionReconciling, reconciling, synced)
}

// serving is what Ready says while it is true.
const serving = "the API serves"

// serves reports whether clients were served when that was last known. Ready
// of mode Observe says nothing about clients.
func serves(s *v1alpha1.CommentsAPIStatus) bool {
	c := conditionOf(s, v1alpha1.ConditionReady)
	if c == nil || c.Status != metav1.ConditionTrue {
		return false
	}
	return c.Reason != v1alpha1.ReasonObserveOnly || s.Stage != nil
}

// whileTrue keeps a condition that exists only while it is true.
func whileTrue(s *v1alpha1.CommentsAPIStatus, g int64, kind string, holds bool, why state) {
	if !holds {
		meta.RemoveStatusCondition(&s.Conditions, kind)
		return
	}
	set(s, g, kind, state{metav1.ConditionTrue, why.reason, why.message})
}

// readyState says whether clients are served; nil leaves it as it was, since
// nothing was learned.
func readyState(s *v1alpha1.CommentsAPIStatus, f findings, bad *trouble, cause string) *state {
	if b := f.plan.Block; b != nil && (b.Reason == v1alpha1.ReasonTableMissing || b.Reason == v1alpha1.ReasonTableUnusable) {
		return &state{metav1.ConditionFalse, b.Reason, b.Message}
	}
	if !f.seen || f.plan.Block != nil {
		return nil
	}
	switch {
	case f.plan.Serving() && f.unproven != "":
		return &state{metav1.ConditionFalse, v1alpha1.ReasonProbeFailed, f.unproven}
	case f.plan.Serving() && f.failure != nil && !serves(s):
		return nil // the test call could not be made
	case f.plan.Serving():
		return &state{metav1.ConditionTrue, v1alpha1.ReasonAvailable, serving}
	}
	now := progress(f, bad, cause)
	now.status = metav1.ConditionFalse
	return &now
}

// progress says what is under way, or what is waited for.
func progress(f findings, bad *trouble, cause string) state {
	v := state{metav1.ConditionFalse, cause, describeSteps(f.outcome.Left)}
	switch {
	case bad != nil:
		v.reason, v.message = bad.reason, bad.message
	case f.outcome.Wait != nil:
		v.message = f.outcome.Wait.Message
		if f.outcome.Wait.Reason != v1alpha1.ReasonWaiting {
			v.reason = f.outcome.Wait.Reason
		}
	case v.message == "":
		v.message = "the last change is being verified"
	}
	return v
}

func syncedState(f findings, bad *trouble, cause string, observe bool) state {
	switch {
	case bad != nil && !f.seen && !bad.person:
		return state{metav1.ConditionUnknown, bad.reason, bad.message}
	case bad != nil:
		return state{metav1.ConditionFalse, bad.reason, bad.message}
	case f.plan.Empty():
		return state{metav1.ConditionTrue, v1alpha1.ReasonAvailable, matches(f.every)}
	case observe:
		return state{metav1.ConditionFalse, v1alpha1.ReasonPendingChanges,
			fmt.Sprintf("%d changes would be made; see status.plan", len(f.plan.Changes()))}
	default:
		return progress(f, bad, cause)
	}
}

// matches is what Synced says while it is true. By how much checks are rarer
// than asked for moves with the number of objects; a metric tells it.
func matches(every time.Duration) string {
	text := "AWS matches the spec"
	if every > 0 {
		text += "; it is checked less often than driftCheckInterval says, because AWS's request quota does not carry the checks of all objects in this account and region"
	}
	return text
}

// causeOf says why there is something to do: the spec changed, AWS did, or the
// operator.
func causeOf(s *v1alpha1.CommentsAPIStatus, generation int64, f findings) string {
	switch {
	case f.plan.Upgrade:
		return v1alpha1.ReasonUpgrade
	case driftNotRollout(s, generation):
		return v1alpha1.ReasonDrifted
	default:
		return v1alpha1.ReasonRollingOut
	}
}

// driftNotRollout tells a change in AWS from a change of the spec: once a
// generation was in sync, whatever differs later was done in AWS.
func driftNotRollout(s *v1alpha1.CommentsAPIStatus, generation int64) bool {
	c := conditionOf(s, v1alpha1.ConditionSynced)
	if c == nil || c.ObservedGeneration != generation {
		return false
	}
	return c.Status == metav1.ConditionTrue || c.Reason == v1alpha1.ReasonDrifted
}

// summariseResources says per resource whether it is fit to serve.
func summariseResources(s *v1alpha1.CommentsAPIStatus, g int64, f findings, bad *trouble) {
	kinds := []struct {
		condition string
		resources []plan.Resource
		ok        string
	}{
		{v1alpha1.ConditionTableReady, []plan.Resource{plan.Table}, "the table and its index are usable"},
		{v1alpha1.ConditionRoleReady, []plan.Resource{plan.Role, plan.ModeratorRole}, "the role is as declared"},
		{v1alpha1.ConditionAPIReady, []plan.Resource{plan.RestAPI, plan.Deployment, plan.Stage, plan.APIKey, plan.UsagePlan}, "the stage serves the definition"},
	}
	for _, k := range kinds {
		switch {
		case bad != nil && !f.seen:
			keep(s, g, k.condition, state{metav1.ConditionUnknown, bad.reason, bad.message})
		case f.plan.Block != nil:
			keep(s, g, k.condition, state{metav1.ConditionFalse, bad.reason, bad.message})
		case f.plan.Concerns(k.resources...):
			set(s, g, k.condition, state{metav1.ConditionFalse, v1alpha1.ReasonRollingOut, concern(f.plan, k.resources)})
		default:
			set(s, g, k.condition, state{metav1.ConditionTrue, v1alpha1.ReasonAvailable, k.ok})
		}
	}
}

// concern describes the first step that matters to clients.
func concern(p plan.Plan, resources []plan.Resource) string {
	for _, step := range p.Steps {
		for _, r := range resources {
			if step.Serving && step.Resource == r {
				return describeSteps([]plan.Step{step})
			}
		}
	}
	return ""
}

// markPaused says that nothing is looked at while the annotation is there.
func markPaused(s *v1alpha1.CommentsAPIStatus, generation int64) {
	status := metav1.ConditionUnknown
	if c := conditionOf(s, v1alpha1.ConditionSynced); c != nil {
		status = c.Status
	}
	set(s, generation, v1alpha1.ConditionSynced, state{status, v1alpha1.ReasonPaused,
		"paused by the annotation commentsapi.io/paused; remove it to go on"})
	meta.RemoveStatusCondition(&s.Conditions, v1alpha1.ConditionReconciling)
}
