// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"slices"
	"time"
)

type updateTableInput struct {
	TableName                   *string `aws:"table"`
	ProvisionedThroughput       *provisionedThroughput
	BillingMode                 *string `aws:"enum=PROVISIONED|PAY_PER_REQUEST"`
	GlobalSecondaryIndexUpdates []globalSecondaryIndexUpdate
	AttributeDefinitions        []attributeDefinition
	DeletionProtectionEnabled   *bool
	OnDemandThroughput          *onDemandThroughput
	WarmThroughput              *warmThroughput
	SSESpecification            *sseSpecification
	TableClass                  *string `aws:"enum=STANDARD|STANDARD_INFREQUENT_ACCESS"`

	StreamSpecification                any `aws:"unsupported"`
	ReplicaUpdates                     any `aws:"unsupported"`
	MultiRegionConsistency             any `aws:"unsupported"`
	GlobalTableWitnessUpdates          any `aws:"unsupported"`
	GlobalTableSettingsReplicationMode any `aws:"unsupported"`
	DisassociationProtectionEnabled    any `aws:"unsupported"`
	VectorIndexUpdates                 any `aws:"unsupported"`
}

type globalSecondaryIndexUpdate struct {
	Create *globalSecondaryIndex
	Update *updateIndexAction
	Delete *deleteIndexAction
}

type updateIndexAction struct {
	IndexName             *string `aws:"required,name,len=3:255"`
	ProvisionedThroughput *provisionedThroughput
	OnDemandThroughput    *onDemandThroughput
	WarmThroughput        *warmThroughput
}

type deleteIndexAction struct {
	IndexName *string `aws:"required,name,len=3:255"`
}

func (in *updateTableInput) resources(c *call) []string {
	return []string{c.tableARN(*in.TableName)}
}

// kinds counts the kinds of change asked for: one call does one kind
// (aws-facts H3).
func (in *updateTableInput) kinds() int {
	creates, deletes, updates := 0, 0, 0
	for _, u := range in.GlobalSecondaryIndexUpdates {
		switch {
		case u.Create != nil:
			creates = 1
		case u.Delete != nil:
			deletes = 1
		default:
			updates = 1
		}
	}
	capacity := in.ProvisionedThroughput != nil || in.BillingMode != nil || in.OnDemandThroughput != nil ||
		in.WarmThroughput != nil || updates > 0
	n := creates + deletes
	for _, asked := range []bool{capacity, in.SSESpecification != nil, in.TableClass != nil, in.DeletionProtectionEnabled != nil} {
		if asked {
			n++
		}
	}
	return n
}

