// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/core"
)

const putComments = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"arn:aws:dynamodb:eu-west-1:123456789012:table/blog+comments"}]}`

func mustRole(t *testing.T, c *iam.Client, in iam.CreateRoleInput) *types.Role {
	t.Helper()
	if in.AssumeRolePolicyDocument == nil {
		in.AssumeRolePolicyDocument = aws.String(trustAPIGateway)
	}
	out, err := c.CreateRole(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	return out.Role
}

func TestG2_CreateRoleReadsBackAsWritten(t *testing.T) {
	c := iamClient(start(t, Options{}))
	created := mustRole(t, c, iam.CreateRoleInput{
		RoleName: aws.String("commentsapi-blog"), Path: aws.String("/commentsapi/"), Description: aws.String("for <blog> & co"),
		MaxSessionDuration: aws.Int32(7200), Tags: []types.Tag{{Key: aws.String("commentsapi.io/name"), Value: aws.String("blog")}},
	})
	got, err := c.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("commentsapi-blog")})
	if err != nil {
		t.Fatal(err)
	}
	r := got.Role
	if want := "arn:aws:iam::123456789012:role/commentsapi/commentsapi-blog"; *r.Arn != want || *created.Arn != want {
		t.Errorf("ARN = %s, created %s; want %s", *r.Arn, *created.Arn, want)
	}
	if *r.Description != "for <blog> & co" || *r.MaxSessionDuration != 7200 || !strings.HasPrefix(*r.RoleId, "AROA") {
		t.Errorf("role = %+v; want its description, session duration and an AROA id", r)
	}
	if len(r.Tags) != 1 || *r.Tags[0].Key != "commentsapi.io/name" || *r.Tags[0].Value != "blog" {
		t.Errorf("tags = %+v; want the one given", r.Tags)
	}
	if strings.ContainsAny(*r.AssumeRolePolicyDocument, `{" +`) {
		t.Errorf("trust = %s; want it URL-encoded by RFC 3986", *r.AssumeRolePolicyDocument)
	}
	if doc, err := url.PathUnescape(*r.AssumeRolePolicyDocument); err != nil || doc != trustAPIGateway {
		t.Errorf("decoded trust = %s, %v; want what was written", doc, err)
	}
	_, err = c.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("COMMENTSAPI-blog"), AssumeRolePolicyDocument: aws.String(trustAPIGateway)})
	wantError(t, err, "EntityAlreadyExists", 409)
}

