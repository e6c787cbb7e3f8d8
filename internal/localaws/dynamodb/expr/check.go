// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"strconv"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

// maxOperators and maxIn are DynamoDB's limits on one condition.
const (
	maxOperators = 300
	maxIn        = 100
)

var conditionFunctions = map[string]int{
	"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2,
	"begins_with": 2, "contains": 2, "size": 1,
}

// check resolves the placeholders and returns the complaint DynamoDB would
// give: it looks for whole classes of mistakes one after the other.
func (c *Condition) check(names *Placeholders) error {
	if c.parens {
		return Error("The expression has redundant parentheses;")
	}
	for _, find := range []func(*node) error{unknownFunction, misusedFunction, reservedWord} {
		if err := firstError(c.root, find); err != nil {
			return err
		}
	}
	if c.root.op == opFunction && c.root.name == "size" {
		return misused(c.root)
	}
	operators := 0
	c.root.walk(func(n *node) {
		if n.op != opPath && n.op != opValue {
			operators++
		}
	})
	if operators > maxOperators {
		return Error("The expression contains too many operators; operator count: " + strconv.Itoa(operators))
	}
	err := firstError(c.root, func(n *node) error {
		if n.op == opAnd || n.op == opOr || n.op == opNot || n.isOperand() {
			return nil
		}
		return checkLeaf(n, names)
	})
	c.root.walk(func(n *node) {
		if n.op == opPath {
			c.paths = append(c.paths, n.path)
		}
	})
	return err
}

func firstError(root *node, find func(*node) error) error {
	var first error
	root.walk(func(n *node) {
		if first == nil {
			first = find(n)
		}
	})
	return first
}

func unknownFunction(n *node) error {
	if n.op == opFunction {
		if _, ok := conditionFunctions[n.name]; !ok {
			return Error("Invalid function name; function: " + n.name)
		}
	}
	return nil
}

// misusedFunction finds functions other than size used as operands, and size
// used as a condition.
func misusedFunction(n *node) error {
	for _, a := range n.args {
		if a.op != opFunction {
			continue
		}
		condition := n.op == opAnd || n.op == opOr || n.op == opNot
		if condition == (a.name == "size") {
			return misused(a)
		}
	}
	return nil
}

func misused(n *node) error {
	return Error("The function is not allowed to be used this way in an expression; function: " + n.name)
}

func reservedWord(n *node) error {
	if n.op == opPath {
		return reservedIn(n.path)
	}
	return nil
}

// checkLeaf checks one comparison or function: placeholders first, then the
// number of operands, then what they are.
func checkLeaf(n *node, names *Placeholders) error {
	if err := resolve(n, names); err != nil {
		return err
	}
	if want, ok := conditionFunctions[n.name]; n.op == opFunction && ok && want != len(n.args) {
		return wrongCount(n)
	}
	if n.op == opIn && len(n.args)-1 > maxIn {
		return wrongCount(n)
	}
	if len(n.args) == 2 && samePath(n.args[0], n.args[1]) {
		return Error("The first operand must be distinct from the remaining operands for this operator or function; operator: " +
			n.name + ", first operand: " + n.args[0].path.String())
	}
	switch n.op {
	case opFunction:
		return checkFunction(n)
	case opCompare:
		return checkComparison(n)
	case opBetween:
		return checkBetween(n)
	}
	return nil
}

// resolve replaces the placeholders of a node and what is below it, once: a
// name may itself look like a placeholder.
func resolve(n *node, names *Placeholders) error {
	return firstError(n, func(n *node) error {
		if n.resolved {
			return nil
		}
		n.resolved = true
		switch n.op {
		case opPath:
			return names.resolvePath(n.path)
		case opValue:
			return names.resolveValue(n)
		}
		return nil
	})
}

func wrongCount(n *node) error {
	return Error("Incorrect number of operands for operator or function; operator or function: " + n.name +
		", number of operands: " + strconv.Itoa(len(n.args)))
}

func wrongType(name, kind string) error {
	return Error("Incorrect operand type for operator or function; operator or function: " + name + ", operand type: " + kind)
}

func samePath(a, b *node) bool {
	return a.op == opPath && b.op == opPath && a.path.String() == b.path.String()
}

func checkFunction(n *node) error {
	switch n.name {
	case "attribute_exists", "attribute_not_exists":
		if n.args[0].op != opPath {
			return Error("Operator or function requires a document path; operator or function: " + n.name)
		}
	case "begins_with":
		for _, a := range n.args {
			if k := a.kind(); k != attr.Invalid && k != attr.S && k != attr.B {
				return wrongType(n.name, k.String())
			}
		}
	case "attribute_type":
		k := n.args[1].kind()
		if k == attr.Invalid {
			return wrongType(n.name, "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
		}
		if k != attr.S {
			return wrongType(n.name, k.String())
		}
		if t := n.args[1].value.Str; attr.KindOf(t) == attr.Invalid {
			return Error("Invalid attribute type name found; type: " + t + ", valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}")
		}
	case "size":
		if k := n.args[0].kind(); k == attr.N || k == attr.BOOL || k == attr.NULL {
			return wrongType(n.name, k.String())
		}
	}
	return nil
}

func checkComparison(n *node) error {
	if n.name == "=" || n.name == "<>" {
		return nil
	}
	for _, a := range n.args {
		if k := a.kind(); k != attr.Invalid && k != attr.S && k != attr.N && k != attr.B {
			return wrongType(n.name, k.String())
		}
	}
	return nil
}

func checkBetween(n *node) error {
	low, high := n.args[1], n.args[2]
	if low.kind() == attr.Invalid || high.kind() == attr.Invalid {
		return nil
	}
	show := func(v attr.Value) string { return "AttributeValue: {" + v.Kind.String() + ":" + v.Str + "}" }
	bounds := "lower bound operand: " + show(low.value) + ", upper bound operand: " + show(high.value)
	if low.kind() != high.kind() {
		return Error("The BETWEEN operator requires same data type for lower and upper bounds; " + bounds)
	}
	if order, ok := attr.Compare(low.value, high.value); ok && order > 0 {
		return Error("The BETWEEN operator requires upper bound to be greater than or equal to lower bound; " + bounds)
	}
	return nil
}
