// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
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

// TestModeratorsHaveARoleOfTheirOwn: what it may do is what its calls need, and
// the public role may do none of it.
func TestModeratorsHaveARoleOfTheirOwn(t *testing.T) {
	const table = "arn:aws:dynamodb:eu-west-1:123456789012:table/blog-comments"
	const remove, update, query = "Allow dynamodb:DeleteItem " + table, "Allow dynamodb:UpdateItem " + table, "Allow dynamodb:Query " + table + "/index/pending-index"
	for name, c := range map[string]struct {
		moderation v1alpha1.Moderation
		deletion   v1alpha1.Toggle
		retiring   []string
		want       []string
	}{
		"neither":                   {v1alpha1.ModerationNone, v1alpha1.Disabled, nil, nil},
		"neither, any more":         {v1alpha1.ModerationNone, v1alpha1.Disabled, []string{"pending-index"}, nil},
		"moderation":                {v1alpha1.ModerationBeforeListing, v1alpha1.Disabled, nil, []string{remove, update, query}},
		"deletion":                  {v1alpha1.ModerationNone, v1alpha1.Enabled, nil, []string{remove}},
		"deletion, from moderation": {v1alpha1.ModerationNone, v1alpha1.Enabled, []string{"pending-index"}, []string{remove, update, query}},
		"moderation, on a new index": {v1alpha1.ModerationBeforeListing, v1alpha1.Disabled, []string{"pending-index-00000001", "pageId-index-00000001"},
			[]string{remove, update, query, query + "-00000001"}},
	} {
		spec, facts := someSpec(), someFacts()
		spec.Comments.Moderation, spec.Comments.Deletion, facts.RetiringIndexes = c.moderation, c.deletion, c.retiring
		d := mustRender(t, spec, facts)
		var got []string
		if d.ModeratorRole != nil {
			got = grants(t, d.ModeratorRole.InlinePolicies[stack.InlinePolicyName])
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: grants (-want +got):\n%s", name, diff)
		}
		for _, grant := range grants(t, d.Role.InlinePolicies[stack.InlinePolicyName]) {
			if strings.Contains(grant, "pending") || !strings.Contains(grant, "PutItem") && !strings.Contains(grant, "Query") {
				t.Errorf("%s: the public role has %s", name, grant)
			}
		}
		for key, m := range d.API.Definition.Methods {
			private := strings.Contains(key, "/moderation/") || strings.HasPrefix(key, "DELETE ")
			if asModerator := strings.Contains(m.Integration.Credentials, "-moderator-"); asModerator != private || private != (m.Authorization == "AWS_IAM") {
				t.Errorf("%s: %s is called as %s, authorization %s", name, key, m.Integration.Credentials, m.Authorization)
			}
		}
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
