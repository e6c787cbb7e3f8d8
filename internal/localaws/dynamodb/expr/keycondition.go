// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

// KeyCondition is what a Query asks of one key attribute.
type KeyCondition struct {
	// Operator is =, <, <=, >, >=, BETWEEN or begins_with.
	Operator string
	// Values are the operands: two for BETWEEN, else one.
	Values []attr.Value
}

// Matches reports whether a key value satisfies the condition.
func (k KeyCondition) Matches(v attr.Value) bool {
	switch k.Operator {
	case "BETWEEN":
		return ordered(v, k.Values[0], ">=") && ordered(v, k.Values[1], "<=")
	case "begins_with":
		return matchesFunction(&node{op: opFunction, name: "begins_with", args: []*node{
			{op: opValue, value: v}, {op: opValue, value: k.Values[0]}}}, nil)
	}
	return ordered(v, k.Values[0], k.Operator)
}

var mirrored = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// KeyConditions turns a condition into one condition for each key attribute it
// names. The error says what can't stand in a key condition.
func (c *Condition) KeyConditions() (map[string]KeyCondition, error) {
	out := map[string]KeyCondition{}
	return out, collectKeys(c.root, out)
}

func invalidOperator(name string) error {
	return Error("Invalid operator used in KeyConditionExpression: " + name)
}

func collectKeys(n *node, out map[string]KeyCondition) error {
	switch n.op {
	case opAnd:
		if err := collectKeys(n.args[0], out); err != nil {
			return err
		}
		return collectKeys(n.args[1], out)
	case opOr:
		return invalidOperator("OR")
	case opNot:
		return invalidOperator("NOT")
	case opIn:
		return invalidOperator("IN")
	}
	if n.op == opCompare && n.name == "<>" || n.op == opFunction && n.name != "begins_with" {
		return invalidOperator(n.name)
	}
	return collectKey(n, out)
}

func collectKey(n *node, out map[string]KeyCondition) error {
	if (n.op == opBetween || n.op == opFunction) && n.args[0].op != opPath {
		return Error("Invalid condition in KeyConditionExpression: " + n.name + " operator must have the key attribute as its first operand")
	}
	var path Path
	var values []attr.Value
	at := 0
	for i, a := range n.args {
		switch a.op {
		case opFunction:
			return Error("KeyConditionExpressions cannot contain nested operations")
		case opPath:
			if path != nil {
				return Error("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
			}
			if a.path.Nested() {
				return Error("KeyConditionExpressions cannot have conditions on nested attributes")
			}
			path, at = a.path, i
		default:
			values = append(values, a.value)
		}
	}
	if path == nil {
		return Error("Invalid condition in KeyConditionExpression: No key attribute specified")
	}
	if _, twice := out[path.Root()]; twice {
		return Error("KeyConditionExpressions must only contain one condition per key")
	}
	operator := n.name
	if n.op == opCompare && at == 1 {
		operator = mirrored[operator]
	}
	out[path.Root()] = KeyCondition{Operator: operator, Values: values}
	return nil
}
