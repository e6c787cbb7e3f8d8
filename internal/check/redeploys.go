// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/render"
	"github.com/commentsapi/operator/internal/stack"
)

// Redeploys guesses, without a call to AWS, whether a spec asks for another
// definition than the one that was deployed last over the index of that name.
// A look tells for certain; the guess only says for what it is worth waiting
// before one.
func Redeploys(account *awscloud.Account, settings Settings, s Subject, index string) bool {
	if s.Recorded.DefinitionSHA256 == "" || index == "" {
		return false
	}
	d, err := render.Render(s.Spec, stack.Facts{AccountID: account.ID, Partition: account.Partition, DNSSuffix: account.DNSSuffix,
		RolePath: settings.RolePath, PermissionsBoundary: settings.PermissionsBoundary, Claim: s.Claim,
		IndexName: index, IndexShape: render.IndexShape(s.Spec)})
	return err == nil && d.DefinitionSHA256 != s.Recorded.DefinitionSHA256
}

// checkCalls and checkCallsIAM are what the check of a settled stack takes of
// the quotas of API Gateway and IAM, the narrowest of all.
var (
	checkCalls    = map[string]int{"": 4, "GetResources": 1, "check": 1}
	checkCallsIAM = map[string]int{"": 4}
)

// Capacity is how many checks a second AWS's request quotas allow: in a region
// of an account, and in all of its regions together.
type Capacity struct{ Region, Account float64 }

// CapacityOf returns that of an account's region.
func CapacityOf(account *awscloud.Account) Capacity {
	return Capacity{Region: account.Sustained(checkCalls), Account: account.SustainedIAM(checkCallsIAM)}
}
