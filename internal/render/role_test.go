// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/stack"
)

// grants flattens a policy to what it allows: "action resource" lines, with
// conditions appended.
func grants(t *testing.T, text string) []string {
	t.Helper()
	var doc struct {
		Version   string
		Statement []struct {
			Effect           string
			Action, Resource []string
			Condition        json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Version != "2012-10-17" {
		t.Errorf("policy version %q", doc.Version)
	}
	var all []string
	for _, s := range doc.Statement {
		for _, action := range s.Action {
			for _, resource := range s.Resource {
				all = append(all, strings.TrimSpace(s.Effect+" "+action+" "+resource+" "+string(s.Condition)))
			}
		}
	}
	return all
}

// TestRoleMayDoNothingElse: the role stores into exactly the table and lists
// from exactly the index.
func TestRoleMayDoNothingElse(t *testing.T) {
	const table = "arn:aws:dynamodb:eu-west-1:123456789012:table/blog-comments"
	role := mustRender(t, someSpec(), someFacts()).Role
	if len(role.InlinePolicies) != 1 || len(role.AttachedPolicies) != 0 {
		t.Errorf("inline %v, attached %v; want the one inline policy", role.InlinePolicies, role.AttachedPolicies)
	}
	want := []string{"Allow dynamodb:PutItem " + table, "Allow dynamodb:Query " + table + "/index/pageId-index"}
	if diff := cmp.Diff(want, grants(t, role.InlinePolicies[stack.InlinePolicyName])); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
}

func TestRoleKeepsRetiringIndexes(t *testing.T) {
	const index = "arn:aws:dynamodb:eu-west-1:123456789012:table/blog-comments/index/"
	facts := someFacts()
	facts.IndexName = "pageId-index-0badcafe"
	facts.RetiringIndexes = []string{"pageId-index", "pageId-index-0badcafe", "pageId-index-00000001"}
	got := grants(t, mustRender(t, someSpec(), facts).Role.InlinePolicies[stack.InlinePolicyName])
	want := []string{
		"Allow dynamodb:Query " + index + "pageId-index",
		"Allow dynamodb:Query " + index + "pageId-index-00000001",
		"Allow dynamodb:Query " + index + "pageId-index-0badcafe",
	}
	if diff := cmp.Diff(want, got[1:]); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
}

// TestRoleUsesTheKeyThroughDynamoDBOnly also holds the DNS suffix of the
// partition, which differs in China.
func TestRoleUsesTheKeyThroughDynamoDBOnly(t *testing.T) {
	c := cases()["china"]
	got := grants(t, mustRender(t, c.spec, c.facts).Role.InlinePolicies[stack.InlinePolicyName])
	rest := " " + c.spec.Table.KMSKeyARN + ` {"StringEquals":{"kms:ViaService":"dynamodb.cn-north-1.amazonaws.com.cn"}}`
	want := []string{"Allow kms:Decrypt" + rest, "Allow kms:GenerateDataKey" + rest}
	if diff := cmp.Diff(want, got[2:]); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
}

// TestTrustHasNoCondition: API Gateway fills neither aws:SourceAccount nor
// aws:SourceArn, so a condition would fail every call (aws-facts G5).
func TestTrustHasNoCondition(t *testing.T) {
	want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":["sts:AssumeRole"]}]}`
	if diff := cmp.Diff(want, mustRender(t, someSpec(), someFacts()).Role.TrustPolicy); diff != "" {
		t.Errorf("trust policy (-want +got):\n%s", diff)
	}
}
