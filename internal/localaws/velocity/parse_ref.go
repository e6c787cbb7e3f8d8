// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import "strings"

// textReference reads a reference in text, after its backslashes. What looks
// like none ("$5", "$ ", "$$") is text.
func (p *parser) textReference(backslashes int) (node, error) {
	start := p.pos
	run := p.src[start-backslashes : start]
	// $\!x prints $!x: the backslash escapes the quiet form, value or not.
	i := 1
	for p.peek(i) == '\\' {
		i++
	}
	if i > 1 && p.peek(i) == '!' {
		p.pos += i + 1
		text := run + "$" + strings.Repeat(`\`, i-2) + "!"
		err := p.namesAfter()
		if name, ok := p.extra.(textNode); ok {
			text += string(name)
			p.extra = nil
		}
		return textNode(text), err
	}
	if p.startsReference() == 0 {
		text, err := p.runt(backslashes)
		return textNode(run + text), err
	}
	r, err := p.reference()
	if err != nil {
		return nil, err
	}
	inherited := start-backslashes == p.propertyEnd
	if !strings.HasSuffix(r.literal, "}") || inherited {
		p.afterRef = true
		if inherited && p.peek(0) == '[' {
			return nil, p.indexError()
		}
		if r.endsInProperty() {
			p.propertyEnd = p.pos
		}
		if r.endsInProperty() && p.has("##") {
			p.pos += 2 // behind $x.y, though not behind $x, this is no comment
			p.extra = textNode("##")
		} else {
			err = p.namesAfter()
		}
	}
	return &refNode{ref: r, backslashes: backslashes}, err
}

// endsInProperty reports whether the last step but indexes is a property.
func (r *ref) endsInProperty() bool {
	for i := len(r.parts) - 1; i >= 0; i-- {
		if r.parts[i].kind != partIndex {
			return r.parts[i].kind == partProperty
		}
	}
	return false
}

// startsReference is the length of what precedes the variable name of a
// reference here ("$", "$!", "${", "$!{"), 0 when there is no reference.
func (p *parser) startsReference() int {
	if p.peek(0) != '$' {
		return 0
	}
	i := 1
	if p.peek(i) == '!' {
		i++
	}
	if p.peek(i) == '{' {
		i++
		i += len(dollars(p.src[p.pos+i:]))
	}
	if isAlpha(p.peek(i)) || p.peek(i) == '_' {
		return i
	}
	return 0
}

// dollars is the $ or $! that s starts with, "" if none.
func dollars(s string) string {
	switch {
	case strings.HasPrefix(s, "$!"):
		return "$!"
	case strings.HasPrefix(s, "$"):
		return "$"
	}
	return ""
}

// reference reads a reference; the caller has made sure that one starts here
// or wants an error.
func (p *parser) reference() (*ref, error) {
	start := p.pos
	n := p.startsReference()
	if n == 0 {
		return nil, p.errorf(start, "a $ here must begin a reference such as $name or ${name}")
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	r := &ref{quiet: p.peek(1) == '!'}
	prefix := p.src[p.pos : p.pos+n]
	formal := strings.Contains(prefix, "{")
	p.pos += n
	var err error
	if r.root, err = p.identifier(); err != nil {
		return nil, err
	}
	// ${$x} looks for a variable with a $ in its name, which there can't be.
	r.root = prefix[1+strings.IndexByte(prefix, '{'):] + r.root
	if !formal {
		r.root = strings.TrimLeft(r.root, "$!")
	}
	if err := p.parts(r); err != nil {
		return nil, err
	}
	if formal {
		if p.peek(0) != '}' {
			return nil, p.errorf(p.pos, "the reference %s is not closed by }", p.src[start:min(p.pos, start+40)])
		}
		p.pos++
	}
	r.literal = p.src[start:p.pos]
	return r, nil
}

func (p *parser) identifier() (string, error) {
	start := p.pos
	for isNameChar(p.peek(0)) {
		p.pos++
	}
	name := p.src[start:p.pos]
	if name == "true" || name == "false" {
		return "", p.errorf(start, "%q can't be a name", name)
	}
	return name, nil
}

func (p *parser) parts(r *ref) error {
	for {
		if p.peek(0) == '[' {
			p.pos++
			e, err := p.indexParameter()
			if err != nil {
				return err
			}
			r.parts = append(r.parts, part{kind: partIndex, args: []expr{e}})
			continue
		}
		if p.peek(0) != '.' || !isAlpha(p.peek(1)) {
			return nil
		}
		p.pos++
		name, err := p.identifier()
		if err != nil {
			return err
		}
		// "$a.b(" at the very end is text, as in Velocity, which looks one
		// token further before it commits to a call.
		if p.peek(0) != '(' || p.pos+1 == len(p.src) {
			r.parts = append(r.parts, part{name: name})
			continue
		}
		p.pos++
		args, err := p.arguments(')')
		if err != nil {
			return err
		}
		r.parts = append(r.parts, part{kind: partMethod, name: name, args: args})
	}
}

// indexParameter reads what stands in [ ] after a reference.
func (p *parser) indexParameter() (expr, error) {
	p.skipSpace()
	start := p.pos
	e, err := p.parameter()
	if err != nil {
		return nil, err
	}
	switch e := e.(type) {
	case listExpr, mapExpr, rangeExpr:
		return nil, p.errorf(start, "an index must be a string, an integer, a boolean or a reference")
	case constExpr:
		if _, ok := e.v.(float64); ok {
			return nil, p.errorf(start, "an index must not have a fraction")
		}
	}
	p.skipSpace()
	if p.peek(0) != ']' {
		return nil, p.errorf(p.pos, "an index must end in ]")
	}
	p.pos++
	return e, nil
}

// arguments reads comma-separated parameters up to the closing character.
func (p *parser) arguments(closing byte) ([]expr, error) {
	var args []expr
	if p.peek(0) == closing {
		p.pos++
		return nil, nil
	}
	if p.skipSpace(); p.peek(0) == closing {
		return nil, p.errorf(p.pos, "Velocity refuses blanks in empty brackets: remove them before %c", closing)
	}
	for {
		e, err := p.parameter()
		if err != nil {
			return nil, err
		}
		args = append(args, e)
		p.skipSpace()
		switch p.peek(0) {
		case ',':
			p.pos++
		case closing:
			p.pos++
			return args, nil
		default:
			return nil, p.errorf(p.pos, "expected , or %c", closing)
		}
	}
}
