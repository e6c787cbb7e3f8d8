// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

// createKey makes the API key or the usage plan, by the same rules as the REST
// API: AWS has no token for either and their names are not unique, so an intent
// is written down first, the SDK doesn't repeat the call, and after an unclear
// answer the claim is looked for until the intent has settled.
func (r *Run) createKey(ctx context.Context, step plan.Step) (verdict, error) {
	if r.Keys == nil {
		return next, errors.New("there is no journal to make API keys with")
	}
	if intent := r.KeyIntents[step.Resource]; intent != nil && r.Now().Before(intent.settled()) {
		r.wait("Waiting", fmt.Sprintf("the %s that was created is looked for until %s before another one is made",
			keyWords[step.Resource], intent.settled().UTC().Format(time.RFC3339)), intent.poll(r.Now()))
		return waiting, nil
	}
	nonce := newNonce()
	if err := r.Keys.IntendKey(ctx, step.Resource, nonce, r.Now()); err != nil {
		return next, fmt.Errorf("recording the intent: %w", err)
	}
	id, err := r.callCreate(ctx, step.Resource, nonce)
	if err != nil {
		if failure := awscloud.Classify(err); !failure.MaybeApplied() {
			if forgo := r.Keys.ForgoKey(ctx, step.Resource); forgo != nil {
				return next, fmt.Errorf("%w (and removing the intent: %w)", err, forgo)
			}
		}
		return next, err
	}
	if err := r.Keys.CreatedKey(ctx, step.Resource, id); err != nil {
		return next, fmt.Errorf("recording the %s %s: %w", keyWords[step.Resource], id, err)
	}
	return next, nil
}

var keyWords = map[plan.Resource]string{plan.APIKey: "API key", plan.UsagePlan: "usage plan"}

// callCreate makes the key, whose value is API Gateway's choice and is dropped
// here, or the plan.
func (r *Run) callCreate(ctx context.Context, resource plan.Resource, nonce string) (string, error) {
	if resource == plan.APIKey {
		want := r.Desired.Key
		out, err := r.Cloud.APIs.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: &want.Name, Description: &want.Description,
			Enabled: want.Enabled, Tags: nonced(want.Tags, nonce)}, awscloud.NoRetryAPIGateway)
		if err != nil {
			return "", err
		}
		r.keyID = aws.ToString(out.Id)
		return r.keyID, nil
	}
	want := r.Desired.UsagePlan
	in := &apigateway.CreateUsagePlanInput{Name: &want.Name, Description: &want.Description, Tags: nonced(want.Tags, nonce),
		ApiStages: []types.ApiStage{{ApiId: &r.Observed.API.ID, Stage: &r.Desired.Stage.Name}}}
	if q := want.Quota; q != nil {
		in.Quota = &types.QuotaSettings{Limit: int32(q.Limit), Period: types.QuotaPeriodType(q.Period), Offset: int32(q.Offset)} //nolint:gosec // the schema bounds them
	}
	if t := want.Throttle; t != nil {
		in.Throttle = &types.ThrottleSettings{RateLimit: t.Rate, BurstLimit: int32(t.Burst)} //nolint:gosec // the schema bounds it
	}
	out, err := r.Cloud.APIs.CreateUsagePlan(ctx, in, awscloud.NoRetryAPIGateway)
	if err != nil {
		return "", err
	}
	r.planID = aws.ToString(out.Id)
	return r.planID, nil
}

func nonced(tags map[string]string, nonce string) map[string]string {
	all := maps.Clone(tags)
	all[stack.TagNonce] = nonce
	return all
}

// doKey changes what exists.
func (r *Run) doKey(ctx context.Context, step plan.Step) error {
	key, usage := r.Observed.Key, r.Observed.UsagePlan
	switch step.Op {
	case plan.TagAPIKey:
		return r.tagGateway(ctx, r.Identity.ARN.APIKey(key.ID), key.Tags, r.Desired.Key.Tags)
	case plan.UpdateAPIKey:
		_, err := r.Cloud.APIs.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: &key.ID, PatchOperations: keyPatch(key.APIKey, *r.Desired.Key)})
		return err
	case plan.TagUsagePlan:
		return r.tagGateway(ctx, r.Identity.ARN.UsagePlan(usage.ID), usage.Tags, r.Desired.UsagePlan.Tags)
	case plan.UpdateUsagePlan:
		_, err := r.Cloud.APIs.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: &usage.ID,
			PatchOperations: planPatch(usage, *r.Desired.UsagePlan, step.Stages)})
		return err
	case plan.AddPlanKey:
		return r.addPlanKey(ctx)
	case plan.DeleteUsagePlan:
		return r.Cloud.deletePlan(ctx, step.Target, r.stagesOfPlan(step.Target))
	default:
		return r.Cloud.deleteKey(ctx, step.Target)
	}
}

