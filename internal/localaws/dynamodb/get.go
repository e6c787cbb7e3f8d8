// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

type getItemInput struct {
	itemInput
	Key                  attr.Item `aws:"required"`
	ConsistentRead       *bool
	ProjectionExpression *string
	AttributesToGet      any `aws:"unsupported"`
}

type getItemOutput struct {
	Item             *attr.Item        `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

func getItem(c *call, in *getItemInput) (any, error) {
	if p := in.Key.Problem(); p != "" {
		return nil, validation("%s", p)
	}
	e, err := parse(in.ExpressionAttributeNames, nil, sources{projection: in.ProjectionExpression})
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
	if e.projection != nil {
		if err := t.checkPaths(e.projection.Paths()); err != nil {
			return nil, err
		}
	}
	item, size := t.data.get(t.keys, in.Key)
	out := getItemOutput{ConsumedCapacity: t.read(in.ReturnConsumedCapacity, nil, max(size, 1), deref(in.ConsistentRead))}
	if item != nil {
		if e.projection != nil {
			item = e.projection.Apply(item)
		}
		out.Item = &item
	}
	return out, nil
}

// get returns the item with a key and its size, or nil.
func (d *data) get(keys schema, key attr.Item) (attr.Item, int) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	s, ok := d.items.Get(string(keys.position(key)))
	if !ok {
		return nil, 0
	}
	return s.item, s.size
}
