// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"slices"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// Quotas of an account and region (aws-facts H3, H6).
const (
	maxTables         = 2500
	maxLocalIndexes   = 5
	maxGlobalIndexes  = 20
	maxTags           = 50
	maxProjected      = 100
	maxBusyTables     = 500
	warmOnDemandRead  = 12000
	warmOnDemandWrite = 4000
)

type createTableInput struct {
	AttributeDefinitions   []attributeDefinition `aws:"required"`
	TableName              *string               `aws:"table"`
	BillingMode            *string               `aws:"enum=PROVISIONED|PAY_PER_REQUEST"`
	ProvisionedThroughput  *provisionedThroughput
	KeySchema              []keySchemaElement `aws:"required,len=1:2"`
	LocalSecondaryIndexes  []localSecondaryIndex
	GlobalSecondaryIndexes []globalSecondaryIndex

	DeletionProtectionEnabled *bool
	OnDemandThroughput        *onDemandThroughput
	WarmThroughput            *warmThroughput
	SSESpecification          *sseSpecification
	TableClass                *string `aws:"enum=STANDARD|STANDARD_INFREQUENT_ACCESS"`
	Tags                      []tag

	StreamSpecification *streamSpecification
	ResourcePolicy      any `aws:"unsupported"`
	VectorIndexes       any `aws:"unsupported"`
}

type streamSpecification struct {
	StreamEnabled  *bool   `aws:"required"`
	StreamViewType *string `aws:"unsupported"`
}

func (in *createTableInput) resources(c *call) []string {
	return []string{c.tableARN(*in.TableName)}
}

func createTable(c *call, in *createTableInput) (any, error) {
	if in.StreamSpecification != nil && *in.StreamSpecification.StreamEnabled {
		return nil, validation("The local AWS does not implement streams; leave StreamSpecification out")
	}
	if err := checkCreate(in); err != nil {
		return nil, err
	}
	if len(in.Tags) > 0 {
		if err := c.authorize("dynamodb:TagResource", c.tableARN(*in.TableName), in); err != nil {
			return nil, err
		}
	}
	tags, err := mergeTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	name, err := c.region.localName(*in.TableName)
	if err != nil {
		return nil, err
	}
	sse, err := c.encryption(in.SSESpecification)
	if err != nil {
		return nil, err
	}
	c.region.mu.Lock()
	defer c.region.mu.Unlock()
	if old, ok := c.region.tables.Latest(name); ok && old.state(c.now) != statusGone {
		return nil, failure(modelled+"ResourceInUseException", "Table already exists: %s", name)
	}
	if err := c.quota(); err != nil {
		return nil, err
	}
	t := c.newTable(name, in)
	t.tags, t.sse = tags, sse
	c.region.tables.Put(name, t)
	d := t.describe(c.now)
	d.TableStatus = statusCreating
	if d.BillingModeSummary != nil {
		d.BillingModeSummary.LastUpdateToPayPerRequestDateTime = nil
	}
	for i := range d.GlobalSecondaryIndexes {
		d.GlobalSecondaryIndexes[i].IndexStatus = statusCreating
	}
	return map[string]any{"TableDescription": d}, nil
}

// quota refuses a table too many, or too many tables at work (aws-facts H6).
func (c *call) quota() error {
	tables, busy := 0, 0
	for _, name := range c.region.tables.Keys(0) {
		t, ok := c.region.tables.Latest(name)
		if !ok || t.state(c.now) == statusGone {
			continue
		}
		tables++
		if t.state(c.now) != statusActive {
			busy++
		}
	}
	switch {
	case tables >= maxTables:
		return limitExceeded("There is a limit of %d tables per account and region", maxTables)
	case busy >= maxBusyTables:
		return limitExceeded("There is a limit of %d simultaneous table operations", maxBusyTables)
	}
	return nil
}

