// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"crypto/md5" //nolint:gosec // spreads keys, protects nothing
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
	"github.com/commentsapi/operator/internal/localaws/dynamodb/ordered"
)

// data holds a table's items in the order of a scan, and its indexes. All
// versions of a table's description share it.
type data struct {
	keys schema

	mu      sync.RWMutex
	items   ordered.List[*stored]
	bytes   int
	indexes []*indexData // in order of their names
}

// stored is an item with its size in bytes. It is never changed.
type stored struct {
	item attr.Item
	size int
}

// indexData holds the projected items of an index, partition by partition and
// sorted within.
type indexData struct {
	name       string
	keys       schema
	tableKeys  schema
	projection projection
	local      bool

	items ordered.List[*stored]
	bytes int
	// queue are changes that readers of the index don't see yet.
	queue []indexChange
}

type indexChange struct {
	at    time.Time
	key   string
	value *stored // nil removes
}

func newData(keys schema) *data { return &data{keys: keys} }

// hashPrefix spreads partitions, so that a scan's order looks as arbitrary as
// AWS's.
func hashPrefix(dst, of []byte) []byte {
	sum := md5.Sum(of) //nolint:gosec // see the import
	return append(dst, sum[:4]...)
}

// partition is the prefix of the keys of all items with a partition key value.
func partition(v attr.Value) []byte {
	encoded := attr.AppendKey(nil, v)
	return append(hashPrefix(nil, encoded), encoded...)
}

// position is where an item stands in a list ordered by a schema.
func (s schema) position(item attr.Item) []byte {
	p := partition(item[s[0].name])
	for _, k := range s[1:] {
		p = attr.AppendKey(p, item[k.name])
	}
	return p
}

// position is where an item stands in the index. Items with equal index keys
// are in an arbitrary order, as AWS promises none (aws-facts H7).
func (x *indexData) position(item attr.Item) string {
	p := x.keys.position(item)
	t := x.tableKeys.position(item)
	return string(append(hashPrefix(p, t), t...))
}

// holds reports whether an item has the index's keys: an index is sparse
// (aws-facts H1).
func (x *indexData) holds(item attr.Item) bool {
	for _, k := range x.keys {
		if v, ok := item[k.name]; !ok || v.Kind != k.kind || v.Str == "" {
			return false
		}
	}
	return true
}

func (x *indexData) project(s *stored) *stored {
	if deref(x.projection.ProjectionType) == "ALL" {
		return s
	}
	names := slices.Concat(x.keys.names(), x.tableKeys.names(), x.projection.NonKeyAttributes)
	item := s.item.Pick(names...)
	return &stored{item: item, size: item.Size()}
}

// addIndex makes an index of the items there are. Items whose index keys
// could not be written today are left out, as by AWS's backfilling.
func (d *data) addIndex(i *index) *indexData {
	x := &indexData{name: i.name, keys: i.keys, tableKeys: d.keys, projection: i.projection, local: i.local}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.items.Ascend("", func(_ string, s *stored) bool {
		if x.holds(s.item) {
			x.apply(indexChange{key: x.position(s.item), value: x.project(s)})
		}
		return true
	})
	d.indexes = append(slices.Clone(d.indexes), x)
	slices.SortFunc(d.indexes, func(a, b *indexData) int { return strings.Compare(a.name, b.name) })
	return x
}

func (d *data) dropIndex(x *indexData) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.indexes = slices.DeleteFunc(slices.Clone(d.indexes), func(o *indexData) bool { return o == x })
}

// set stores an item under its position, or removes it (nil). Readers of
// global indexes see the change after lag. The caller holds mu for writing.
func (d *data) set(position string, old, value *stored, now time.Time, lag time.Duration) {
	if old != nil {
		d.bytes -= old.size
	}
	if value != nil {
		d.bytes += value.size
		d.items.Set(position, value)
	} else {
		d.items.Delete(position)
	}
	for _, x := range d.indexes {
		for _, change := range x.changes(old, value) {
			if lag <= 0 || x.local {
				x.drain(len(x.queue)) // queued when there was a lag; it must not come later
				x.apply(change)
				continue
			}
			change.at = now.Add(lag)
			x.queue = append(x.queue, change)
		}
	}
}

// changes is what replacing old by value means for the index.
func (x *indexData) changes(old, value *stored) []indexChange {
	var out []indexChange
	key := ""
	if value != nil && x.holds(value.item) {
		key = x.position(value.item)
		out = append(out, indexChange{key: key, value: x.project(value)})
	}
	if old != nil && x.holds(old.item) {
		if was := x.position(old.item); was != key {
			out = append(out, indexChange{key: was})
		}
	}
	return out
}

func (x *indexData) apply(c indexChange) {
	if old, ok := x.items.Get(c.key); ok {
		x.bytes -= old.size
	}
	if c.value == nil {
		x.items.Delete(c.key)
		return
	}
	x.bytes += c.value.size
	x.items.Set(c.key, c.value)
}

// settle applies the queued changes that are due.
func (d *data) settle(x *indexData, now time.Time) {
	d.mu.RLock()
	due := len(x.queue) > 0 && !now.Before(x.queue[0].at)
	d.mu.RUnlock()
	if !due {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for n < len(x.queue) && !now.Before(x.queue[n].at) {
		n++
	}
	x.drain(n)
}

// drain applies the first n queued changes.
func (x *indexData) drain(n int) {
	for _, c := range x.queue[:n] {
		x.apply(c)
	}
	x.queue = slices.Delete(x.queue, 0, n)
}

// totals is the number of items and their size in bytes. AWS refreshes what
// it shows about every six hours; here it is always current.
func (d *data) totals() (count, bytes int) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.items.Len(), d.bytes
}

func (d *data) indexTotals(x *indexData) (count, bytes int) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return x.items.Len(), x.bytes
}
