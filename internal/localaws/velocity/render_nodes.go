// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"errors"
	"fmt"
	"strings"
)

func (n textNode) render(s *state) error { return s.write(string(n)) }

func (n *refNode) render(s *state) error {
	v, err := n.value(s)
	if err != nil {
		return err
	}
	half := strings.Repeat(`\`, n.backslashes/2)
	if n.backslashes%2 == 1 {
		// An escaped reference prints itself; the backslash that escapes
		// shows when there was nothing to escape.
		if v == nil {
			half += `\`
		}
		return s.write(half + s.missing(n.ref))
	}
	if v == nil {
		text := half + half
		if !n.quiet && !s.opt.NullAsEmpty {
			text += s.missing(n.ref)
		}
		return s.write(text)
	}
	text, err := s.text(v)
	if err != nil {
		return err
	}
	if _, ok := v.(*definedBlock); ok {
		half = "" // Velocity forgets the backslashes before a block
	}
	return s.write(half + text)
}

// missing is what a reference without a value prints: itself, or for the
// argument of a macro what its caller wrote.
func (s *state) missing(r *ref) string {
	if r.literal != "$"+r.root {
		return r.literal
	}
	for f := s.frame; f != nil; f = f.parent {
		if text, ok := f.texts[r.root]; ok {
			return text
		}
	}
	return r.literal
}

func (n *setNode) render(s *state) error {
	v, err := n.value.value(s)
	if err != nil || v == nil {
		return err // directive.set.null.allowed is off: the old value stays
	}
	if len(n.target.parts) == 0 {
		if n.target.literal != "$"+n.target.root {
			return nil // Velocity 1.7 sets nothing by #set(${name} = ...)
		}
		s.assign(n.target.root, v)
		return nil
	}
	last := len(n.target.parts) - 1
	obj, err := n.target.upTo(s, last)
	if err != nil || obj == nil {
		return err
	}
	switch p := n.target.parts[last]; p.kind {
	case partProperty:
		return setKey(obj, p.name, v)
	case partIndex:
		key, err := p.args[0].value(s)
		if err != nil {
			return err
		}
		return setKey(obj, key, v)
	default:
		return nil
	}
}

// setKey assigns to an element or property. What can't be assigned to is left
// alone, as in Velocity.
func setKey(obj, key, v any) error {
	switch obj := obj.(type) {
	case *Map:
		obj.Put(key, v)
	case Setter:
		if name, ok := key.(string); ok {
			return obj.Set(name, v)
		}
	case *List:
		i, ok := key.(int64)
		if !ok || obj.Kind == SetView {
			return nil
		}
		if i < 0 {
			i += int64(len(obj.Items))
		}
		if i < 0 || i >= int64(len(obj.Items)) {
			return fmt.Errorf("index %d of a list of %d elements", i, len(obj.Items))
		}
		obj.Items[i] = v
	}
	return nil
}

func (n *ifNode) render(s *state) error {
	for _, b := range n.branches {
		yes, err := b.cond.truth(s)
		if err != nil {
			return err
		}
		if yes {
			return s.nodes(b.body)
		}
	}
	return s.nodes(n.otherwise)
}

func (n *defineNode) render(s *state) error {
	s.assign(n.name, &definedBlock{s: s, body: n.body, frame: s.frame})
	return nil
}

func (stopNode) render(*state) error { return stopError{} }

func (n breakNode) render(s *state) error {
	if n.scope == nil {
		return breakError{}
	}
	v, err := n.scope.value(s)
	if err != nil {
		return err
	}
	scope, ok := v.(*foreachScope)
	if !ok {
		return errors.New("#break takes a scope such as $foreach")
	}
	return breakError{scope}
}

func (n *callNode) render(s *state) error {
	m := s.macros[n.name]
	if m == nil {
		return s.write(n.literal)
	}
	if n.words {
		return fmt.Errorf("the macro #%s is called with a bare word: quote it", n.name)
	}
	if s.calls >= maxMacroDepth {
		return fmt.Errorf("macros call each other more than %d deep", maxMacroDepth)
	}
	f := &frame{parent: s.frame, args: map[string]expr{}, texts: map[string]string{}, local: map[string]any{}}
	for i, name := range m.params {
		if i < len(n.args) {
			f.args[name], f.texts[name] = n.args[i], n.texts[i]
		}
	}
	if n.block {
		f.args["bodyContent"] = constExpr{&definedBlock{s: s, body: n.body, frame: s.frame}}
	}
	s.frame = f
	s.calls++
	err := s.nodes(m.body)
	s.calls--
	s.frame = f.parent
	return endOfScope(err)
}

// definedBlock is the value of #define($x) and of $bodyContent: a piece of
// template that is rendered whenever it is printed.
type definedBlock struct {
	s     *state
	body  []node
	frame *frame
	depth int // how often it is being printed right now
}

// endOfScope ends a plain #break at a macro or #define, as Velocity does.
func endOfScope(err error) error {
	var b breakError
	if errors.As(err, &b) && b.scope == nil {
		return nil
	}
	return err
}

// Get has no properties to give.
func (*definedBlock) Get(string) (any, bool) { return nil, false }

// Call has no methods to offer.
func (*definedBlock) Call(string, []any) (any, error) { return nil, ErrNoMethod }

// String renders the block. An error waits in the state, since String can't
// return it.
func (d *definedBlock) String() string {
	s := d.s
	saved := s.frame
	s.frame = d.frame
	d.depth++
	s.nesting++
	text, err := "", errTooDeep
	if s.nesting < maxDepth {
		text, err = s.capture(d.body)
	}
	s.nesting--
	d.depth--
	s.frame = saved
	if err = endOfScope(err); err != nil {
		s.pending = err
	}
	return text
}
