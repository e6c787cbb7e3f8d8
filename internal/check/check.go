// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package check looks at one stack: it reads AWS, gathers the facts, renders
// what the spec asks for and plans the difference. The operator, the plan
// command and the drift suite all look through it, so they see the same.
package check

import (
	"context"
	"fmt"
	"time"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/provision"
	"github.com/commentsapi/operator/internal/render"
	"github.com/commentsapi/operator/internal/stack"
)

// Settings are the operator's, the same for every stack.
type Settings struct {
	// RolePath is the IAM path of new roles; it begins and ends with a slash.
	RolePath string
	// PermissionsBoundary is the ARN of the policy roles are bounded by.
	PermissionsBoundary string
}

// Subject is the stack to look at.
type Subject struct {
	Spec     v1alpha1.CommentsAPISpec
	Claim    stack.Claim
	Recorded plan.Recorded
	// Generation is the spec's; zero if it has none.
	Generation int64
	// RecreateTable allows an empty table in place of a missing one.
	RecreateTable bool
	// Allowed are the ARNs of what the object's Namespace lets it adopt.
	Allowed []string
	// Living reports whether the object behind a claim of this cluster exists,
	// or may exist; nil reports it of all.
	Living func(ctx context.Context, holder stack.Claim) (bool, error)
	// Thorough looks for further REST APIs with the claim, too.
	Thorough bool
}

// Result is what a look found.
type Result struct {
	Cloud    provision.Cloud
	Identity provision.Identity
	Observed stack.Observed
	Desired  stack.Desired
	Plan     plan.Plan
}

// Memory is what one look leaves for the next, so that a check that finds
// nothing can read and render less: whose turn it is, the names behind API
// Gateway's ids, and the document's hash. The zero value makes the next look
// read everything.
type Memory struct {
	turn       int
	validators map[string]string
	rendered   render.Remembered
}

// turns are the parts that a check reads in turn (design section 6): none of
// them can change what clients are served without GetStages, GetResources or
// DescribeTable showing it.
var turns = []stack.Parts{
	stack.PartModels | stack.PartTableTTL,
	stack.PartValidators | stack.PartTableBackups,
	stack.PartGatewayResponses | stack.PartTableTags,
	stack.PartDuplicateAPIs,
}

// Turns is how many partial checks it takes to read everything once.
func Turns() int { return len(turns) }

// Look reads the whole stack and plans.
func Look(ctx context.Context, account *awscloud.Account, settings Settings, s Subject, now time.Time) (Result, error) {
	parts := stack.AllParts
	if s.Thorough {
		parts |= stack.PartDuplicateAPIs
	}
	return look(ctx, account, settings, s, now, parts, &Memory{})
}

// LookInTurn reads what clients are served from, and the rest in turn. As soon
// as anything differs it reads everything, since a plan that writes has to see
// every claim first.
func LookInTurn(ctx context.Context, account *awscloud.Account, settings Settings, s Subject, now time.Time, m *Memory) (Result, error) {
	if m.validators != nil {
		parts := turns[m.turn%len(turns)]
		result, err := look(ctx, account, settings, s, now, parts, m)
		if err == nil && result.Plan.Empty() {
			m.turn++
			return result, nil
		}
		if err != nil {
			return result, err
		}
		s.Thorough = true // what this turn found may be among them
	}
	result, err := Look(ctx, account, settings, s, now)
	if err == nil && result.Observed.API != nil {
		m.validators = result.Observed.API.ValidatorNames
	}
	return result, err
}

