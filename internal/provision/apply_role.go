// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

func (r *Run) doRole(ctx context.Context, step plan.Step) error {
	if step.Op == plan.DeleteRole {
		return r.Cloud.deleteRole(ctx, r.Observed.ModeratorRole)
	}
	want, have := r.Desired.Role, r.Observed.Role
	if step.Resource == plan.ModeratorRole {
		want, have = *r.Desired.ModeratorRole, r.Observed.ModeratorRole
	}
	var err error
	switch step.Op {
	case plan.CreateRole:
		return r.createRole(ctx, want)
	case plan.TagRole:
		err = retag(have.Tags, want.Tags, func(stale []string) error {
			_, err := r.Cloud.Roles.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &want.Name, TagKeys: stale})
			return err
		}, func(missing map[string]string) error {
			_, err := r.Cloud.Roles.TagRole(ctx, &iam.TagRoleInput{RoleName: &want.Name, Tags: roleTagList(missing)})
			return err
		})
	case plan.UpdateRoleDescription:
		_, err = r.Cloud.Roles.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: &want.Name, Description: &want.Description})
	case plan.UpdateTrust:
		_, err = r.Cloud.Roles.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
			RoleName: &want.Name, PolicyDocument: &want.TrustPolicy})
	case plan.UpdateBoundary:
		return r.updateBoundary(ctx, want)
	case plan.PutRolePolicy:
		return r.putRolePolicy(ctx, want, step.Target)
	case plan.DeleteRolePolicy:
		_, err = r.Cloud.Roles.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &want.Name, PolicyName: &step.Target})
	default:
		_, err = r.Cloud.Roles.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &want.Name, PolicyArn: &step.Target})
	}
	return err
}

// createRole makes the role with its claim and gives it its policy. A crash in
// between leaves a role without rights, which the next reading completes. A
// role of that name that exists already was not visible a moment ago, or this
// very call made it and its first answer was lost: the next reading sees it and
// its claim decides.
func (r *Run) createRole(ctx context.Context, want stack.Role) error {
	in := &iam.CreateRoleInput{
		RoleName:                 &want.Name,
		Path:                     &want.Path,
		Description:              &want.Description,
		AssumeRolePolicyDocument: &want.TrustPolicy,
		Tags:                     roleTagList(want.Tags),
	}
	if want.PermissionsBoundary != "" {
		in.PermissionsBoundary = &want.PermissionsBoundary
	}
	if _, err := r.Cloud.Roles.CreateRole(ctx, in); err != nil {
		if failure := awscloud.Classify(err); failure.Class == awscloud.AlreadyExists {
			return nil
		}
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(want.InlinePolicies)) {
		if err := r.putRolePolicy(ctx, want, name); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) putRolePolicy(ctx context.Context, want stack.Role, name string) error {
	_, err := r.Cloud.Roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: &want.Name, PolicyName: &name, PolicyDocument: aws.String(want.InlinePolicies[name])})
	return err
}

func (r *Run) updateBoundary(ctx context.Context, want stack.Role) error {
	if want.PermissionsBoundary == "" {
		_, err := r.Cloud.Roles.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: &want.Name})
		return err
	}
	_, err := r.Cloud.Roles.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{
		RoleName: &want.Name, PermissionsBoundary: &want.PermissionsBoundary})
	return err
}

func roleTagList(tags map[string]string) []types.Tag {
	var out []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return out
}
