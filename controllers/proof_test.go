// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/stack"
)

// TestReadyMeansThatItServes: a role that was deleted and made anew is as
// declared at once, but API Gateway can't assume it for a while.
func TestReadyMeansThatItServes(t *testing.T) {
	w := newWorld(t, core.Nature{Delays: core.Delays{RoleAssumable: core.Duration(3 * time.Second)}})
	o := w.ready(w.create(w.object("proof")))
	roles, err := w.roles.ListRoles(w.ctx, &iam.ListRolesInput{})
	if err != nil || len(roles.Roles) != 1 {
		t.Fatalf("%d roles, %v; want the object's", len(roles.Roles), err)
	}
	name := roles.Roles[0].RoleName
	if _, err := w.roles.DeleteRolePolicy(w.ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String(stack.InlinePolicyName)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.roles.DeleteRole(w.ctx, &iam.DeleteRoleInput{RoleName: name}); err != nil {
		t.Fatal(err)
	}
	status := 0
	w.poll("the loss of the role", func() bool { // a deletion spreads as slowly
		status, _ = w.list(o, "page")
		return status == 500
	}, func() string { return strconv.Itoa(status) })
	w.force(o, "role-is-gone")
	w.ready(o)
	if status, _ := w.list(o, "page"); status != 200 {
		t.Errorf("the object is Ready, and the API answers %d", status)
	}
}