func TestG1_ParametersAreChecked(t *testing.T) {
	c := iamClient(start(t, Options{}))
	long := strings.Repeat("x", 65)
	many := make([]types.Tag, 51)
	for i := range many {
		many[i] = types.Tag{Key: aws.String(fmt.Sprint("k", i)), Value: aws.String("")}
	}
	tag := func(k, v string) types.Tag { return types.Tag{Key: &k, Value: &v} }
	trust := func(s string) *string { return &s }
	for _, x := range []struct {
		name string
		in   iam.CreateRoleInput
		code string
	}{
		{"name too long", iam.CreateRoleInput{RoleName: &long}, "ValidationError"},
		{"name with a slash", iam.CreateRoleInput{RoleName: aws.String("a/b")}, "ValidationError"},
		{"path without slashes", iam.CreateRoleInput{Path: aws.String("a")}, "ValidationError"},
		{"path too long", iam.CreateRoleInput{Path: aws.String("/" + strings.Repeat("p", 511) + "/")}, "ValidationError"},
		{"description too long", iam.CreateRoleInput{Description: aws.String(strings.Repeat("d", 1001))}, "ValidationError"},
		{"session too short", iam.CreateRoleInput{MaxSessionDuration: aws.Int32(60)}, "ValidationError"},
		{"51 tags", iam.CreateRoleInput{Tags: many}, "LimitExceeded"},
		{"same key twice", iam.CreateRoleInput{Tags: []types.Tag{tag("a", "1"), tag("A", "2")}}, "InvalidInput"},
		{"aws: tag", iam.CreateRoleInput{Tags: []types.Tag{tag("aws:x", "1")}}, "InvalidInput"},
		{"tag with a forbidden character", iam.CreateRoleInput{Tags: []types.Tag{tag("a#b", "1")}}, "ValidationError"},
		{"boundary that isn't there", iam.CreateRoleInput{PermissionsBoundary: aws.String("arn:aws:iam::123456789012:policy/none")}, "NoSuchEntity"},
		{"trust isn't JSON", iam.CreateRoleInput{AssumeRolePolicyDocument: trust(`{`)}, "MalformedPolicyDocument"},
		{"trust with a resource", iam.CreateRoleInput{AssumeRolePolicyDocument: trust(strings.Replace(trustAPIGateway, `"Action"`, `"Resource":"*","Action"`, 1))}, "MalformedPolicyDocument"},
		{"trust without a principal", iam.CreateRoleInput{AssumeRolePolicyDocument: trust(allowAll)}, "MalformedPolicyDocument"},
		{"trust in a role that isn't there", iam.CreateRoleInput{AssumeRolePolicyDocument: trust(strings.Replace(trustAPIGateway, `{"Service":"apigateway.amazonaws.com"}`, `{"AWS":"arn:aws:iam::123456789012:role/none"}`, 1))}, "MalformedPolicyDocument"},
		{"trust too long", iam.CreateRoleInput{AssumeRolePolicyDocument: trust(strings.Replace(trustAPIGateway, "{", `{"Id":"`+strings.Repeat("i", 2048)+`",`, 1))}, "LimitExceeded"},
		{"control character", iam.CreateRoleInput{AssumeRolePolicyDocument: trust(trustAPIGateway + "\u2028")}, "ValidationError"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if x.in.RoleName == nil {
				x.in.RoleName = aws.String("r")
			}
			if x.in.AssumeRolePolicyDocument == nil {
				x.in.AssumeRolePolicyDocument = aws.String(trustAPIGateway)
			}
			_, err := c.CreateRole(t.Context(), &x.in)
			wantError(t, err, x.code, 0)
		})
	}
	roles, err := c.ListRoles(t.Context(), nil)
	if err != nil || len(roles.Roles) != 0 {
		t.Errorf("roles after refused creations = %v, %v; want none", roles, err)
	}
}

func TestG2_InlinePolicies(t *testing.T) {
	c := iamClient(start(t, Options{}))
	name := aws.String("r")
	mustRole(t, c, iam.CreateRoleInput{RoleName: name})
	put := func(policy, doc string) error {
		_, err := c.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: name, PolicyName: &policy, PolicyDocument: &doc})
		return err
	}
	if err := put("comments", putComments); err != nil {
		t.Fatal(err)
	}
	got, err := c.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("comments")})
	if err != nil {
		t.Fatal(err)
	}
	if doc, err := url.PathUnescape(*got.PolicyDocument); err != nil || doc != putComments {
		t.Errorf("read back = %s, %v; want what was written, with its +", doc, err)
	}
	wantError(t, put("bad", trustAPIGateway), "MalformedPolicyDocument", 400)
	wantError(t, put("big", strings.Replace(putComments, "blog", strings.Repeat("b", 10240), 1)), "LimitExceeded", 409)
	_, err = c.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("none")})
	wantError(t, err, "NoSuchEntity", 404)
	_, err = c.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: name})
	wantError(t, err, "DeleteConflict", 409)
	if _, err := c.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("comments")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: name}); err != nil {
		t.Fatal(err)
	}
	_, err = c.GetRole(t.Context(), &iam.GetRoleInput{RoleName: name})
	wantError(t, err, "NoSuchEntity", 404)
}

