// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import "strings"

// Here is what Velocity 1.7 makes of characters around references that were
// meant as text; corpus/quirks.txt of the conformance suite shows each case.

// runt reads a $ or $! that begins no reference.
func (p *parser) runt(backslashes int) (string, error) {
	start := p.pos
	p.pos++
	rest := p.src[p.pos:]
	bang := strings.HasPrefix(rest, "!")
	after := strings.TrimPrefix(rest, "!")
	switch {
	case after == "":
		return "", p.errorf(start, "the template ends in %q: write the $ before other text", p.src[start:])
	case strings.HasPrefix(after, "{["), strings.HasPrefix(after, "[") && backslashes > 0:
		return "", p.errorf(start, "%q begins no reference: Velocity refuses it", p.src[start:min(start+4, len(p.src))])
	case bang && strings.IndexByte("${}[#", after[0]) < 0 && !strings.HasPrefix(strings.TrimLeft(after, `\`), "$"):
		p.pos++ // Velocity loses the ! of "$! "
	}
	return "$", nil
}

// namesAfter reads what touches a reference without braces. Velocity 1.7
// takes a name there ("$x.y()px", "$x{name}") for a second reference, of which
// it prints only the beginning: "$x.y()index.html" ends in "index".
func (p *parser) namesAfter() error {
	var text strings.Builder
	for {
		start := p.pos
		brace := p.peek(0) == '{'
		i := 0
		if brace {
			i = 1 + len(dollars(p.src[start+1:]))
		}
		if c := p.peek(i); !isAlpha(c) && c != '_' {
			break
		}
		p.pos += i
		name, err := p.identifier()
		if err != nil {
			return err
		}
		if err := p.parts(&ref{}); err != nil {
			return err
		}
		if !brace {
			text.WriteString(name)
			continue
		}
		if p.peek(0) != '}' {
			return p.errorf(start, "a { right after a reference begins another one, which is not closed by }: write ${name} before it")
		}
		p.pos++
		text.WriteByte('{')
		break
	}
	if c := p.peek(0); text.Len() == 0 && (c == '}' || c == '{') {
		// A brace is a piece of text of its own here, so that the blanks
		// between it and a #set are eaten.
		p.pos++
		text.WriteByte(c)
		p.afterRef = c == '{'
	}
	if text.Len() > 0 {
		p.extra = textNode(text.String())
	}
	return nil
}

// indexError is for a [ behind something that stands behind a reference.
func (p *parser) indexError() error {
	return p.errorf(p.pos, "a [ here is an index without a reference to Velocity: write ${name} before it")
}
