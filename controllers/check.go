// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/provision"
	"github.com/commentsapi/operator/internal/render"
	"github.com/commentsapi/operator/internal/stack"
)

// findings are everything one check learned and did. Status, events, metrics
// and the time of the next look are read from it.
type findings struct {
	account  *awscloud.Account
	observed stack.Observed
	desired  stack.Desired
	plan     plan.Plan
	outcome  provision.Outcome
	// seen is whether AWS was read completely, so that the plan is known.
	seen bool
	// failure is what kept the check from going on.
	failure *awscloud.Failure
	// handled is the value of the reconcile-at annotation this check answers.
	handled string
}

// check reads the stack, plans, and in mode Enforce carries the plan out.
func (r *Reconciler) check(ctx context.Context, obj *v1alpha1.CommentsAPI, claim stack.Claim) findings {
	var f findings
	ctx = awscloud.WithPriority(ctx, priority(obj))
	account, err := r.Clouds.Account(ctx, awscloud.Target{Region: obj.Spec.Region})
	if err != nil {
		f.failure = awscloud.Classify(err)
		return f
	}
	f.account = account
	if recorded := obj.Status.AccountID; recorded != "" && recorded != account.ID {
		f.plan.Block = &plan.Block{Reason: v1alpha1.ReasonAccountChanged, Message: fmt.Sprintf(
			"the credentials lead to AWS account %s, but this object's stack is in account %s; nothing was changed; give back the credentials of account %s", account.ID, recorded, recorded)}
		return f
	}
	cloud := provision.Cloud{Tables: account.DynamoDB, Roles: account.IAM, APIs: account.APIGateway}
	id := identity(obj, account, claim)
	if f.observed, err = cloud.Observe(ctx, id, stack.AllParts); err != nil {
		f.failure = awscloud.Classify(err)
		return f
	}
	diff := plan.Context{Claim: claim, Recorded: id.Recorded, Now: r.now(),
		RecreateTable: obj.Annotations[v1alpha1.AnnotationRecreateTable] == "true"}
	if f.desired, err = r.desired(obj, account, f.observed, diff); err != nil {
		f.failure = &awscloud.Failure{Class: awscloud.Invalid, Reason: v1alpha1.ReasonInvalidRequest, Message: err.Error(), Err: err}
		return f
	}
	f.plan = plan.Diff(f.desired, f.observed, diff)
	f.seen = true
	f.handled = obj.Annotations[v1alpha1.AnnotationReconcileAt]
	if obj.Spec.Mode == v1alpha1.ModeObserve || len(f.plan.Steps) == 0 {
		return f
	}
	if err := r.recordAccount(ctx, obj, account.ID); err != nil {
		f.outcome.Err, f.outcome.Left = err, f.plan.Steps
		return f
	}
	run := provision.Run{Cloud: cloud, Identity: id, Desired: f.desired, Observed: f.observed,
		Journal: &journal{client: r.Client, obj: obj}, Intent: intent(obj), Probe: r.Options.Probe, Now: r.now}
	f.outcome = run.Apply(ctx, f.plan)
	if f.outcome.Err != nil {
		f.failure = awscloud.Classify(f.outcome.Err)
	}
	return f
}

// priority lets what a user waits for go before what nobody waits for.
func priority(obj *v1alpha1.CommentsAPI) awscloud.Priority {
	synced := conditionOf(&obj.Status, v1alpha1.ConditionSynced)
	forced := obj.Annotations[v1alpha1.AnnotationReconcileAt] != obj.Status.LastHandledReconcileAt
	if synced == nil || synced.Status != "True" || synced.ObservedGeneration != obj.Generation || forced {
		return awscloud.User
	}
	return awscloud.Background
}

// identity says by what the object's stack is found.
func identity(obj *v1alpha1.CommentsAPI, account *awscloud.Account, claim stack.Claim) provision.Identity {
	return provision.Identity{
		ARN:       stack.ARN{Partition: account.Partition, Region: obj.Spec.Region, AccountID: account.ID},
		Claim:     claim,
		TableName: obj.Spec.TableName,
		RoleName:  stack.RoleName(claim, obj.Spec.Region),
		Recorded:  recorded(&obj.Status),
	}
}

// recorded is what status remembers.
func recorded(s *v1alpha1.CommentsAPIStatus) plan.Recorded {
	var r plan.Recorded
	if s.Table != nil {
		r.TableARN, r.TableBackedUp = s.Table.ARN, s.Table.PointInTimeRecovery == v1alpha1.Enabled
	}
	if s.Role != nil {
		r.RoleARN = s.Role.ARN
	}
	if s.RestAPI != nil {
		r.APIID, r.DeploymentID, r.DefinitionSHA256 = s.RestAPI.ID, s.RestAPI.DeploymentID, s.RestAPI.DefinitionSHA256
	}
	return r
}

// desired renders the stack from the spec and the facts found in AWS. Older
// indexes keep the role's right until no reader can be served from them.
func (r *Reconciler) desired(obj *v1alpha1.CommentsAPI, account *awscloud.Account, observed stack.Observed, c plan.Context) (stack.Desired, error) {
	facts := stack.Facts{
		AccountID:           account.ID,
		Partition:           account.Partition,
		DNSSuffix:           account.DNSSuffix,
		RolePath:            r.Options.RolePath,
		PermissionsBoundary: r.Options.PermissionsBoundary,
		Claim:               c.Claim,
	}
	var existing []render.ExistingIndex
	if observed.Table != nil {
		for _, index := range observed.Table.Indexes {
			existing = append(existing, render.ExistingIndex{Name: index.Name, Shape: index.Shape,
				Deleting: observed.Table.IndexStatus[index.Name] == stack.IndexDeleting})
		}
	}
	facts.IndexName = render.IndexName(render.IndexShape(obj.Spec), existing)
	if observed.Role != nil {
		facts.RolePath = observed.Role.Path
	}
	if observed.Table != nil {
		facts.RetiringIndexes = plan.OldIndexes(observed.Table, []stack.Index{{Name: facts.IndexName}})
	}
	desired, err := render.Render(obj.Spec, facts)
	if err != nil || len(facts.RetiringIndexes) == 0 || !plan.ReadersMoved(desired, observed, c) {
		return desired, err
	}
	facts.RetiringIndexes = nil
	return render.Render(obj.Spec, facts)
}

// recordAccount writes the account down before anything is written to it.
func (r *Reconciler) recordAccount(ctx context.Context, obj *v1alpha1.CommentsAPI, id string) error {
	return r.writeStatus(ctx, obj, func(s *v1alpha1.CommentsAPIStatus) { s.AccountID = id })
}
