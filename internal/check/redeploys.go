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

// checkCalls is what the check of a settled stack takes of API Gateway's
// quotas, the narrowest by far.
var checkCalls = map[string]int{"": 4, "GetResources": 1, "check": 1}

// Sustained is how many checks a second AWS's request quotas allow in an
// account's region.
func Sustained(account *awscloud.Account) float64 { return account.Sustained(checkCalls) }
