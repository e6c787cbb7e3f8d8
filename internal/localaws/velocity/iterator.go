// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import "errors"

// iterator walks over a collection as java.util.Iterator does: it fails when
// elements were added or removed meanwhile.
type iterator struct {
	list    *List // what it walks over, or
	values  []any // a map's values, keys or entries at the start
	of      *Map
	at      int
	changes int
}

// iterate is the iterator of a list, a map (over its values) or an iterator;
// nil for other values.
func iterate(v any) *iterator {
	switch v := v.(type) {
	case *List:
		if v.of != nil {
			return &iterator{values: v.Items, of: v.of, changes: v.of.changes}
		}
		return &iterator{list: v, changes: v.changes}
	case *Map:
		return &iterator{values: v.values(), of: v, changes: v.changes}
	case *iterator:
		return v
	}
	return nil
}

func (m *Map) values() []any {
	values := make([]any, len(m.entries))
	for i, e := range m.entries {
		values[i] = e.Value
	}
	return values
}

// hasNext is, for a list, whether the position is not its present length:
// adding to a list in its last pass is noticed, adding to a map is not.
func (it *iterator) hasNext() bool {
	if it.list != nil {
		return it.at != len(it.list.Items)
	}
	return it.at < len(it.values)
}

var (
	errChanged   = errors.New("a collection was changed while it was walked over (ConcurrentModificationException)")
	errExhausted = errors.New("next: the iterator has no more elements")
)

func (it *iterator) next() (any, error) {
	changes, items := 0, it.values
	if it.list != nil {
		changes, items = it.list.changes, it.list.Items
	} else {
		changes = it.of.changes
	}
	if changes != it.changes {
		return nil, errChanged
	}
	if it.at >= len(items) {
		return nil, errExhausted
	}
	it.at++
	return items[it.at-1], nil
}

// Get has no properties to give.
func (*iterator) Get(string) (any, bool) { return nil, false }

// Call knows hasNext and next.
func (it *iterator) Call(method string, args []any) (any, error) {
	switch {
	case len(args) != 0:
	case method == "hasNext":
		return it.hasNext(), nil
	case method == "next":
		return it.next()
	}
	return nil, ErrNoMethod
}

// String names the iterator; what Velocity prints here is an address.
func (*iterator) String() string { return "Iterator" }
