// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// toUTF16 is the string as Java holds it.
func toUTF16(s string) []uint16 {
	out := make([]uint16, 0, len(s))
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			out = append(out, uint16(c))
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			if u, ok := loneSurrogate(s[i:]); ok {
				out = append(out, u)
				i += 3
				continue
			}
		}
		out = utf16.AppendRune(out, r)
		i += n
	}
	return out
}

// loneSurrogate decodes half a surrogate pair from its three bytes.
func loneSurrogate(s string) (uint16, bool) {
	if len(s) < 3 || s[0] != 0xED || s[1] < 0xA0 || s[1] > 0xBF || s[2]&0xC0 != 0x80 {
		return 0, false
	}
	return 0xD000 | uint16(s[1]&0x3F)<<6 | uint16(s[2]&0x3F), true
}

func fromUTF16(u []uint16) string {
	var b strings.Builder
	b.Grow(len(u))
	for i := 0; i < len(u); i++ {
		switch c := u[i]; {
		case c < 0xD800 || c > 0xDFFF:
			b.WriteRune(rune(c))
		case c < 0xDC00 && i+1 < len(u) && u[i+1] >= 0xDC00 && u[i+1] <= 0xDFFF:
			b.WriteRune(utf16.DecodeRune(rune(c), rune(u[i+1])))
			i++
		default:
			b.Write([]byte{0xED, 0x80 | byte(c>>6&0x3F), 0x80 | byte(c&0x3F)})
		}
	}
	return b.String()
}

// UTF16 is the string in UTF-16 code units, as Java counts them. Half a
// surrogate pair is one unit.
func UTF16(s string) []uint16 { return toUTF16(s) }

// FromUTF16 makes a template string of UTF-16 code units.
func FromUTF16(u []uint16) string { return fromUTF16(u) }

// EncodeUTF8 makes valid UTF-8 of a template string the way Java does when it
// writes: halves of pairs that have come together are joined, and one that is
// still alone becomes a question mark.
func EncodeUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	u := toUTF16(s)
	for i := 0; i < len(u); i++ {
		switch {
		case u[i] < 0xD800 || u[i] > 0xDFFF:
		case u[i] < 0xDC00 && i+1 < len(u) && u[i+1] >= 0xDC00 && u[i+1] <= 0xDFFF:
			i++
		default:
			u[i] = '?'
		}
	}
	return fromUTF16(u)
}

// javaDouble is Double.toString.
func javaDouble(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	abs := math.Abs(f)
	if abs == 0 || abs >= 1e-3 && abs < 1e7 {
		s := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(s, "e")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	n, _ := strconv.Atoi(exponent)
	return mantissa + "E" + strconv.Itoa(n)
}

// writer collects the text of a value; it stops when the value is too deep,
// as one that contains itself is, or too long.
type writer struct {
	b     strings.Builder
	limit int
	json  bool // slashes are not escaped in JSON text that was asked for
	err   error
}

func (w *writer) str(s string) {
	if w.err != nil {
		return
	}
	if w.b.Len()+len(s) > w.limit {
		w.err = errTooMuchOutput
		return
	}
	w.b.WriteString(s)
}

// text writes what Java's toString gives; null is written as "null", as it is
// inside of collections.
func (w *writer) text(v any, depth int) {
	if depth > maxDepth && w.err == nil {
		w.err = errTooDeep
	}
	if w.err != nil {
		return
	}
	switch v := v.(type) {
	case nil:
		w.str("null")
	case string:
		w.str(v)
	case bool:
		w.str(strconv.FormatBool(v))
	case int64:
		w.str(strconv.FormatInt(v, 10))
	case float64:
		w.str(javaDouble(v))
	case Decimal:
		w.str(v.Text)
	case *big.Int:
		w.str(v.String())
	case *Entry:
		w.text(v.Key, depth+1)
		w.str("=")
		w.text(v.Value, depth+1)
	case *List:
		if v.Kind == JSONArray {
			w.jsonText(v, depth)
			return
		}
		w.str("[")
		for i, x := range v.Items {
			if i > 0 {
				w.str(", ")
			}
			if x == any(v) {
				w.str("(this Collection)")
				continue
			}
			w.text(x, depth+1)
		}
		w.str("]")
	case *Map:
		w.str("{")
		for i, e := range v.entries {
			if i > 0 {
				w.str(", ")
			}
			w.text(e.Key, depth+1)
			w.str("=")
			if e.Value == any(v) {
				w.str("(this Map)")
				continue
			}
			w.text(e.Value, depth+1)
		}
		w.str("}")
	case Object:
		w.str(v.String())
	}
}
