// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"maps"
	"slices"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

const (
	errOperandType = Error("An operand in the update expression has an incorrect data type")
	errMissing     = Error("The provided expression refers to an attribute that does not exist in the item")
	errInvalidPath = Error("The document path provided in the update expression is invalid for update")
)

// Apply returns the item after the update; old is not changed. All right-hand
// sides see the old item. The errors are DynamoDB's validation errors.
func (u *Update) Apply(old attr.Item) (attr.Item, error) {
	values := make([]attr.Value, len(u.actions))
	for i, a := range u.actions {
		if a.section != "SET" {
			continue
		}
		v, err := setResult(a.value, old)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	root := &draft{value: attr.Value{Kind: attr.M, Map: old}}
	for i, a := range u.actions {
		if err := a.apply(root, values[i], old); err != nil {
			return nil, err
		}
	}
	return root.finish().Map, nil
}

func (a action) apply(root *draft, value attr.Value, old attr.Item) error {
	last := a.path[len(a.path)-1]
	existing, exists := a.path.Find(old)
	if a.section == "REMOVE" {
		if parent, ok := root.descend(a.path[:len(a.path)-1]); ok && parent.holds(last) {
			parent.remove(last)
			return nil
		}
		return errInvalidPath
	}
	parent, ok := root.descend(a.path[:len(a.path)-1])
	if !ok || !parent.holds(last) {
		return errInvalidPath
	}
	switch a.section {
	case "ADD":
		v, err := added(existing, exists, a.value.value)
		if err != nil {
			return err
		}
		value = v
	case "DELETE":
		if !exists {
			return nil
		}
		if existing.Kind != a.value.value.Kind {
			return errOperandType
		}
		left := slices.DeleteFunc(slices.Clone(existing.Set), func(s string) bool { return slices.Contains(a.value.value.Set, s) })
		if len(left) == 0 {
			parent.remove(last)
			return nil
		}
		value = attr.Value{Kind: existing.Kind, Set: left}
	}
	parent.set(last, value)
	return nil
}

func added(existing attr.Value, exists bool, v attr.Value) (attr.Value, error) {
	if !exists {
		return v, nil
	}
	if existing.Kind != v.Kind {
		return v, errOperandType
	}
	if v.Kind == attr.N {
		return sumOf(existing, v, false)
	}
	set := slices.Clone(existing.Set)
	for _, s := range v.Set {
		if !slices.Contains(set, s) {
			set = append(set, s)
		}
	}
	return attr.Value{Kind: v.Kind, Set: set}, nil
}

func sumOf(a, b attr.Value, negate bool) (attr.Value, error) {
	x, err := attr.ParseNumber(a.Str)
	if err != nil {
		return a, err
	}
	y, err := attr.ParseNumber(b.Str)
	if err != nil {
		return a, err
	}
	if negate {
		y = y.Negate()
	}
	z, err := x.Add(y)
	return attr.Value{Kind: attr.N, Str: z.String()}, err
}

func setResult(n *node, item attr.Item) (attr.Value, error) {
	switch n.op {
	case opPath:
		v, ok := n.path.Find(item)
		if !ok {
			return v, errMissing
		}
		return v, nil
	case opValue:
		return n.value, nil
	}
	if n.name == "if_not_exists" {
		if v, ok := n.args[0].path.Find(item); ok {
			return v, nil
		}
		return setResult(n.args[1], item)
	}
	a, err := setResult(n.args[0], item)
	if err != nil {
		return a, err
	}
	b, err := setResult(n.args[1], item)
	if err != nil {
		return b, err
	}
	want := attr.N
	if n.name == "list_append" {
		want = attr.L
	}
	if a.Kind != want || b.Kind != want {
		return a, errOperandType
	}
	if want == attr.L {
		return attr.Value{Kind: attr.L, List: slices.Concat(a.List, b.List)}, nil
	}
	return sumOf(a, b, n.op == opMinus)
}

// draft is a value being changed: a map or list that was opened for writing,
// or a value that is still shared with the old item.
type draft struct {
	value   attr.Value
	removed bool
	open    bool
	names   map[string]*draft
	items   []*draft
	// beyond are elements set past the end of the list; they are appended in
	// the order of their indexes, whatever gaps there are.
	beyond map[int]*draft
}

func (d *draft) expand() {
	if d.open {
		return
	}
	d.open = true
	d.names = make(map[string]*draft, len(d.value.Map))
	for name, v := range d.value.Map {
		d.names[name] = &draft{value: v}
	}
	for _, v := range d.value.List {
		d.items = append(d.items, &draft{value: v})
	}
	d.beyond = map[int]*draft{}
}

// descend opens the value the path leads to.
func (d *draft) descend(path Path) (*draft, bool) {
	for _, s := range path {
		if !d.holds(s) {
			return nil, false
		}
		d.expand()
		switch {
		case s.IsIndex && s.Index < len(d.items):
			d = d.items[s.Index]
		case !s.IsIndex && d.names[s.Name] != nil:
			d = d.names[s.Name]
		default:
			return nil, false
		}
	}
	return d, true
}

// holds reports whether the value is of the type the step goes into.
func (d *draft) holds(s Step) bool {
	return s.IsIndex && d.value.Kind == attr.L || !s.IsIndex && d.value.Kind == attr.M
}

func (d *draft) remove(s Step) {
	d.expand()
	switch {
	case !s.IsIndex:
		delete(d.names, s.Name)
	case s.Index < len(d.items):
		d.items[s.Index].removed = true
	}
}

func (d *draft) set(s Step, v attr.Value) {
	d.expand()
	switch {
	case !s.IsIndex:
		d.names[s.Name] = &draft{value: v}
	case s.Index < len(d.items):
		d.items[s.Index] = &draft{value: v}
	default:
		d.beyond[s.Index] = &draft{value: v}
	}
}

func (d *draft) finish() attr.Value {
	if !d.open {
		return d.value
	}
	if d.value.Kind == attr.M {
		m := make(attr.Item, len(d.names))
		for name, e := range d.names {
			m[name] = e.finish()
		}
		return attr.Value{Kind: attr.M, Map: m}
	}
	list := make([]attr.Value, 0, len(d.items)+len(d.beyond))
	for _, e := range d.items {
		if !e.removed {
			list = append(list, e.finish())
		}
	}
	for _, i := range slices.Sorted(maps.Keys(d.beyond)) {
		list = append(list, d.beyond[i].finish())
	}
	return attr.Value{Kind: attr.L, List: list}
}
