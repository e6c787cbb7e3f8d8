// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"cmp"
	"context"
	"errors"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/provision"
	"github.com/commentsapi/operator/internal/stack"
)

// findings are everything one check learned and did. Status, events, metrics
// and the time of the next look are read from it.
type findings struct {
	account  *awscloud.Account
	identity provision.Identity
	observed stack.Observed
	desired  stack.Desired
	plan     plan.Plan
	outcome  provision.Outcome
	// seen is whether AWS was read completely, so that the plan is known.
	seen bool
	// failure is what kept the check from going on.
	failure *awscloud.Failure
	// cluster is a failure of Kubernetes that ended the check: what was found
	// is not worth reporting, and another check follows.
	cluster error
	// handled is the value of the reconcile-at annotation this check answers.
	handled string
	// unproven says why an API that looks right may not serve yet: AWS takes
	// its time to spread a new role (aws-facts G4).
	unproven string
	// every is the interval of checks where it had to be stretched, else zero.
	every time.Duration
}

// check reads the stack, plans, and in mode Enforce carries the plan out.
func (r *Reconciler) check(ctx context.Context, obj *v1alpha1.CommentsAPI, in tenant) findings {
	var f findings
	if f.plan.Block = cmp.Or(in.Block, check.Misnamed(obj.Namespace, obj.Spec.TableName, r.Options.TableNamePrefix)); f.plan.Block != nil {
		return f
	}
	ctx = awscloud.WithPriority(ctx, turn(obj))
	account, err := r.Clouds.Account(ctx, in.Target)
	if err != nil {
		f.failure = awscloud.Classify(err)
		return f
	}
	f.account = account
	if f.plan.Block = check.Accounted(account, obj.Status.AccountID); f.plan.Block != nil {
		return f
	}
	defer func() { release(ctx, account, f) }()
	if err := r.queue(ctx, obj, account, in); err != nil {
		f.failure = awscloud.Classify(err)
		return f
	}
	result, err := r.look(ctx, obj, account, in)
	if cluster := (*clusterError)(nil); errors.As(err, &cluster) {
		f.cluster = cluster
		return f
	} else if err != nil {
		f.failure = awscloud.Classify(err)
		return f
	}
	f.identity, f.observed, f.desired, f.plan, f.seen = result.Identity, result.Observed, result.Desired, result.Plan, true
	f.every = r.stretched(obj, account)
	f.handled = obj.Annotations[v1alpha1.AnnotationReconcileAt]
	if obj.Spec.Mode == v1alpha1.ModeObserve {
		return f
	}
	if r.prove(ctx, obj, result, &f); f.failure != nil || len(f.plan.Steps) == 0 {
		return f
	}
	if err := r.recordWrites(ctx, obj, result); err != nil {
		f.cluster = err
		return f
	}
	run := provision.Run{Cloud: result.Cloud, Identity: result.Identity, Desired: f.desired, Observed: f.observed,
		Journal: &journal{client: r.Client, obj: obj}, Intent: intent(obj), Probe: r.Options.Probe, Now: r.now}
	run.Keys, run.KeyIntents = &journal{client: r.Client, obj: obj}, keyIntents(&obj.Status)
	f.outcome = run.Apply(ctx, f.plan)
	if cluster := (*clusterError)(nil); errors.As(f.outcome.Err, &cluster) {
		f.cluster = cluster
	} else if f.outcome.Err != nil {
		f.failure = awscloud.Classify(f.outcome.Err)
	}
	return f
}

// prove makes a test call before an object that was not Ready becomes it:
// everything may be as declared while a role that was just made, or given back
// its policy, is not yet known where API Gateway looks.
func (r *Reconciler) prove(ctx context.Context, obj *v1alpha1.CommentsAPI, result check.Result, f *findings) {
	if !r.Options.Probe || f.plan.Block != nil || !f.plan.Serving() || serves(&obj.Status) {
		return
	}
	if f.plan.Has(plan.PutDefinition) {
		f.unproven = "the definition in API Gateway differs and is put back before a test call can tell whether it serves"
		return
	}
	var err error
	if f.unproven, err = result.Cloud.Probe(ctx, f.observed.API, f.desired.Stack); err != nil {
		f.failure = awscloud.Classify(err)
	}
}

