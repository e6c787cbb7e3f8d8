// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import "strings"

// expression reads what stands in #if( ) and at the right of #set.
func (p *parser) expression() (expr, error) { return p.binary(0) }

// levels lists the operators by precedence, loosest first. Of two operators
// with a common beginning the longer stands first.
var levels = [][]string{
	{"||", "or"},
	{"&&", "and"},
	{"==", "!=", "eq", "ne"},
	{"<=", ">=", "<", ">", "le", "ge", "lt", "gt"},
	{"+", "-"},
	{"*", "/", "%"},
}

var wordOperators = map[string]string{
	"or": "||", "and": "&&", "eq": "==", "ne": "!=", "le": "<=", "ge": ">=", "lt": "<", "gt": ">",
}

// operator consumes an operator of the level, "" if there is none.
func (p *parser) operator(level int) string {
	for _, op := range levels[level] {
		if !p.has(op) {
			continue
		}
		if symbol, ok := wordOperators[op]; ok {
			if isWordChar(p.peek(len(op))) {
				continue
			}
			p.pos += len(op)
			return symbol
		}
		// "5 -3" is two numbers side by side to Velocity, hence an error.
		if op == "-" && (isDigit(p.peek(1)) || p.peek(1) == '.' && isDigit(p.peek(2))) {
			continue
		}
		p.pos += len(op)
		return op
	}
	return ""
}

func (p *parser) binary(level int) (expr, error) {
	if level == len(levels) {
		return p.unary()
	}
	p.skipSpace()
	start := p.pos
	left, err := p.binary(level + 1)
	if err != nil {
		return nil, err
	}
	for {
		leftText := strings.TrimRight(p.src[start:p.pos], " \t\r\n")
		p.skipSpace()
		op := p.operator(level)
		if op == "" {
			return left, nil
		}
		p.skipSpace()
		rightStart := p.pos
		right, err := p.binary(level + 1)
		if err != nil {
			return nil, err
		}
		switch op {
		case "||", "&&":
			left = logicExpr{and: op == "&&", left: left, right: right}
		case "==", "!=", "<", "<=", ">", ">=":
			left = compareExpr{op: op, left: left, right: right}
		default:
			rightText := strings.TrimRight(p.src[rightStart:p.pos], " \t\r\n")
			left = mathExpr{op: op[0], left: operand{left, leftText}, right: operand{right, rightText}}
		}
	}
}

func (p *parser) unary() (expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.skipSpace()
	switch {
	case p.peek(0) == '!' && p.peek(1) != '=':
		p.pos++
	case p.has("not") && !isWordChar(p.peek(3)):
		p.pos += 3
	case p.peek(0) == '(':
		p.pos++
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		if p.skipSpace(); p.peek(0) != ')' {
			return nil, p.errorf(p.pos, "expected an operator or )")
		}
		p.pos++
		return e, nil
	default:
		return p.parameter()
	}
	x, err := p.unary()
	if err != nil {
		return nil, err
	}
	return notExpr{x}, nil
}

// parameter reads a literal, a list, a range, a map or a reference: all that
// may stand as an argument.
func (p *parser) parameter() (expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.skipSpace()
	c := p.peek(0)
	switch {
	case c == '"' || c == '\'':
		return p.stringLiteral()
	case c == '$':
		return p.reference()
	case c == '[':
		return p.listOrRange()
	case c == '{':
		return p.mapLiteral()
	case isDigit(c), (c == '-' || c == '.') && isDigit(p.peek(1)), c == '-' && p.peek(1) == '.' && isDigit(p.peek(2)):
		return p.number()
	}
	if word := p.bareWord(); word == "true" || word == "false" {
		p.pos += len(word)
		return boolExpr(word == "true"), nil
	}
	if p.pos == len(p.src) {
		return nil, p.errorf(p.pos, "the template ends where a value is expected")
	}
	return nil, p.errorf(p.pos, "expected a value, found %q", firstRune(p.src[p.pos:]))
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// bareWord is the word at the current position, not consumed.
func (p *parser) bareWord() string {
	i := 0
	for c := p.peek(i); isAlpha(c) || c == '_' || c == '@' || i > 0 && isDigit(c); c = p.peek(i) {
		i++
	}
	return p.src[p.pos : p.pos+i]
}
