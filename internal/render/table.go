// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

// table is the table with the index that lists comments and, with moderation,
// the one that lists those that wait. The first is the one that lists.
func table(spec v1alpha1.CommentsAPISpec, facts stack.Facts) stack.Table {
	t := stack.Table{
		Name:                spec.TableName,
		PartitionKey:        attrCommentID,
		Billing:             stack.PayPerRequest,
		DeletionProtection:  spec.Table.DeletionProtection == v1alpha1.Enabled,
		PointInTimeRecovery: spec.Table.PointInTimeRecovery == v1alpha1.Enabled,
		KMSKeyARN:           spec.Table.KMSKeyARN,
		Class:               stack.ClassStandard,
		Tags:                tags(spec, facts),
	}
	if spec.Table.Class == v1alpha1.TableClassInfrequentAccess {
		t.Class = stack.ClassInfrequentAccess
	}
	if spec.Comments.RetentionDays != nil {
		t.TTLAttribute = attrExpiresAt
	}
	if facts.TableAdopted {
		t.Tags[stack.TagAdopted] = "true"
	}
	index := stack.Index{Name: facts.IndexName, Shape: facts.IndexShape}
	if index.Shape.HashKey == "" {
		index.Shape = IndexShape(spec)
	}
	if p := spec.Table.Billing.Provisioned; p != nil {
		t.Billing = stack.Provisioned
		t.Capacity = stack.Capacity{ReadUnits: p.ReadUnits, WriteUnits: p.WriteUnits}
		index.Capacity = stack.Capacity{
			ReadUnits:  valueOr(p.IndexReadUnits, p.ReadUnits),
			WriteUnits: valueOr(p.IndexWriteUnits, p.WriteUnits),
		}
	} else {
		// The caps are per table and per index (aws-facts H4).
		t.Capacity = stack.Capacity{
			MaxReadUnits:  valueOr(spec.Table.Billing.MaxReadRequestUnits, 0),
			MaxWriteUnits: valueOr(spec.Table.Billing.MaxWriteRequestUnits, 0),
		}
		index.Capacity = t.Capacity
	}
	t.Indexes = []stack.Index{index}
	if moderated(spec) {
		pending := pendingIndex(facts)
		pending.Capacity = index.Capacity
		t.Indexes = append(t.Indexes, pending)
	}
	return t
}

func valueOr(value *int64, absent int64) int64 {
	if value == nil {
		return absent
	}
	return *value
}
