// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import "strings"

// directive reads a directive other than #set and #if, after its name. An
// unknown name is a macro call, or text if no such macro turns up.
func (p *parser) directive(start int, name string) (node, error) {
	switch name {
	case "include", "parse", "evaluate":
		return nil, p.errorf(start, "#%s is not available in API Gateway's mapping templates", name)
	}
	args, parens, err := p.directiveArgs(start, name)
	if err != nil {
		return nil, err
	}
	literal := p.src[start:p.pos]
	switch name {
	case "stop":
		return stopNode{}, nil
	case "break":
		n := breakNode{}
		if len(args) > 0 {
			n.scope = args[0].expr
		}
		return n, nil
	case "foreach", "define", "macro", "literal":
		if !parens {
			return nil, p.errorf(start, "#%s needs parentheses", name)
		}
	}
	switch name {
	case "foreach":
		return p.foreach(start, args)
	case "define":
		return p.define(start, args)
	case "macro":
		return nil, p.macro(start, args)
	case "literal":
		from := p.pos
		_, end, err := p.block()
		if err == nil && end.kind != endEnd {
			err = p.errorf(start, "#literal has no #end")
		}
		if err != nil {
			return nil, err
		}
		return textNode(p.src[from:end.pos]), nil
	}
	if !parens && p.macros[name] == nil && strings.HasPrefix(name, "@") {
		return textNode(literal), nil
	}
	call := &callNode{name: strings.TrimPrefix(name, "@"), literal: literal}
	for _, a := range args {
		if a.word != "" {
			call.words = true
		}
		call.args = append(call.args, a.expr)
		call.texts = append(call.texts, a.text)
	}
	if strings.HasPrefix(name, "@") {
		from := p.pos
		call.block = true
		if call.body, err = p.body(name); err != nil {
			return nil, err
		}
		call.literal += p.src[from:p.pos]
	}
	if call.words && p.macros[name] != nil {
		return nil, p.errorf(start, "the macro #%s is called with a bare word: quote it", name)
	}
	return call, nil
}

// directiveArg is an argument of a directive: an expression, or a bare word.
type directiveArg struct {
	expr expr
	word string
	pos  int
	text string
}

// directiveArgs reads ( arg, arg arg ) if there is a parenthesis, even on a
// later line.
func (p *parser) directiveArgs(start int, name string) ([]directiveArg, bool, error) {
	i := 0
	for isSpace(p.peek(i)) {
		i++
	}
	if p.peek(i) != '(' {
		return nil, false, nil
	}
	p.pos += i + 1
	var args []directiveArg
	for {
		p.skipSpace()
		if p.peek(0) == ')' {
			p.pos++
			p.skipLineEnd()
			return args, true, nil
		}
		if len(args) > 0 && p.peek(0) == ',' {
			p.pos++
			p.skipSpace()
		}
		a := directiveArg{pos: p.pos}
		if w := p.bareWord(); w != "" && w != "true" && w != "false" {
			a.word = w
			p.pos += len(w)
		} else {
			var err error
			if p.pos == len(p.src) {
				return nil, false, p.errorf(start, "#%s( is not closed by )", name)
			}
			if a.expr, err = p.parameter(); err != nil {
				return nil, false, err
			}
		}
		a.text = p.src[a.pos:p.pos]
		args = append(args, a)
	}
}

// foreach reads the block of a #foreach. The second word is "in", but Velocity
// takes any.
func (p *parser) foreach(start int, args []directiveArg) (node, error) {
	if len(args) < 3 || args[0].variable() == "" || args[1].word == "" || args[2].expr == nil {
		return nil, p.errorf(start, "#foreach is written #foreach($item in $list)")
	}
	for _, a := range args[3:] {
		if a.word != "" {
			return nil, p.errorf(a.pos, "unexpected %q in #foreach", a.word)
		}
	}
	body, err := p.body("foreach")
	if err != nil {
		return nil, err
	}
	return &foreachNode{name: args[0].variable(), list: args[2].expr, body: body}, nil
}

// variable is the name when the argument is a plain $name, else "".
func (a directiveArg) variable() string {
	if r, ok := a.expr.(*ref); ok && len(r.parts) == 0 {
		return r.root
	}
	return ""
}

func (p *parser) define(start int, args []directiveArg) (node, error) {
	if len(args) != 1 || args[0].variable() == "" {
		return nil, p.errorf(start, "#define is written #define($name)")
	}
	body, err := p.body("define")
	if err != nil {
		return nil, err
	}
	return &defineNode{name: args[0].variable(), body: body}, nil
}

// macro registers a macro. The first declaration of a name stays, as in
// Velocity, where later ones may not replace it.
func (p *parser) macro(start int, args []directiveArg) error {
	if len(args) == 0 || args[0].word == "" {
		return p.errorf(start, "#macro is written #macro(name $parameter ...)")
	}
	m := &macro{name: args[0].word}
	for _, a := range args[1:] {
		name := a.variable()
		if name == "" {
			return p.errorf(a.pos, "a parameter of #macro(%s) must be a plain $name", m.name)
		}
		m.params = append(m.params, name)
	}
	body, err := p.body("macro")
	if err != nil {
		return err
	}
	m.body = body
	if p.macros[m.name] == nil {
		p.macros[m.name] = m
	}
	return nil
}
