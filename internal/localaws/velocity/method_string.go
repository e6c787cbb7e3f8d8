// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// signature matches a Java parameter list: s is a String, i an Integer, o
// anything.
func signature(args []any, want string) bool {
	if len(args) != len(want) {
		return false
	}
	for i, w := range want {
		switch w {
		case 's':
			if _, ok := args[i].(string); !ok {
				return false
			}
		case 'i':
			if n, ok := args[i].(int64); !ok || n != int64(int32(n)) {
				return false
			}
		}
	}
	return true
}

// stringMethod calls a method of java.lang.String.
func (s *state) stringMethod(str, name string, args []any) (any, error) {
	cost := len(str)
	for _, a := range args {
		if a, ok := a.(string); ok {
			cost += len(a)
		}
	}
	if err := s.step(cost / 32); err != nil {
		return nil, err
	}
	if slices.Contains(args, nil) {
		return s.stringMethodOfNull(str, name, args)
	}
	switch {
	case signature(args, ""):
		return plainString(str, name)
	case signature(args, "s"):
		return s.stringWithString(str, name, args[0].(string))
	case signature(args, "ss"):
		return s.stringWithTwo(str, name, args[0].(string), args[1].(string))
	case signature(args, "i"), signature(args, "ii"):
		return s.stringWithInts(str, name, args)
	case signature(args, "si"):
		return s.stringWithStringAndInt(str, name, args[0].(string), int(args[1].(int64)))
	case name == "valueOf" && len(args) == 1 && args[0] != nil:
		return s.text(args[0])
	}
	return nil, ErrNoMethod
}

// stringMethodOfNull is a call with a missing argument, which Java takes for
// any object: a method that exists for strings throws, but for comparisons.
func (s *state) stringMethodOfNull(str, name string, args []any) (any, error) {
	if name == "equals" || name == "equalsIgnoreCase" {
		return false, nil
	}
	if pattern, ok := args[0].(string); ok && len(args) == 2 && (name == "replaceAll" || name == "replaceFirst") {
		// The replacement is not looked at before something matches.
		if v, err := s.stringMethod(str, name, []any{pattern, "\x00"}); err != nil || v == str {
			return v, err
		}
	}
	stand := slices.Clone(args)
	for i := range stand {
		if stand[i] == nil {
			stand[i] = ""
		}
	}
	if _, err := s.stringMethod(str, name, stand); errors.Is(err, ErrNoMethod) || name == "valueOf" {
		return nil, ErrNoMethod
	}
	return nil, fmt.Errorf("%s: an argument has no value (null)", name)
}

func plainString(str, name string) (any, error) {
	switch name {
	case "length":
		return int64(units(str)), nil
	case "isEmpty":
		return str == "", nil
	case "isBlank":
		return strings.TrimSpace(str) == "", nil
	case "trim":
		return strings.TrimFunc(str, func(r rune) bool { return r <= ' ' }), nil
	case "strip":
		return strings.TrimSpace(str), nil
	case "toLowerCase":
		return mapCase(str, javaLower), nil
	case "toUpperCase":
		return mapCase(str, javaUpper), nil
	case "intern", "toString":
		return str, nil
	case "toCharArray":
		l := &List{}
		for _, u := range toUTF16(str) {
			l.Items = append(l.Items, fromUTF16([]uint16{u}))
		}
		return l, nil
	}
	return nil, ErrNoMethod
}

// javaUpper is toUpperCase, which unlike Go's knows that a sharp s becomes
// two letters.
func javaUpper(s string) string { return strings.ReplaceAll(strings.ToUpper(s), "ß", "SS") }

// javaLower is toLowerCase, which unlike Go's keeps the dot of a dotted capital
// I as a character of its own.
func javaLower(s string) string {
	return strings.ToLower(strings.ReplaceAll(s, "\u0130", "i\u0307"))
}

func (s *state) stringWithString(str, name, arg string) (any, error) {
	if !utf8.ValidString(arg) {
		if v, ok := searchUnits(toUnits(str), name, toUnits(arg)); ok {
			return v, nil
		}
	}
	switch name {
	case "equals", "contentEquals":
		return str == arg, nil
	case "equalsIgnoreCase":
		return strings.EqualFold(str, arg), nil
	case "compareTo":
		return compareUnits(toUTF16(str), toUTF16(arg)), nil
	case "compareToIgnoreCase":
		return compareUnits(toUTF16(mapCase(str, strings.ToLower)), toUTF16(mapCase(arg, strings.ToLower))), nil
	case "contains":
		return strings.Contains(str, arg), nil
	case "startsWith":
		return strings.HasPrefix(str, arg), nil
	case "endsWith":
		return strings.HasSuffix(str, arg), nil
	case "indexOf":
		return unitIndex(str, strings.Index(str, arg)), nil
	case "lastIndexOf":
		return unitIndex(str, strings.LastIndex(str, arg)), nil
	case "concat":
		return str + arg, nil
	case "valueOf":
		return arg, nil
	case "matches":
		return s.matches(str, arg)
	case "split":
		return s.split(str, arg, 0)
	}
	return nil, ErrNoMethod
}

func (s *state) stringWithTwo(str, name, a, b string) (any, error) {
	switch name {
	case "replace":
		if !utf8.ValidString(a) {
			return fromPlanes(strings.ReplaceAll(toUnits(str), toUnits(a), toUnits(b))), nil
		}
		n := strings.Count(str, a)
		if err := s.made(len(str) + n*max(0, len(b)-len(a))); err != nil {
			return nil, err
		}
		return strings.ReplaceAll(str, a, b), nil
	case "replaceAll":
		return s.replaceRegexp(str, a, b, -1)
	case "replaceFirst":
		return s.replaceRegexp(str, a, b, 1)
	}
	return nil, ErrNoMethod
}
