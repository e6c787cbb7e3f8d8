// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import "errors"

func (n *foreachNode) render(s *state) error {
	list, err := n.list.value(s)
	if err != nil {
		return err
	}
	items := iterate(list)
	if items == nil || !items.hasNext() {
		return nil
	}
	scope := &foreachScope{items: items}
	names := [...]string{n.name, "foreach", "velocityCount", "velocityHasNext"}
	var saved [len(names)]any
	for i, name := range names {
		if saved[i], err = s.lookup(name); err != nil {
			return err
		}
	}
	scope.parent, _ = saved[1].(*foreachScope)
	var loopErr error
	for i := 0; items.hasNext() && (s.opt.MaxForeach < 0 || i < s.opt.MaxForeach); i++ {
		if err = s.step(1); err != nil {
			return err
		}
		item, err := items.next()
		if err != nil {
			return err
		}
		scope.index = i
		s.assign(n.name, item)
		s.assign("foreach", scope)
		s.assign("velocityCount", int64(i+1))
		s.assign("velocityHasNext", items.hasNext())
		if loopErr = s.nodes(n.body); loopErr != nil {
			break
		}
	}
	for i, name := range names {
		s.assign(name, saved[i])
	}
	var b breakError
	if errors.As(loopErr, &b) && (b.scope == nil || b.scope == scope) {
		return nil
	}
	return loopErr
}

// foreachScope is $foreach.
type foreachScope struct {
	parent *foreachScope
	items  *iterator
	index  int
}

// Get returns index, count, hasNext, first, last, parent or topmost.
func (f *foreachScope) Get(name string) (any, bool) {
	switch name {
	case "index":
		return int64(f.index), true
	case "count":
		return int64(f.index + 1), true
	case "hasNext":
		return f.items.hasNext(), true
	case "first":
		return f.index == 0, true
	case "last":
		return !f.items.hasNext(), true
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