func (c *call) newTable(name string, in *createTableInput) *table {
	delays := c.env.Nature().Delays
	t := &table{
		name: name, arn: c.region.arn(name), id: newUUID(), created: c.now,
		attributes: in.AttributeDefinitions,
		capacity:   capacityOf(in.ProvisionedThroughput),
		onDemand:   in.OnDemandThroughput,
		class:      deref(in.TableClass),
		protected:  deref(in.DeletionProtectionEnabled),
		activeAt:   c.now.Add(delays.TableCreate.D()),
		backups:    backups{availableAt: c.now.Add(delays.BackupsAvailable.D())},
	}
	t.billing.mode = provisioned
	if deref(in.BillingMode) == onDemand {
		t.billing = billing{mode: onDemand, summarised: true, lastSet: t.activeAt}
	}
	t.warm = t.warmest(t.capacity, in.WarmThroughput)
	t.keys = t.schemaOf(in.KeySchema)
	for _, x := range in.LocalSecondaryIndexes {
		t.indexes = append(t.indexes, index{name: *x.IndexName, arn: t.arn + "/index/" + *x.IndexName, local: true,
			keys: t.schemaOf(x.KeySchema), projection: *x.Projection, activeAt: t.activeAt})
	}
	for _, x := range in.GlobalSecondaryIndexes {
		t.indexes = append(t.indexes, t.newIndex(x, t.activeAt))
	}
	t.data = newData(t.keys)
	for i := range t.indexes {
		t.indexes[i].data = t.data.addIndex(&t.indexes[i])
	}
	return t
}

func (t *table) newIndex(x globalSecondaryIndex, activeAt time.Time) index {
	i := index{
		name: *x.IndexName, arn: t.arn + "/index/" + *x.IndexName, keys: t.schemaOf(x.KeySchema), projection: *x.Projection,
		capacity: capacityOf(x.ProvisionedThroughput), onDemand: x.OnDemandThroughput, activeAt: activeAt,
	}
	i.warm = t.warmest(i.capacity, x.WarmThroughput)
	return i
}

// warmest is the warm throughput: what was asked for, at least what the table
// has anyway (aws-facts H4).
func (t *table) warmest(capacity throughput, asked *warmThroughput) units {
	u := capacity.units
	if t.billing.mode == onDemand {
		u = units{warmOnDemandRead, warmOnDemandWrite}
	}
	if asked != nil {
		u.read = max(u.read, deref(asked.ReadUnitsPerSecond))
		u.write = max(u.write, deref(asked.WriteUnitsPerSecond))
	}
	return u
}

func capacityOf(p *provisionedThroughput) throughput {
	if p == nil {
		return throughput{}
	}
	return throughput{units: units{read: *p.ReadCapacityUnits, write: *p.WriteCapacityUnits}}
}

func (t *table) schemaOf(elements []keySchemaElement) schema {
	s := make(schema, len(elements))
	for i, e := range elements {
		s[i] = key{name: *e.AttributeName, kind: t.kind(*e.AttributeName)}
	}
	return s
}

func newUUID() string {
	h := core.NewID(32)
	return strings.Join([]string{h[:8], h[8:12], "4" + h[13:16], "a" + h[17:20], h[20:]}, "-")
}

// mergeTags adds tags to a table's tags, the new ones winning, in order of
// their keys.
func mergeTags(have, add []tag) ([]tag, error) {
	merged := slices.Clone(have)
	seen := map[string]bool{}
	for _, t := range add {
		if strings.HasPrefix(strings.ToLower(*t.Key), "aws:") {
			return nil, invalidValues("Tag keys starting with 'aws:' are reserved for system use: %s", *t.Key)
		}
		if seen[*t.Key] {
			return nil, invalidValues("Duplicate tag key: %s", *t.Key)
		}
		seen[*t.Key] = true
		merged = slices.DeleteFunc(merged, func(o tag) bool { return *o.Key == *t.Key })
		merged = append(merged, t)
	}
	if len(merged) > maxTags {
		return nil, invalidValues("Too many tags: a table can have %d, this would make %d", maxTags, len(merged))
	}
	slices.SortFunc(merged, func(a, b tag) int { return strings.Compare(*a.Key, *b.Key) })
	return merged, nil
}
