// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"maps"
	"slices"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

// Limits of the batch operations.
const (
	maxBatchGet      = 100
	maxBatchWrite    = 25
	maxBatchResponse = 16 << 20 // bytes
)

type batchGetItemInput struct {
	RequestItems           map[string]*keysAndAttributes `aws:"required,len=1:100,keys"`
	ReturnConsumedCapacity *string                       `aws:"enum=INDEXES|TOTAL|NONE"`
}

type keysAndAttributes struct {
	Keys                     []attr.Item `aws:"required,len=1:100"`
	ConsistentRead           *bool
	ProjectionExpression     *string
	ExpressionAttributeNames map[string]*string
	AttributesToGet          any `aws:"unsupported" json:"-"`
}

type batchGetOutput struct {
	Responses        map[string][]attr.Item
	UnprocessedKeys  map[string]*keysAndAttributes
	ConsumedCapacity []*consumedCapacity `json:",omitempty"`
}

func (in *batchGetItemInput) resources(c *call) []string { return tableARNs(c, in.RequestItems) }

func tableARNs[V any](c *call, items map[string]V) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(items)) {
		out = append(out, c.tableARN(name))
	}
	return out
}

func batchGetItem(c *call, in *batchGetItemInput) (any, error) {
	parsed := map[string]*expressions{}
	count := 0
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		req := in.RequestItems[name]
		if req == nil {
			return nil, validation("1 validation error detected: Value null at 'requestItems.%s.member' failed to satisfy constraint: Member must not be null", name)
		}
		e, err := parse(req.ExpressionAttributeNames, nil, sources{projection: req.ProjectionExpression})
		if err != nil {
			return nil, err
		}
		parsed[name] = e
		seen := map[string]bool{}
		for _, key := range req.Keys {
			if p := key.Problem(); p != "" {
				return nil, validation("%s", p)
			}
			if id := string(encode(key)); !seen[id] {
				seen[id] = true
			} else {
				return nil, validation("Provided list of item keys contains duplicates")
			}
			if count++; count > maxBatchGet {
				return nil, validation("Too many items requested for the BatchGetItem call")
			}
		}
	}
	out := batchGetOutput{Responses: map[string][]attr.Item{}, UnprocessedKeys: map[string]*keysAndAttributes{}}
	total := 0
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		if err := c.batchGetTable(name, in, parsed[name], &out, &total); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *call) batchGetTable(name string, in *batchGetItemInput, e *expressions, out *batchGetOutput, total *int) error {
	req := in.RequestItems[name]
	t, err := c.serving(name)
	if err != nil {
		return err
	}
	if e.projection != nil {
		if err := t.checkPaths(e.projection.Paths()); err != nil {
			return err
		}
	}
	for _, key := range req.Keys {
		if err := t.keys.checkKey(key); err != nil {
			return err
		}
	}
	items := []attr.Item{}
	units := 0.0
	for i, key := range req.Keys {
		item, size := t.data.get(t.keys, key)
		if *total += size; *total > maxBatchResponse {
			rest := *req
			rest.Keys = req.Keys[i:]
			out.UnprocessedKeys[name] = &rest
			break
		}
		units += readUnits(max(size, 1), deref(req.ConsistentRead))
		if item == nil {
			continue
		}
		if e.projection != nil {
			item = e.projection.Apply(item)
		}
		items = append(items, item)
	}
	out.Responses[name] = items
	if consumed := t.read(in.ReturnConsumedCapacity, nil, 0, false); consumed != nil {
		consumed.CapacityUnits = units
		if consumed.Table != nil {
			consumed.Table = &capacity{units}
		}
		out.ConsumedCapacity = append(out.ConsumedCapacity, consumed)
	}
	return nil
}

type batchWriteItemInput struct {
	RequestItems                map[string][]writeRequest `aws:"required,len=1:25,keys,values=1:25"`
	ReturnConsumedCapacity      *string                   `aws:"enum=INDEXES|TOTAL|NONE"`
	ReturnItemCollectionMetrics *string                   `aws:"enum=SIZE|NONE"`
}

type writeRequest struct {
	PutRequest    *putRequest
	DeleteRequest *deleteRequest
}

