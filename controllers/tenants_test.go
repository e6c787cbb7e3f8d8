// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/controllers"
	"github.com/commentsapi/operator/internal/localaws/core"
)

const tenantAccount = "222222222222"

// tenantRole makes a role in another account that the operator may assume with
// the external id.
func (w *world) tenantRole(externalID string) (arn string) {
	w.t.Helper()
	roles := iam.NewFromConfig(awsConfig(w.endpoint, tenantAccount))
	out, err := roles.CreateRole(w.ctx, &iam.CreateRoleInput{RoleName: aws.String("comments"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account + `:root"},
		"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"` + externalID + `"}}}]}`)})
	w.must(err)
	_, err = roles.PutRolePolicy(w.ctx, &iam.PutRolePolicyInput{RoleName: aws.String("comments"), PolicyName: aws.String("all"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)})
	w.must(err)
	return *out.Role.Arn
}

// TestANamespacesRole: objects live in the account that their Namespace's role
// leads to, and stay there.
func TestANamespacesRole(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	role := d.tenantRole("blog")
	d.decree(d.namespace, v1alpha1.AnnotationRoleARN, role)
	o := d.create(d.object("blog"))
	d.until(o, "refusal without the external id", func(o *v1alpha1.CommentsAPI) bool {
		return strings.Contains(message(o, v1alpha1.ConditionReady), role)
	})
	d.decree(d.namespace, v1alpha1.AnnotationExternalID, "blog")
	o = d.ready(o)
	if o.Status.AccountID != tenantAccount {
		t.Errorf("the stack is in account %s; want %s", o.Status.AccountID, tenantAccount)
	}
	d.left() // of the operator's own account

	// The role now leads elsewhere: nothing is written there.
	d.decree(d.namespace, v1alpha1.AnnotationExternalID, "")
	d.decree(d.namespace, v1alpha1.AnnotationRoleARN, "")
	start := d.now()
	d.until(o, "AccountChanged", stalled(v1alpha1.ReasonAccountChanged))
	if writes := d.writesSince(start); len(writes) > 0 {
		t.Errorf("writes: %v", writes)
	}
	d.decree(d.namespace, v1alpha1.AnnotationRoleARN, role)
	d.decree(d.namespace, v1alpha1.AnnotationExternalID, "blog")
	d.remove(d.ready(o))
	out, err := dynamodb.NewFromConfig(awsConfig(d.endpoint, tenantAccount)).ListTables(d.ctx, nil)
	d.must(err)
	if len(out.TableNames) != 1 {
		t.Errorf("tables left: %v", out.TableNames)
	}
}

// TestWithoutARoleNothingIsDone where the operator asks for one: not one call
// goes out, and deleting the object is possible.
func TestWithoutARoleNothingIsDone(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	d.options.RequireNamespaceRole = true
	d.restart()
	start := d.now()
	// What stands on the object says nothing.
	o := d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) {
		annotate(o, v1alpha1.AnnotationRoleARN, "arn:aws:iam::"+account+":role/admin")
	}))
	d.until(o, "NamespaceRoleRequired", stalled(v1alpha1.ReasonNamespaceRoleRequired))
	for _, c := range []struct{ key, value string }{
		{v1alpha1.AnnotationRoleARN, "arn:aws:iam::123:user/me"},
		{v1alpha1.AnnotationExternalID, "x"},
	} {
		d.decree(d.namespace, v1alpha1.AnnotationRoleARN, "arn:aws:iam::"+account+":role/ok")
		d.decree(d.namespace, c.key, c.value)
		d.until(o, "NamespaceRoleInvalid that names "+c.key, func(o *v1alpha1.CommentsAPI) bool {
			m := message(o, v1alpha1.ConditionStalled)
			return stalled(v1alpha1.ReasonNamespaceRoleInvalid)(o) && strings.Contains(m, c.key) && strings.Contains(m, c.value)
		})
	}
	if _, all, _ := d.calls(start); len(all) > 0 {
		t.Errorf("calls to AWS: %v", all)
	}
	d.remove(o)
}

// TestNamesOfTablesByNamespace: a namespace's objects can't take names that
// belong to others.
func TestNamesOfTablesByNamespace(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	d.options.TableNamePrefix = "{namespace}."
	d.restart()
	start := d.now()
	o := d.create(d.object("blog", table("another.comments")))
	o = d.until(o, "TableNameNotAllowed", stalled(v1alpha1.ReasonTableNameNotAllowed))
	if m := message(o, v1alpha1.ConditionStalled); !strings.Contains(m, `"`+d.namespace+`."`) {
		t.Errorf("the message does not say how names begin: %s", m)
	}
	if _, all, _ := d.calls(start); len(all) > 0 {
		t.Errorf("calls to AWS: %v", all)
	}
	d.remove(o)
	d.ready(d.create(d.object("shop", table(d.namespace+".comments"))))
}

// TestAChangedNamespaceIsActedUpon at once, not at the next check.
func TestAChangedNamespaceIsActedUpon(t *testing.T) {
	parallel(t)
	w := newWorld(t, core.Nature{}, func(o *controllers.Options) {
		o.RequireNamespaceRole = true
		o.Delays = controllers.Delays{PersonFirst: time.Hour, PersonMost: time.Hour}
	})
	role := w.tenantRole("blog")
	o := w.create(w.object("blog"))
	w.eventually(o, "NamespaceRoleRequired", stalled(v1alpha1.ReasonNamespaceRoleRequired))
	w.decree(w.namespace, v1alpha1.AnnotationExternalID, "blog")
	w.decree(w.namespace, v1alpha1.AnnotationRoleARN, role)
	if o = w.ready(o); o.Status.AccountID != tenantAccount {
		t.Errorf("the stack is in account %s", o.Status.AccountID)
	}
}
