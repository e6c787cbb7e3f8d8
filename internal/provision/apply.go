// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

// How soon AWS is looked at again while it carries out a change of its own.
const (
	pollSoon = 500 * time.Millisecond
	pollMost = 10 * time.Second
	// pollProbe is the rhythm of probing a role that AWS has not spread yet;
	// 2 s is typical, 60 s the tail (aws-facts G4).
	pollProbe = 2 * time.Second
	// pollCache is the rhythm of waiting for a cache, which takes about 4
	// minutes and which nobody is kept waiting by (aws-facts D4).
	pollCache = 30 * time.Second
)

// Journal writes down what must survive a crash, before or right after it
// happens. An error means that it may not have been written.
type Journal interface {
	// Intend records that a REST API with this nonce is about to be created.
	Intend(ctx context.Context, nonce string, at time.Time) error
	// Created records the id of the REST API that the intent led to.
	Created(ctx context.Context, apiID string) error
	// Forgo removes the intent: it certainly led to nothing, or what it led
	// to is gone again.
	Forgo(ctx context.Context) error
}

// KeyJournal is the same for the API key and the usage plan, told apart by
// resource.
type KeyJournal interface {
	IntendKey(ctx context.Context, resource plan.Resource, nonce string, at time.Time) error
	CreatedKey(ctx context.Context, resource plan.Resource, id string) error
	ForgoKey(ctx context.Context, resource plan.Resource) error
}

// Intent is a creation that was started and is not yet confirmed.
type Intent struct {
	Nonce string
	Time  time.Time
}

// settled is when what was created has certainly shown up, if it was created.
func (i *Intent) settled() time.Time { return i.Time.Add(IntentSettles) }

// Settled reports whether what was created has certainly shown up.
func (i *Intent) Settled(now time.Time) bool { return !now.Before(i.settled()) }

// poll is when to look again for what was created: soon at first, since AWS
// shows most things within a second or two, and when it has settled at last.
func (i *Intent) poll(now time.Time) time.Duration {
	return min(min(max(now.Sub(i.Time)/2, pollSoon), pollMost), max(i.settled().Sub(now), pollSoon))
}

// Run carries out one plan.
type Run struct {
	Cloud    Cloud
	Identity Identity
	Desired  stack.Desired
	Observed stack.Observed
	Journal  Journal
	// Intent is what the journal holds from an earlier run; nil is nothing.
	Intent *Intent
	// Keys and KeyIntents are the same for the API key and the usage plan;
	// without Keys none can be made.
	Keys       KeyJournal
	KeyIntents map[plan.Resource]*Intent
	// Probe calls the API's list method before it is deployed; off where the
	// endpoint has no TestInvokeMethod.
	Probe bool
	Now   func() time.Time

	// tableBusy is whether AWS would refuse a change of the table for now.
	tableBusy bool
	// deploymentID is what Deploy found or made.
	deploymentID string
	// keyID and planID are of what was found or made.
	keyID, planID string
	outcome       Outcome
}

// Outcome is what became of a plan.
type Outcome struct {
	// Done steps were carried out; AWS has to be read again to see them.
	Done []plan.Step
	// Left steps were not reached, or have to wait.
	Left []plan.Step
	// Wait says what is waited for when nothing failed.
	Wait *Wait
	// Err ended the run; the plan's rest is in Left.
	Err error
	// DeploymentID and DefinitionSHA256 are set once the stage was pointed at
	// a deployment that is known to be made of that definition.
	DeploymentID, DefinitionSHA256 string
}

// Wait is a reason to look again later.
type Wait struct {
	// Reason is a condition reason.
	Reason  string
	Message string
	// After is how long to wait before looking again.
	After time.Duration
}

// verdict is what a step says about going on.
type verdict int

const (
	// next: go on with the next step.
	next verdict = iota
	// reread: everything has to be read again before anything else.
	reread
	// prove: the working copy has to be read back, and be as desired, before
	// anything else.
	prove
	// waiting: the outcome's Wait says for what.
	waiting
)

// Apply carries out the plan's steps in order, until one fails, has to wait, or
// what it did does not read back as desired. It never sleeps and never retries.
func (r *Run) Apply(ctx context.Context, p plan.Plan) Outcome {
	r.tableBusy = r.Observed.Table != nil && r.Observed.Table.Status != stack.TableActive
	for i, step := range p.Steps {
		if busy := r.busy(step); busy != "" {
			r.put(step, busy+" is being updated by AWS", r.tablePoll())
			continue
		}
		err := r.reserve(ctx, p.Steps[i:])
		verdict := next
		if err == nil {
			verdict, err = r.do(ctx, step)
		}
		if message, after, ok := r.held(step, err); ok {
			r.put(step, message, after)
			continue
		}
		if err != nil {
			r.outcome.Err = fmt.Errorf("%s: %w", step.Op, err)
			r.outcome.Left = append(r.outcome.Left, p.Steps[i:]...)
			return r.outcome
		}
		switch verdict {
		case next:
			r.outcome.Done = append(r.outcome.Done, step)
		case reread:
			r.outcome.Done = append(r.outcome.Done, step)
			r.outcome.Left = append(r.outcome.Left, p.Steps[i+1:]...)
			return r.outcome
		case prove:
			r.outcome.Done = append(r.outcome.Done, step)
			if proven, err := r.proven(ctx); err != nil || !proven {
				r.outcome.Err = err
				r.outcome.Left = append(r.outcome.Left, p.Steps[i+1:]...)
				return r.outcome
			}
		case waiting:
			r.outcome.Left = append(r.outcome.Left, step)
			if step.Op != plan.WaitGrace && step.Op != plan.WaitCache {
				r.outcome.Left = append(r.outcome.Left, p.Steps[i+1:]...)
				return r.outcome
			}
		}
	}
	return r.outcome
}

