// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"time"
)

type tableDescription struct {
	TableName                 string
	TableStatus               string
	TableArn                  string
	TableId                   string                     //nolint:revive // the wire name
	CreationDateTime          *epoch                     `json:",omitempty"`
	AttributeDefinitions      []attributeDefinition      `json:",omitempty"`
	KeySchema                 []keySchemaElement         `json:",omitempty"`
	ProvisionedThroughput     throughputDescription      `json:"ProvisionedThroughput"`
	TableSizeBytes            int                        `json:"TableSizeBytes"`
	ItemCount                 int                        `json:"ItemCount"`
	BillingModeSummary        *billingModeSummary        `json:",omitempty"`
	LocalSecondaryIndexes     []indexDescription         `json:",omitempty"`
	GlobalSecondaryIndexes    []indexDescription         `json:",omitempty"`
	SSEDescription            *sseDescription            `json:",omitempty"`
	TableClassSummary         *tableClassSummary         `json:",omitempty"`
	DeletionProtectionEnabled bool                       `json:"DeletionProtectionEnabled"`
	OnDemandThroughput        *onDemandThroughput        `json:",omitempty"`
	WarmThroughput            *warmThroughputDescription `json:",omitempty"`
}

type throughputDescription struct {
	LastIncreaseDateTime   *epoch `json:",omitempty"`
	LastDecreaseDateTime   *epoch `json:",omitempty"`
	NumberOfDecreasesToday int
	ReadCapacityUnits      int64
	WriteCapacityUnits     int64
}

type billingModeSummary struct {
	BillingMode                       string
	LastUpdateToPayPerRequestDateTime *epoch `json:",omitempty"`
}

type indexDescription struct {
	IndexName             string
	IndexArn              string
	IndexStatus           string `json:",omitempty"`
	Backfilling           *bool  `json:",omitempty"`
	KeySchema             []keySchemaElement
	Projection            projection
	ProvisionedThroughput *throughputDescription     `json:",omitempty"`
	OnDemandThroughput    *onDemandThroughput        `json:",omitempty"`
	WarmThroughput        *warmThroughputDescription `json:",omitempty"`
	IndexSizeBytes        int
	ItemCount             int
}

type sseDescription struct {
	Status          string
	SSEType         string
	KMSMasterKeyArn string
}

type tableClassSummary struct {
	TableClass         string
	LastUpdateDateTime *epoch `json:",omitempty"`
}

type warmThroughputDescription struct {
	ReadUnitsPerSecond  int64
	WriteUnitsPerSecond int64
	Status              string
}

func describeTable(c *call, in *tableInput) (any, error) {
	t, then, err := c.visible(*in.TableName)
	if err != nil {
		return nil, err
	}
	return map[string]any{"Table": t.describe(then)}, nil
}

// describe is the table as DescribeTable shows it at a time.
func (t *table) describe(now time.Time) tableDescription {
	d := tableDescription{
		TableName: t.name, TableArn: t.arn, TableId: t.id,
		TableStatus:               t.state(now),
		DeletionProtectionEnabled: t.protected,
	}
	if d.TableStatus == statusDeleting || d.TableStatus == statusGone {
		// What is left of a table that is being deleted (aws-facts H2).
		d.TableStatus = statusDeleting
		d.ProvisionedThroughput = t.capacity.describe(now)
		return d
	}
	d.CreationDateTime = when(t.created)
	d.AttributeDefinitions = t.attributes
	d.KeySchema = t.keys.describe()
	d.ProvisionedThroughput = t.shown(now).describe(now)
	d.ItemCount, d.TableSizeBytes = t.data.totals()
	d.OnDemandThroughput = t.onDemand
	d.SSEDescription = t.sse
	if t.billing.summarised {
		d.BillingModeSummary = &billingModeSummary{BillingMode: t.billing.mode}
		if !now.Before(t.billing.lastSet) {
			d.BillingModeSummary.LastUpdateToPayPerRequestDateTime = when(t.billing.lastSet)
		}
	}
	if t.class != "" {
		d.TableClassSummary = &tableClassSummary{TableClass: t.class, LastUpdateDateTime: when(t.classSet)}
	}
	d.WarmThroughput = t.warm.describe(d.TableStatus)
	for i := range t.indexes {
		x := &t.indexes[i]
		switch {
		case x.state(now) == statusGone:
		case x.local:
			d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes, t.describeIndex(x, now))
		default:
			d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, t.describeIndex(x, now))
		}
	}
	return d
}

// shown is the capacity in force: the old one until an update is through.
func (t *table) shown(now time.Time) throughput {
	if now.Before(t.updatedAt) {
		return t.before
	}
	return t.capacity
}

func (t *table) describeIndex(x *index, now time.Time) indexDescription {
	d := indexDescription{
		IndexName: x.name, IndexArn: x.arn, KeySchema: x.keys.describe(), Projection: x.projection,
	}
	d.ItemCount, d.IndexSizeBytes = t.data.indexTotals(x.data)
	if x.local {
		return d
	}
	d.IndexStatus = x.state(now)
	if d.IndexStatus == statusCreating && !x.backfillAt.IsZero() {
		d.Backfilling = ptr(!now.Before(x.backfillAt))
	}
	capacity := x.capacity
	if now.Before(x.updatedAt) {
		capacity = x.before
	}
	d.ProvisionedThroughput = ptr(capacity.describe(now))
	d.OnDemandThroughput = x.onDemand
	d.WarmThroughput = x.warm.describe(d.IndexStatus)
	return d
}

func (s schema) describe() []keySchemaElement {
	out := make([]keySchemaElement, len(s))
	for i, k := range s {
		out[i] = keySchemaElement{AttributeName: ptr(k.name), KeyType: ptr("HASH")}
		if i > 0 {
			out[i].KeyType = ptr("RANGE")
		}
	}
	return out
}

func (p throughput) describe(now time.Time) throughputDescription {
	today := 0
	for _, at := range p.decreases {
		if at.UTC().Truncate(24 * time.Hour).Equal(now.UTC().Truncate(24 * time.Hour)) {
			today++
		}
	}
	return throughputDescription{
		LastIncreaseDateTime: when(p.lastIncrease), LastDecreaseDateTime: when(p.lastDecrease),
		NumberOfDecreasesToday: today, ReadCapacityUnits: p.read, WriteCapacityUnits: p.write,
	}
}

func (u units) describe(status string) *warmThroughputDescription {
	if status != statusActive {
		status = statusUpdating
	}
	return &warmThroughputDescription{ReadUnitsPerSecond: u.read, WriteUnitsPerSecond: u.write, Status: status}
}
