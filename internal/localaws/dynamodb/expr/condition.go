// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package expr

// Condition is a condition, filter or key condition expression.
type Condition struct {
	root  *node
	paths []Path
	// parens says that somewhere one pair of parentheses directly encloses
	// another, which DynamoDB refuses.
	parens bool
}

// ParseCondition reads a condition and resolves its placeholders.
func ParseCondition(s string, names *Placeholders) (*Condition, error) {
	p, err := newParser(s)
	if err != nil {
		return nil, err
	}
	c := &Condition{}
	c.root = c.or(p)
	if p.peek().kind != tokEnd || !isBoolean(c.root) {
		p.fail()
	}
	if p.err != nil {
		return nil, p.err
	}
	return c, c.check(names)
}

func isBoolean(n *node) bool { return !n.isOperand() }

func (c *Condition) or(p *parser) *node {
	return c.chain(p, "OR", opOr, func() *node {
		return c.chain(p, "AND", opAnd, func() *node { return c.not(p) })
	})
}

func (c *Condition) chain(p *parser, word string, o op, next func() *node) *node {
	left := next()
	for p.keyword(word) {
		if !isBoolean(left) {
			p.fail()
		}
		p.next()
		right := next()
		if !isBoolean(right) {
			p.fail()
		}
		left = &node{op: o, args: []*node{left, right}}
	}
	return left
}

func (c *Condition) not(p *parser) *node {
	if !p.enter() {
		return &node{op: opValue}
	}
	defer p.leave()
	if p.acceptKeyword("NOT") {
		n := c.not(p)
		if !isBoolean(n) {
			p.fail()
		}
		return &node{op: opNot, args: []*node{n}}
	}
	left := c.primary(p)
	if left.isOperand() || left.op == opFunction {
		return c.comparison(p, left)
	}
	return left
}

func (c *Condition) primary(p *parser) *node {
	if !p.accept("(") {
		return p.operand()
	}
	n := c.or(p)
	p.expect(")")
	if n.paren {
		c.parens = true
	}
	n.paren = true
	return n
}

var comparators = map[string]bool{"=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true}

func (c *Condition) comparison(p *parser, left *node) *node {
	operand := func() *node {
		n := c.primary(p)
		if !n.isOperand() && n.op != opFunction {
			p.fail()
		}
		return n
	}
	t := p.peek()
	switch {
	case t.kind == tokSymbol && comparators[t.text]:
		p.next()
		return &node{op: opCompare, name: t.text, args: []*node{left, operand()}}
	case p.acceptKeyword("BETWEEN"):
		low := operand()
		if !p.acceptKeyword("AND") {
			p.fail()
		}
		return &node{op: opBetween, name: "BETWEEN", args: []*node{left, low, operand()}}
	case p.acceptKeyword("IN"):
		n := &node{op: opIn, name: "IN", args: []*node{left}}
		p.expect("(")
		for p.err == nil {
			n.args = append(n.args, operand())
			if !p.accept(",") {
				break
			}
		}
		p.expect(")")
		return n
	}
	return left
}

// Roots returns the attributes the condition looks at.
func (c *Condition) Roots() map[string]bool {
	roots := map[string]bool{}
	for _, p := range c.paths {
		roots[p.Root()] = true
	}
	return roots
}

// Paths returns the document paths the condition mentions, in source order.
func (c *Condition) Paths() []Path { return c.paths }
