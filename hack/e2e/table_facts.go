// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// tableFacts are about one small table with deletion protection.
func (w *world) tableFacts() []fact {
	name, tables := w.prefix+"-lab", w.cloud.tables
	return []fact{
		{"K16", "throughput of an on-demand table, read back", func(ctx context.Context) (string, error) {
			_, err := tables.CreateTable(ctx, &dynamodb.CreateTableInput{
				TableName: &name, BillingMode: ddbtypes.BillingModePayPerRequest, DeletionProtectionEnabled: aws.Bool(true),
				AttributeDefinitions: []ddbtypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: ddbtypes.ScalarAttributeTypeS}},
				KeySchema:            []ddbtypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: ddbtypes.KeyTypeHash}},
			})
			if err != nil {
				return "", err
			}
			waiter := dynamodb.NewTableExistsWaiter(tables, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay, o.MaxDelay = time.Second, 5*time.Second })
			out, err := waiter.WaitForOutput(ctx, &dynamodb.DescribeTableInput{TableName: &name}, 3*time.Minute)
			if err != nil {
				return "", err
			}
			p := out.Table.ProvisionedThroughput
			if p == nil {
				return "absent", nil
			}
			return fmt.Sprintf("%d/%d", aws.ToInt64(p.ReadCapacityUnits), aws.ToInt64(p.WriteCapacityUnits)), nil
		}},
		{"K16", "DeleteTable under deletion protection", func(ctx context.Context) (string, error) {
			_, err := tables.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
			return answer(err), nil
		}},
		{"K16", "UpdateTable that changes nothing", func(ctx context.Context) (string, error) {
			_, err := tables.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &name, DeletionProtectionEnabled: aws.Bool(true)})
			return answer(err), nil
		}},
		{"H3", "CreateTable with an attribute that no key uses", func(ctx context.Context) (string, error) {
			_, err := tables.CreateTable(ctx, &dynamodb.CreateTableInput{
				TableName: aws.String(name + "-unused"), BillingMode: ddbtypes.BillingModePayPerRequest,
				AttributeDefinitions: []ddbtypes.AttributeDefinition{
					{AttributeName: aws.String("id"), AttributeType: ddbtypes.ScalarAttributeTypeS},
					{AttributeName: aws.String("unused"), AttributeType: ddbtypes.ScalarAttributeTypeS},
				},
				KeySchema: []ddbtypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: ddbtypes.KeyTypeHash}},
			})
			return answer(err), nil
		}},
	}
}

// roleFacts are about one role that may do nothing.
func (w *world) roleFacts() []fact {
	name, roles := w.prefix+"-lab", w.cloud.roles
	return []fact{{"K14", "lists of one in a trust policy, read back", func(ctx context.Context) (string, error) {
		const sent = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["apigateway.amazonaws.com"]},"Action":["sts:AssumeRole"]}]}`
		_, err := roles.CreateRole(ctx, &iam.CreateRoleInput{
			RoleName: &name, Path: aws.String(w.cloud.rolePath()), AssumeRolePolicyDocument: aws.String(sent),
		})
		if err != nil {
			return "", err
		}
		got, err := roles.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if err != nil {
			return "", err
		}
		read, err := url.PathUnescape(aws.ToString(got.Role.AssumeRolePolicyDocument))
		if read == sent {
			return "as sent", err
		}
		return "otherwise: " + read, err
	}}}
}