func TestG2_ManagedPoliciesAndBoundaries(t *testing.T) {
	c := iamClient(start(t, Options{}))
	name := aws.String("r")
	policy, err := c.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("limit"), Path: aws.String("/b/"), PolicyDocument: aws.String(allowAll)})
	if err != nil {
		t.Fatal(err)
	}
	arn := policy.Policy.Arn
	mustRole(t, c, iam.CreateRoleInput{RoleName: name, PermissionsBoundary: arn})
	if _, err := c.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}); err != nil {
		t.Fatal(err)
	}
	_, err = c.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String("arn:aws:iam::aws:policy/NoSuchAccess")})
	wantError(t, err, "NoSuchEntity", 404)
	attached, err := c.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: name})
	if err != nil || len(attached.AttachedPolicies) != 1 || *attached.AttachedPolicies[0].PolicyName != "AdministratorAccess" {
		t.Errorf("attached = %+v, %v; want AdministratorAccess", attached, err)
	}
	role, err := c.GetRole(t.Context(), &iam.GetRoleInput{RoleName: name})
	if err != nil || role.Role.PermissionsBoundary == nil || *role.Role.PermissionsBoundary.PermissionsBoundaryArn != *arn {
		t.Errorf("boundary = %+v, %v; want %s", role.Role.PermissionsBoundary, err, *arn)
	}
	_, err = c.DeletePolicy(t.Context(), &iam.DeletePolicyInput{PolicyArn: arn})
	wantError(t, err, "DeleteConflict", 409)
	_, err = c.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: name})
	wantError(t, err, "DeleteConflict", 409)
	for _, step := range []func() error{
		func() error {
			_, err := c.DeleteRolePermissionsBoundary(t.Context(), &iam.DeleteRolePermissionsBoundaryInput{RoleName: name})
			return err
		},
		func() error {
			_, err := c.DetachRolePolicy(t.Context(), &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
			return err
		},
		func() error {
			_, err := c.DeletePolicy(t.Context(), &iam.DeletePolicyInput{PolicyArn: arn})
			return err
		},
		func() error { _, err := c.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: name}); return err },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	version, err := c.GetPolicyVersion(t.Context(), &iam.GetPolicyVersionInput{PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"), VersionId: aws.String("v1")})
	if err != nil {
		t.Fatal(err)
	}
	if doc, err := url.PathUnescape(*version.PolicyVersion.Document); err != nil || !json.Valid([]byte(doc)) || !strings.Contains(doc, "dynamodb:Query") {
		t.Errorf("document = %s, %v; want JSON that allows dynamodb:Query", doc, err)
	}
}

func TestG1_TagsUpsertWithoutRegardToCase(t *testing.T) {
	c := iamClient(start(t, Options{}))
	name := aws.String("r")
	mustRole(t, c, iam.CreateRoleInput{RoleName: name, Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("a")}}})
	if _, err := c.TagRole(t.Context(), &iam.TagRoleInput{RoleName: name, Tags: []types.Tag{
		{Key: aws.String("team"), Value: aws.String("b")}, {Key: aws.String("x"), Value: aws.String("")}}}); err != nil {
		t.Fatal(err)
	}
	tags := func() map[string]string {
		out, err := c.ListRoleTags(t.Context(), &iam.ListRoleTagsInput{RoleName: name})
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		for _, tag := range out.Tags {
			m[*tag.Key] = *tag.Value
		}
		return m
	}
	if diff := cmp.Diff(map[string]string{"team": "b", "x": ""}, tags()); diff != "" {
		t.Error(diff)
	}
	if _, err := c.UntagRole(t.Context(), &iam.UntagRoleInput{RoleName: name, TagKeys: []string{"X", "absent"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"team": "b"}, tags()); diff != "" {
		t.Error(diff)
	}
}

