// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/commentsapi/operator/internal/stack"
)

// noCap removes a cap on on-demand throughput (aws-facts H4).
const noCap = -1

// keyTypes are the types of an index's keys: the partition is text, the sort
// key a number.
func keyTypes(shape stack.IndexShape) map[string]string {
	keys := map[string]string{shape.HashKey: string(types.ScalarAttributeTypeS)}
	if shape.RangeKey != "" {
		keys[shape.RangeKey] = string(types.ScalarAttributeTypeN)
	}
	return keys
}

func attributeDefinitions(attributes map[string]string) []types.AttributeDefinition {
	var out []types.AttributeDefinition
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		out = append(out, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeType(attributes[name])})
	}
	return out
}

func keySchema(shape stack.IndexShape) []types.KeySchemaElement {
	keys := []types.KeySchemaElement{{AttributeName: aws.String(shape.HashKey), KeyType: types.KeyTypeHash}}
	if shape.RangeKey != "" {
		keys = append(keys, types.KeySchemaElement{AttributeName: aws.String(shape.RangeKey), KeyType: types.KeyTypeRange})
	}
	return keys
}

func projection(shape stack.IndexShape) *types.Projection {
	switch {
	case shape.ProjectAll:
		return &types.Projection{ProjectionType: types.ProjectionTypeAll}
	case len(shape.Projected) == 0:
		return &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	default:
		return &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: shape.Projected}
	}
}

func provisioned(billing stack.BillingMode, c stack.Capacity) *types.ProvisionedThroughput {
	if billing != stack.Provisioned {
		return nil
	}
	return &types.ProvisionedThroughput{ReadCapacityUnits: &c.ReadUnits, WriteCapacityUnits: &c.WriteUnits}
}

func onDemand(billing stack.BillingMode, c stack.Capacity) *types.OnDemandThroughput {
	if billing != stack.PayPerRequest || c.MaxReadUnits == 0 && c.MaxWriteUnits == 0 {
		return nil
	}
	return throughputCap(c)
}

func encryption(want stack.Table) *types.SSESpecification {
	if want.KMSKeyARN == "" {
		return &types.SSESpecification{Enabled: aws.Bool(false)}
	}
	return &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: aws.String(want.KMSKeyARN)}
}

func tableTagList(tags map[string]string) []types.Tag {
	var out []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return out
}

// billingUpdate changes billing mode, throughput and caps in one call. A
// switch to provisioned billing must carry the throughput of every index, also
// of those that are somebody else's (aws-facts H3); an index whose capacity is
// right is left out otherwise.
func billingUpdate(want stack.Table, have *stack.ObservedTable) *dynamodb.UpdateTableInput {
	in := &dynamodb.UpdateTableInput{}
	switched := want.Billing != have.Billing
	if switched {
		in.BillingMode = types.BillingMode(want.Billing)
	}
	if switched || want.Capacity != have.Capacity {
		in.ProvisionedThroughput = provisioned(want.Billing, want.Capacity)
		in.OnDemandThroughput = capUpdate(want.Billing, have.Capacity, want.Capacity)
	}
	for _, index := range have.Indexes {
		wanted := stack.Index{Name: index.Name, Capacity: index.Capacity}
		if i := slices.IndexFunc(want.Indexes, func(w stack.Index) bool { return w.Name == index.Name }); i >= 0 {
			wanted.Capacity = want.Indexes[i].Capacity
		} else if !switched {
			continue
		} else if want.Billing == stack.Provisioned {
			wanted.Capacity = want.Capacity
		}
		if have.IndexStatus[index.Name] == stack.IndexDeleting || !switched && wanted.Capacity == index.Capacity {
			continue
		}
		update := &types.UpdateGlobalSecondaryIndexAction{
			IndexName:             aws.String(index.Name),
			ProvisionedThroughput: provisioned(want.Billing, wanted.Capacity),
			OnDemandThroughput:    capUpdate(want.Billing, index.Capacity, wanted.Capacity),
		}
		if update.ProvisionedThroughput != nil || update.OnDemandThroughput != nil {
			in.GlobalSecondaryIndexUpdates = append(in.GlobalSecondaryIndexUpdates, types.GlobalSecondaryIndexUpdate{Update: update})
		}
	}
	return in
}

// capUpdate changes the caps of on-demand billing; nil leaves them.
func capUpdate(billing stack.BillingMode, have, want stack.Capacity) *types.OnDemandThroughput {
	same := have.MaxReadUnits == want.MaxReadUnits && have.MaxWriteUnits == want.MaxWriteUnits
	if billing != stack.PayPerRequest || same {
		return nil
	}
	return throughputCap(want)
}

func throughputCap(c stack.Capacity) *types.OnDemandThroughput {
	limit := func(units int64) *int64 {
		if units == 0 {
			units = noCap
		}
		return &units
	}
	return &types.OnDemandThroughput{MaxReadRequestUnits: limit(c.MaxReadUnits), MaxWriteRequestUnits: limit(c.MaxWriteUnits)}
}
