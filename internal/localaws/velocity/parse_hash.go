// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import "strings"

// hash reads what starts with # in text. It returns a node (nil when it
// prints nothing), or the end of the block.
func (p *parser) hash() (node, *blockEnd, error) {
	start := p.pos
	switch {
	case p.has("#[["):
		text, err := p.until("#[[", "]]#", "text block")
		return textNode(text), nil, err
	case p.has("#*"):
		// A comment may go on to the end of the template, but not be empty.
		if i := p.pos + len("#*"); i < len(p.src) && !strings.Contains(p.src[i:], "*#") {
			p.pos = len(p.src)
			return nil, nil, p.commentEnds(start, i)
		}
		_, err := p.until("#*", "*#", "comment")
		return nil, nil, err
	case p.has("##"):
		return nil, nil, p.lineComment()
	}
	if n := p.setPrefix(); n > 0 {
		p.pos += n
		n, err := p.set(start)
		return n, nil, err
	}
	name, length := p.directiveWord()
	if name == "" {
		if p.pos+1 == len(p.src) {
			return nil, nil, p.errorf(start, "the template ends in #: write the # before other text")
		}
		p.pos++
		return textNode("#"), nil, nil
	}
	p.pos += length
	switch name {
	case "end":
		p.skipLineEnd()
		return nil, &blockEnd{kind: endEnd}, nil
	case "else":
		p.skipLineEnd()
		return nil, &blockEnd{kind: endElse}, nil
	case "elseif":
		return nil, &blockEnd{kind: endElseIf}, nil
	case "if":
		n, err := p.ifDirective()
		return n, nil, err
	}
	n, err := p.directive(start, name)
	return n, nil, err
}

// until reads a construct that nothing inside can end early.
func (p *parser) until(open, closing, what string) (string, error) {
	rest := p.src[p.pos+len(open):]
	i := strings.Index(rest, closing)
	if i < 0 {
		return "", p.errorf(p.pos, "the %s that starts with %s is not closed by %s", what, open, closing)
	}
	p.pos += len(open) + i + len(closing)
	return rest[:i], nil
}

// lineComment skips ## up to and with the line end.
func (p *parser) lineComment() error {
	start := p.pos
	i := strings.IndexAny(p.src[p.pos:], "\r\n")
	if i < 0 {
		p.pos = len(p.src)
		return p.commentEnds(start, start+len("##"))
	}
	p.pos += i + 1
	if p.src[p.pos-1] == '\r' && p.peek(0) == '\n' {
		p.pos++
	}
	return nil
}

// commentEnds is for a comment that the template ends in: even there Velocity
// wants something behind a # or $. text is where the comment's text begins.
func (p *parser) commentEnds(start, text int) error {
	p.commentAtEnd = true
	if body := strings.TrimSuffix(p.src[text:], "!"); strings.HasSuffix(body, "#") || strings.HasSuffix(body, "$") {
		return p.errorf(start, "the template ends in a comment with # or $ at its end: end the line")
	}
	return nil
}

// setPrefix is the length of "#set(" or "#{set} (" here, 0 when #set does not
// start here. Only blanks may stand before the parenthesis.
func (p *parser) setPrefix() int {
	i := len("#set")
	if p.has("#{set}") {
		i = len("#{set}")
	} else if !p.has("#set") {
		return 0
	}
	for p.peek(i) == ' ' {
		i++
	}
	if p.peek(i) == '(' {
		return i + 1
	}
	return 0
}

// directiveWord is the name after the # here and the length with the # and
// braces; "" when there is none.
func (p *parser) directiveWord() (string, int) {
	i := 1
	braces := p.peek(1) == '{'
	if braces {
		i = 2
	}
	start := i
	if c := p.peek(i); !isAlpha(c) && c != '_' && (c != '@' || braces) {
		return "", 0
	}
	for c := p.peek(i); isWordChar(c); c = p.peek(i) {
		i++
	}
	name := p.src[p.pos+start : p.pos+i]
	if braces {
		if p.peek(i) != '}' {
			return "", 0
		}
		i++
	}
	return name, i
}

func (p *parser) set(start int) (node, error) {
	p.skipSpace()
	target, err := p.reference()
	if err != nil {
		return nil, err
	}
	if p.skipSpace(); p.peek(0) != '=' || p.peek(1) == '=' {
		return nil, p.errorf(p.pos, "#set needs = after %s", target.literal)
	}
	p.pos++
	value, err := p.expression()
	if err != nil {
		return nil, err
	}
	if err := p.closeParen(start, "#set"); err != nil {
		return nil, err
	}
	return &setNode{target, value}, nil
}

// closeParen reads the ) of a directive and the line end after it.
func (p *parser) closeParen(start int, what string) error {
	p.skipSpace()
	switch {
	case p.pos == len(p.src):
		return p.errorf(start, "%s is not closed by )", what)
	case p.peek(0) != ')':
		return p.errorf(p.pos, "expected an operator or ) in %s, found %q", what, firstRune(p.src[p.pos:]))
	}
	p.pos++
	p.skipLineEnd()
	return nil
}

func (p *parser) condition(what string) (expr, error) {
	start := p.pos
	if p.skipSpace(); p.peek(0) != '(' {
		return nil, p.errorf(p.pos, "%s needs a condition in parentheses", what)
	}
	p.pos++
	cond, err := p.expression()
	if err != nil {
		return nil, err
	}
	return cond, p.closeParen(start, what)
}

func (p *parser) ifDirective() (node, error) {
	start := p.pos
	n := &ifNode{}
	what := "#if"
	for {
		cond, err := p.condition(what)
		if err != nil {
			return nil, err
		}
		body, end, err := p.block()
		if err != nil {
			return nil, err
		}
		n.branches = append(n.branches, branch{cond, body})
		switch end.kind {
		case endEOF:
			return nil, p.errorf(start, "#if has no #end")
		case endElseIf:
			what = "#elseif"
			continue
		case endElse:
			n.otherwise, err = p.body("else")
			return n, err
		}
		return n, nil
	}
}
