// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package attr

import (
	"slices"
	"strings"
)

// Compare orders two values of the same scalar kind: S and B by bytes, N by
// value. ok is false for other kinds and for values of different kinds.
func Compare(a, b Value) (order int, ok bool) {
	if a.Kind != b.Kind {
		return 0, false
	}
	switch a.Kind {
	case S, B:
		return strings.Compare(a.Str, b.Str), true
	case N:
		return mustNumber(a.Str).Compare(mustNumber(b.Str)), true
	}
	return 0, false
}

// Equal reports whether two values are the same; sets have no order.
func Equal(a, b Value) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case BOOL:
		return a.Bool == b.Bool
	case NULL:
		return true
	case SS, NS, BS:
		return slices.Equal(slices.Sorted(slices.Values(a.Set)), slices.Sorted(slices.Values(b.Set)))
	case L:
		return slices.EqualFunc(a.List, b.List, Equal)
	case M:
		return ItemsEqual(a.Map, b.Map)
	}
	return a.Str == b.Str
}

// ItemsEqual reports whether two items hold the same attributes.
func ItemsEqual(a, b Item) bool {
	if len(a) != len(b) {
		return false
	}
	for name, v := range a {
		w, ok := b[name]
		if !ok || !Equal(v, w) {
			return false
		}
	}
	return true
}

// AppendKey appends an encoding of a key value (S, N or B) whose byte order is
// the values' order. No encoding of a kind is a prefix of another's, so that
// encodings can be concatenated.
func AppendKey(dst []byte, v Value) []byte {
	if v.Kind == N {
		return mustNumber(v.Str).appendKey(dst)
	}
	return append(AppendKeyPrefix(dst, v), 0x00, 0x01)
}

// AppendKeyPrefix appends the encoding of an S or B value without its end
// mark: exactly the keys of values that begin with v begin with it.
func AppendKeyPrefix(dst []byte, v Value) []byte {
	for i := range len(v.Str) {
		dst = append(dst, v.Str[i])
		if v.Str[i] == 0x00 {
			dst = append(dst, 0xff)
		}
	}
	return dst
}

func (n Number) appendKey(dst []byte) []byte {
	if n.digits == "" {
		return append(dst, 0x80)
	}
	start := len(dst) + 1
	dst = append(dst, 0x81, byte(n.exponent-minExponent))
	dst = append(dst, n.digits...)
	dst = append(dst, 0x00)
	if n.negative {
		dst[start-1] = 0x7f
		for i := start; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}
