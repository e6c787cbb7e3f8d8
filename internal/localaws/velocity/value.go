// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"errors"
	"math/big"
	"sort"
)

// A value in a template is one of nil, string, bool, int64 (Java's Integer
// and Long alike), float64, Decimal, *big.Int, *List, *Map, *Entry or an
// Object. Strings are UTF-8, except that half of a surrogate pair, which Java
// strings can hold, is kept as the three bytes that UTF-8 would give it.

// Object is a value that the host gives to templates, such as $input.
type Object interface {
	// Get returns a property; false when there is no such property.
	Get(name string) (any, bool)
	// Call calls a method. ErrNoMethod says that there is none of that name
	// for such arguments, which a template sees as a missing value. Any
	// other error ends the rendering.
	Call(method string, args []any) (any, error)
	// String is what a reference to the object prints.
	String() string
}

// Setter is an Object that #set($object.name = value) can change. An error
// ends the rendering.
type Setter interface {
	Object
	Set(name string, value any) error
}

// ErrNoMethod is returned by Object.Call for a method that does not exist.
var ErrNoMethod = errors.New("no such method")

// Decimal is a JSON number with a fraction, an exponent or more digits than
// an int64 has. It prints as it was written.
type Decimal struct {
	Text  string
	Value float64
}

// ListKind says which Java class a list stands for, which shows in how it
// prints and what it can do.
type ListKind uint8

const (
	// ArrayList prints as [a, b].
	ArrayList ListKind = iota
	// JSONArray is a list out of a JSON document. It prints as JSON
	// (aws-facts E1).
	JSONArray
	// SetView is what keySet, entrySet and values return: it can't be
	// indexed.
	SetView
)

// List is a Java list.
type List struct {
	Kind  ListKind
	Items []any

	of      *Map // what a SetView shows
	changes int  // elements were added or removed, so many times
}

// Map is a Java map that keeps the order of insertion, as maps out of JSON
// documents do. The zero value is ready to use.
type Map struct {
	entries []*Entry
	index   map[any]int
	changes int // keys were added or removed, so many times
}

// Entry is an element of Map.entrySet().
type Entry struct {
	Key, Value any
}

// NewMap makes a map of the pairs key, value, key, value ...
func NewMap(pairs ...any) *Map {
	m := &Map{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m.Put(pairs[i], pairs[i+1])
	}
	return m
}

// mapKey makes keys that Java would call equal equal in Go.
func mapKey(k any) any {
	switch k := k.(type) {
	case *big.Int:
		return Decimal{Text: k.String()}
	case nil, string, bool, int64, float64, Decimal, *List, *Map, *Entry:
		return k
	}
	return k.(Object).String()
}

// Get returns the value of a key; false when the map does not have the key.
func (m *Map) Get(key any) (any, bool) {
	i, ok := m.index[mapKey(key)]
	if !ok {
		return nil, false
	}
	return m.entries[i].Value, true
}

// Put sets a key and returns the previous value, nil if there was none.
func (m *Map) Put(key, value any) any {
	k := mapKey(key)
	if i, ok := m.index[k]; ok {
		old := m.entries[i].Value
		m.entries[i].Value = value
		return old
	}
	if m.index == nil {
		m.index = map[any]int{}
	}
	m.changes++
	m.index[k] = len(m.entries)
	m.entries = append(m.entries, &Entry{key, value})
	return nil
}

// Remove deletes a key and returns its value, nil if there was none.
func (m *Map) Remove(key any) any {
	k := mapKey(key)
	i, ok := m.index[k]
	if !ok {
		return nil
	}
	old := m.entries[i].Value
	m.changes++
	m.entries = append(m.entries[:i:i], m.entries[i+1:]...)
	delete(m.index, k)
	for k, j := range m.index {
		if j > i {
			m.index[k] = j - 1
		}
	}
	return old
}

// Len is the number of keys.
func (m *Map) Len() int { return len(m.entries) }

// Entries returns the entries in order. The slice must not be changed.
func (m *Map) Entries() []*Entry { return m.entries }

// From makes a template value of a plain Go value: integers, floats, strings,
// bools, []any, []string, map[string]any and map[string]string (keys sorted,
// as Go's maps have no order), and values that are template values already.
// Anything else becomes nil.
func From(v any) any {
	switch v := v.(type) {
	case nil, string, bool, int64, float64, Decimal, *big.Int, *List, *Map, *Entry, Object:
		return v
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case []any:
		l := &List{Kind: JSONArray, Items: make([]any, len(v))}
		for i, x := range v {
			l.Items[i] = From(x)
		}
		return l
	case []string:
		l := &List{Kind: JSONArray, Items: make([]any, len(v))}
		for i, x := range v {
			l.Items[i] = x
		}
		return l
	case map[string]any:
		return fromMap(v)
	case map[string]string:
		return fromMap(v)
	}
	return nil
}

func fromMap[V any](v map[string]V) *Map {
	keys := make([]string, 0, len(v))
	for k := range v {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	m := &Map{}
	for _, k := range keys {
		m.Put(k, From(v[k]))
	}
	return m
}
