// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/commentsapi/operator/internal/stack"
)

// observeRole reads the role with all its policies; nil when there is none.
func (c Cloud) observeRole(ctx context.Context, name string) (*stack.ObservedRole, error) {
	out, err := c.Roles.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		if gone(err) {
			return nil, nil
		}
		return nil, err
	}
	role := &stack.ObservedRole{
		ARN: aws.ToString(out.Role.Arn),
		Role: stack.Role{
			Name:           aws.ToString(out.Role.RoleName),
			Path:           aws.ToString(out.Role.Path),
			Description:    aws.ToString(out.Role.Description),
			TrustPolicy:    decodePolicy(out.Role.AssumeRolePolicyDocument),
			InlinePolicies: map[string]string{},
			Tags:           map[string]string{},
		},
	}
	if b := out.Role.PermissionsBoundary; b != nil {
		role.PermissionsBoundary = aws.ToString(b.PermissionsBoundaryArn)
	}
	for _, tag := range out.Role.Tags {
		role.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if err := c.readInlinePolicies(ctx, role); err != nil {
		return nil, err
	}
	return role, c.readAttachedPolicies(ctx, role)
}

// readInlinePolicies reads the operator's own policy with its document. Of a
// foreign one the name is enough: it goes, whatever it says.
func (c Cloud) readInlinePolicies(ctx context.Context, role *stack.ObservedRole) error {
	pages := iam.NewListRolePoliciesPaginator(c.Roles, &iam.ListRolePoliciesInput{RoleName: &role.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, name := range page.PolicyNames {
			role.InlinePolicies[name] = ""
		}
	}
	if _, ok := role.InlinePolicies[stack.InlinePolicyName]; !ok {
		return nil
	}
	out, err := c.Roles.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &role.Name, PolicyName: aws.String(stack.InlinePolicyName)})
	switch {
	case gone(err):
		delete(role.InlinePolicies, stack.InlinePolicyName)
		return nil
	case err != nil:
		return err
	}
	role.InlinePolicies[stack.InlinePolicyName] = decodePolicy(out.PolicyDocument)
	return nil
}

func (c Cloud) readAttachedPolicies(ctx context.Context, role *stack.ObservedRole) error {
	pages := iam.NewListAttachedRolePoliciesPaginator(c.Roles, &iam.ListAttachedRolePoliciesInput{RoleName: &role.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, policy := range page.AttachedPolicies {
			role.AttachedPolicies = append(role.AttachedPolicies, aws.ToString(policy.PolicyArn))
		}
	}
	return nil
}

// decodePolicy undoes IAM's URL encoding; a plus sign stays one (aws-facts G2).
func decodePolicy(document *string) string {
	text, err := url.PathUnescape(aws.ToString(document))
	if err != nil {
		return aws.ToString(document)
	}
	return text
}