// look reads everything while something is under way or was asked for, and in
// turn when it only makes sure.
func (r *Reconciler) look(ctx context.Context, obj *v1alpha1.CommentsAPI, account *awscloud.Account, in tenant) (check.Result, error) {
	settings, subject := r.settings(), r.subject(obj, in)
	r.memories.look(obj.UID)
	if priority(obj) == awscloud.User {
		return check.Look(ctx, account, settings, subject, r.now())
	}
	return check.LookInTurn(ctx, account, settings, subject, r.now(), r.memories.of(obj.UID))
}

func (r *Reconciler) settings() check.Settings {
	return check.Settings{RolePath: r.Options.RolePath, PermissionsBoundary: r.Options.PermissionsBoundary}
}

func (r *Reconciler) subject(obj *v1alpha1.CommentsAPI, in tenant) check.Subject {
	return check.Subject{Spec: obj.Spec, Generation: obj.Generation, Claim: in.claim, Allowed: in.Allowed, Living: r.living, Recorded: check.Recorded(&obj.Status),
		RecreateTable: obj.Annotations[v1alpha1.AnnotationRecreateTable] == "true", Thorough: forced(obj)}
}

// priority lets what a user waits for go before what nobody waits for.
func priority(obj *v1alpha1.CommentsAPI) awscloud.Priority {
	synced := conditionOf(&obj.Status, v1alpha1.ConditionSynced)
	if synced == nil || synced.Status != "True" || synced.ObservedGeneration != obj.Generation || forced(obj) {
		return awscloud.User
	}
	return awscloud.Background
}

// turn is the priority of an object's calls. A new version of the operator may
// have a new definition for every object at once: clients are served meanwhile,
// so that nobody waits for it, and it goes behind what people wait for.
func turn(obj *v1alpha1.CommentsAPI) awscloud.Priority {
	synced, ready := conditionOf(&obj.Status, v1alpha1.ConditionSynced), conditionOf(&obj.Status, v1alpha1.ConditionReady)
	if synced == nil || ready == nil || synced.ObservedGeneration != obj.Generation || ready.Status != metav1.ConditionTrue ||
		obj.Status.Stage == nil || obj.Status.Stage.ObservedGeneration != obj.Generation {
		return priority(obj)
	}
	if synced.Reason == v1alpha1.ReasonUpgrade || synced.Reason == v1alpha1.ReasonWaitingForQuota {
		return awscloud.Background
	}
	return priority(obj)
}

// forced reports whether somebody asked for a check that was not made yet.
func forced(obj *v1alpha1.CommentsAPI) bool {
	return obj.Annotations[v1alpha1.AnnotationReconcileAt] != obj.Status.LastHandledReconcileAt
}

// recordWrites writes down, before anything is written to AWS, in which account
// that will be, and that there will be a moderator's role: nobody would look
// for it once moderation is off, if its creation were the last thing this
// process did; nor for the API key of an earlier life once its claims are taken
// over. That write, or another one where there is nothing to write down,
// makes sure that the object is the latest.
func (r *Reconciler) recordWrites(ctx context.Context, obj *v1alpha1.CommentsAPI, to check.Result) error {
	role := to.Desired.ModeratorRole
	if role != nil && obj.Status.ModeratorRole != nil {
		role = nil
	}
	if obj.Status.AccountID == to.Identity.ARN.AccountID && role == nil {
		return r.confirm(ctx, obj)
	}
	return r.writeStatus(ctx, obj, func(s *v1alpha1.CommentsAPIStatus) {
		s.AccountID = to.Identity.ARN.AccountID
		if role != nil {
			s.ModeratorRole = &v1alpha1.RoleStatus{ARN: to.Identity.ARN.Role(role.Path, role.Name)}
		}
		mine := func(tags map[string]string) bool { return to.Identity.Claim.Relation(tags).Mine() }
		if key := to.Observed.Key; key != nil && s.APIKey == nil && mine(key.Tags) {
			s.APIKey = &v1alpha1.APIKeyStatus{ID: key.ID}
		}
		if plan := to.Observed.UsagePlan; plan != nil && s.UsagePlan == nil && mine(plan.Tags) {
			s.UsagePlan = &v1alpha1.UsagePlanStatus{ID: plan.ID}
		}
	})
}
