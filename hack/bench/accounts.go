// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// ownAccount is the one of the operator's own credentials in the local AWS.
const ownAccount = "123456789012"

// secondAccount is one beside it. In the local AWS its number is an access key of it.
const secondAccount = "210987654321"

// roleIn makes a role in an account that the operator may assume, and that may
// do everything there.
func (s *scene) roleIn(ctx context.Context, account string) (arn string, err error) {
	roles := iam.New(iam.Options{Region: region, BaseEndpoint: aws.String(s.local.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider(account, "local", "")})
	out, err := roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("comments"), AssumeRolePolicyDocument: aws.String(fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole"}}`, ownAccount))})
	if err != nil {
		return "", err
	}
	_, err = roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("comments"), PolicyName: aws.String("all"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)})
	return aws.ToString(out.Role.Arn), err
}
