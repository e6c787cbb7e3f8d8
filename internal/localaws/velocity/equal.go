// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import "math"

// looseEquals is == in a template: numbers by value, other things of one kind
// by Java's equals, things of different kinds by their text.
func (s *state) looseEquals(a, b any) (bool, error) {
	if s.opt.NullAsEmpty {
		a, b = nullToEmpty(a, b)
	}
	if a == nil || b == nil {
		return a == nil && b == nil, nil
	}
	if isNumber(a) && isNumber(b) {
		return compareNumbers(a, b) == 0, nil
	}
	if kindOf(a) == kindOf(b) {
		return s.javaEquals(a, b, 0)
	}
	x, err := s.text(a)
	if err != nil {
		return false, err
	}
	y, err := s.text(b)
	return x == y, err
}

// kindOf is a stand-in for the Java class, as far as equality minds it.
func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case bool:
		return "bool"
	case *List:
		return "list"
	case *Map:
		return "map"
	case *Entry:
		return "entry"
	case Object:
		return "object"
	}
	return "number"
}

// javaEquals is Object.equals: lists and maps by their elements.
func (s *state) javaEquals(a, b any, depth int) (bool, error) {
	if depth > maxDepth {
		return false, errTooDeep
	}
	if err := s.step(1); err != nil {
		return false, err
	}
	switch a := a.(type) {
	case *List:
		b, ok := b.(*List)
		if !ok || len(a.Items) != len(b.Items) {
			return false, nil
		}
		for i := range a.Items {
			if same, err := s.javaEquals(a.Items[i], b.Items[i], depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case *Map:
		b, ok := b.(*Map)
		if !ok || a.Len() != b.Len() {
			return false, nil
		}
		for _, e := range a.entries {
			v, ok := b.Get(e.Key)
			if !ok {
				return false, nil
			}
			if same, err := s.javaEquals(e.Value, v, depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case *Entry:
		b, ok := b.(*Entry)
		if !ok {
			return false, nil
		}
		same, err := s.javaEquals(a.Key, b.Key, depth+1)
		if !same || err != nil {
			return false, err
		}
		return s.javaEquals(a.Value, b.Value, depth+1)
	}
	if isNumber(a) && isNumber(b) {
		_, aInt := integer(a)
		_, bInt := integer(b)
		return aInt == bInt && compareNumbers(a, b) == 0, nil
	}
	return a == b, nil
}

// hashCode is Object.hashCode for values whose hash Java defines by content.
func (s *state) hashCode(v any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	h := int32(0)
	part := func(v any) (int32, error) {
		x, err := s.hashCode(v, depth+1)
		n, _ := x.(int64)
		return int32(n), err
	}
	if err := s.step(1); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case string:
		if err := s.step(len(v) / 32); err != nil {
			return nil, err
		}
		for _, c := range toUTF16(v) {
			h = 31*h + int32(c)
		}
	case bool:
		h = 1237
		if v {
			h = 1231
		}
	case int64:
		h = int32(v)
		if v != int64(h) {
			h = int32(v ^ int64(uint64(v)>>32))
		}
	case float64:
		h = doubleHash(v)
	case Decimal:
		h = doubleHash(v.Value)
	case *List:
		h = 1
		for _, x := range v.Items {
			n, err := part(x)
			if err != nil {
				return nil, err
			}
			h = 31*h + n
		}
	case *Map:
		for _, e := range v.entries {
			n, err := part(e)
			if err != nil {
				return nil, err
			}
			h += n
		}
	case *Entry:
		k, err := part(v.Key)
		if err != nil {
			return nil, err
		}
		x, err := part(v.Value)
		if err != nil {
			return nil, err
		}
		h = k ^ x
	}
	return int64(h), nil
}

func doubleHash(f float64) int32 {
	bits := math.Float64bits(f)
	return int32(bits ^ bits>>32)
}

// units counts UTF-16 code units, which String.length() is.
func units(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < 0x80 {
			n++
			continue
		}
		rest := toUTF16(s[i:])
		return n + len(rest)
	}
	return n
}
