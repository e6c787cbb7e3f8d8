// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import "errors"

func (n *foreachNode) render(s *state) error {
	list, err := n.list.value(s)
	if err != nil {
		return err
	}
	items := elements(list)
	if len(items) == 0 {
		return nil
	}
	scope := &foreachScope{total: len(items)}
	names := [...]string{n.name, "foreach", "velocityCount", "velocityHasNext"}
	var saved [len(names)]any
	for i, name := range names {
		if saved[i], err = s.lookup(name); err != nil {
			return err
		}
	}
	scope.parent, _ = saved[1].(*foreachScope)
	for i, item := range items {
		if s.opt.MaxForeach >= 0 && i >= s.opt.MaxForeach {
			break
		}
		if err = s.step(1); err != nil {
			return err
		}
		scope.index = i
		s.assign(n.name, item)
		s.assign("foreach", scope)
		s.assign("velocityCount", int64(i+1))
		s.assign("velocityHasNext", scope.hasNext())
		if err = s.nodes(n.body); err != nil {
			break
		}
	}
	for i, name := range names {
		s.assign(name, saved[i])
	}
	var b breakError
	if errors.As(err, &b) && (b.scope == nil || b.scope == scope) {
		return nil
	}
	return err
}

// elements is what #foreach walks over: a list, or the values of a map. The
// slice is a copy, so that the loop may change the list.
func elements(v any) []any {
	switch v := v.(type) {
	case *List:
		return append([]any(nil), v.Items...)
	case *Map:
		items := make([]any, len(v.entries))
		for i, e := range v.entries {
			items[i] = e.Value
		}
		return items
	case *iterator:
		items := v.items
		v.items = nil
		return items
	}
	return nil
}

// iterator is what List.iterator() returns.
type iterator struct{ items []any }

// Get has no properties to give.
func (*iterator) Get(string) (any, bool) { return nil, false }

// Call knows hasNext and next.
func (it *iterator) Call(method string, args []any) (any, error) {
	switch {
	case len(args) != 0:
	case method == "hasNext":
		return len(it.items) > 0, nil
	case method == "next":
		if len(it.items) == 0 {
			return nil, errors.New("next: the iterator has no more elements")
		}
		v := it.items[0]
		it.items = it.items[1:]
		return v, nil
	}
	return nil, ErrNoMethod
}

// String names the iterator; what Velocity prints here is an address.
func (*iterator) String() string { return "Iterator" }

// foreachScope is $foreach.
type foreachScope struct {
	parent       *foreachScope
	index, total int
}

func (f *foreachScope) hasNext() bool { return f.index+1 < f.total }

// Get returns index, count, hasNext, first, last, parent or topmost.
func (f *foreachScope) Get(name string) (any, bool) {
	switch name {
	case "index":
		return int64(f.index), true
	case "count":
		return int64(f.index + 1), true
	case "hasNext":
		return f.hasNext(), true
	case "first":
		return f.index == 0, true
	case "last":
		return !f.hasNext(), true
	case "parent":
		if f.parent != nil {
			return f.parent, true
		}
	case "topmost":
		top := f
		for top.parent != nil {
			top = top.parent
		}
		return top, true
	}
	return nil, false
}

// Call answers the getters of the properties, and hasNext().
func (f *foreachScope) Call(method string, args []any) (any, error) {
	getters := map[string]string{
		"getIndex": "index", "getCount": "count", "hasNext": "hasNext", "getHasNext": "hasNext",
		"isFirst": "first", "getFirst": "first", "isLast": "last", "getLast": "last",
		"getParent": "parent", "getTopmost": "topmost",
	}
	name, ok := getters[method]
	if !ok || len(args) != 0 {
		return nil, ErrNoMethod
	}
	v, _ := f.Get(name)
	return v, nil
}

// String names the scope; what Velocity prints here is an address.
func (f *foreachScope) String() string { return "ForeachScope" }
