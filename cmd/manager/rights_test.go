// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/testcluster"
)

// testRights lives an object's life from first rollout over corrected drift to
// deletion: it uses every right. That none is missing for anything else, the
// suite of controllers sees: all of its operators have these rights only.
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
	var unused []testcluster.Grant
	// The lease is renewed and events are written in their own time.
	w.eventually(t, "the use of every right", func() bool {
		var err error
		if unused, err = w.asked.Unused(); err != nil {
			t.Fatal(err)
		}
		return len(unused) == 0
	}, func() string { return fmt.Sprintf("unused, or wider than needed: %+v", unused) })
	if grants, err := testcluster.Grants(); err != nil || len(grants) < 10 {
		t.Fatalf("only %d rights were read from config/rbac: %v", len(grants), err)
	}
	for _, a := range w.asked.Refused() {
		t.Errorf("the operator lacks a right: %+v", a)
	}
	problems, err := w.asked.Problems()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}

// roleName is the last part of the role's ARN.
func roleName(o *v1alpha1.CommentsAPI) string {
	return o.Status.Role.ARN[strings.LastIndex(o.Status.Role.ARN, "/")+1:]
}
