// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/commentsapi/operator/internal/stack"
)

func (c Cloud) describeTable(ctx context.Context, name string) (*stack.ObservedTable, error) {
	out, err := c.Tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		if gone(err) {
			return nil, nil
		}
		return nil, err
	}
	return readTable(out.Table), nil
}

// readTable turns AWS's description into the operator's words, with AWS's
// defaults filled in (aws-facts H4, H5).
func readTable(t *types.TableDescription) *stack.ObservedTable {
	table := &stack.ObservedTable{
		Table: stack.Table{
			Name:               aws.ToString(t.TableName),
			PartitionKey:       partitionKey(t.KeySchema),
			Billing:            stack.Provisioned, // absent on a table born provisioned (H4)
			Class:              stack.ClassStandard,
			DeletionProtection: aws.ToBool(t.DeletionProtectionEnabled),
		},
		ARN:            aws.ToString(t.TableArn),
		Status:         stack.TableStatus(t.TableStatus),
		Created:        aws.ToTime(t.CreationDateTime),
		IndexStatus:    map[string]stack.IndexStatus{},
		AttributeTypes: map[string]string{},
	}
	for _, a := range t.AttributeDefinitions {
		table.AttributeTypes[aws.ToString(a.AttributeName)] = string(a.AttributeType)
	}
	if t.BillingModeSummary != nil && t.BillingModeSummary.BillingMode != "" {
		table.Billing = stack.BillingMode(t.BillingModeSummary.BillingMode)
	}
	if t.TableClassSummary != nil && t.TableClassSummary.TableClass != "" {
		table.Class = stack.TableClass(t.TableClassSummary.TableClass)
	}
	if t.SSEDescription != nil && (t.SSEDescription.Status == types.SSEStatusEnabled || t.SSEDescription.Status == types.SSEStatusUpdating) {
		table.KMSKeyARN = aws.ToString(t.SSEDescription.KMSMasterKeyArn)
	}
	table.Capacity = capacity(table.Billing, t.ProvisionedThroughput, t.OnDemandThroughput)
	for _, g := range t.GlobalSecondaryIndexes {
		name := aws.ToString(g.IndexName)
		table.IndexStatus[name] = stack.IndexStatus(g.IndexStatus)
		table.Indexes = append(table.Indexes, stack.Index{
			Name:     name,
			Shape:    indexShape(g),
			Capacity: capacity(table.Billing, g.ProvisionedThroughput, g.OnDemandThroughput),
		})
	}
	slices.SortFunc(table.Indexes, func(a, b stack.Index) int { return strings.Compare(a.Name, b.Name) })
	return table
}

// partitionKey returns the name of a table's only key; a table with more than
// one key attribute has none that the operator could use.
func partitionKey(keys []types.KeySchemaElement) string {
	if len(keys) != 1 {
		return ""
	}
	return aws.ToString(keys[0].AttributeName)
}

func indexShape(g types.GlobalSecondaryIndexDescription) stack.IndexShape {
	var shape stack.IndexShape
	for _, key := range g.KeySchema {
		if key.KeyType == types.KeyTypeHash {
			shape.HashKey += aws.ToString(key.AttributeName)
		} else {
			shape.RangeKey += aws.ToString(key.AttributeName)
		}
	}
	if g.Projection != nil {
		shape.ProjectAll = g.Projection.ProjectionType == types.ProjectionTypeAll
		shape.Projected = slices.Sorted(slices.Values(g.Projection.NonKeyAttributes))
	}
	return shape
}

// capacity ignores what AWS reports for the billing mode that is not in use
// (aws-facts H4).
func capacity(billing stack.BillingMode, p *types.ProvisionedThroughputDescription, d *types.OnDemandThroughput) stack.Capacity {
	var c stack.Capacity
	if billing == stack.Provisioned && p != nil {
		c.ReadUnits, c.WriteUnits = aws.ToInt64(p.ReadCapacityUnits), aws.ToInt64(p.WriteCapacityUnits)
	}
	if billing == stack.PayPerRequest && d != nil {
		c.MaxReadUnits = max(0, aws.ToInt64(d.MaxReadRequestUnits))
		c.MaxWriteUnits = max(0, aws.ToInt64(d.MaxWriteRequestUnits))
	}
	return c
}

func (c Cloud) tableTags(ctx context.Context, arn string) (map[string]string, error) {
	tags := map[string]string{}
	var next *string
	for {
		out, err := c.Tables.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: &arn, NextToken: next})
		if err != nil {
			return nil, err
		}
		for _, tag := range out.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		if next = out.NextToken; aws.ToString(next) == "" {
			return tags, nil
		}
	}
}

func (c Cloud) tableBackups(ctx context.Context, name string) (bool, error) {
	out, err := c.Tables.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
	if err != nil {
		return false, err
	}
	d := out.ContinuousBackupsDescription
	return d != nil && d.PointInTimeRecoveryDescription != nil &&
		d.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled, nil
}

func (c Cloud) tableTTL(ctx context.Context, name string) (string, error) {
	out, err := c.Tables.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		return "", err
	}
	d := out.TimeToLiveDescription
	if d == nil || d.TimeToLiveStatus == types.TimeToLiveStatusDisabled || d.TimeToLiveStatus == types.TimeToLiveStatusDisabling {
		return "", nil
	}
	return aws.ToString(d.AttributeName), nil
}
