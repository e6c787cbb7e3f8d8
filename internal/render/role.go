// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

// policyDocument is an IAM policy. Its JSON is canonical: fields in a fixed
// order, lists always lists.
type policyDocument struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    []string
	Resource  []string                     `json:",omitempty"`
	Condition map[string]map[string]string `json:",omitempty"`
}

func (d policyDocument) text() (string, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("encode an IAM policy: %w", err)
	}
	return string(b), nil
}

const policyVersion = "2012-10-17"

// role is what API Gateway assumes for the public calls: it may put items into
// exactly the table and query exactly the index, and, while readers move from
// one index to another, the indexes they may still be served from.
func role(spec v1alpha1.CommentsAPISpec, facts stack.Facts) (stack.Role, error) {
	return gatewayRole(spec, facts, stack.Role{
		Name:        stack.RoleName(facts.Claim, spec.Region),
		Path:        facts.RolePath,
		Description: "Lets API Gateway store and list the comments of CommentsAPI " + stack.APIName(facts.Claim) + ".",
	}, publicStatements(spec, facts))
}

func gatewayRole(spec v1alpha1.CommentsAPISpec, facts stack.Facts, r stack.Role, may []statement) (stack.Role, error) {
	trust, err := trustPolicy().text()
	if err != nil {
		return stack.Role{}, err
	}
	if spec.Table.KMSKeyARN != "" {
		may = append(may, useKey(spec, facts))
	}
	inline, err := policyDocument{Version: policyVersion, Statement: may}.text()
	if err != nil {
		return stack.Role{}, err
	}
	r.TrustPolicy = trust
	r.InlinePolicies = map[string]string{stack.InlinePolicyName: inline}
	r.PermissionsBoundary = facts.PermissionsBoundary
	r.Tags = tags(spec, facts)
	return r, nil
}

// trustPolicy has no condition on the source account or ARN: API Gateway
// doesn't send them, and every call would fail (aws-facts G5).
func trustPolicy() policyDocument {
	return policyDocument{Version: policyVersion, Statement: []statement{{
		Effect:    "Allow",
		Principal: map[string]string{"Service": "apigateway.amazonaws.com"},
		Action:    []string{"sts:AssumeRole"},
	}}}
}

func publicStatements(spec v1alpha1.CommentsAPISpec, facts stack.Facts) []statement {
	return []statement{
		{Sid: "StoreComments", Effect: "Allow", Action: []string{"dynamodb:PutItem"}, Resource: []string{arns(spec, facts).Table(spec.TableName)}},
		{Sid: "ListComments", Effect: "Allow", Action: []string{"dynamodb:Query"}, Resource: indexARNs(spec, facts, facts.IndexName, false)},
	}
}

// indexARNs names an index and the retiring ones that are for the same use. The
// table's ARN doesn't cover its indexes (aws-facts G6).
func indexARNs(spec v1alpha1.CommentsAPISpec, facts stack.Facts, name string, pending bool) []string {
	arn := arns(spec, facts)
	all := []string{arn.Index(spec.TableName, name)}
	for _, retiring := range facts.RetiringIndexes {
		if stack.PendingIndexName(retiring) == pending {
			all = append(all, arn.Index(spec.TableName, retiring))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func useKey(spec v1alpha1.CommentsAPISpec, facts stack.Facts) statement {
	return statement{
		Sid:      "UseTableKey",
		Effect:   "Allow",
		Action:   []string{"kms:Decrypt", "kms:GenerateDataKey"},
		Resource: []string{spec.Table.KMSKeyARN},
		Condition: map[string]map[string]string{"StringEquals": {
			"kms:ViaService": fmt.Sprintf("dynamodb.%s.%s", spec.Region, facts.DNSSuffix),
		}},
	}
}
