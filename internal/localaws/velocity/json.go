// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"fmt"
	"unicode/utf8"
)

const hexDigits = "0123456789ABCDEF"

// JSON is the JSON text of a value, as $input.json gives it. Maps keep their
// order and numbers their text. The error says that the value contains itself
// or is larger than limit bytes.
func JSON(v any, limit int) (string, error) {
	w := &writer{limit: limit, json: true}
	w.jsonText(v, 0)
	return w.b.String(), w.err
}

// jsonText writes JSON in the manner of json-smart, the library whose lists
// and maps the results of $input.path print like (aws-facts E1): a list that
// is printed escapes slashes.
func (w *writer) jsonText(v any, depth int) {
	if depth > maxDepth && w.err == nil {
		w.err = errTooDeep
	}
	if w.err != nil {
		return
	}
	switch v := v.(type) {
	case string:
		w.jsonString(v)
	case *List:
		w.str("[")
		for i, x := range v.Items {
			if i > 0 {
				w.str(",")
			}
			w.jsonText(x, depth+1)
		}
		w.str("]")
	case *Map:
		w.str("{")
		for i, e := range v.entries {
			if i > 0 {
				w.str(",")
			}
			if key, ok := e.Key.(string); ok {
				w.jsonString(key)
			} else {
				w.jsonString(fmt.Sprint(e.Key))
			}
			w.str(":")
			w.jsonText(e.Value, depth+1)
		}
		w.str("}")
	case nil, bool, int64, float64, Decimal:
		w.text(v, depth)
	case *Entry, Object:
		inner := &writer{limit: w.limit}
		inner.text(v, depth)
		w.err = inner.err
		w.jsonString(inner.b.String())
	default:
		w.text(v, depth)
	}
}

func (w *writer) jsonString(s string) {
	b := make([]byte, 0, len(s)+2)
	b = append(b, '"')
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '"' || r == '\\' || r == '/' && !w.json:
			b = append(b, '\\', byte(r))
		case r == '\b':
			b = append(b, `\b`...)
		case r == '\f':
			b = append(b, `\f`...)
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < 0x20, r >= 0x7F && r <= 0x9F, r >= 0x2000 && r <= 0x20FF:
			b = append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
		default:
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	w.str(string(append(b, '"')))
}

// Text is what a value prints as inside of a collection, of at most limit
// bytes. The error says that it is larger or contains itself.
func Text(v any, limit int) (string, error) {
	w := &writer{limit: limit}
	w.text(v, 0)
	return w.b.String(), w.err
}
