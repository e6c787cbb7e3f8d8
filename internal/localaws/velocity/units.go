// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"strings"
	"unicode/utf8"
)

// unitIndex turns a byte offset into one of UTF-16 units; -1 stays.
func unitIndex(s string, i int) int64 {
	if i < 0 {
		return -1
	}
	return int64(units(s[:i]))
}

// compareUnits is String.compareTo: the difference of the first units that
// differ, or else of the lengths.
func compareUnits(a, b []uint16) int64 {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			return int64(a[i]) - int64(b[i])
		}
	}
	return int64(len(a) - len(b))
}

// mapCase applies a case mapping and leaves halves of surrogate pairs alone,
// which Go's mapping would replace.
func mapCase(s string, f func(string) string) string {
	return fromPlanes(f(toPlanes(s)))
}

// toUnits is the string with each UTF-16 unit as one character, also the
// halves of pairs, so that searching may start and end between them. fromPlanes
// undoes it.
func toUnits(s string) string {
	var b strings.Builder
	for _, u := range toUTF16(s) {
		if u >= 0xD800 && u <= 0xDFFF {
			b.WriteRune(surrogatePlane + rune(u) - 0xD800)
		} else {
			b.WriteRune(rune(u))
		}
	}
	return b.String()
}

// searchUnits answers the searching methods for strings from toUnits.
func searchUnits(s, name, arg string) (any, bool) {
	index := func(i int) any {
		if i < 0 {
			return int64(-1)
		}
		return int64(utf8.RuneCountInString(s[:i]))
	}
	switch name {
	case "contains":
		return strings.Contains(s, arg), true
	case "startsWith":
		return strings.HasPrefix(s, arg), true
	case "endsWith":
		return strings.HasSuffix(s, arg), true
	case "indexOf":
		return index(strings.Index(s, arg)), true
	case "lastIndexOf":
		return index(strings.LastIndex(s, arg)), true
	}
	return nil, false
}
