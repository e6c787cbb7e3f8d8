// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
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
