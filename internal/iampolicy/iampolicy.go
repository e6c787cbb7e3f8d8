// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package iampolicy writes the two IAM policies that an administrator makes
// once per account: the operator's own, and the boundary of the roles that the
// operator makes. What the operator may do is a table in rights.go; a test
// holds the calls of whole lives of stacks to it, in both directions, with keys
// of the customer's own, in a tenant's account and without a boundary too. Which
// rights on a key DynamoDB asks for in the operator's name is taken from AWS's
// documentation (aws-facts G7): no call of the operator's shows it.
package iampolicy

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// DefaultBoundary is the name of the boundary when nobody gives another.
const DefaultBoundary = "commentsapi-boundary"

// Options say for whom the policies are.
type Options struct {
	// Partition is aws, aws-cn, aws-us-gov or another of AWS's.
	Partition string
	// AccountID has twelve digits.
	AccountID string
	// Regions are those in which the operator works; at least one.
	Regions []string
	// TablePrefix begins the names of all tables; empty allows every name.
	TablePrefix string
	// RolePath is the operator's --role-path.
	RolePath string
	// Boundary is the ARN of the operator's --permissions-boundary. Empty
	// lets the operator make roles that nothing bounds.
	Boundary string
	// AssumeRoles are ARNs of roles that the operator may take on, for
	// namespaces with an account of their own.
	AssumeRoles []string
	// KMSKeys are ARNs of keys that tables may be encrypted with.
	KMSKeys []string
}

// Document is an IAM policy.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement is one rule; lists are always lists.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

// Text is the document as indented JSON.
func (d Document) Text() ([]byte, error) {
	b, err := json.MarshalIndent(d, "", "  ")
	return append(b, '\n'), err
}

// The shapes of what goes into ARNs; anything else could widen a policy.
var (
	partitionPattern = regexp.MustCompile(`^aws(-[a-z]+)*$`)
	accountPattern   = regexp.MustCompile(`^[0-9]{12}$`)
	regionPattern    = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)
	prefixPattern    = regexp.MustCompile(`^[a-zA-Z0-9_.-]{0,255}$`)
	// pathPattern is IAM's rule (aws-facts G1), without wildcards.
	pathPattern = regexp.MustCompile(`^/([a-zA-Z0-9_+=,.@-]+/)*$`)
	arnPattern  = regexp.MustCompile(`^arn:aws[a-z-]*:(iam|kms):[a-z0-9-]*:([0-9]{12}|aws)?:[a-zA-Z0-9_+=,.@/-]+$`)
)

// check names the first option that can't be part of an ARN.
func (o Options) check() error {
	switch {
	case !partitionPattern.MatchString(o.Partition):
		return fmt.Errorf("partition %q: give aws, aws-cn, aws-us-gov or another of AWS's partitions", o.Partition)
	case !accountPattern.MatchString(o.AccountID):
		return fmt.Errorf("account %q: an AWS account id has twelve digits", o.AccountID)
	case len(o.Regions) == 0:
		return fmt.Errorf("no region: name each one in which tables and APIs may be made")
	case !prefixPattern.MatchString(o.TablePrefix):
		return fmt.Errorf("table prefix %q: table names have only letters, digits, '_', '-' and '.'", o.TablePrefix)
	case !pathPattern.MatchString(o.RolePath) || len(o.RolePath) > 512:
		return fmt.Errorf("role path %q: an IAM path begins and ends with a slash, like /commentsapi/", o.RolePath)
	}
	for _, r := range o.Regions {
		if !regionPattern.MatchString(r) {
			return fmt.Errorf("region %q: an AWS region looks like eu-west-1", r)
		}
	}
	arns := slices.Concat(o.AssumeRoles, o.KMSKeys)
	if o.Boundary != "" {
		arns = append(arns, o.Boundary)
	}
	for _, arn := range arns {
		if !arnPattern.MatchString(arn) {
			return fmt.Errorf("%q is not the ARN of an IAM role or policy or of a KMS key", arn)
		}
	}
	return nil
}

// roles are the ARNs of the roles that the operator makes.
func (o Options) roles() []string {
	return []string{fmt.Sprintf("arn:%s:iam::%s:role%scommentsapi-*", o.Partition, o.AccountID, o.RolePath)}
}

// tables are the ARNs of the tables, one for each region.
func (o Options) tables() []string {
	return o.regional(fmt.Sprintf("dynamodb:REGION:%s:table/%s*", o.AccountID, o.TablePrefix))
}

// gateway are the ARNs of API Gateway's paths; their account is empty
// (aws-facts C4, G7).
func (o Options) gateway(paths ...string) []string {
	var out []string
	for _, path := range paths {
		out = append(out, o.regional("apigateway:REGION::"+path)...)
	}
	return out
}

func (o Options) regional(pattern string) []string {
	var out []string
	for _, region := range slices.Sorted(slices.Values(o.Regions)) {
		out = append(out, "arn:"+o.Partition+":"+strings.ReplaceAll(pattern, "REGION", region))
	}
	return slices.Compact(out)
}
