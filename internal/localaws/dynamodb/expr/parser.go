// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"strconv"
	"strings"
)

// maxNesting bounds the recursion of the parser; a 4 KB expression of nothing
// but parentheses would stay below it.
const maxNesting = 5000

// parser is a recursive-descent parser over the tokens of one expression. The
// first syntax error sticks; afterwards every token reads as the end.
type parser struct {
	text   string
	tokens []token
	at     int
	err    error
	depth  int
}

func newParser(s string) (*parser, error) {
	tokens, err := lex(s)
	if err != nil {
		return nil, err
	}
	return &parser{text: s, tokens: tokens}, nil
}

func (p *parser) peek() token {
	if p.err != nil {
		return p.tokens[len(p.tokens)-1]
	}
	return p.tokens[p.at]
}

func (p *parser) next() token {
	t := p.peek()
	if p.err == nil && t.kind != tokEnd {
		p.at++
	}
	return t
}

func (p *parser) fail() {
	if p.err == nil {
		p.err = syntaxError(p.text, p.tokens, p.at)
	}
}

func (p *parser) enter() bool {
	p.depth++
	if p.depth > maxNesting {
		p.fail()
		return false
	}
	return true
}

func (p *parser) leave() { p.depth-- }

// accept consumes the symbol if it comes next.
func (p *parser) accept(symbol string) bool {
	if t := p.peek(); p.err == nil && t.kind == tokSymbol && t.text == symbol {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(symbol string) {
	if !p.accept(symbol) {
		p.fail()
	}
}

// keyword reports whether the keyword comes next; keywords have no case.
func (p *parser) keyword(word string) bool {
	t := p.peek()
	return p.err == nil && t.kind == tokName && strings.EqualFold(t.text, word)
}

func (p *parser) acceptKeyword(word string) bool {
	if p.keyword(word) {
		p.at++
		return true
	}
	return false
}

// path reads a document path; its names are still placeholders.
func (p *parser) path() Path {
	t := p.peek()
	if t.kind != tokName && t.kind != tokNamePlaceholder {
		p.fail()
		return Path{{}}
	}
	p.next()
	path := Path{{Name: t.text}}
	for p.err == nil {
		switch {
		case p.accept("."):
			t := p.peek()
			if t.kind != tokName && t.kind != tokNamePlaceholder {
				p.fail()
				return path
			}
			p.next()
			path = append(path, Step{Name: t.text})
		case p.accept("["):
			t := p.peek()
			i, err := strconv.Atoi(t.text)
			if t.kind != tokNumber || err != nil {
				p.fail()
				return path
			}
			p.next()
			p.expect("]")
			path = append(path, Step{Index: i, IsIndex: true})
		default:
			return path
		}
	}
	return path
}

// operand reads a path, a value placeholder or a function call.
func (p *parser) operand() *node {
	t := p.peek()
	switch t.kind {
	case tokValuePlaceholder:
		p.next()
		return &node{op: opValue, name: t.text}
	case tokName:
		if next := p.tokens[min(p.at+1, len(p.tokens)-1)]; next.kind == tokSymbol && next.text == "(" {
			return p.call()
		}
		return &node{op: opPath, path: p.path()}
	case tokNamePlaceholder:
		return &node{op: opPath, path: p.path()}
	}
	p.fail()
	return &node{op: opValue}
}

func (p *parser) call() *node {
	if !p.enter() {
		return &node{op: opValue}
	}
	defer p.leave()
	n := &node{op: opFunction, name: p.next().text}
	p.expect("(")
	for p.err == nil {
		n.args = append(n.args, p.operand())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return n
}
