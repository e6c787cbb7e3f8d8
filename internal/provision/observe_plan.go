// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/stack"
)

// plansOf lists the usage plans that hold an API key; all plans for none.
func (c Cloud) plansOf(ctx context.Context, keyID string) ([]stack.ObservedPlan, error) {
	in := &apigateway.GetUsagePlansInput{Limit: aws.Int32(pageSize)}
	if keyID != "" {
		in.KeyId = &keyID
	}
	var found []stack.ObservedPlan
	pages := apigateway.NewGetUsagePlansPaginator(c.APIs, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			if keyID != "" && gone(err) {
				return nil, nil
			}
			return nil, err
		}
		for i := range page.Items {
			found = append(found, readPlan(&page.Items[i]))
		}
	}
	return found, nil
}

// claimedPlans lists the usage plans that carry the claim. The recorded one is
// among them even where the list doesn't show it yet; without the claim it is
// the stranger.
func (c Cloud) claimedPlans(ctx context.Context, id Identity) (mine []stack.ObservedPlan, stranger *stack.ObservedPlan, err error) {
	plans, err := c.plansOf(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	mine = slices.DeleteFunc(plans, func(p stack.ObservedPlan) bool { return !id.Claim.Relation(p.Tags).Mine() })
	recorded := id.Recorded.UsagePlanID
	if recorded == "" || slices.ContainsFunc(mine, func(p stack.ObservedPlan) bool { return p.ID == recorded }) {
		return mine, nil, nil
	}
	out, err := c.APIs.GetUsagePlan(ctx, &apigateway.GetUsagePlanInput{UsagePlanId: &recorded})
	if err != nil {
		if gone(err) {
			err = nil
		}
		return mine, nil, err
	}
	p := readPlan(&types.UsagePlan{Id: out.Id, Name: out.Name, Description: out.Description, ApiStages: out.ApiStages,
		Quota: out.Quota, Throttle: out.Throttle, Tags: out.Tags})
	if id.Claim.Relation(p.Tags).Mine() {
		return append(mine, p), nil, nil
	}
	return mine, &p, nil
}

func readPlan(p *types.UsagePlan) stack.ObservedPlan {
	plan := stack.ObservedPlan{
		ID:        aws.ToString(p.Id),
		UsagePlan: stack.UsagePlan{Name: aws.ToString(p.Name), Description: aws.ToString(p.Description), Tags: p.Tags},
		Stages:    map[string]bool{},
	}
	for _, s := range p.ApiStages {
		plan.Stages[stack.PlanStage(aws.ToString(s.ApiId), aws.ToString(s.Stage))] = len(s.Throttle) > 0
	}
	if q := p.Quota; q != nil {
		plan.Quota = &stack.Quota{Limit: int(q.Limit), Period: string(q.Period), Offset: int(q.Offset)}
	}
	if t := p.Throttle; t != nil {
		plan.Throttle = &stack.Throttle{Rate: t.RateLimit, Burst: int(t.BurstLimit)}
	}
	return plan
}
