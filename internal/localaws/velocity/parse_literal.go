// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"math/big"
	"strconv"
)

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