// reserve keeps the turn of the deployment before the definition is put that
// is to be deployed: AWS allows few deployments, and what has to wait for one
// would be read and proven again when its turn comes.
func (r *Run) reserve(ctx context.Context, steps []plan.Step) error {
	deploys := func(s plan.Step) bool { return s.Op == plan.Deploy }
	if r.Cloud.Reserve == nil || steps[0].Op != plan.PutDefinition || !slices.ContainsFunc(steps, deploys) {
		return nil
	}
	return r.Cloud.Reserve(ctx, awscloud.TurnDeploy)
}

// put leaves a step for later; the steps after it go on.
func (r *Run) put(step plan.Step, message string, after time.Duration) {
	r.outcome.Left = append(r.outcome.Left, step)
	r.wait("Waiting", message, after)
}

// wait notes the wait that ends first; the first message stays.
func (r *Run) wait(reason, message string, after time.Duration) {
	after = max(after, pollSoon)
	if r.outcome.Wait == nil {
		r.outcome.Wait = &Wait{Reason: reason, Message: message, After: after}
	} else if after < r.outcome.Wait.After {
		r.outcome.Wait.After = after
	}
}

// tablePoll looks often at a young table and seldom at one that takes long:
// the time since its creation grows with the time it takes.
func (r *Run) tablePoll() time.Duration {
	if r.Observed.Table == nil {
		return pollSoon
	}
	return min(max(r.Now().Sub(r.Observed.Table.Created)/4, pollSoon), pollMost)
}

// claimed says how to go on once a resource with these tags got the claim:
// what is taken over is changed only after the claim was read back, since
// another operator may claim it at the same moment.
func (r *Run) claimed(before map[string]string) verdict {
	if r.Identity.Claim.Relation(before).Mine() {
		return next
	}
	return reread
}

// do carries out one step.
func (r *Run) do(ctx context.Context, step plan.Step) (verdict, error) {
	switch step.Op {
	case plan.TagTable:
		return r.claimed(r.Observed.Table.Tags), r.doTable(ctx, step)
	case plan.CreateTable, plan.UpdateBackups, plan.UpdateTTL, plan.UpdateProtection,
		plan.UpdateBilling, plan.UpdateClass, plan.UpdateEncryption, plan.CreateIndex, plan.DeleteIndex:
		return next, r.doTable(ctx, step)
	case plan.CreateRole, plan.TagRole, plan.UpdateRoleDescription, plan.UpdateTrust, plan.UpdateBoundary,
		plan.PutRolePolicy, plan.DeleteRolePolicy, plan.DetachRolePolicy, plan.DeleteRole:
		return next, r.doRole(ctx, step)
	case plan.WaitTable:
		r.wait("Waiting", step.Message, r.tablePoll())
		return waiting, nil
	case plan.WaitCache:
		r.wait("Waiting", step.Message, pollCache)
		return waiting, nil
	case plan.WaitGrace:
		r.wait("Waiting", step.Message, step.Until.Sub(r.Now()))
		return waiting, nil
	case plan.CreateAPI:
		return r.createAPI(ctx)
	case plan.DeleteDuplicateAPI:
		return next, r.deleteAPI(ctx, step.Target)
	case plan.TagAPI:
		return r.claimed(r.Observed.API.Tags), r.updateAPI(ctx, step)
	case plan.UpdateAPI:
		return next, r.updateAPI(ctx, step)
	case plan.PutDefinition:
		return prove, r.putDefinition(ctx)
	case plan.Deploy:
		return r.deploy(ctx)
	case plan.CreateAPIKey, plan.CreateUsagePlan:
		return r.createKey(ctx, step)
	case plan.TagAPIKey, plan.UpdateAPIKey, plan.DeleteAPIKey, plan.TagUsagePlan, plan.UpdateUsagePlan, plan.AddPlanKey, plan.DeleteUsagePlan:
		return next, r.doKey(ctx, step)
	case plan.CreateStage, plan.PointStage, plan.UpdateStage, plan.TagStage, plan.DeleteStage:
		return next, r.doStage(ctx, step)
	default:
		return next, fmt.Errorf("the plan has a step %q that is not known", step.Op)
	}
}
