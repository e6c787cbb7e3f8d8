// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package attr

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"
)

// MarshalJSON writes the wire form, {"S":"text"}.
func (v Value) MarshalJSON() ([]byte, error) { return v.appendJSON(nil), nil }

// MarshalJSON writes the item with its attributes in order of their names.
func (i Item) MarshalJSON() ([]byte, error) { return i.appendJSON(nil), nil }

func (i Item) appendJSON(b []byte) []byte {
	b = append(b, '{')
	for n, name := range i.Names() {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, name), ':')
		b = i[name].appendJSON(b)
	}
	return append(b, '}')
}

func (v Value) appendJSON(b []byte) []byte {
	b = append(b, '{', '"')
	b = append(b, v.Kind.String()...)
	b = append(b, '"', ':')
	switch v.Kind {
	case B:
		b = appendQuoted(b, base64.StdEncoding.EncodeToString([]byte(v.Str)))
	case BOOL:
		b = strconv.AppendBool(b, v.Bool)
	case NULL:
		b = append(b, "true"...)
	case SS, NS, BS:
		b = appendList(b, v.Set, func(b []byte, s string) []byte {
			if v.Kind == BS {
				s = base64.StdEncoding.EncodeToString([]byte(s))
			}
			return appendQuoted(b, s)
		})
	case L:
		b = appendList(b, v.List, func(b []byte, e Value) []byte { return e.appendJSON(b) })
	case M:
		b = v.Map.appendJSON(b)
	default:
		b = appendQuoted(b, v.Str)
	}
	return append(b, '}')
}

func appendList[T any](b []byte, list []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for n, e := range list {
		if n > 0 {
			b = append(b, ',')
		}
		b = one(b, e)
	}
	return append(b, ']')
}

const hexDigits = "0123456789abcdef"

// appendQuoted writes a JSON string without escaping <, > and & as
// encoding/json does: AWS doesn't, and mapping templates see the raw text.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
			i += n
			continue
		}
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\t':
			b = append(b, '\\', 't')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
		default:
			b = append(b, c)
		}
		i++
	}
	return append(b, '"')
}
