// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"fmt"

	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

// Identity is by what a stack is found in AWS.
type Identity struct {
	ARN       stack.ARN
	Claim     stack.Claim
	TableName string
	RoleName  string
	// AdoptAPIID is a REST API to look at when none carries the claim.
	AdoptAPIID string
	// ModeratorRoleName is empty where nobody wants that role, or ever did.
	ModeratorRoleName string
	// KeyWanted is whether calls need an API key; Keyed whether there may be
	// one all the same.
	KeyWanted, Keyed bool
	// Recorded is what status remembers; an API is looked for there first.
	Recorded plan.Recorded
	// ValidatorNames are the names behind API Gateway's ids from an earlier
	// reading; used where the validators are not read now.
	ValidatorNames map[string]string
}

// ObserveTable reads the table and its indexes; parts says what else of it.
// The result is nil when there is no such table.
func (c Cloud) ObserveTable(ctx context.Context, id Identity, parts stack.Parts) (*stack.ObservedTable, error) {
	table, err := c.describeTable(ctx, id.TableName)
	if err != nil || table == nil {
		return nil, err
	}
	if table.Status == stack.TableDeleting {
		return table, nil
	}
	if parts.Has(stack.PartTableTags) {
		if table.Tags, err = c.tableTags(ctx, table.ARN); err != nil {
			return nil, err
		}
	}
	if parts.Has(stack.PartTableBackups) {
		if table.PointInTimeRecovery, err = c.tableBackups(ctx, id.TableName); err != nil {
			return nil, err
		}
	}
	if parts.Has(stack.PartTableTTL) {
		if table.TTLAttribute, err = c.tableTTL(ctx, id.TableName); err != nil {
			return nil, err
		}
	}
	return table, nil
}

// Observe reads the whole stack, the optional parts as asked.
func (c Cloud) Observe(ctx context.Context, id Identity, parts stack.Parts) (stack.Observed, error) {
	observed := stack.Observed{Parts: parts}
	var err error
	if observed.Table, err = c.ObserveTable(ctx, id, parts); err != nil {
		return observed, fmt.Errorf("reading table %s: %w", id.TableName, err)
	}
	if observed.Role, err = c.observeRole(ctx, id.RoleName); err != nil {
		return observed, fmt.Errorf("reading role %s: %w", id.RoleName, err)
	}
	if id.ModeratorRoleName != "" {
		if observed.ModeratorRole, err = c.observeRole(ctx, id.ModeratorRoleName); err != nil {
			return observed, fmt.Errorf("reading role %s: %w", id.ModeratorRoleName, err)
		}
	}
	if err := c.observeAPI(ctx, id, &observed); err != nil {
		return observed, fmt.Errorf("reading the REST API: %w", err)
	}
	if id.KeyWanted || id.Keyed || inherited(id, observed) {
		if err := c.observeKeys(ctx, id, &observed); err != nil {
			return observed, err
		}
	}
	return observed, nil
}

// inherited reports whether the stack is an earlier incarnation's, which may
// have had an API key: an object whose finalizer was removed by force leaves
// it, and the next one may want none.
func inherited(id Identity, observed stack.Observed) bool {
	earlier := func(tags map[string]string) bool { return id.Claim.Relation(tags) == stack.Earlier }
	return observed.API != nil && earlier(observed.API.Tags) ||
		observed.Role != nil && earlier(observed.Role.Tags) ||
		observed.Table != nil && earlier(observed.Table.Tags)
}

// gone reports whether an error says that a resource does not exist.
func gone(err error) bool {
	failure := awscloud.Classify(err)
	return failure != nil && failure.Class == awscloud.NotFound
}
