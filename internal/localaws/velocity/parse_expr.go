// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"math/big"
	"strconv"
	"strings"
)

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

func (p *parser) number() (expr, error) {
	start := p.pos
	if p.peek(0) == '-' {
		p.pos++
	}
	digits := func() {
		for isDigit(p.peek(0)) {
			p.pos++
		}
	}
	digits()
	float := false
	if p.peek(0) == '.' && p.peek(1) != '.' { // 1..3 is a range
		float = true
		p.pos++
		digits()
	}
	if c := p.peek(0); c == 'e' || c == 'E' {
		i := 1
		if s := p.peek(i); s == '+' || s == '-' {
			i++
		}
		if isDigit(p.peek(i)) {
			float = true
			p.pos += i
			digits()
		}
	}
	text := p.src[start:p.pos]
	if !float {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return constExpr{n}, nil
		}
		if len(text) > maxDigits {
			return nil, p.errorf(start, "a number of %d digits: at most %d", len(text), maxDigits)
		}
		n, _ := new(big.Int).SetString(text, 10)
		return constExpr{n}, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, p.errorf(start, "the number %s is out of range", text)
	}
	return constExpr{f}, nil
}

func (p *parser) listOrRange() (expr, error) {
	p.pos++
	start := p.pos
	if p.skipSpace(); p.peek(0) != ']' {
		first, err := p.parameter()
		if err != nil {
			return nil, err
		}
		if p.skipSpace(); p.has("..") {
			p.pos += 2
			to, err := p.parameter()
			if err != nil {
				return nil, err
			}
			if !isRangeEnd(first) || !isRangeEnd(to) {
				return nil, p.errorf(start, "the ends of a range must be integers or references")
			}
			if p.skipSpace(); p.peek(0) != ']' {
				return nil, p.errorf(p.pos, "a range must end in ]")
			}
			p.pos++
			return rangeExpr{first, to}, nil
		}
	}
	p.pos = start
	items, err := p.arguments(']')
	return listExpr(items), err
}

func isRangeEnd(e expr) bool {
	switch e := e.(type) {
	case *ref:
		return true
	case constExpr:
		_, ok := e.v.(int64)
		return ok
	}
	return false
}

func (p *parser) mapLiteral() (expr, error) {
	p.pos++
	pairs := mapExpr{}
	if p.skipSpace(); p.peek(0) == '}' {
		p.pos++
		return pairs, nil
	}
	for {
		key, err := p.parameter()
		if err != nil {
			return nil, err
		}
		if p.skipSpace(); p.peek(0) != ':' {
			return nil, p.errorf(p.pos, "expected : after a map key")
		}
		p.pos++
		val, err := p.parameter()
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, mapPair{key, val})
		p.skipSpace()
		switch p.peek(0) {
		case ',':
			p.pos++
		case '}':
			p.pos++
			return pairs, nil
		default:
			return nil, p.errorf(p.pos, "expected , or } in a map")
		}
	}
}