// addPlanKey puts the key into the plan; either may have been made just now.
func (r *Run) addPlanKey(ctx context.Context) error {
	if r.Observed.Key != nil {
		r.keyID = r.Observed.Key.ID
	}
	if r.Observed.UsagePlan != nil {
		r.planID = r.Observed.UsagePlan.ID
	}
	_, err := r.Cloud.APIs.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: &r.planID, KeyId: &r.keyID, KeyType: aws.String("API_KEY")})
	return err
}

func (r *Run) stagesOfPlan(id string) map[string]bool {
	if p := r.Observed.UsagePlan; p != nil && p.ID == id {
		return p.Stages
	}
	for _, p := range r.Observed.ExtraPlans {
		if p.ID == id {
			return p.Stages
		}
	}
	return nil
}

// deletePlan takes the stages out of a usage plan, since AWS refuses to delete
// one that has any, and deletes it. Keys in it lose what it admitted them to.
func (c Cloud) deletePlan(ctx context.Context, id string, stages map[string]bool) error {
	var patch []types.PatchOperation
	for _, name := range slices.Sorted(maps.Keys(stages)) {
		patch = append(patch, types.PatchOperation{Op: types.OpRemove, Path: aws.String("/apiStages"), Value: aws.String(name)})
	}
	if len(patch) > 0 {
		_, err := c.APIs.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: &id, PatchOperations: patch})
		if err != nil && !gone(err) {
			return err
		}
	}
	_, err := c.APIs.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: &id})
	if gone(err) {
		return nil
	}
	return err
}

func (c Cloud) deleteKey(ctx context.Context, id string) error {
	_, err := c.APIs.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: &id})
	if gone(err) {
		return nil
	}
	return err
}

func keyPatch(have, want stack.APIKey) []types.PatchOperation {
	var patch []types.PatchOperation
	if have.Name != want.Name {
		patch = append(patch, replace("/name", want.Name))
	}
	if have.Description != want.Description {
		patch = append(patch, replace("/description", want.Description))
	}
	if have.Enabled != want.Enabled {
		patch = append(patch, replace("/enabled", strconv.FormatBool(want.Enabled)))
	}
	return patch
}

// planPatch changes everything in one call, since AWS allows one in 20 s
// (aws-facts A1).
func planPatch(have *stack.ObservedPlan, want stack.UsagePlan, stages []string) []types.PatchOperation {
	var patch []types.PatchOperation
	stageOp := func(op types.Op, name string) {
		patch = append(patch, types.PatchOperation{Op: op, Path: aws.String("/apiStages"), Value: &name})
	}
	for _, name := range slices.Sorted(maps.Keys(have.Stages)) {
		if !slices.Contains(stages, name) {
			stageOp(types.OpRemove, name)
		} else if have.Stages[name] {
			patch = append(patch, remove("/apiStages/"+name+"/throttle"))
		}
	}
	for _, name := range stages {
		if _, ok := have.Stages[name]; !ok {
			stageOp(types.OpAdd, name)
		}
	}
	if have.Name != want.Name {
		patch = append(patch, replace("/name", want.Name))
	}
	if have.Description != want.Description {
		patch = append(patch, replace("/description", want.Description))
	}
	switch q := want.Quota; {
	case q == nil && have.Quota != nil:
		patch = append(patch, remove("/quota"))
	case q != nil && (have.Quota == nil || *have.Quota != *q):
		patch = append(patch, replace("/quota/limit", strconv.Itoa(q.Limit)), replace("/quota/offset", strconv.Itoa(q.Offset)), replace("/quota/period", q.Period))
	}
	switch t := want.Throttle; {
	case t == nil && have.Throttle != nil:
		patch = append(patch, remove("/throttle"))
	case t != nil && (have.Throttle == nil || *have.Throttle != *t):
		patch = append(patch, replace("/throttle/rateLimit", strconv.FormatFloat(t.Rate, 'f', -1, 64)), replace("/throttle/burstLimit", strconv.Itoa(t.Burst)))
	}
	return patch
}
