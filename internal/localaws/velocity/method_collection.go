// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"fmt"
	"slices"
	"strconv"
)

// listMethod calls a method of java.util.List, or of Set and Collection for
// a SetView.
func (s *state) listMethod(l *List, name string, args []any) (any, error) {
	switch {
	case len(args) == 0:
		switch name {
		case "size":
			return int64(len(l.Items)), nil
		case "isEmpty":
			return len(l.Items) == 0, nil
		case "clear":
			l.Items = nil
			l.changes++
			return "", nil
		case "iterator":
			return iterate(l), nil
		case "toArray":
			return &List{Items: slices.Clone(l.Items)}, nil
		}
	case name == "contains" && len(args) == 1:
		i, err := s.indexOf(l, args[0])
		return i >= 0, err
	case name == "containsAll" && len(args) == 1:
		return s.containsAll(l, args[0])
	case name == "add" && len(args) == 1:
		l.Items = append(l.Items, args[0])
		l.changes++
		return true, nil
	case name == "addAll" && len(args) == 1:
		other, ok := args[0].(*List)
		if !ok {
			break
		}
		if err := s.made(16 * len(other.Items)); err != nil {
			return nil, err
		}
		l.Items = append(l.Items, other.Items...)
		l.changes++
		return len(other.Items) > 0, nil
	case l.Kind == SetView:
	case len(args) == 1:
		return s.listWithOne(l, name, args[0])
	case len(args) == 2:
		return listWithTwo(l, name, args)
	}
	return nil, ErrNoMethod
}

// javaInt is the value of an Integer. A Long is no index in Java.
func javaInt(v any) (int64, bool) {
	n, ok := v.(int64)
	return n, ok && n == int64(int32(n))
}

func (s *state) listWithOne(l *List, name string, arg any) (any, error) {
	i, isIndex := javaInt(arg)
	inside := func() error {
		if i < 0 || i >= int64(len(l.Items)) {
			return fmt.Errorf("%s(%d): the list has %d elements", name, i, len(l.Items))
		}
		return nil
	}
	switch name {
	case "get":
		if !isIndex {
			return nil, ErrNoMethod
		}
		if err := inside(); err != nil {
			return nil, err
		}
		return l.Items[i], nil
	case "remove":
		if isIndex {
			if err := inside(); err != nil {
				return nil, err
			}
			old := l.Items[i]
			l.Items = slices.Delete(l.Items, int(i), int(i)+1)
			l.changes++
			return old, nil
		}
		at, err := s.indexOf(l, arg)
		if err == nil && at >= 0 {
			l.Items = slices.Delete(l.Items, at, at+1)
			l.changes++
		}
		return at >= 0, err
	case "indexOf":
		at, err := s.indexOf(l, arg)
		return int64(at), err
	case "lastIndexOf":
		for at := len(l.Items) - 1; at >= 0; at-- {
			if same, err := s.javaEquals(l.Items[at], arg, 0); same || err != nil {
				return int64(at), err
			}
		}
		return int64(-1), nil
	}
	return nil, ErrNoMethod
}

func listWithTwo(l *List, name string, args []any) (any, error) {
	i, ok := javaInt(args[0])
	if !ok || name != "set" && name != "add" && name != "subList" {
		return nil, ErrNoMethod
	}
	size := int64(len(l.Items))
	if i < 0 || i > size || i == size && name == "set" {
		return nil, fmt.Errorf("%s(%d): the list has %d elements", name, i, size)
	}
	switch name {
	case "set":
		old := l.Items[i]
		l.Items[i] = args[1]
		return old, nil
	case "add":
		l.Items = slices.Insert(l.Items, int(i), args[1])
		l.changes++
		return "", nil
	case "subList":
		to, ok := javaInt(args[1])
		if !ok {
			return nil, ErrNoMethod
		}
		if to < i || to > size {
			return nil, fmt.Errorf("subList(%d, %d): the list has %d elements", i, to, size)
		}
		return &List{Items: slices.Clone(l.Items[i:to])}, nil
	}
	return nil, ErrNoMethod
}

func (s *state) indexOf(l *List, v any) (int, error) {
	for i, x := range l.Items {
		if same, err := s.javaEquals(x, v, 0); same || err != nil {
			return i, err
		}
	}
	return -1, nil
}

func (s *state) containsAll(l *List, of any) (any, error) {
	other, ok := of.(*List)
	if !ok {
		return nil, ErrNoMethod
	}
	for _, x := range other.Items {
		if i, err := s.indexOf(l, x); i < 0 || err != nil {
			return false, err
		}
	}
	return true, nil
}

// mapMethod calls a method of java.util.Map.
func (s *state) mapMethod(m *Map, name string, args []any) (any, error) {
	switch name + "/" + strconv.Itoa(len(args)) {
	case "get/1":
		v, _ := m.Get(args[0])
		return v, nil
	case "getOrDefault/2":
		if v, ok := m.Get(args[0]); ok {
			return v, nil
		}
		return args[1], nil
	case "put/2":
		return m.Put(args[0], args[1]), nil
	case "putIfAbsent/2":
		if v, _ := m.Get(args[0]); v != nil {
			return v, nil
		}
		return m.Put(args[0], args[1]), nil
	case "putAll/1":
		other, ok := args[0].(*Map)
		if !ok {
			return nil, ErrNoMethod
		}
		if err := s.made(32 * other.Len()); err != nil {
			return nil, err
		}
		for _, e := range other.entries {
			m.Put(e.Key, e.Value)
		}
		return "", nil
	case "remove/1":
		if err := s.step(m.Len()); err != nil {
			return nil, err
		}
		return m.Remove(args[0]), nil
	case "clear/0":
		*m = Map{changes: m.changes + 1}
		return "", nil
	case "containsKey/1":
		_, ok := m.Get(args[0])
		return ok, nil
	case "containsValue/1":
		i, err := s.indexOf(&List{Items: m.values()}, args[0])
		return i >= 0, err
	case "size/0":
		return int64(m.Len()), nil
	case "isEmpty/0":
		return m.Len() == 0, nil
	case "values/0":
		return &List{Kind: SetView, Items: m.values(), of: m}, s.step(m.Len())
	case "keySet/0", "entrySet/0":
		l := &List{Kind: SetView, Items: make([]any, 0, m.Len()), of: m}
		for _, e := range m.entries {
			if name == "keySet" {
				l.Items = append(l.Items, e.Key)
			} else {
				l.Items = append(l.Items, e)
			}
		}
		return l, s.step(m.Len())
	}
	return nil, ErrNoMethod
}
