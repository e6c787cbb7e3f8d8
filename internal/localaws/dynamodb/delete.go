// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

// deleteTable starts a table's deletion (aws-facts H2). The error code for a
// protected table is not confirmed by AWS's documentation; clients should
// look at the flag first.
func deleteTable(c *call, in *tableInput) (any, error) {
	c.region.mu.Lock()
	defer c.region.mu.Unlock()
	t, err := c.latest(*in.TableName)
	if err != nil {
		return nil, err
	}
	if t.state(c.now) == statusDeleting {
		return map[string]any{"TableDescription": t.describe(c.now)}, nil
	}
	if t, err = c.active(*in.TableName); err != nil {
		return nil, err
	}
	if t.protected {
		return nil, validation("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	}
	for i := range t.indexes {
		if x := &t.indexes[i]; x.state(c.now) == statusCreating {
			return nil, inUse("Table: %s has an index that is being created: %s", t.name, x.name)
		}
	}
	next := t.change(c.now)
	next.deletedAt = c.now.Add(c.env.Nature().Delays.TableDelete.D())
	next.data = newData(t.keys) // the items are gone at once
	next.indexes = nil
	c.region.tables.Put(t.name, next)
	return map[string]any{"TableDescription": next.describe(c.now)}, nil
}
