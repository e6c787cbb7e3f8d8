// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"fmt"
	"time"

	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

// removeKeys deletes every usage plan and API key with the claim. One whose
// creation was not confirmed may still show up; what to wait for then is no
// reason to keep the rest.
func (t *Teardown) removeKeys(ctx context.Context) (*Wait, error) {
	if !t.Identity.Keyed {
		return nil, nil
	}
	plans, _, err := t.Cloud.claimedPlans(ctx, t.Identity)
	if err != nil {
		return nil, fmt.Errorf("looking for usage plans: %w", err)
	}
	keys, _, err := t.Cloud.claimedKeys(ctx, t.Identity)
	if err != nil {
		return nil, fmt.Errorf("looking for API keys: %w", err)
	}
	found := map[plan.Resource]bool{}
	for _, p := range plans {
		found[plan.UsagePlan] = found[plan.UsagePlan] || t.intended(plan.UsagePlan, p.Tags)
		if err := t.Cloud.deletePlan(ctx, p.ID, p.Stages); err != nil {
			return nil, fmt.Errorf("deleting usage plan %s: %w", p.ID, err)
		}
	}
	for _, k := range keys {
		found[plan.APIKey] = found[plan.APIKey] || t.intended(plan.APIKey, k.Tags)
		if err := t.Cloud.deleteKey(ctx, k.ID); err != nil {
			return nil, fmt.Errorf("deleting API key %s: %w", k.ID, err)
		}
	}
	var wait *Wait
	for _, resource := range []plan.Resource{plan.UsagePlan, plan.APIKey} {
		intent := t.KeyIntents[resource]
		if intent == nil {
			continue
		}
		if now := t.Now(); !found[resource] && now.Before(intent.settled()) {
			wait = &Wait{Reason: "Deleting", After: intent.poll(now), Message: fmt.Sprintf(
				"the %s may have been created just before the deletion; it is looked for until %s",
				keyWords[resource], intent.settled().UTC().Format(time.RFC3339))}
			continue
		}
		if err := t.Keys.ForgoKey(ctx, resource); err != nil {
			return nil, err
		}
	}
	return wait, nil
}

func (t *Teardown) intended(resource plan.Resource, tags map[string]string) bool {
	intent := t.KeyIntents[resource]
	return intent != nil && tags[stack.TagNonce] == intent.Nonce
}
