// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
	"github.com/commentsapi/operator/internal/localaws/dynamodb/expr"
)

type putItemInput struct {
	writeInput
	Item attr.Item `aws:"required"`
}

type deleteItemInput struct {
	writeInput
	Key attr.Item `aws:"required"`
}

type updateItemInput struct {
	writeInput
	Key              attr.Item `aws:"required"`
	UpdateExpression *string
	AttributeUpdates any `aws:"unsupported"`
}

type writeOutput struct {
	Attributes       *attr.Item        `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

func putItem(c *call, in *putItemInput) (any, error) {
	if p := in.Item.Problem(); p != "" {
		return nil, validation("%s", p)
	}
	if v := deref(in.ReturnValues); v != "" && v != "ALL_OLD" && v != "NONE" {
		return nil, validation("ReturnValues can only be ALL_OLD or NONE")
	}
	value := &stored{item: in.Item, size: in.Item.Size()}
	if value.size > maxItem {
		return nil, validation("Item size has exceeded the maximum allowed size")
	}
	e, err := parse(in.ExpressionAttributeNames, in.ExpressionAttributeValues,
		sources{condition: in.ConditionExpression, valueUsers: []string{"ConditionExpression"}})
	if err != nil {
		return nil, err
	}
	t, err := c.serving(*in.TableName)
	if err != nil {
		return nil, err
	}
	return c.write(t, &in.writeInput, e, in.Item, func(*stored) (*stored, error) { return value, nil })
}

func deleteItem(c *call, in *deleteItemInput) (any, error) {
	if p := in.Key.Problem(); p != "" {
		return nil, validation("%s", p)
	}
	if v := deref(in.ReturnValues); v != "" && v != "ALL_OLD" && v != "NONE" {
		return nil, validation("ReturnValues can only be ALL_OLD or NONE")
	}
	e, err := parse(in.ExpressionAttributeNames, in.ExpressionAttributeValues,
		sources{condition: in.ConditionExpression, valueUsers: []string{"ConditionExpression"}})
	if err != nil {
		return nil, err
	}
	t, err := c.serving(*in.TableName)
	if err != nil {
		return nil, err
	}
	if err := t.keys.checkKey(in.Key); err != nil {
		return nil, err
	}
	return c.write(t, &in.writeInput, e, in.Key, func(*stored) (*stored, error) { return nil, nil })
}

func updateItem(c *call, in *updateItemInput) (any, error) {
	if p := in.Key.Problem(); p != "" {
		return nil, validation("%s", p)
	}
	e, err := parse(in.ExpressionAttributeNames, in.ExpressionAttributeValues, sources{
		condition: in.ConditionExpression, update: in.UpdateExpression,
		valueUsers: []string{"UpdateExpression", "ConditionExpression"},
	})
	if err != nil {
		return nil, err
	}
	t, err := c.serving(*in.TableName)
	if err != nil {
		return nil, err
	}
	if err := t.keys.checkKey(in.Key); err != nil {
		return nil, err
	}
	if e.update != nil {
		if err := t.checkUpdate(e.update); err != nil {
			return nil, err
		}
	}
	return c.write(t, &in.writeInput, e, in.Key, func(old *stored) (*stored, error) {
		before := in.Key
		if old != nil {
			before = old.item
		}
		after := before.Clone()
		if e.update != nil {
			if after, err = e.update.Apply(before); err != nil {
				return nil, err
			}
		}
		value := &stored{item: after, size: after.Size()}
		if value.size > maxItem {
			return nil, validation("Item size to update has exceeded the maximum allowed size")
		}
		return value, nil
	})
}

// checkUpdate refuses changes of key attributes, and index keys of the wrong
// type as far as the request tells.
func (t *table) checkUpdate(u *expr.Update) error {
	for _, p := range u.Paths() {
		if t.keys.has(p.Root()) {
			return invalidValues("Cannot update attribute %s. This attribute is part of the key", p.Root())
		}
	}
	literals := u.LiteralKinds()
	t.data.mu.RLock()
	defer t.data.mu.RUnlock()
	for _, x := range t.data.indexes {
		for _, k := range x.keys {
			if v, ok := literals[k.name]; ok && v.Kind != k.kind {
				return invalidValues("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", k.name, k.kind, v.Kind, x.name)
			}
		}
	}
	return t.checkPaths(u.Paths())
}

// write does one write: it finds the old item, checks the condition, computes
// the new item (nil removes it), and stores it, all at once. keys is the Key of
// the request or the whole item.
func (c *call) write(t *table, in *writeInput, e *expressions, keys attr.Item, compute func(old *stored) (*stored, error)) (any, error) {
	if e.condition != nil {
		if err := t.checkPaths(e.condition.Paths()); err != nil {
			return nil, err
		}
	}
	d := t.data
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.checkItem(keys); err != nil {
		return nil, err
	}
	position := string(t.keys.position(keys))
	old, exists := d.items.Get(position)
	if e.condition != nil {
		var current attr.Item
		if exists {
			current = old.item
		}
		if !e.condition.Matches(current) {
			err := failure(modelled+"ConditionalCheckFailedException", "The conditional request failed")
			if deref(in.ReturnValuesOnConditionCheckFailure) == "ALL_OLD" {
				err.item = current
			}
			return nil, err
		}
	}
	value, err := compute(old)
	if err != nil {
		return nil, err
	}
	if value != nil {
		if err := d.checkItem(value.item); err != nil {
			return nil, err
		}
	}
	out := writeOutput{ConsumedCapacity: t.wrote(in.ReturnConsumedCapacity, old, value)}
	d.set(position, old, value, c.now, c.env.Nature().Delays.IndexLag.D())
	if returned := in.returned(e, old, value); returned != nil {
		out.Attributes = &returned
	}
	return out, nil
}

// returned are the attributes ReturnValues asks for; nil is none at all.
func (in *writeInput) returned(e *expressions, old, value *stored) attr.Item {
	switch how := deref(in.ReturnValues); {
	case how == "ALL_OLD" && old != nil:
		return old.item
	case how == "ALL_NEW":
		return value.item
	case how == "UPDATED_OLD" && old != nil && e.update != nil:
		return e.update.Changed().Apply(old.item)
	case how == "UPDATED_NEW" && e.update != nil:
		return e.update.Changed().Apply(value.item)
	}
	return nil
}
