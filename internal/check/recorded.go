// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/plan"
)

// Recorded is what an object's status remembers of earlier checks.
func Recorded(s *v1alpha1.CommentsAPIStatus) plan.Recorded {
	var r plan.Recorded
	if s.Table != nil {
		r.TableARN, r.TableBackedUp = s.Table.ARN, s.Table.PointInTimeRecovery == v1alpha1.Enabled
		r.IndexName = s.Table.IndexName
	}
	if s.Role != nil {
		r.RoleARN = s.Role.ARN
	}
	if s.ModeratorRole != nil {
		r.ModeratorRoleARN = s.ModeratorRole.ARN
	}
	if s.RestAPI != nil {
		r.APIID, r.DeploymentID, r.DefinitionSHA256 = s.RestAPI.ID, s.RestAPI.DeploymentID, s.RestAPI.DefinitionSHA256
	}
	if s.APIKey != nil {
		r.KeyID, r.Keyed = s.APIKey.ID, true
	}
	if s.UsagePlan != nil {
		r.UsagePlanID, r.Keyed = s.UsagePlan.ID, true
	}
	if s.Stage != nil {
		r.Served = plan.ServedDefinition{Stage: s.Stage.Name, Generation: s.Stage.ObservedGeneration, SHA256: s.Stage.DefinitionSHA256}
	}
	return r
}
