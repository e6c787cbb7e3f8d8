// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth bounds the nesting of a body.
const maxJSONDepth = 500

// ParseJSON reads a JSON document into template values: maps in the order of
// their keys, integers that fit a long as int64, other numbers as Decimal.
// (encoding/json loses the order of keys and replaces halves of surrogate
// pairs, which Java keeps.) The error says at which byte the text is no JSON.
func ParseJSON(s string) (any, error) {
	d := &jsonDecoder{in: s}
	v, err := d.value(0)
	if err == nil {
		if d.space(); d.pos < len(s) {
			err = d.fail("unexpected text after the document")
		}
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

type jsonDecoder struct {
	in  string
	pos int
}

func (d *jsonDecoder) fail(msg string) error {
	return fmt.Errorf("invalid JSON at byte %d: %s", d.pos, msg)
}

func (d *jsonDecoder) space() {
	for d.pos < len(d.in) && strings.IndexByte(" \t\r\n", d.in[d.pos]) >= 0 {
		d.pos++
	}
}

// next skips blanks and returns the byte that follows, 0 at the end.
func (d *jsonDecoder) next() byte {
	if d.space(); d.pos < len(d.in) {
		return d.in[d.pos]
	}
	return 0
}

func (d *jsonDecoder) value(depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, d.fail("nested too deep")
	}
	switch c := d.next(); {
	case c == '{':
		return d.object(depth)
	case c == '[':
		return d.array(depth)
	case c == '"':
		return d.str()
	case c == '-' || c >= '0' && c <= '9':
		return d.number()
	}
	for word, v := range map[string]any{"true": true, "false": false, "null": nil} {
		if strings.HasPrefix(d.in[d.pos:], word) {
			d.pos += len(word)
			return v, nil
		}
	}
	return nil, d.fail("expected a value")
}

func (d *jsonDecoder) object(depth int) (any, error) {
	m := NewMap()
	d.pos++
	if d.next() == '}' {
		d.pos++
		return m, nil
	}
	for {
		if d.next() != '"' {
			return nil, d.fail("expected a key in quotes")
		}
		key, err := d.str()
		if err != nil {
			return nil, err
		}
		if d.next() != ':' {
			return nil, d.fail("expected :")
		}
		d.pos++
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		m.Put(key, v)
		c := d.next()
		d.pos++
		switch c {
		case ',':
		case '}':
			return m, nil
		default:
			d.pos--
			return nil, d.fail("expected , or }")
		}
	}
}

func (d *jsonDecoder) array(depth int) (any, error) {
	l := &List{Kind: JSONArray}
	d.pos++
	if d.next() == ']' {
		d.pos++
		return l, nil
	}
	for {
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		l.Items = append(l.Items, v)
		c := d.next()
		d.pos++
		switch c {
		case ',':
		case ']':
			return l, nil
		default:
			d.pos--
			return nil, d.fail("expected , or ]")
		}
	}
}

// number keeps integers that fit a long and the text of all others.
func (d *jsonDecoder) number() (any, error) {
	start := d.pos
	for d.pos < len(d.in) && strings.IndexByte("+-0123456789.eE", d.in[d.pos]) >= 0 {
		d.pos++
	}
	text := d.in[start:d.pos]
	digits := strings.TrimPrefix(text, "-")
	if len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' || digits == "" {
		return nil, d.fail("not a number: " + text)
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || strings.HasSuffix(digits, ".") || digits[0] == '.' ||
		strings.Contains(digits, ".e") || strings.Contains(digits, ".E") {
		return nil, d.fail("not a number: " + text)
	}
	return Decimal{Text: text, Value: f}, nil
}

func (d *jsonDecoder) str() (string, error) {
	d.pos++
	start := d.pos
	for d.pos < len(d.in) && d.in[d.pos] != '"' && d.in[d.pos] != '\\' && d.in[d.pos] >= 0x20 {
		d.pos++
	}
	if d.pos < len(d.in) && d.in[d.pos] == '"' {
		d.pos++
		return d.in[start : d.pos-1], nil
	}
	units := toUTF16(d.in[start:d.pos])
	for d.pos < len(d.in) {
		c := d.in[d.pos]
		switch {
		case c == '"':
			d.pos++
			return fromUTF16(units), nil
		case c < 0x20:
			return "", d.fail("a control character in a string: escape it")
		case c != '\\':
			r, n := utf8.DecodeRuneInString(d.in[d.pos:])
			units = utf16.AppendRune(units, r)
			d.pos += n
			continue
		}
		u, n := jsonEscape(d.in[d.pos:])
		if n == 0 {
			return "", d.fail("an invalid escape in a string")
		}
		units = append(units, u)
		d.pos += n
	}
	return "", d.fail("a string without an end")
}

// jsonEscape reads an escape sequence; its length is 0 when it is none.
func jsonEscape(s string) (uint16, int) {
	if len(s) < 2 {
		return 0, 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, s[1]); i >= 0 {
		return uint16("\"\\/\b\f\n\r\t"[i]), 2
	}
	if s[1] != 'u' || len(s) < 6 {
		return 0, 0
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	if err != nil {
		return 0, 0
	}
	return uint16(n), 6
}
