// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package expr reads and evaluates DynamoDB's expressions: conditions,
// filters, key conditions, projections and updates. Its complaints are worded
// as DynamoDB words them, because clients and templates look at them.
package expr

import (
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

// Step is one piece of a document path: a name or a list index.
type Step struct {
	Name    string
	Index   int
	IsIndex bool
}

// Path is a document path, like a.b[3].
type Path []Step

// Root is the name of the attribute the path starts at.
func (p Path) Root() string { return p[0].Name }

// Nested reports whether the path goes into the attribute.
func (p Path) Nested() bool { return len(p) > 1 }

// String prints the path as DynamoDB's messages do: [a, b, [3]].
func (p Path) String() string {
	parts := make([]string, len(p))
	for i, s := range p {
		parts[i] = s.Name
		if s.IsIndex {
			parts[i] = "[" + strconv.Itoa(s.Index) + "]"
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// Find returns the value the path leads to.
func (p Path) Find(item attr.Item) (attr.Value, bool) {
	v, ok := item[p.Root()]
	for _, s := range p[1:] {
		if !ok {
			break
		}
		switch {
		case s.IsIndex && v.Kind == attr.L && s.Index < len(v.List):
			v = v.List[s.Index]
		case !s.IsIndex && v.Kind == attr.M:
			v, ok = v.Map[s.Name]
		default:
			ok = false
		}
	}
	return v, ok
}

// op is what a node does.
type op int

const (
	opPath op = iota
	opValue
	opFunction
	opAnd
	opOr
	opNot
	opCompare
	opBetween
	opIn
	opPlus
	opMinus
)

// node is a node of a condition or of the right-hand side of SET.
type node struct {
	op op
	// name is the function's or comparator's name, or the :placeholder.
	name  string
	args  []*node
	path  Path
	value attr.Value
	// paren says that the node stood in parentheses of its own.
	paren bool
	// resolved says that the node's placeholder was replaced.
	resolved bool
}

func (n *node) isOperand() bool {
	return n.op == opPath || n.op == opValue || n.op == opPlus || n.op == opMinus
}

// kind is the type of the value the node is known to have without looking at
// an item; Invalid is unknown.
func (n *node) kind() attr.Kind {
	if n.op == opValue {
		return n.value.Kind
	}
	return attr.Invalid
}

// walk visits the node and what is below it, in source order.
func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, a := range n.args {
		a.walk(visit)
	}
}
