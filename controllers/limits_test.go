// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// TestOnlyAllowedRegions: --allowed-regions keeps everything, reads too, out of
// other regions, and says which there are.
func TestOnlyAllowedRegions(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	d.config.AllowedRegions = []string{"us-east-1", "us-west-2"}
	d.restart()
	start := d.now()
	o := d.create(d.object("blog"))
	o = d.until(o, "UnknownRegion", stalled(v1alpha1.ReasonUnknownRegion))
	if m := message(o, v1alpha1.ConditionStalled); !strings.Contains(m, "us-east-1") || !strings.Contains(m, region) {
		t.Errorf("the message does not say what is allowed and what is asked for: %s", m)
	}
	if _, all, _ := d.calls(start); len(all) > 0 {
		t.Errorf("calls to AWS: %v", all)
	}
	d.remove(o)
	d.config.AllowedRegions = []string{region}
	d.restart()
	d.ready(d.create(d.object("blog")))
}

// TestRolesAreMadeUnderTheOperatorsPath: --role-path is what the rights of the
// operator, and of whoever watches it, are bounded by.
func TestRolesAreMadeUnderTheOperatorsPath(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	d.options.RolePath = "/commentsapi/web/"
	d.restart()
	o := d.with(func(s *v1alpha1.CommentsAPISpec) { s.Comments.Moderation = v1alpha1.ModerationBeforeListing })
	names := d.roleNames()
	if len(names) != 2 {
		t.Fatalf("roles are %v; want the object's and its moderator's", names)
	}
	for _, name := range names {
		out, err := d.roles.GetRole(d.ctx, &iam.GetRoleInput{RoleName: &name})
		d.must(err)
		if *out.Role.Path != "/commentsapi/web/" {
			t.Errorf("role %s has the path %s", name, *out.Role.Path)
		}
	}
	d.remove(o)
	if names := d.roleNames(); len(names) > 0 {
		t.Errorf("roles are left: %v", names)
	}
}

// TestDeletionGoesInOrder: clients lose the API before what is behind it goes,
// and the table, which nothing brings back, is the last.
func TestDeletionGoesInOrder(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog", deleteTable, func(o *v1alpha1.CommentsAPI) { keyed(&o.Spec) })))
	start := d.now()
	d.remove(o)
	writes := d.writesSince(start)
	last := -1
	for _, operation := range []string{"DeleteApiKey", "DeleteRestApi", "DeleteRole ", "UpdateTable", "DeleteTable"} {
		at := slices.IndexFunc(writes, func(w string) bool { return strings.Contains(w+" ", " "+operation) })
		if at < last || at < 0 {
			t.Errorf("%s is write %d, what must go before it is write %d of %v", operation, at, last, writes)
		}
		last = at
	}
	if last != len(writes)-1 {
		t.Errorf("something is written after DeleteTable: %v", writes)
	}
}
