// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// defineDepth is how deep a #define block may print itself; deeper it is a
// reference without a value (Block.MAX_DEPTH in Velocity).
const defineDepth = 2

func (r *ref) value(s *state) (any, error) {
	v, err := r.upTo(s, len(r.parts))
	if d, ok := v.(*definedBlock); ok && d.depth >= defineDepth {
		return nil, err
	}
	return v, err
}

func (r *ref) truth(s *state) (bool, error) {
	v, err := r.value(s)
	if b, ok := v.(bool); ok {
		return b, err
	}
	return v != nil, err
}

// upTo evaluates the first n parts of the reference.
func (r *ref) upTo(s *state, n int) (any, error) {
	v, err := s.lookup(r.root)
	for _, p := range r.parts[:n] {
		if err != nil || v == nil {
			return nil, err
		}
		if err := s.step(1); err != nil {
			return nil, err
		}
		switch p.kind {
		case partProperty:
			v = property(v, p.name)
		case partIndex:
			var key any
			if key, err = p.args[0].value(s); err == nil {
				v, err = s.element(v, key)
			}
		default:
			args := make([]any, len(p.args))
			for i, a := range p.args {
				if args[i], err = a.value(s); err != nil {
					return nil, err
				}
			}
			v, err = s.call(v, p.name, args)
		}
	}
	return v, err
}

// property is $v.name. Besides the keys of maps and what objects offer there
// are the few getters that Java's classes have.
func property(v any, name string) any {
	switch v := v.(type) {
	case *Map:
		x, _ := v.Get(name)
		return x
	case Object:
		x, _ := v.Get(name)
		return From(x)
	case *Entry:
		switch name {
		case "key":
			return v.Key
		case "value":
			return v.Value
		}
	case string:
		switch name {
		case "empty":
			return v == ""
		case "blank":
			return strings.TrimSpace(v) == ""
		}
	case *List:
		if name == "empty" {
			return len(v.Items) == 0
		}
	}
	return nil
}

// element is $v[key], which Velocity turns into $v.get(key); a negative index
// counts from the end.
func (s *state) element(v, key any) (any, error) {
	if i, ok := key.(int64); ok && i < 0 {
		switch v := v.(type) {
		case *List:
			key = i + int64(len(v.Items))
		case *Map:
			key = i + int64(v.Len())
		case *foreachScope, *iterator, *definedBlock, string, bool, int64, float64, Decimal, *big.Int, *Entry:
			return nil, fmt.Errorf("the index %d counts from the end of what is not a list", i)
		}
	}
	return s.call(v, "get", []any{key})
}

// call calls a method. A method that does not exist for these arguments is a
// missing value; an exception in it is an error.
func (s *state) call(v any, name string, args []any) (any, error) {
	if err := s.step(1); err != nil {
		return nil, err
	}
	var result any
	var err error
	switch v := v.(type) {
	case string:
		result, err = s.stringMethod(v, name, args)
	case *List:
		result, err = s.listMethod(v, name, args)
	case *Map:
		result, err = s.mapMethod(v, name, args)
	case *Entry:
		result, err = entryMethod(v, name, args)
	case Object:
		result, err = v.Call(name, args)
		result = From(result)
	default:
		result, err = numberMethod(v, name, args)
	}
	if errors.Is(err, ErrNoMethod) {
		return s.objectMethod(v, name, args)
	}
	if err == nil {
		if str, ok := result.(string); ok {
			err = s.made(len(str))
		}
	}
	return result, err
}

// objectMethod answers what every Java object does.
func (s *state) objectMethod(v any, name string, args []any) (any, error) {
	_, isString := v.(string)
	switch {
	case name == "compareTo" && len(args) == 1 && (isString || kindOf(v) == "bool" || kindOf(v) == "number"):
		return nil, fmt.Errorf("compareTo: a %s can't be compared with this argument", kindOf(v))
	case name == "toString" && len(args) == 0:
		if _, ok := v.(*definedBlock); ok {
			return nil, nil
		}
		return s.text(v)
	case name == "equals" && len(args) == 1:
		return s.javaEquals(v, args[0], 0)
	case name == "hashCode" && len(args) == 0:
		return s.hashCode(v, 0)
	}
	return nil, nil
}
