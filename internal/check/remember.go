// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/provision"
	"github.com/commentsapi/operator/internal/stack"
)

// rememberKeys keeps the ids of an API key and a usage plan as long as they are
// wanted or there: what was made may not be seen yet.
func rememberKeys(next *plan.Recorded, r Result) {
	if !r.Identity.KeyWanted && r.Observed.Key == nil && r.Observed.UsagePlan == nil {
		next.KeyID, next.UsagePlanID, next.Keyed = "", "", false
		return
	}
	if r.Observed.Key != nil {
		next.KeyID, next.Keyed = r.Observed.Key.ID, true
	}
	if r.Observed.UsagePlan != nil {
		next.UsagePlanID, next.Keyed = r.Observed.UsagePlan.ID, true
	}
}

// Remember returns what is to be written down after a check, from what was
// written down before it. What the check did not read stays as it was: a
// missing answer is not an answer. While the plan is blocked nothing changes,
// since what was seen may be somebody else's.
func Remember(previous plan.Recorded, r Result, o provision.Outcome) plan.Recorded {
	if r.Plan.Block != nil {
		return previous
	}
	next := previous
	if table := r.Observed.Table; table != nil && table.Status == stack.TableActive && r.Ours(plan.Table) {
		next.TableARN = table.ARN
		if r.Observed.Parts.Has(stack.PartTableBackups) {
			next.TableBackedUp = table.PointInTimeRecovery
		}
	}
	if r.Observed.Role != nil {
		next.RoleARN = r.Observed.Role.ARN
	}
	// Wanting the role is reason enough to look for it later: a creation whose
	// success nobody saw is found again.
	switch {
	case r.Observed.ModeratorRole != nil:
		next.ModeratorRoleARN = r.Observed.ModeratorRole.ARN
	case r.Desired.ModeratorRole != nil:
		next.ModeratorRoleARN = r.Identity.ARN.Role(r.Desired.ModeratorRole.Path, r.Desired.ModeratorRole.Name)
	default:
		next.ModeratorRoleARN = ""
	}
	rememberKeys(&next, r)
	api := r.Observed.API
	if api == nil || !r.Ours(plan.RestAPI) {
		return next
	}
	if next.APIID != api.ID {
		next.APIID, next.DeploymentID, next.DefinitionSHA256 = api.ID, "", ""
	}
	if o.DeploymentID != "" {
		next.DeploymentID, next.DefinitionSHA256 = o.DeploymentID, o.DefinitionSHA256
	} else if stage, ok := api.Stages[r.Desired.Stage.Name]; ok {
		if sha, known := plan.Served(stage, api, next); known {
			next.DeploymentID, next.DefinitionSHA256 = stage.DeploymentID, sha
		}
	}
	return next
}
