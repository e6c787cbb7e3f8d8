// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// parser reads a template by recursive descent over the source itself. There
// is no token stream, because what a character means in VTL depends on where
// it stands: the same "#else" is text, an error or a directive.
type parser struct {
	name   string
	src    string
	pos    int
	depth  int
	macros map[string]*macro

	commentAtEnd bool // the source ended inside of a ## comment
	extra        node // follows the reference that was just read
	// afterRef is set behind a reference without braces: there, and also
	// behind a #set or a comment that follows, Velocity reads names as it
	// does behind the reference.
	afterRef bool
	// propertyEnd is where a reference like $x.y ended; a ${reference} right
	// there is read as if it had no braces.
	propertyEnd int
}

// endKind is what ended a block.
type endKind string

const (
	endEOF    endKind = "EOF"
	endEnd    endKind = "end"
	endElse   endKind = "else"
	endElseIf endKind = "elseif"
)

type blockEnd struct {
	kind endKind
	pos  int
}

func (p *parser) errorf(pos int, format string, args ...any) *ParseError {
	before := p.src[:min(pos, len(p.src))]
	nl := strings.LastIndexByte(before, '\n')
	return &ParseError{
		Name:   p.name,
		Line:   1 + strings.Count(before, "\n"),
		Column: 1 + utf8.RuneCountInString(before[nl+1:]),
		Msg:    fmt.Sprintf(format, args...),
	}
}

// enter counts nesting; every call is paired with leave.
func (p *parser) enter() error {
	p.depth++
	if p.depth > maxDepth {
		return p.errorf(p.pos, "nested more than %d deep: simplify the template", maxDepth)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// peek is the byte at offset i from the current position, 0 past the end.
func (p *parser) peek(i int) byte {
	if p.pos+i < len(p.src) {
		return p.src[p.pos+i]
	}
	return 0
}

func (p *parser) has(prefix string) bool { return strings.HasPrefix(p.src[p.pos:], prefix) }

// body reads the block of a directive, which must end with #end.
func (p *parser) body(kind string) ([]node, error) {
	start := p.pos
	nodes, end, err := p.block()
	if err != nil {
		return nil, err
	}
	switch end.kind {
	case endEnd:
		return nodes, nil
	case endEOF:
		return nil, p.errorf(start, "#%s has no #end", kind)
	default:
		return nil, p.errorf(end.pos, "#%s inside #%s, which has no such part", end.kind, kind)
	}
}

// block reads nodes up to the end of the source or to an #end, #else or
// #elseif at its own level, which it consumes.
func (p *parser) block() ([]node, blockEnd, error) {
	if err := p.enter(); err != nil {
		return nil, blockEnd{}, err
	}
	defer p.leave()
	var nodes []node
	for p.pos < len(p.src) {
		// A piece of text starts where the last construct ended. Blanks are
		// eaten before #set only when they are such a whole piece.
		if n := strings.IndexAny(p.src[p.pos:], `$#\`); n != 0 {
			if n < 0 {
				n = len(p.src) - p.pos
			}
			text := p.src[p.pos : p.pos+n]
			p.pos += n
			if strings.Trim(text, " \t") == "" && p.setPrefix() > 0 {
				continue
			}
			p.afterRef = false
			nodes = append(nodes, textNode(text))
			continue
		}
		start := p.pos
		var n node
		var end *blockEnd
		var err error
		if p.src[p.pos] == '#' {
			n, end, err = p.hashAfterRef()
		} else {
			p.afterRef = false
			n, err = p.escapeOrReference()
		}
		if err != nil {
			return nil, blockEnd{}, err
		}
		if end != nil {
			end.pos = start
			return nodes, *end, nil
		}
		if n != nil {
			nodes = append(nodes, n)
		}
		if p.extra != nil {
			nodes = append(nodes, p.extra)
			p.extra = nil
		}
	}
	return nodes, blockEnd{kind: endEOF, pos: p.pos}, nil
}

// hashAfterRef reads what starts with # and, if it is one of the constructs
// that leave afterRef alone, the names behind it.
func (p *parser) hashAfterRef() (node, *blockEnd, error) {
	after := p.afterRef && (p.setPrefix() > 0 || p.has("#*") || p.has("#[["))
	p.afterRef = false
	n, end, err := p.hash()
	if !after || err != nil {
		return n, end, err
	}
	p.afterRef = true
	if p.peek(0) == '[' {
		return nil, nil, p.indexError()
	}
	return n, end, p.namesAfter()
}

// escapeOrReference reads a run of backslashes (possibly none) and the $ or #
// that it may touch.
func (p *parser) escapeOrReference() (node, error) {
	start := p.pos
	k := 0
	for p.peek(k) == '\\' {
		k++
	}
	run := p.src[start : start+k]
	switch p.peek(k) {
	case '$':
		p.pos += k
		return p.textReference(k)
	case '#':
		p.pos += k
		name, length := p.directiveWord()
		if name == "" {
			return textNode(run), nil
		}
		if k%2 == 1 {
			p.pos += length
			word := p.src[p.pos-length : p.pos]
			if p.isDirective(name) || name == "set" {
				return textNode(run[:k/2] + word), nil
			}
			return textNode(run + word), nil
		}
		if p.isDirective(name) {
			return textNode(run[:k/2]), nil
		}
		return textNode(run), nil
	default:
		p.pos += k
		return textNode(run), nil
	}
}

// isDirective reports whether a backslash before #name is an escape.
func (p *parser) isDirective(name string) bool {
	switch name {
	case "if", "elseif", "else", "end", "foreach", "macro", "define", "break", "stop",
		"literal", "include", "parse", "evaluate":
		return true
	}
	return p.macros[name] != nil
}

func isAlpha(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isBlank(c byte) bool { return c == ' ' || c == '\t' }
func isSpace(c byte) bool { return isBlank(c) || c == '\n' || c == '\r' }

// isWordChar is for directive names and bare words; isNameChar is for
// variables, properties and methods, which may contain a hyphen.
func isWordChar(c byte) bool { return isAlpha(c) || isDigit(c) || c == '_' || c == '@' }
func isNameChar(c byte) bool { return isAlpha(c) || isDigit(c) || c == '_' || c == '-' }

func (p *parser) skipSpace() {
	for isSpace(p.peek(0)) {
		p.pos++
	}
}

// skipLineEnd eats blanks and one line end, when there is nothing else before
// the line end: what Velocity does after ), #else and #end.
func (p *parser) skipLineEnd() {
	i := 0
	for isBlank(p.peek(i)) {
		i++
	}
	switch {
	case p.peek(i) == '\r' && p.peek(i+1) == '\n':
		p.pos += i + 2
	case p.peek(i) == '\n' || p.peek(i) == '\r':
		p.pos += i + 1
	}
}
