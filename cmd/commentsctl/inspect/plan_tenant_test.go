// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/testcluster"
)

const tenantAccount = "222222222222"

// decree annotates the object's Namespace, as cluster admins do.
func (p *planner) decree(annotations map[string]string) {
	p.t.Helper()
	c, namespace := testcluster.Client(p.t), &corev1.Namespace{}
	if err := c.Get(p.t.Context(), client.ObjectKey{Name: p.obj.Namespace}, namespace); err != nil {
		p.t.Fatal(err)
	}
	namespace.Annotations = annotations
	if err := c.Update(p.t.Context(), namespace); err != nil {
		p.t.Fatal(err)
	}
}

// tenantRole makes a role in another account that may be assumed with the
// external id "blog".
func tenantRole(t *testing.T) (arn string) {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("eu-west-1"),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(tenantAccount, "local", "")))
	if err != nil {
		t.Fatal(err)
	}
	roles := iam.NewFromConfig(cfg)
	out, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("comments"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},
		"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"blog"}}}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("comments"), PolicyName: aws.String("read"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)}); err != nil {
		t.Fatal(err)
	}
	return *out.Role.Arn
}

func TestPlanReadsAWSAsTheNamespacesRole(t *testing.T) {
	p := newPlanner(t)
	role := tenantRole(t)
	p.decree(map[string]string{v1alpha1.AnnotationRoleARN: role})
	if _, err := p.plan("--name", "blog"); err == nil || errors.Is(err, ErrChanges) || !strings.Contains(err.Error(), role) || !strings.Contains(err.Error(), "--assume-role=false") {
		t.Errorf("a role that may not be assumed: error %v; want one that names it and the way out", err)
	}
	if out, err := p.plan("--name", "blog", "--assume-role=false"); !errors.Is(err, ErrChanges) || !strings.Contains(out, "in account 123456789012") {
		t.Errorf("with one's own credentials: error %v, output:\n%s", err, out)
	}
	p.decree(map[string]string{v1alpha1.AnnotationRoleARN: role, v1alpha1.AnnotationExternalID: "blog"})
	if out, err := p.plan("--name", "blog"); !errors.Is(err, ErrChanges) || !strings.Contains(out, "in account "+tenantAccount) {
		t.Errorf("as the role: error %v, output:\n%s", err, out)
	}
}

func TestPlanKnowsWhatANamespaceMayAdopt(t *testing.T) {
	p := newPlanner(t)
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("eu-west-1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dynamodb.NewFromConfig(cfg).CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("blog-comments"), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("commentId"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("commentId"), AttributeType: types.ScalarAttributeTypeS}},
	}); err != nil {
		t.Fatal(err)
	}
	p.obj.Spec.Adopt, p.obj.Spec.Comments.Order = &v1alpha1.AdoptSpec{TableName: "blog-comments"}, v1alpha1.Unordered
	if err := testcluster.Client(t).Update(t.Context(), p.obj); err != nil {
		t.Fatal(err)
	}
	if out, err := p.plan("--name", "blog"); !errors.Is(err, ErrChanges) || !strings.Contains(out, "blocked, AdoptionDenied") {
		t.Errorf("not allowed: error %v, output:\n%s", err, out)
	}
	p.decree(map[string]string{v1alpha1.AnnotationAllowAdopt: "arn:aws:dynamodb:eu-west-1:123456789012:table/blog-comments"})
	out, err := p.plan("--name", "blog")
	if !errors.Is(err, ErrChanges) || strings.Contains(out, "blocked") || strings.Contains(out, "CreateTable") || !strings.Contains(out, "commentsapi.io/name") {
		t.Errorf("allowed: error %v, output:\n%s", err, out)
	}
}

func TestPlanKnowsTheOperatorsLimits(t *testing.T) {
	p := newPlanner(t)
	for want, flag := range map[string]string{
		"NamespaceRoleRequired": "--require-namespace-role", "TableNameNotAllowed": "--table-name-prefix={namespace}.",
	} {
		if out, err := p.plan("--name", "blog", flag); !errors.Is(err, ErrChanges) || !strings.Contains(out, "blocked, "+want) {
			t.Errorf("%s: error %v, output:\n%s", flag, err, out)
		}
	}
	requests, err := p.aws.Requests(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(requests.Requests) > 0 {
		t.Errorf("%d calls to AWS for objects that the operator refuses", len(requests.Requests))
	}
}