type putRequest struct {
	Item attr.Item `aws:"required"`
}

type deleteRequest struct {
	Key attr.Item `aws:"required"`
}

type batchWriteOutput struct {
	UnprocessedItems map[string][]writeRequest
	ConsumedCapacity []*consumedCapacity `json:",omitempty"`
}

func (in *batchWriteItemInput) resources(c *call) []string { return tableARNs(c, in.RequestItems) }

func batchWriteItem(c *call, in *batchWriteItemInput) (any, error) {
	count := 0
	tables := slices.Sorted(maps.Keys(in.RequestItems))
	for _, name := range tables {
		for _, req := range in.RequestItems[name] {
			if err := req.check(); err != nil {
				return nil, err
			}
			if count++; count > maxBatchWrite {
				return nil, validation("Too many items requested for the BatchWriteItem call")
			}
		}
	}
	found := map[string]*table{}
	for _, name := range tables {
		t, err := c.serving(name)
		if err != nil {
			return nil, err
		}
		if err := t.checkBatch(in.RequestItems[name]); err != nil {
			return nil, err
		}
		found[name] = t
	}
	out := batchWriteOutput{UnprocessedItems: map[string][]writeRequest{}}
	for _, name := range tables {
		if consumed := c.batchWriteTable(found[name], in.RequestItems[name], in.ReturnConsumedCapacity); consumed != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, consumed)
		}
	}
	return out, nil
}

func (r *writeRequest) check() error {
	switch {
	case (r.PutRequest == nil) == (r.DeleteRequest == nil):
		return validation("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	case r.DeleteRequest != nil:
		if p := r.DeleteRequest.Key.Problem(); p != "" {
			return validation("%s", p)
		}
		return nil
	}
	if p := r.PutRequest.Item.Problem(); p != "" {
		return validation("%s", p)
	}
	if r.PutRequest.Item.Size() > maxItem {
		return validation("Item size has exceeded the maximum allowed size")
	}
	return nil
}

// checkBatch checks the keys of all requests for a table before any of them
// takes effect.
func (t *table) checkBatch(requests []writeRequest) error {
	t.data.mu.RLock()
	defer t.data.mu.RUnlock()
	seen := map[string]bool{}
	for _, r := range requests {
		var keys attr.Item
		if r.PutRequest != nil {
			keys = r.PutRequest.Item
			if err := t.keys.checkKey(keys.Pick(t.keys.names()...)); err != nil {
				return err
			}
			if err := t.data.checkItem(keys); err != nil {
				return err
			}
		} else {
			keys = r.DeleteRequest.Key
			if err := t.keys.checkKey(keys); err != nil {
				return err
			}
		}
		position := string(t.keys.position(keys))
		if seen[position] {
			return validation("Provided list of item keys contains duplicates")
		}
		seen[position] = true
	}
	return nil
}

func (c *call) batchWriteTable(t *table, requests []writeRequest, mode *string) *consumedCapacity {
	t.data.mu.Lock()
	defer t.data.mu.Unlock()
	var total *consumedCapacity
	for _, r := range requests {
		var value *stored
		var keys attr.Item
		if r.PutRequest != nil {
			keys = r.PutRequest.Item
			value = &stored{item: keys, size: keys.Size()}
		} else {
			keys = r.DeleteRequest.Key
		}
		position := string(t.keys.position(keys))
		old, _ := t.data.items.Get(position)
		total = total.plus(t.wrote(mode, old, value))
		t.data.set(position, old, value, c.now, c.env.Nature().Delays.IndexLag.D())
	}
	return total
}

// plus adds what two writes to a table consumed.
func (a *consumedCapacity) plus(b *consumedCapacity) *consumedCapacity {
	if a == nil || b == nil {
		return b
	}
	b.CapacityUnits += a.CapacityUnits
	if b.Table != nil && a.Table != nil {
		b.Table.CapacityUnits += a.Table.CapacityUnits
	}
	for name, u := range a.GlobalSecondaryIndexes {
		if b.GlobalSecondaryIndexes[name] == nil {
			b.GlobalSecondaryIndexes[name] = u
		} else {
			b.GlobalSecondaryIndexes[name].CapacityUnits += u.CapacityUnits
		}
	}
	return b
}
