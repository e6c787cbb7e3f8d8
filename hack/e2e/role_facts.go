// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/commentsapi/operator/internal/awscloud"
)

// tries is how often something is tried that waits for IAM: a new role is
// usable after seconds, at times a minute (aws-facts G4).
const tries = 60

// roleFacts are about roles that may do next to nothing. They come after the
// facts about the table, which one of the roles may read.
func (l *lab) roleFacts() []fact {
	return []fact{
		{"K14", "lists of one in a trust policy, read back", l.trusted},
		{"K6", "a role for calls that name their source", l.source},
		{"K5", "an import by somebody who may not pass the role", l.passing},
	}
}

// gateway trusts API Gateway, under a condition or "".
func gateway(condition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"` + condition + `}]}`
}

// role makes a role with one right, and returns its ARN.
func (l *lab) role(ctx context.Context, name, trust, action, resource string) (string, error) {
	name = l.prefix + "-" + name
	made, err := l.cloud.roles.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: &name, Path: aws.String(l.cloud.rolePath()), AssumeRolePolicyDocument: &trust,
	})
	if err != nil {
		return "", err
	}
	right := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%q,"Resource":%q}]}`, action, resource)
	_, err = l.cloud.roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("comments"), PolicyDocument: &right})
	return aws.ToString(made.Role.Arn), err
}

func (l *lab) trusted(ctx context.Context) (string, error) {
	const sent = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["apigateway.amazonaws.com"]},"Action":["sts:AssumeRole"]}]}`
	if _, err := l.role(ctx, "trust", sent, "dynamodb:GetItem", l.table()); err != nil {
		return "", err
	}
	got, err := l.cloud.roles.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(l.prefix + "-trust")})
	if err != nil {
		return "", err
	}
	read, err := url.PathUnescape(aws.ToString(got.Role.AssumeRolePolicyDocument))
	if read == sent {
		return "as sent", err
	}
	return "otherwise: " + read, err
}

// table is the ARN of the lab's table, in whatever account.
func (l *lab) table() string {
	partition, _ := awscloud.PartitionOf(l.region)
	return fmt.Sprintf("arn:%s:dynamodb:%s:*:table/%s-lab", partition, l.region, l.prefix)
}

// reading is a GET that reads an item under the role. An error of DynamoDB is
// not taken for success.
func (l *lab) reading(role string) method {
	partition, _ := awscloud.PartitionOf(l.region)
	m := fallback("read")
	m.responses[`[45]\d{2}`] = says("400", "refused by DynamoDB")
	m.templates = map[string]string{jsonType: `{"TableName":"` + l.prefix + `-lab","Key":{"id":{"S":"none"}}}`}
	m.backend = map[string]any{
		"type": "aws", "httpMethod": "POST", "credentials": role,
		"uri": fmt.Sprintf("arn:%s:apigateway:%s:dynamodb:action/GetItem", partition, l.region),
	}
	return m
}

// source compares a role that anybody's API may assume with one that asks for
// aws:SourceArn, whatever it says. Both are made at the same time, so that the
// wait for the one is a wait for the other.
func (l *lab) source(ctx context.Context) (string, error) {
	open, err := l.role(ctx, "open", gateway(""), "dynamodb:GetItem", l.table())
	if err != nil {
		return "", err
	}
	guarded, err := l.role(ctx, "guarded", gateway(`,"Condition":{"Null":{"aws:SourceArn":"false"}}`), "dynamodb:GetItem", l.table())
	if err != nil {
		return "", err
	}
	const served = `200 "read"`
	without, err := l.eventually(ctx, open, served)
	if err != nil || without != served {
		return "nothing: without the condition the answer is " + without, err
	}
	with, err := l.eventually(ctx, guarded, served)
	if with == served {
		return "sent: " + with, err
	}
	return "not sent: " + with, err
}

// eventually is the last answer under a role, and the wanted one if that comes.
func (l *lab) eventually(ctx context.Context, role, want string) (got string, err error) {
	for range tries {
		if got, err = l.try(ctx, l.reading(role), "/things/x"); err != nil || got == want {
			return got, err
		}
	}
	return got, nil
}

// passing imports, as somebody who may do everything with this API and nothing
// else, first a mock and then an integration with a role.
func (l *lab) passing(ctx context.Context) (string, error) {
	role, err := l.role(ctx, "passed", gateway(""), "dynamodb:GetItem", l.table())
	if err != nil {
		return "", err
	}
	partition, _ := awscloud.PartitionOf(l.region)
	account := strings.Split(role, ":")[4]
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:%s:iam::%s:root"},"Action":"sts:AssumeRole"}]}`, partition, account)
	caller, err := l.role(ctx, "caller", trust, "apigateway:*", fmt.Sprintf("arn:%s:apigateway:%s::/restapis/%s*", partition, l.region, l.id))
	if err != nil {
		return "", err
	}
	cfg := l.cloud.cfg.Copy()
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(l.cloud.cfg), caller))
	as := &lab{world: l.world, id: l.id, resource: l.resource, apis: apigateway.NewFromConfig(cfg)}
	for range tries {
		if err = as.put(ctx, fallback("ok")); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return "", errors.Join(errors.New("even a mock is refused"), err)
	}
	err = as.put(ctx, l.reading(role))
	if err != nil && strings.Contains(err.Error(), "iam:PassRole") {
		return "refused for want of iam:PassRole", nil
	}
	return answer(err), nil
}