func TestG2_ListsArePagedAndPerAccount(t *testing.T) {
	s := start(t, Options{})
	c := iamClient(s)
	for i := range 7 {
		mustRole(t, c, iam.CreateRoleInput{RoleName: aws.String(fmt.Sprint("r", i)), Path: aws.String(fmt.Sprintf("/p%d/", i%2)),
			Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
	}
	mustRole(t, iam.NewFromConfig(config(s, "210987654321", "local", "eu-west-1")), iam.CreateRoleInput{RoleName: aws.String("theirs")})
	mustRole(t, iam.NewFromConfig(config(s, "local", "local", "cn-north-1")), iam.CreateRoleInput{RoleName: aws.String("chinese")})
	var names []string
	pages := iam.NewListRolesPaginator(c, &iam.ListRolesInput{MaxItems: aws.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Roles) > 3 {
			t.Errorf("page of %d roles; want at most 3", len(page.Roles))
		}
		for _, r := range page.Roles {
			names = append(names, *r.RoleName)
			if len(r.Tags) > 0 {
				t.Error("ListRoles returned tags, which AWS's doesn't")
			}
		}
	}
	if diff := cmp.Diff([]string{"r0", "r1", "r2", "r3", "r4", "r5", "r6"}, names); diff != "" {
		t.Error(diff)
	}
	under, err := c.ListRoles(t.Context(), &iam.ListRolesInput{PathPrefix: aws.String("/p1/")})
	if err != nil || len(under.Roles) != 3 {
		t.Errorf("roles under /p1/ = %d, %v; want 3", len(under.Roles), err)
	}
}

func TestG4_ChangesTakeTimeToBeSeenAndUsed(t *testing.T) {
	clock := core.NewFakeClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock, Nature: core.Nature{
		Lag:    map[string]core.Duration{"iam": core.Duration(2 * time.Second)},
		Delays: core.Delays{RoleAssumable: core.Duration(10 * time.Second)},
	}})
	c := iamClient(s)
	arn := *mustRole(t, c, iam.CreateRoleInput{RoleName: aws.String("r")}).Arn
	_, err := c.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("r")})
	wantError(t, err, "NoSuchEntity", 404)
	clock.Advance(3 * time.Second)
	if _, err := c.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("r")}); err != nil {
		t.Errorf("after the lag: %v", err)
	}
	if err := s.iam.Assume(t.Context(), arn, "apigateway.amazonaws.com"); err == nil || !strings.Contains(err.Error(), "propagates") {
		t.Errorf("Assume 3 s after creation = %v; want a refusal that speaks of propagation", err)
	}
	clock.Advance(8 * time.Second)
	if err := s.iam.Assume(t.Context(), arn, "apigateway.amazonaws.com"); err != nil {
		t.Errorf("Assume after the delay: %v", err)
	}
	if err := s.iam.Assume(t.Context(), arn, "lambda.amazonaws.com"); err == nil {
		t.Error("a service the trust policy doesn't name may assume the role")
	}
	table := "arn:aws:dynamodb:eu-west-1:123456789012:table/blog+comments"
	may := func() error { return s.iam.Authorize(t.Context(), arn, "dynamodb:PutItem", table, nil) }
	if _, err := c.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("r"), PolicyName: aws.String("p"), PolicyDocument: aws.String(putComments)}); err != nil {
		t.Fatal(err)
	}
	if may() == nil {
		t.Error("a policy works before it has propagated")
	}
	clock.Advance(11 * time.Second)
	if err := may(); err != nil {
		t.Errorf("after the delay: %v", err)
	}
	if err := s.iam.Authorize(t.Context(), arn, "dynamodb:Query", table, nil); err == nil || err.Error() != "because no identity-based policy allows the dynamodb:Query action" {
		t.Errorf("a call the policy doesn't allow = %v; want AWS's reason", err)
	}
}

func TestABoundaryIntersectsARolesPolicies(t *testing.T) {
	s := start(t, Options{})
	c := iamClient(s)
	boundary, err := c.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("b"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:Get*","Resource":"*"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	arn := *mustRole(t, c, iam.CreateRoleInput{RoleName: aws.String("r"), PermissionsBoundary: boundary.Policy.Arn}).Arn
	if _, err := c.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("r"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess")}); err != nil {
		t.Fatal(err)
	}
	if err := s.iam.Authorize(t.Context(), arn, "dynamodb:GetItem", "*", nil); err != nil {
		t.Errorf("what both allow: %v", err)
	}
	err = s.iam.Authorize(t.Context(), arn, "dynamodb:PutItem", "*", nil)
	if err == nil || err.Error() != "because no permissions boundary allows the dynamodb:PutItem action" {
		t.Errorf("what the boundary doesn't allow = %v; want AWS's reason", err)
	}
}
