// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/commentsapi/operator/internal/stack"
)

// observeKeys finds the object's API key and usage plan, by their recorded ids
// first and by their claims else: neither has a unique name, nor a token for
// its creation. Where nobody wants them any more, all there are are looked for.
func (c Cloud) observeKeys(ctx context.Context, id Identity, observed *stack.Observed) error {
	all := !id.KeyWanted || observed.Parts.Has(stack.PartDuplicateAPIs)
	if err := c.observeKey(ctx, id, all, observed); err != nil {
		return fmt.Errorf("reading the API key: %w", err)
	}
	if err := c.observePlan(ctx, id, all, observed); err != nil {
		return fmt.Errorf("reading the usage plan: %w", err)
	}
	return nil
}

func (c Cloud) observeKey(ctx context.Context, id Identity, all bool, observed *stack.Observed) error {
	if !all {
		recorded, err := c.recordedKey(ctx, id.Recorded.KeyID)
		if err != nil {
			return err
		}
		if recorded != nil && id.Claim.Relation(recorded.Tags).Mine() {
			observed.Key = recorded
			return nil
		}
	}
	mine, stranger, err := c.claimedKeys(ctx, id)
	if err != nil {
		return err
	}
	if len(mine) == 0 {
		observed.Key = stranger // without our claim: the plan says so and stops
		return nil
	}
	chosen, err := c.chooseKey(ctx, id, mine)
	if err != nil {
		return err
	}
	observed.Key = &mine[chosen]
	for i, key := range mine {
		if i == chosen {
			continue
		}
		extra := stack.ExtraKey{ID: key.ID}
		if id.KeyWanted { // else all go
			plans, err := c.plansOf(ctx, key.ID)
			if err != nil {
				return err
			}
			extra.InUse = len(plans) > 0
		}
		observed.ExtraKeys = append(observed.ExtraKeys, extra)
	}
	return nil
}

// chooseKey picks, of several API keys with the claim, the recorded one, else
// the one that a usage plan with the claim holds, since clients use its value,
// else the oldest.
func (c Cloud) chooseKey(ctx context.Context, id Identity, mine []stack.ObservedKey) (int, error) {
	if i := slices.IndexFunc(mine, func(k stack.ObservedKey) bool { return k.ID == id.Recorded.KeyID }); i >= 0 {
		return i, nil
	}
	slices.SortFunc(mine, func(a, b stack.ObservedKey) int {
		if order := a.Created.Compare(b.Created); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	for i := 0; i < len(mine) && len(mine) > 1; i++ {
		plans, err := c.plansOf(ctx, mine[i].ID)
		if err != nil {
			return 0, err
		}
		if slices.ContainsFunc(plans, func(p stack.ObservedPlan) bool { return id.Claim.Relation(p.Tags).Mine() }) {
			return i, nil
		}
	}
	return 0, nil
}

// observePlan reads the usage plan that holds the key: that one list tells both
// what the plan says and that the key is in it. The list of a plan's keys would
// tell their values, and is never asked for.
func (c Cloud) observePlan(ctx context.Context, id Identity, all bool, observed *stack.Observed) error {
	own := func(p stack.ObservedPlan) bool { return id.Claim.Relation(p.Tags).Mine() }
	var holder *stack.ObservedPlan
	if observed.Key != nil {
		plans, err := c.plansOf(ctx, observed.Key.ID)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(plans, own); i >= 0 {
			holder = &plans[i]
			holder.HasKey = true
		}
	}
	if holder != nil && !all {
		observed.UsagePlan = holder
		return nil
	}
	mine, stranger, err := c.claimedPlans(ctx, id)
	if err != nil {
		return err
	}
	named := func(name string) int {
		return slices.IndexFunc(mine, func(p stack.ObservedPlan) bool { return p.ID == name })
	}
	switch i := named(id.Recorded.UsagePlanID); {
	case holder != nil:
		observed.UsagePlan = holder
	case i >= 0:
		observed.UsagePlan = &mine[i]
	case len(mine) > 0:
		observed.UsagePlan = &mine[0]
	default:
		observed.UsagePlan = stranger
		return nil
	}
	for _, p := range mine {
		if p.ID != observed.UsagePlan.ID {
			observed.ExtraPlans = append(observed.ExtraPlans, p)
		}
	}
	return nil
}

// recordedKey reads an API key without its value; nil when it doesn't exist.
func (c Cloud) recordedKey(ctx context.Context, id string) (*stack.ObservedKey, error) {
	if id == "" {
		return nil, nil
	}
	out, err := c.APIs.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: &id})
	if err != nil {
		if gone(err) {
			return nil, nil
		}
		return nil, err
	}
	return &stack.ObservedKey{ID: aws.ToString(out.Id), Created: aws.ToTime(out.CreatedDate), APIKey: stack.APIKey{
		Name: aws.ToString(out.Name), Description: aws.ToString(out.Description), Enabled: out.Enabled, Tags: out.Tags}}, nil
}

// claimedKeys lists, over all pages and without values, the API keys that carry
// the claim. The recorded one is among them even where the list doesn't show it
// yet; without the claim it is the stranger.
func (c Cloud) claimedKeys(ctx context.Context, id Identity) (mine []stack.ObservedKey, stranger *stack.ObservedKey, err error) {
	pages := apigateway.NewGetApiKeysPaginator(c.APIs, &apigateway.GetApiKeysInput{Limit: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, nil, err
		}
		for i := range page.Items {
			k := &page.Items[i]
			if id.Claim.Relation(k.Tags).Mine() {
				mine = append(mine, stack.ObservedKey{ID: aws.ToString(k.Id), Created: aws.ToTime(k.CreatedDate), APIKey: stack.APIKey{
					Name: aws.ToString(k.Name), Description: aws.ToString(k.Description), Enabled: k.Enabled, Tags: k.Tags}})
			}
		}
	}
	if slices.ContainsFunc(mine, func(k stack.ObservedKey) bool { return k.ID == id.Recorded.KeyID }) {
		return mine, nil, nil
	}
	recorded, err := c.recordedKey(ctx, id.Recorded.KeyID)
	if recorded != nil && id.Claim.Relation(recorded.Tags).Mine() {
		return append(mine, *recorded), nil, err
	}
	return mine, recorded, err
}
