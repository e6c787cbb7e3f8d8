// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package attr holds DynamoDB's attribute values: their types, their wire
// form, their sizes and their order.
package attr

import (
	"maps"
	"slices"
)

// Kind is the type of a value, in DynamoDB's one- to four-letter notation.
type Kind uint8

// The kinds. Invalid marks a value that the client sent wrongly; Value.Str
// then says what is wrong with it.
const (
	Invalid Kind = iota
	S
	N
	B
	BOOL
	NULL
	SS
	NS
	BS
	L
	M
)

var kindNames = [...]string{"", "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}

// String returns the kind as it stands in the wire format.
func (k Kind) String() string { return kindNames[k] }

// KindOf returns the kind with that name, or Invalid.
func KindOf(name string) Kind {
	if name == "" {
		return Invalid
	}
	return Kind(max(0, slices.Index(kindNames[:], name)))
}

// Value is one attribute value. Values are immutable once made: they are
// shared between the table, its indexes and responses.
type Value struct {
	Kind Kind
	// Str is the text of S, the raw bytes of B, the canonical decimal of N,
	// and the complaint about an Invalid value.
	Str string
	// Bool is the value of BOOL.
	Bool bool
	// Set holds the members of SS, NS (canonical) and BS (raw bytes).
	Set []string
	// List holds the elements of L.
	List []Value
	// Map holds the entries of M.
	Map Item
}

// Item is a record: attribute names and values.
type Item map[string]Value

// String makes a value of kind S.
func String(s string) Value { return Value{Kind: S, Str: s} }

// Clone returns an item that can be changed at its top level without
// changing i.
func (i Item) Clone() Item {
	if i == nil {
		return Item{}
	}
	return maps.Clone(i)
}

// Pick returns the named attributes that are present.
func (i Item) Pick(names ...string) Item {
	out := make(Item, len(names))
	for _, n := range names {
		if v, ok := i[n]; ok {
			out[n] = v
		}
	}
	return out
}

// Names returns the attribute names in order.
func (i Item) Names() []string { return slices.Sorted(maps.Keys(i)) }

// Problem returns the first complaint about a value the client sent, looking
// into lists and maps; "" means that the item is fine.
func (i Item) Problem() string {
	for _, name := range i.Names() {
		if p := i[name].Problem(); p != "" {
			return p
		}
	}
	return ""
}

// Problem returns the first complaint about the value or what it contains.
func (v Value) Problem() string {
	switch v.Kind {
	case Invalid:
		if v.Str == "" { // null on the wire
			return problemEmpty
		}
		return v.Str
	case L:
		for _, e := range v.List {
			if p := e.Problem(); p != "" {
				return p
			}
		}
	case M:
		return v.Map.Problem()
	}
	return ""
}

// Depth is how many lists and maps the value nests; a scalar has depth 0.
func (v Value) Depth() int {
	deepest := -1
	switch v.Kind {
	case L:
		for _, e := range v.List {
			deepest = max(deepest, e.Depth())
		}
	case M:
		for _, e := range v.Map {
			deepest = max(deepest, e.Depth())
		}
	default:
		return 0
	}
	return max(deepest, 0) + 1
}
