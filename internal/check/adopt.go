// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"slices"

	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

// adoption answers the object's wish to take resources over, and reads what
// is needed to plan with a REST API that it may take.
func (s Subject) adoption(ctx context.Context, r *Result) (plan.Adoption, error) {
	a := plan.Adoption{APIID: s.adoptAPIID()}
	if s.Spec.Adopt == nil {
		return a, nil
	}
	var err error
	if s.Spec.Adopt.TableName != "" {
		a.Table = plan.NotAllowed
		if table := r.Observed.Table; table != nil && r.Observed.Parts.Has(stack.PartTableTags) {
			if a.Table, err = s.grant(ctx, table.ARN, table.Tags); err != nil {
				return a, err
			}
		}
	}
	if a.APIID == "" {
		return a, nil
	}
	a.API, a.APIARN = plan.NotAllowed, r.Identity.ARN.RestAPI(a.APIID)
	api := r.Observed.API
	if api == nil || s.Claim.Relation(api.Tags).Mine() {
		return a, nil
	}
	if api.ID != a.APIID { // the one that status remembers, without the claim
		a.API = plan.NotAsked
		return a, nil
	}
	if a.API, err = s.grant(ctx, a.APIARN, api.Tags); err != nil || a.API != plan.Granted {
		return a, err
	}
	return a, r.Cloud.ReadAPI(ctx, r.Identity, &r.Observed)
}

func (s Subject) adoptAPIID() string {
	if s.Spec.Adopt == nil {
		return ""
	}
	return s.Spec.Adopt.RestAPIID
}

// grant says whether the object may take over a resource with these tags. A
// claim of another cluster can't be followed to its object: whoever allowed
// the resource by its full name has decided.
func (s Subject) grant(ctx context.Context, arn string, tags map[string]string) (plan.Grant, error) {
	relation := s.Claim.Relation(tags)
	if relation.Mine() {
		return plan.Granted, nil
	}
	if !slices.Contains(s.Allowed, arn) {
		return plan.NotAllowed, nil
	}
	holder := stack.ClaimOf(tags)
	if relation == stack.Unclaimed || holder.ClusterID != s.Claim.ClusterID {
		return plan.Granted, nil
	}
	if s.Living == nil {
		return plan.Held, nil
	}
	living, err := s.Living(ctx, holder)
	if err != nil || living {
		return plan.Held, err
	}
	return plan.Granted, nil
}

// adopted reports whether somebody else made the table: it says so, or it
// carries no claim. Tables that carry a claim were made, or marked, by an
// operator.
func adopted(observed stack.Observed, claim stack.Claim) bool {
	table := observed.Table
	if table == nil || !observed.Parts.Has(stack.PartTableTags) || table.Status == stack.TableDeleting {
		return false
	}
	return table.Tags[stack.TagAdopted] != "" || claim.Relation(table.Tags) == stack.Unclaimed
}

// Ours reports whether the resource was seen to carry the object's claim. A
// table whose tags were not read in this turn carried it when they were.
func (r Result) Ours(resource plan.Resource) bool {
	o := r.Observed
	switch {
	case resource == plan.Table && o.Table != nil && o.Parts.Has(stack.PartTableTags):
		return r.Identity.Claim.Relation(o.Table.Tags).Mine()
	case resource == plan.RestAPI && o.API != nil:
		return r.Identity.Claim.Relation(o.API.Tags).Mine()
	}
	return true
}