func checkUpdate(in *updateTableInput) error {
	if in.GlobalSecondaryIndexUpdates != nil && len(in.GlobalSecondaryIndexUpdates) == 0 {
		return invalidValues("List of GlobalSecondaryIndexUpdates is empty")
	}
	switch n := in.kinds(); {
	case n == 0:
		return validation("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates " +
			"or SSESpecification or ReplicaUpdates is required")
	case n > 1:
		return invalidValues("Only one kind of change is allowed in one UpdateTable: capacity and billing, one index, encryption, " +
			"table class, or deletion protection")
	}
	if deref(in.BillingMode) == provisioned && in.ProvisionedThroughput == nil {
		return invalidValues("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
	}
	if err := checkProvisioned(in.ProvisionedThroughput); err != nil {
		return err
	}
	if err := checkOnDemand(in.OnDemandThroughput); err != nil {
		return err
	}
	return checkIndexUpdates(in.GlobalSecondaryIndexUpdates)
}

func checkIndexUpdates(updates []globalSecondaryIndexUpdate) error {
	seen := map[string]bool{}
	online := 0
	for _, u := range updates {
		var name string
		actions := 0
		if u.Create != nil {
			name = *u.Create.IndexName
			actions++
		}
		if u.Update != nil {
			name = *u.Update.IndexName
			actions++
		}
		if u.Delete != nil {
			name = *u.Delete.IndexName
			actions++
		}
		switch {
		case actions == 0:
			return invalidValues("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, " +
				"GlobalSecondaryIndexUpdate.Delete must not be null")
		case actions > 1:
			return invalidValues("Only one of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, " +
				"GlobalSecondaryIndexUpdate.Delete may be set")
		case seen[name]:
			return invalidValues("Only one global secondary index update per index is allowed simultaneously. Index: %s", name)
		}
		seen[name] = true
		if u.Update == nil {
			online++
		}
	}
	if online > 1 {
		return limitExceeded("Only 1 online index can be created or deleted simultaneously per table")
	}
	return nil
}

func updateTable(c *call, in *updateTableInput) (any, error) {
	if err := checkUpdate(in); err != nil {
		return nil, err
	}
	c.region.mu.Lock()
	defer c.region.mu.Unlock()
	t, err := c.active(*in.TableName)
	if err != nil {
		return nil, err
	}
	next := t.change(c.now)
	next.before = t.capacity
	delays := c.env.Nature().Delays
	until := c.now.Add(delays.TableUpdate.D())
	touched := ""
	switch {
	case in.SSESpecification != nil:
		err = c.updateEncryption(next, in.SSESpecification)
	case in.TableClass != nil:
		err = c.updateClass(next, *in.TableClass)
	case in.DeletionProtectionEnabled != nil:
		if next.protected == *in.DeletionProtectionEnabled {
			err = unchanged("DeletionProtectionEnabled")
		}
		next.protected = *in.DeletionProtectionEnabled
	case len(in.GlobalSecondaryIndexUpdates) > 0 && in.GlobalSecondaryIndexUpdates[0].Create != nil:
		touched = *in.GlobalSecondaryIndexUpdates[0].Create.IndexName
		until = c.now.Add(delays.IndexCreate.D() / 2)
		err = c.createIndex(next, in.GlobalSecondaryIndexUpdates[0].Create, in.AttributeDefinitions, until)
	case len(in.GlobalSecondaryIndexUpdates) > 0 && in.GlobalSecondaryIndexUpdates[0].Delete != nil:
		touched = *in.GlobalSecondaryIndexUpdates[0].Delete.IndexName
		until = c.now.Add(delays.IndexDelete.D())
		err = c.deleteIndex(next, touched, until)
	default:
		err = c.updateCapacity(next, in, until)
	}
	if err != nil {
		return nil, err
	}
	next.updatedAt = until
	c.region.tables.Put(t.name, next)
	return map[string]any{"TableDescription": next.describeUpdating(c.now, touched)}, nil
}

// describeUpdating is the response to an update: the table is UPDATING even
// in a world without delays.
func (t *table) describeUpdating(now time.Time, touched string) tableDescription {
	shown := *t
	shown.indexes = slices.Clone(t.indexes)
	soon := now.Add(1)
	if !now.Before(shown.updatedAt) {
		if shown.billing.lastSet.Equal(shown.updatedAt) {
			shown.billing.lastSet = soon
		}
		shown.updatedAt = soon
	}
	for n := range shown.indexes {
		i := &shown.indexes[n]
		switch {
		case i.name != touched:
		case !i.deletedAt.IsZero() && !now.Before(i.deletedAt):
			i.deletedAt = soon
		case i.deletedAt.IsZero() && !now.Before(i.activeAt):
			i.activeAt, i.backfillAt = soon, soon
		}
	}
	return shown.describe(now)
}

// unchanged refuses an update that changes nothing. That AWS does so for
// every field is not confirmed (aws-facts H3); clients should diff first.
func unchanged(field string) error {
	return validation("The requested value of %s equals the current value; nothing would change", field)
}

func (c *call) updateClass(next *table, class string) error {
	current := next.class
	if current == "" {
		current = "STANDARD"
	}
	if class == current {
		return unchanged("TableClass")
	}
	next.class, next.classSet = class, c.now
	return nil
}
