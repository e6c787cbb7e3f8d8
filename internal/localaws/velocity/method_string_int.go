// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

func (s *state) stringWithInts(str, name string, args []any) (any, error) {
	from := int(args[0].(int64))
	if name == "repeat" && len(args) == 1 {
		if from < 0 {
			return nil, fmt.Errorf("repeat(%d): the count must not be negative", from)
		}
		if err := s.made(from * max(1, len(str))); err != nil {
			return nil, err
		}
		return strings.Repeat(str, from), nil
	}
	u := toUTF16(str)
	to := len(u)
	if len(args) == 2 {
		to = int(args[1].(int64))
	}
	outside := func(ok bool) error {
		if ok {
			return nil
		}
		return fmt.Errorf("%s: index %d to %d of a string of length %d", name, from, to, len(u))
	}
	switch name {
	case "indexOf", "lastIndexOf":
		return s.indexOfChar(str, name, args)
	case "substring", "subSequence":
		if name == "subSequence" && len(args) == 1 {
			break
		}
		if err := outside(from >= 0 && from <= to && to <= len(u)); err != nil {
			return nil, err
		}
		return fromUTF16(u[from:to]), nil
	case "charAt", "codePointAt":
		if len(args) == 2 {
			break
		}
		if err := outside(from >= 0 && from < len(u)); err != nil {
			return nil, err
		}
		if name == "charAt" {
			return fromUTF16(u[from : from+1]), nil
		}
		if from+1 < len(u) {
			if r := utf16.DecodeRune(rune(u[from]), rune(u[from+1])); r != unicode.ReplacementChar {
				return int64(r), nil
			}
		}
		return int64(u[from]), nil
	case "valueOf":
		if len(args) == 1 {
			return s.text(args[0])
		}
	}
	return nil, ErrNoMethod
}

// indexOfChar is indexOf and lastIndexOf of a character given by its number.
func (s *state) indexOfChar(str, name string, args []any) (any, error) {
	c := args[0].(int64)
	if c < 0 || c > unicode.MaxRune {
		return int64(-1), nil
	}
	args[0] = string(rune(c))
	if c >= 0xD800 && c <= 0xDFFF {
		args[0] = fromUTF16([]uint16{uint16(c)})
	}
	return s.stringMethod(str, name, args)
}

func (s *state) stringWithStringAndInt(str, name, arg string, n int) (any, error) {
	u := toUTF16(str)
	switch name {
	case "split":
		return s.split(str, arg, n)
	case "startsWith":
		if n < 0 || n > len(u) {
			return false, nil
		}
		return strings.HasPrefix(fromUTF16(u[n:]), arg), nil
	case "indexOf":
		from := min(max(n, 0), len(u))
		rest := fromUTF16(u[from:])
		i := unitIndex(rest, strings.Index(rest, arg))
		if i >= 0 {
			i += int64(from)
		}
		return i, nil
	case "lastIndexOf":
		if n < 0 {
			return int64(-1), nil
		}
		head := fromUTF16(u[:min(n+units(arg), len(u))])
		return unitIndex(head, strings.LastIndex(head, arg)), nil
	}
	return nil, ErrNoMethod
}
