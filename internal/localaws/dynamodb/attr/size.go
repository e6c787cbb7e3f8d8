// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package attr

// Size is the item's size in bytes as DynamoDB counts it: attribute names and
// values in UTF-8 (aws-facts H1).
func (i Item) Size() int {
	size := 0
	for name, v := range i {
		size += len(name) + v.Size()
	}
	return size
}

// Size is the value's size in bytes. Lists and maps cost 3 bytes and one more
// for each element.
func (v Value) Size() int {
	switch v.Kind {
	case S, B:
		return len(v.Str)
	case N:
		return mustNumber(v.Str).size()
	case BOOL, NULL:
		return 1
	case SS, BS:
		return sum(v.Set, func(s string) int { return len(s) })
	case NS:
		return sum(v.Set, func(s string) int { return mustNumber(s).size() })
	case L:
		return 3 + sum(v.List, func(e Value) int { return 1 + e.Size() })
	case M:
		return 3 + len(v.Map) + v.Map.Size()
	}
	return 0
}

func sum[T any](list []T, f func(T) int) int {
	total := 0
	for _, e := range list {
		total += f(e)
	}
	return total
}
