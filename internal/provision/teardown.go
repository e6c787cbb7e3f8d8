// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

// Teardown removes what an object owns: the API key's usage plan, which holds
// the stage, and the REST APIs first, so that no client meets half a stack, then the role, then the table if the policy says so.
// What is gone already is fine; what does not carry the claim is left alone.
type Teardown struct {
	Cloud    Cloud
	Identity Identity
	Journal  Journal
	// Intent is what the journal holds; nil is nothing.
	Intent *Intent
	// Keys and KeyIntents are the same for the API key and the usage plan,
	// which are looked for if the Identity says that there may be any.
	Keys       KeyJournal
	KeyIntents map[plan.Resource]*Intent
	// Moderated is whether a moderator's role was made, as far as is known.
	Moderated bool
	// DeleteTable removes the table too, for good.
	DeleteTable bool
	// Born is when the object was created. AWS may not show for a while what
	// was made a moment ago (aws-facts G4, H2), so of a young object nothing
	// is taken for gone because it isn't seen.
	Born time.Time
	Now  func() time.Time

	// Left are the REST APIs that were given back instead of deleted: they
	// were adopted, and have stages of somebody else.
	Left []string

	// unseen is what was looked for in vain.
	unseen string
}

// Pass does as much as can be done now. It returns a nil Wait and a nil error
// when nothing claimed is left but a table that is retained.
func (t *Teardown) Pass(ctx context.Context) (*Wait, error) {
	keys, err := t.removeKeys(ctx)
	if err != nil {
		return nil, err
	}
	if wait, err := t.removeAPIs(ctx); wait != nil || err != nil {
		return wait, err
	}
	if err := t.removeRoles(ctx); err != nil {
		return nil, err
	}
	if t.DeleteTable {
		wait, err := t.removeTable(ctx)
		if err != nil {
			return nil, fmt.Errorf("deleting table %s: %w", t.Identity.TableName, err)
		}
		if wait != nil {
			return wait, nil
		}
	}
	if keys != nil {
		return keys, nil
	}
	return t.lookAgain(), nil
}

// lookAgain waits while something that wasn't found may be too young to be
// shown.
func (t *Teardown) lookAgain() *Wait {
	until := t.Born.Add(IntentSettles)
	if t.Intent != nil && t.Intent.Time.After(t.Born) {
		until = t.Intent.Time.Add(IntentSettles)
	}
	left := until.Sub(t.Now())
	if t.unseen == "" || left <= 0 {
		return nil
	}
	return &Wait{Reason: "Deleting", After: left, Message: fmt.Sprintf(
		"%s is not there, or too young for AWS to show it; it is looked for until %s", t.unseen, until.UTC().Format(time.RFC3339))}
}

// removeAPIs deletes every REST API with the claim: those the list shows, and
// the recorded one, which a young list may not show yet. One whose creation was
// not confirmed may still show up, so the intent has to settle first.
func (t *Teardown) removeAPIs(ctx context.Context) (*Wait, error) {
	claimed, err := t.Cloud.claimedAPIs(ctx, t.Identity.Claim)
	if err != nil {
		return nil, fmt.Errorf("looking for REST APIs: %w", err)
	}
	listed := func(api *stack.ObservedAPI) bool { return api.ID == t.Identity.Recorded.APIID }
	if !slices.ContainsFunc(claimed, listed) {
		recorded, err := t.Cloud.recordedAPI(ctx, t.Identity.Recorded.APIID)
		if err != nil {
			return nil, fmt.Errorf("reading REST API %s: %w", t.Identity.Recorded.APIID, err)
		}
		if recorded != nil && t.Identity.Claim.Relation(recorded.Tags).Mine() {
			claimed = append(claimed, recorded)
		}
	}
	found := false
	for _, api := range claimed {
		found = found || t.Intent != nil && api.Tags[stack.TagNonce] == t.Intent.Nonce
		if err := t.removeAPI(ctx, api); err != nil && !gone(err) {
			return nil, fmt.Errorf("deleting REST API %s: %w", api.ID, err)
		}
	}
	if t.Intent == nil {
		return nil, nil
	}
	if now := t.Now(); !found && now.Before(t.Intent.settled()) {
		return &Wait{Reason: "Deleting", After: t.Intent.poll(now), Message: fmt.Sprintf(
			"a REST API may have been created just before the deletion; it is looked for until %s",
			t.Intent.settled().UTC().Format(time.RFC3339))}, nil
	}
	return nil, t.Journal.Forgo(ctx)
}

// removeRoles deletes the object's roles. The moderator's may be there although
// nobody wants it any more, so it is looked for anyway.
func (t *Teardown) removeRoles(ctx context.Context) error {
	for _, name := range []string{t.Identity.RoleName, t.Identity.ModeratorRoleName} {
		role, err := t.Cloud.observeRole(ctx, name)
		if err == nil && role == nil && (name == t.Identity.RoleName || t.Moderated) {
			t.unseen = "role " + name
		}
		if err == nil && role != nil && t.Identity.Claim.Relation(role.Tags).Mine() {
			err = t.Cloud.deleteRole(ctx, role)
		}
		if err != nil {
			return fmt.Errorf("removing role %s: %w", name, err)
		}
	}
	return nil
}

// deleteRole empties and deletes a role: IAM refuses to delete one that has
// policies (aws-facts G2).
func (c Cloud) deleteRole(ctx context.Context, role *stack.ObservedRole) error {
	for name := range role.InlinePolicies {
		_, err := c.Roles.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role.Name, PolicyName: &name})
		if err != nil && !gone(err) {
			return err
		}
	}
	for _, arn := range role.AttachedPolicies {
		_, err := c.Roles.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &role.Name, PolicyArn: &arn})
		if err != nil && !gone(err) {
			return err
		}
	}
	_, err := c.Roles.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &role.Name})
	if gone(err) {
		return nil
	}
	return err
}

// removeTable lifts the protection and deletes the table, and waits until it
// is gone. The claim is read right before either.
func (t *Teardown) removeTable(ctx context.Context) (*Wait, error) {
	table, err := t.Cloud.ObserveTable(ctx, t.Identity, stack.PartTableTags)
	if err == nil && table == nil {
		t.unseen = "table " + t.Identity.TableName
	}
	if err != nil || table == nil {
		return nil, err
	}
	age := t.Now().Sub(table.Created)
	wait := &Wait{Reason: "Deleting", After: min(max(age/4, pollSoon), pollMost),
		Message: fmt.Sprintf("table %s is being deleted by AWS", table.Name)}
	if table.Status == stack.TableDeleting {
		return wait, nil
	}
	if !t.Identity.Claim.Relation(table.Tags).Mine() {
		return nil, nil
	}
	if table.Status != stack.TableActive {
		wait.Message = fmt.Sprintf("table %s is %s; it is deleted once it is ACTIVE", table.Name, table.Status)
		return wait, nil
	}
	if table.DeletionProtection {
		_, err := t.Cloud.Tables.UpdateTable(ctx, &dynamodb.UpdateTableInput{
			TableName: &table.Name, DeletionProtectionEnabled: aws.Bool(false)})
		return wait, err
	}
	_, err = t.Cloud.Tables.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table.Name})
	if gone(err) {
		return nil, nil
	}
	return wait, err
}
