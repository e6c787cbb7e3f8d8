// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/config"
	"github.com/commentsapi/operator/internal/testcluster"
)

// granted reads the rules of config/rbac that are bound to the operator.
func granted(t *testing.T) map[ask]bool {
	t.Helper()
	objects, err := config.Installation()
	if err != nil {
		t.Fatal(err)
	}
	asks := map[ask]bool{}
	for _, obj := range objects {
		if obj.GetName() != "commentsapi-operator" || !slices.Contains([]string{"ClusterRole", "Role"}, obj.GetKind()) {
			continue
		}
		role := &rbacv1.ClusterRole{} // a Role has the same rules
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(obj.Object, role); err != nil {
			t.Fatal(err)
		}
		for _, rule := range role.Rules {
			for _, group := range rule.APIGroups {
				for _, resource := range rule.Resources {
					for _, verb := range rule.Verbs {
						asks[ask{group, resource, verb}] = true
					}
				}
			}
		}
	}
	return asks
}

// testRights lives an object's life from first rollout over corrected drift to
// deletion.
func (w *world) testRights(t *testing.T) {
	o := &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: testcluster.Namespace(t), Name: "blog"},
		Spec: v1alpha1.CommentsAPISpec{TableName: "rights-comments", Region: "eu-west-1", Stage: "prod"}}
	if err := w.k8s.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	w.settled(t, o)
	cfg, err := awsconfig.LoadDefaultConfig(t.Context(), awsconfig.WithRegion("eu-west-1"))
	if err != nil {
		t.Fatal(err)
	}
	roles := iam.NewFromConfig(cfg)
	// Two corrections of one sort make one event that is counted up.
	for _, name := range []string{"foreign-1", "foreign-2"} {
		if _, err := roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String(roleName(o)), PolicyName: &name,
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)}); err != nil {
			t.Fatal(err)
		}
	}
	w.force(t, o, "1")
	if err := w.k8s.Delete(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	have := granted(t)
	var asks map[ask]bool
	var refused []string
	unused := func() (missing []ask) {
		asks, refused = w.asked.seen()
		for a := range have {
			if !asks[a] {
				missing = append(missing, a)
			}
		}
		return missing
	}
	// The lease is renewed and events are written in their own time.
	w.eventually(t, "the use of every right", func() bool { return len(unused()) == 0 }, func() string { return fmt.Sprintf("unused: %+v", unused()) })
	if len(have) < 10 {
		t.Fatalf("only %d rights were read from config/rbac", len(have))
	}
	for _, r := range refused {
		t.Errorf("the operator lacks the right to %s", r)
	}
	for a := range asks {
		if !have[a] {
			t.Errorf("the operator asks for %+v, which config/rbac doesn't grant", a)
		}
		if a.Resource == "secrets" {
			t.Errorf("the operator touches Secrets: %+v", a)
		}
	}
}

// roleName is the last part of the role's ARN.
func roleName(o *v1alpha1.CommentsAPI) string {
	return o.Status.Role.ARN[strings.LastIndex(o.Status.Role.ARN, "/")+1:]
}
