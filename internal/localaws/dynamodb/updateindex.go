// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"slices"
	"time"
)

// createIndex adds an index to a table (aws-facts H3). Until the given time
// the table is UPDATING; then the index fills, and the table can be changed
// again.
func (c *call) createIndex(next *table, x *globalSecondaryIndex, definitions []attributeDefinition, until time.Time) error {
	if next.index(*x.IndexName, c.now) != nil {
		return invalidValues("Attempting to create an index which already exists: %s", *x.IndexName)
	}
	if err := c.oneAtATime(next); err != nil {
		return err
	}
	global := 0
	projected := len(x.Projection.NonKeyAttributes)
	for _, i := range next.indexes {
		projected += len(i.projection.NonKeyAttributes)
		if !i.local {
			global++
		}
	}
	switch {
	case global >= maxGlobalIndexes:
		return invalidValues("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxGlobalIndexes)
	case projected > maxProjected:
		return invalidValues("NonKeyAttributes count exceeds the per-table limit of %d", maxProjected)
	}
	if err := checkKeyTypes(x.KeySchema); err != nil {
		return err
	}
	if err := checkProjection(x.Projection); err != nil {
		return err
	}
	if err := checkIndexCapacity(next.billing.mode, *x); err != nil {
		return err
	}
	if err := checkDefined(definitionNames(definitions), names(x.KeySchema)); err != nil {
		return err
	}
	if err := mergeDefinitions(next, definitions, names(x.KeySchema)); err != nil {
		return err
	}
	i := next.newIndex(*x, c.now.Add(c.env.Nature().Delays.IndexCreate.D()))
	i.backfillAt = until
	i.data = next.data.addIndex(&i)
	next.indexes = append(next.indexes, i)
	return nil
}

// oneAtATime refuses a second index creation or deletion.
func (c *call) oneAtATime(t *table) error {
	for _, i := range t.indexes {
		if s := i.state(c.now); s == statusCreating || s == statusDeleting {
			return limitExceeded("Only 1 online index can be created or deleted simultaneously per table")
		}
	}
	return nil
}

// mergeDefinitions adds the definitions of a new index's keys. Definitions of
// existing keys may be repeated, as long as they say the same.
func mergeDefinitions(t *table, definitions []attributeDefinition, newKeys []string) error {
	used := append(t.usedKeys(), newKeys...)
	if err := checkUnused(definitions, used); err != nil {
		return err
	}
	merged := slices.Clone(t.attributes)
	for _, d := range definitions {
		n := slices.IndexFunc(merged, func(o attributeDefinition) bool { return *o.AttributeName == *d.AttributeName })
		switch {
		case n < 0:
			merged = append(merged, d)
		case *merged[n].AttributeType != *d.AttributeType:
			return invalidValues("Attribute: %s is already defined with type %s, requested type: %s",
				*d.AttributeName, *merged[n].AttributeType, *d.AttributeType)
		}
	}
	t.attributes = merged
	return nil
}

// usedKeys are the key attributes of the table and its indexes.
func (t *table) usedKeys() []string {
	used := t.keys.names()
	for _, i := range t.indexes {
		used = append(used, i.keys.names()...)
	}
	return used
}

// deleteIndex starts an index's deletion: it can't be queried any more, and
// definitions that only it needed go with it.
func (c *call) deleteIndex(next *table, name string, until time.Time) error {
	i := next.index(name, c.now)
	if i == nil || i.local {
		return notFound("Requested resource not found: Index: %s not found", name)
	}
	if i.state(c.now) == statusDeleting {
		return inUse("Index: %s is being deleted", name)
	}
	// An index that is backfilling may be deleted; another one at work blocks.
	for _, o := range next.indexes {
		if s := o.state(c.now); o.name != name && (s == statusCreating || s == statusDeleting) {
			return limitExceeded("Only 1 online index can be created or deleted simultaneously per table")
		}
	}
	i.deletedAt = until
	next.data.dropIndex(i.data)
	var used []string
	for _, o := range next.indexes {
		if o.name != name {
			used = append(used, o.keys.names()...)
		}
	}
	used = append(used, next.keys.names()...)
	next.attributes = slices.DeleteFunc(slices.Clone(next.attributes), func(d attributeDefinition) bool {
		return !slices.Contains(used, *d.AttributeName)
	})
	return nil
}
