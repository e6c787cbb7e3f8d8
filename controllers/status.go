// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

// Bounds of status.plan.
const (
	maxPlannedChanges = 20
	maxPlannedValue   = 128
)

// summarise writes what a check found into the status, once per check and
// nowhere else. It adds nothing that moves by itself, so a settled object has
// a settled status.
func (r *Reconciler) summarise(s *v1alpha1.CommentsAPIStatus, obj *v1alpha1.CommentsAPI, f findings) {
	s.ObservedGeneration = obj.Generation
	if f.seen {
		s.LastHandledReconcileAt = f.handled
		r.summariseStack(s, obj, f)
	}
	s.Plan = plannedChanges(f)
	f.failure = r.expected(s, obj.Generation, f.failure)
	summariseConditions(s, obj, f)
}

// summariseStack reports names and addresses of what exists and is this
// object's.
func (r *Reconciler) summariseStack(s *v1alpha1.CommentsAPIStatus, obj *v1alpha1.CommentsAPI, f findings) {
	if f.plan.Block != nil {
		return
	}
	result := check.Result{Identity: f.identity, Observed: f.observed, Desired: f.desired, Plan: f.plan}
	known := check.Remember(check.Recorded(s), result, f.outcome)
	table, api := f.observed.Table, f.observed.API
	if table != nil && table.Status == stack.TableActive && result.Ours(plan.Table) {
		s.Table = &v1alpha1.TableStatus{ARN: known.TableARN, IndexName: f.desired.Table.Indexes[0].Name,
			PointInTimeRecovery: toggle(known.TableBackedUp)}
	}
	if f.observed.Role != nil {
		s.Role = &v1alpha1.RoleStatus{ARN: known.RoleARN}
	}
	s.ModeratorRole = nil
	if known.ModeratorRoleARN != "" {
		s.ModeratorRole = &v1alpha1.RoleStatus{ARN: known.ModeratorRoleARN}
	}
	r.summariseKeys(s, f, known)
	if api == nil || !result.Ours(plan.RestAPI) {
		return
	}
	s.RestAPI = &v1alpha1.RestAPIStatus{ID: known.APIID, DeploymentID: known.DeploymentID, DefinitionSHA256: known.DefinitionSHA256}
	if _, ok := api.Stages[obj.Spec.Stage]; ok && f.plan.Serving() && f.unproven == "" {
		if s.Stage == nil || s.Stage.Name != obj.Spec.Stage {
			s.Stage = &v1alpha1.StageStatus{Name: obj.Spec.Stage}
		}
		s.InvokeURL = r.invokeURL(obj, f, api.ID)
		s.Endpoints = &v1alpha1.Endpoints{Post: s.InvokeURL + "/comments", List: s.InvokeURL + "/comments/{pageId}"}
		if obj.Spec.Comments.Moderation == v1alpha1.ModerationBeforeListing {
			s.Endpoints.Moderation = s.InvokeURL + "/moderation"
		}
		s.Intent = nil
	}
	summariseServed(s, obj, f, known)
}

// summariseKeys reports the API key and its usage plan. An intent stays until
// clients were seen to be served; of one that nobody waits for any more, until
// what it may have led to would show.
func (r *Reconciler) summariseKeys(s *v1alpha1.CommentsAPIStatus, f findings, known plan.Recorded) {
	intents := keyIntents(s)
	for _, resource := range []plan.Resource{plan.APIKey, plan.UsagePlan} {
		intent := intents[resource]
		if intent != nil && (f.desired.Key != nil && f.plan.Serving() || f.desired.Key == nil && intent.Settled(r.now())) {
			*keyRecord(s, resource).intent = nil
			delete(intents, resource)
		}
	}
	switch {
	case known.KeyID != "":
		*keyRecord(s, plan.APIKey).id = known.KeyID
	case intents[plan.APIKey] == nil:
		s.APIKey = nil
	}
	switch {
	case known.UsagePlanID != "":
		*keyRecord(s, plan.UsagePlan).id = known.UsagePlanID
	case intents[plan.UsagePlan] == nil:
		s.UsagePlan = nil
	}
}

// summariseServed writes down what the stage serves and which generation of the
// spec it was made from, while both are certain. An upgrade of the operator
// leaves them as they were: it is known by them until it is through.
func summariseServed(s *v1alpha1.CommentsAPIStatus, obj *v1alpha1.CommentsAPI, f findings, known plan.Recorded) {
	if s.Stage == nil || f.plan.Upgrade {
		return
	}
	s.Stage.ObservedGeneration, s.Stage.DefinitionSHA256 = 0, ""
	served, _ := plan.Served(f.observed.API.Stages[s.Stage.Name], f.observed.API, known)
	if s.Stage.Name == obj.Spec.Stage && f.plan.Serving() && f.unproven == "" && served == f.desired.DefinitionSHA256 {
		s.Stage.ObservedGeneration, s.Stage.DefinitionSHA256 = obj.Generation, served
	}
}

func toggle(on bool) v1alpha1.Toggle {
	if on {
		return v1alpha1.Enabled
	}
	return v1alpha1.Disabled
}

func (r *Reconciler) invokeURL(obj *v1alpha1.CommentsAPI, f findings, apiID string) string {
	return strings.NewReplacer(
		"{apiId}", apiID,
		"{region}", obj.Spec.Region,
		"{dnsSuffix}", f.account.DNSSuffix,
		"{stage}", obj.Spec.Stage,
	).Replace(r.Options.InvokeURLTemplate)
}

// plannedChanges reports what remains to be done.
func plannedChanges(f findings) []v1alpha1.PlannedChange {
	steps := f.plan.Steps
	if len(f.outcome.Done) > 0 || len(f.outcome.Left) > 0 {
		steps = f.outcome.Left
	}
	var out []v1alpha1.PlannedChange
	for _, step := range steps {
		for _, c := range step.Changes {
			if len(out) == maxPlannedChanges {
				return out
			}
			out = append(out, v1alpha1.PlannedChange{Resource: string(c.Resource), Action: string(c.Action),
				Field: cut(c.Field), From: shortValue(c.Field, c.From), To: shortValue(c.Field, c.To)})
		}
	}
	return out
}

// shortValue keeps status small: templates are left out, values are cut.
func shortValue(field, value string) string {
	if strings.Contains(strings.ToLower(field), "template") && value != "" {
		return "(template)"
	}
	return cut(value)
}

func cut(value string) string {
	if runes := []rune(value); len(runes) > maxPlannedValue {
		return string(runes[:maxPlannedValue-3]) + "..."
	}
	return value
}

// conditionOf returns the condition of a type, or nil.
func conditionOf(s *v1alpha1.CommentsAPIStatus, kind string) *metav1.Condition {
	for i := range s.Conditions {
		if s.Conditions[i].Type == kind {
			return &s.Conditions[i]
		}
	}
	return nil
}

// describeSteps says in one line what is under way.
func describeSteps(steps []plan.Step) string {
	if len(steps) == 0 {
		return ""
	}
	first := steps[0]
	text := string(first.Op)
	if first.Target != "" && first.Op != plan.Deploy {
		text += " " + first.Target
	}
	if first.Message != "" {
		text = first.Message
	}
	if rest := len(steps) - 1; rest > 0 {
		text += fmt.Sprintf(", then %d more", rest)
	}
	return text
}
