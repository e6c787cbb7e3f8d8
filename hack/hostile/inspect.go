// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	openTable, heldTable = "open-comments", "held-comments"
	// bystander is a table that nobody may touch.
	bystander = "other"
)

func (c *client) addBystander(ctx context.Context) error {
	name := bystander
	if _, err := c.tables.CreateTable(ctx, &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("commentId"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("commentId"), KeyType: types.KeyTypeHash}}}); err != nil {
		return err
	}
	_, err := c.tables.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name,
		Item: map[string]types.AttributeValue{"commentId": &types.AttributeValueMemberS{Value: "x"}}})
	return err
}

// rest is the whole account but the comments: every service's resources, and
// the tables without their sizes.
func (c *client) rest(ctx context.Context) (string, error) {
	all := map[string]any{}
	for service, resources := range c.local.Snapshot() {
		if service != "dynamodb" {
			all[service] = resources
		}
	}
	tables, err := c.tables.ListTables(ctx, &dynamodb.ListTablesInput{})
	if err != nil {
		return "", err
	}
	for _, name := range tables.TableNames {
		d, err := c.tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		if err != nil {
			return "", err
		}
		d.Table.ItemCount, d.Table.TableSizeBytes = nil, nil
		for i := range d.Table.GlobalSecondaryIndexes {
			d.Table.GlobalSecondaryIndexes[i].ItemCount, d.Table.GlobalSecondaryIndexes[i].IndexSizeBytes = nil, nil
		}
		all["table "+name] = d.Table
	}
	b, err := json.Marshal(all)
	return string(b), err
}

// inspect looks at the whole account: the comments are those that were
// accepted, as they were sent, with no other attribute; nothing else changed.
func (c *client) inspect(ctx context.Context, before string) error {
	now, err := c.rest(ctx)
	if err != nil {
		return err
	}
	if now != before {
		c.violation("something beside the comments changed: before %s, now %s", before, now)
	}
	for table, want := range map[string]map[string]item{
		openTable: c.stored[openTable], heldTable: c.stored[heldTable], bystander: {"x": {"commentId": "x"}},
	} {
		got, err := c.scan(ctx, table)
		if err != nil {
			return err
		}
		for id := range got {
			if _, there := want[id]; !there {
				c.violation("%s has %v, which nobody sent", table, got[id])
			}
		}
		for id := range want {
			if !reflect.DeepEqual(got[id], want[id]) {
				c.violation("%s has %q; want %q", table, got[id], want[id])
			}
		}
	}
	return nil
}

// scan reads a table. Of an item's attributes only createdAt may be, and must
// be, a number; its value is API Gateway's.
func (c *client) scan(ctx context.Context, table string) (map[string]item, error) {
	all := map[string]item{}
	pages := dynamodb.NewScanPaginator(c.tables, &dynamodb.ScanInput{TableName: &table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, attributes := range page.Items {
			one := item{}
			for name, value := range attributes {
				switch v := value.(type) {
				case *types.AttributeValueMemberS:
					one[name] = v.Value
				case *types.AttributeValueMemberN:
					if name != "createdAt" {
						one[name] = v.Value
					}
				default:
					one[name] = fmt.Sprintf("%T", value)
				}
			}
			all[one["commentId"]] = one
		}
	}
	return all, nil
}