func look(ctx context.Context, account *awscloud.Account, settings Settings, s Subject, now time.Time, parts stack.Parts, m *Memory) (Result, error) {
	result := Result{
		Cloud: provision.CloudOf(account),
		Identity: provision.Identity{
			ARN:            stack.ARN{Partition: account.Partition, Region: s.Spec.Region, AccountID: account.ID},
			Claim:          s.Claim,
			TableName:      s.Spec.TableName,
			RoleName:       stack.RoleName(s.Claim, s.Spec.Region),
			AdoptAPIID:     s.adoptAPIID(),
			Recorded:       s.Recorded,
			ValidatorNames: m.validators,
			KeyWanted:      render.NeedsKey(s.Spec),
			Keyed:          s.Recorded.Keyed,
		},
	}
	if render.NeedsModeratorRole(s.Spec) || s.Recorded.ModeratorRoleARN != "" {
		result.Identity.ModeratorRoleName = stack.ModeratorRoleName(s.Claim, s.Spec.Region)
	}
	var err error
	if result.Observed, err = result.Cloud.Observe(ctx, result.Identity, parts); err != nil {
		return result, err
	}
	adoption, err := s.adoption(ctx, &result)
	if err != nil {
		return result, err
	}
	c := plan.Context{Adopt: adoption, Claim: s.Claim, Recorded: s.Recorded, Generation: s.Generation, Now: now, RecreateTable: s.RecreateTable}
	if result.Desired, err = desired(account, settings, s, result.Observed, c, &m.rendered); err != nil {
		return result, &awscloud.Failure{Class: awscloud.Invalid, Reason: v1alpha1.ReasonInvalidRequest, Message: err.Error(), Err: err}
	}
	result.Plan = plan.Diff(result.Desired, result.Observed, c)
	return result, nil
}

// desired renders the stack from the spec and the facts found in AWS. Older
// indexes keep the role's right until no reader can be served from them.
func desired(account *awscloud.Account, settings Settings, s Subject, observed stack.Observed, c plan.Context, rendered *render.Remembered) (stack.Desired, error) {
	facts := stack.Facts{
		AccountID:           account.ID,
		Partition:           account.Partition,
		DNSSuffix:           account.DNSSuffix,
		RolePath:            settings.RolePath,
		PermissionsBoundary: settings.PermissionsBoundary,
		Claim:               s.Claim,
		TableAdopted:        adopted(observed, s.Claim),
	}
	if observed.Role != nil {
		facts.RolePath = observed.Role.Path
	}
	if observed.ModeratorRole != nil {
		facts.ModeratorRolePath = observed.ModeratorRole.Path
	}
	var existing []render.ExistingIndex
	if observed.Table != nil {
		for _, index := range observed.Table.Indexes {
			existing = append(existing, render.ExistingIndex{Name: index.Name, Shape: index.Shape,
				Deleting: observed.Table.IndexStatus[index.Name] == stack.IndexDeleting})
		}
	}
	chosen := render.ChooseIndex(s.Spec, existing)
	facts.IndexName, facts.IndexShape = chosen.Name, chosen.Shape
	wanted := []stack.Index{chosen}
	if s.Spec.Comments.Moderation == v1alpha1.ModerationBeforeListing {
		pending := render.ChoosePendingIndex(existing)
		facts.PendingIndexName, facts.PendingIndexShape = pending.Name, pending.Shape
		wanted = append(wanted, pending)
	}
	if observed.Table != nil {
		facts.RetiringIndexes = plan.OldIndexes(observed.Table, wanted)
	}
	d, err := rendered.Render(s.Spec, facts)
	if err != nil || len(facts.RetiringIndexes) == 0 || !plan.ReadersMoved(d, observed, c) {
		return d, err
	}
	facts.RetiringIndexes = nil
	return rendered.Render(s.Spec, facts)
}

// Accounted reports an object whose stack lives in another account than the
// one the credentials lead to: nothing may be written then.
func Accounted(account *awscloud.Account, recorded string) *plan.Block {
	if recorded == "" || recorded == account.ID {
		return nil
	}
	return &plan.Block{Reason: v1alpha1.ReasonAccountChanged, Message: fmt.Sprintf(
		"the credentials lead to AWS account %s, but this object's stack is in account %s; nothing was changed; give back the credentials of account %s",
		account.ID, recorded, recorded)}
}
