// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

// Matches evaluates the condition for an item; a missing item is an empty one.
func (c *Condition) Matches(item attr.Item) bool { return matches(c.root, item) }

func matches(n *node, item attr.Item) bool {
	switch n.op {
	case opAnd:
		return matches(n.args[0], item) && matches(n.args[1], item)
	case opOr:
		return matches(n.args[0], item) || matches(n.args[1], item)
	case opNot:
		return !matches(n.args[0], item)
	case opFunction:
		return matchesFunction(n, item)
	}
	values := make([]attr.Value, len(n.args))
	for i, a := range n.args {
		v, ok := operandValue(a, item)
		if !ok && n.op == opIn && i > 0 {
			continue // a missing alternative just doesn't match
		}
		if !ok {
			return n.op == opCompare && n.name == "<>"
		}
		values[i] = v
	}
	switch n.op {
	case opBetween:
		return ordered(values[0], values[1], ">=") && ordered(values[0], values[2], "<=")
	case opIn:
		return slices.ContainsFunc(values[1:], func(v attr.Value) bool { return attr.Equal(values[0], v) })
	}
	return ordered(values[0], values[1], n.name)
}

// ordered compares two values; values of different types are only ever <>.
func ordered(a, b attr.Value, comparator string) bool {
	switch comparator {
	case "=":
		return attr.Equal(a, b)
	case "<>":
		return !attr.Equal(a, b)
	}
	order, ok := attr.Compare(a, b)
	if !ok {
		return false
	}
	switch comparator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func operandValue(n *node, item attr.Item) (attr.Value, bool) {
	switch n.op {
	case opPath:
		return n.path.Find(item)
	case opValue:
		return n.value, true
	}
	v, ok := operandValue(n.args[0], item) // size is the only function here
	if !ok {
		return v, false
	}
	return size(v)
}

func size(v attr.Value) (attr.Value, bool) {
	n := 0
	switch v.Kind {
	case attr.S:
		n = len(utf16.Encode([]rune(v.Str)))
	case attr.B:
		n = len(v.Str)
	case attr.SS, attr.NS, attr.BS:
		n = len(v.Set)
	case attr.L:
		n = len(v.List)
	case attr.M:
		n = len(v.Map)
	default:
		return attr.Value{}, false
	}
	return attr.Value{Kind: attr.N, Str: strconv.Itoa(n)}, true
}

func matchesFunction(n *node, item attr.Item) bool {
	first, exists := operandValue(n.args[0], item)
	switch n.name {
	case "attribute_exists":
		return exists
	case "attribute_not_exists":
		return !exists
	}
	second, ok := operandValue(n.args[1], item)
	if !exists || !ok {
		return false
	}
	switch n.name {
	case "attribute_type":
		return first.Kind.String() == second.Str
	case "begins_with":
		return first.Kind == second.Kind && (first.Kind == attr.S || first.Kind == attr.B) && strings.HasPrefix(first.Str, second.Str)
	}
	return contains(first, second)
}

func contains(v, part attr.Value) bool {
	switch v.Kind {
	case attr.S, attr.B:
		return part.Kind == v.Kind && strings.Contains(v.Str, part.Str)
	case attr.SS:
		return part.Kind == attr.S && slices.Contains(v.Set, part.Str)
	case attr.NS:
		return part.Kind == attr.N && slices.Contains(v.Set, part.Str)
	case attr.BS:
		return part.Kind == attr.B && slices.Contains(v.Set, part.Str)
	case attr.L:
		return slices.ContainsFunc(v.List, func(e attr.Value) bool { return attr.Equal(e, part) })
	}
	return false
}
