// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

// recoveryDays is how far back a table can be restored: AWS's most, and its
// default (aws-facts H5).
const recoveryDays = 35

func (r *Run) doTable(ctx context.Context, step plan.Step) error {
	want := r.Desired.Table
	switch step.Op {
	case plan.CreateTable:
		return r.createTable(ctx)
	case plan.TagTable:
		arn := &r.Observed.Table.ARN
		return retag(r.Observed.Table.Tags, want.Tags, func(stale []string) error {
			_, err := r.Cloud.Tables.UntagResource(ctx, &dynamodb.UntagResourceInput{ResourceArn: arn, TagKeys: stale})
			return err
		}, func(missing map[string]string) error {
			_, err := r.Cloud.Tables.TagResource(ctx, &dynamodb.TagResourceInput{ResourceArn: arn, Tags: tableTagList(missing)})
			return err
		})
	case plan.UpdateBackups:
		spec := &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: &want.PointInTimeRecovery}
		if want.PointInTimeRecovery {
			spec.RecoveryPeriodInDays = aws.Int32(recoveryDays)
		}
		_, err := r.Cloud.Tables.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
			TableName: &want.Name, PointInTimeRecoverySpecification: spec})
		return err
	case plan.UpdateTTL:
		return r.updateTTL(ctx)
	case plan.UpdateProtection:
		return r.updateTable(ctx, &dynamodb.UpdateTableInput{DeletionProtectionEnabled: &want.DeletionProtection})
	case plan.UpdateBilling:
		return r.updateTable(ctx, billingUpdate(want, r.Observed.Table))
	case plan.UpdateClass:
		return r.updateTable(ctx, &dynamodb.UpdateTableInput{TableClass: types.TableClass(want.Class)})
	case plan.UpdateEncryption:
		return r.updateTable(ctx, &dynamodb.UpdateTableInput{SSESpecification: encryption(want)})
	case plan.CreateIndex:
		return r.createIndex(ctx, step.Target)
	default:
		return r.updateTable(ctx, &dynamodb.UpdateTableInput{GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{
			{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String(step.Target)}}}})
	}
}

// createTable makes the table with its claim, so that it is never without. A
// table of that name that exists already was not visible a moment ago; the
// next reading sees it and its claim decides.
func (r *Run) createTable(ctx context.Context) error {
	want := r.Desired.Table
	definitions := map[string]string{want.PartitionKey: string(types.ScalarAttributeTypeS)}
	in := &dynamodb.CreateTableInput{
		TableName:                 &want.Name,
		KeySchema:                 []types.KeySchemaElement{{AttributeName: &want.PartitionKey, KeyType: types.KeyTypeHash}},
		BillingMode:               types.BillingMode(want.Billing),
		DeletionProtectionEnabled: &want.DeletionProtection,
		ProvisionedThroughput:     provisioned(want.Billing, want.Capacity),
		OnDemandThroughput:        onDemand(want.Billing, want.Capacity),
		TableClass:                types.TableClass(want.Class),
		Tags:                      tableTagList(want.Tags),
	}
	if want.KMSKeyARN != "" {
		in.SSESpecification = encryption(want)
	}
	for _, index := range want.Indexes {
		maps.Copy(definitions, keyTypes(index.Shape))
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:             aws.String(index.Name),
			KeySchema:             keySchema(index.Shape),
			Projection:            projection(index.Shape),
			ProvisionedThroughput: provisioned(want.Billing, index.Capacity),
			OnDemandThroughput:    onDemand(want.Billing, index.Capacity),
		})
	}
	in.AttributeDefinitions = attributeDefinitions(definitions)
	_, err := r.Cloud.Tables.CreateTable(ctx, in)
	if f := awscloud.Classify(err); f != nil && f.Code == "ResourceInUseException" {
		return nil
	}
	r.tableBusy = true
	return err
}

// updateTable makes one kind of change (aws-facts H3); the table is busy then.
func (r *Run) updateTable(ctx context.Context, in *dynamodb.UpdateTableInput) error {
	in.TableName = &r.Desired.Table.Name
	_, err := r.Cloud.Tables.UpdateTable(ctx, in)
	r.tableBusy = true
	return err
}

// updateTTL turns expiry on for the wanted attribute, or off. AWS changes the
// attribute in two steps, an hour apart (aws-facts H5).
func (r *Run) updateTTL(ctx context.Context) error {
	have, want := r.Observed.Table.TTLAttribute, r.Desired.Table.TTLAttribute
	spec := &types.TimeToLiveSpecification{AttributeName: &want, Enabled: aws.Bool(true)}
	if have != "" {
		spec = &types.TimeToLiveSpecification{AttributeName: &have, Enabled: aws.Bool(false)}
	}
	_, err := r.Cloud.Tables.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: &r.Desired.Table.Name, TimeToLiveSpecification: spec})
	return err
}

func (r *Run) createIndex(ctx context.Context, name string) error {
	want := r.Desired.Table
	i := slices.IndexFunc(want.Indexes, func(index stack.Index) bool { return index.Name == name })
	index := want.Indexes[i]
	definitions := maps.Clone(r.Observed.Table.AttributeTypes)
	maps.Copy(definitions, keyTypes(index.Shape))
	// The table's billing decides what a new index must carry, not the wanted
	// one: switching is a change of its own.
	billing := r.Observed.Table.Billing
	capacity := index.Capacity
	if billing == stack.Provisioned && capacity.ReadUnits == 0 {
		capacity.ReadUnits, capacity.WriteUnits = r.Observed.Table.Capacity.ReadUnits, r.Observed.Table.Capacity.WriteUnits
	}
	return r.updateTable(ctx, &dynamodb.UpdateTableInput{
		AttributeDefinitions: attributeDefinitions(definitions),
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName:             &name,
			KeySchema:             keySchema(index.Shape),
			Projection:            projection(index.Shape),
			ProvisionedThroughput: provisioned(billing, capacity),
			OnDemandThroughput:    onDemand(billing, capacity),
		}}},
	})
}
