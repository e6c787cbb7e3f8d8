// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

// InlinePolicyName is a role's only inline policy.
const InlinePolicyName = "comments"

// Role is the IAM role that API Gateway assumes to call DynamoDB.
type Role struct {
	Name string
	// Path can't change (aws-facts G1); it is compared with nothing.
	Path        string
	Description string
	// TrustPolicy says who may assume the role; JSON.
	TrustPolicy string
	// InlinePolicies by name; JSON. Any but InlinePolicyName is foreign and
	// removed.
	InlinePolicies map[string]string
	// AttachedPolicies are ARNs of managed policies; none is wanted.
	AttachedPolicies []string
	// PermissionsBoundary is the ARN of the boundary; empty is none.
	PermissionsBoundary string
	Tags                map[string]string
}
