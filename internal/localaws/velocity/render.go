// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"errors"
	"fmt"
	"maps"
	"strings"
)

// Options bound the work of a rendering and choose the dialect. The zero
// value is plain Velocity 1.7 with the default bounds.
type Options struct {
	// MaxForeach is the number of passes after which any #foreach ends
	// without an error; default 1000 (aws-facts A3). Negative: no limit but
	// MaxSteps.
	MaxForeach int
	// MaxSteps bounds the work in steps of about one node each, with long
	// strings counted by length; default 5 million.
	MaxSteps int
	// MaxOutput bounds the output, and any one string, in bytes; default
	// 16 MiB. All strings made in one rendering may hold 8 times as much.
	MaxOutput int
	// NullAsEmpty chooses the dialect of API Gateway; dialect.go lists what
	// it changes.
	NullAsEmpty bool
}

const (
	defaultMaxForeach = 1000
	defaultMaxSteps   = 5_000_000
	defaultMaxOutput  = 16 << 20
	maxMacroDepth     = 20 // velocimacro.max.depth
	maxDigits         = 1000
)

var (
	errTooMuchOutput = errors.New("the result is too large: a template may not make this much text")
	errTooMuchWork   = errors.New("the template does too much work and was stopped")
	errTooDeep       = errors.New("a value is nested too deep to print, or contains itself")
)

// stopError and breakError unwind #stop and #break.
type stopError struct{}

func (stopError) Error() string { return "#stop" }

type breakError struct{ scope *foreachScope }

func (breakError) Error() string { return "#break" }

// state is one rendering.
type state struct {
	opt     Options
	vars    map[string]any
	frame   *frame
	macros  map[string]*macro
	out     *strings.Builder
	steps   int
	memory  int
	calls   int   // macros that call each other
	nesting int   // evaluation within evaluation
	pending error // of a #define block that was printed by way of String
	regexps map[string]*javaRegexp
	shared  *patterns
}

// frame holds the arguments of a macro call. They are evaluated anew at each
// use, in the frame of the caller.
type frame struct {
	parent *frame
	args   map[string]expr
	texts  map[string]string // the arguments as the caller wrote them
	local  map[string]any
}

// Render runs the template. vars are the variables it sees, template values
// or plain Go values as From takes them; the map is not changed, though maps
// and lists in it may be, by the template. An error means that a method threw
// an exception or that a bound of opt was hit; there is no output then. The
// output is valid UTF-8.
func (t *Template) Render(vars map[string]any, opt Options) (string, error) {
	if opt.MaxForeach == 0 {
		opt.MaxForeach = defaultMaxForeach
	}
	if opt.MaxSteps <= 0 {
		opt.MaxSteps = defaultMaxSteps
	}
	if opt.MaxOutput <= 0 {
		opt.MaxOutput = defaultMaxOutput
	}
	s := &state{
		opt: opt, vars: make(map[string]any, len(vars)), macros: maps.Clone(t.macros), out: &strings.Builder{},
		shared: &t.patterns,
	}
	for k, v := range vars {
		s.vars[k] = From(v)
	}
	err := s.nodes(t.body)
	if errors.As(err, new(stopError)) || errors.As(err, new(breakError)) {
		err = nil
	}
	if err != nil {
		return "", fmt.Errorf("template %s: %w", t.name, err)
	}
	return EncodeUTF8(s.out.String()), nil
}

// step counts n units of work.
func (s *state) step(n int) error {
	s.steps += n
	if s.steps > s.opt.MaxSteps {
		return errTooMuchWork
	}
	return nil
}

// made counts a string that was made, and its cost.
func (s *state) made(n int) error {
	s.memory += n
	if n > s.opt.MaxOutput || s.memory > 8*s.opt.MaxOutput {
		return errTooMuchOutput
	}
	return s.step(1 + n/32)
}

// write prints.
func (s *state) write(text string) error {
	if s.out.Len()+len(text) > s.opt.MaxOutput {
		return errTooMuchOutput
	}
	s.out.WriteString(text)
	return nil
}

// capture renders nodes into a string.
func (s *state) capture(nodes []node) (string, error) {
	outer := s.out
	s.out = &strings.Builder{}
	err := s.nodes(nodes)
	text := s.out.String()
	s.out = outer
	if err == nil {
		err = s.made(len(text))
	}
	return text, err
}

func (s *state) nodes(nodes []node) error {
	for _, n := range nodes {
		if err := s.step(1); err != nil {
			return err
		}
		if err := n.render(s); err != nil {
			return err
		}
	}
	return nil
}

// text is what a value prints as.
func (s *state) text(v any) (string, error) {
	if str, ok := v.(string); ok {
		return str, nil
	}
	w := &writer{limit: s.opt.MaxOutput}
	w.text(v, 0)
	if w.err == nil && s.pending != nil {
		w.err, s.pending = s.pending, nil
	}
	if w.err != nil {
		return "", w.err
	}
	return w.b.String(), s.made(w.b.Len())
}

// lookup is the value of a variable, nil when it is not set.
func (s *state) lookup(name string) (any, error) {
	for f := s.frame; f != nil; f = f.parent {
		if v, ok := f.local[name]; ok {
			return v, nil
		}
		if e, ok := f.args[name]; ok {
			return s.inFrame(f.parent, e)
		}
	}
	return s.vars[name], nil
}

// inFrame evaluates e as the caller of a macro would.
func (s *state) inFrame(f *frame, e expr) (any, error) {
	saved := s.frame
	s.frame = f
	defer func() { s.frame = saved }()
	s.nesting++
	defer func() { s.nesting-- }()
	if s.nesting > maxDepth {
		return nil, errTooDeep
	}
	return e.value(s)
}

// assign sets a variable: a macro's own argument, or else a global one.
func (s *state) assign(name string, v any) {
	for f := s.frame; f != nil; f = f.parent {
		if _, ok := f.args[name]; ok {
			f.local[name] = v
			return
		}
	}
	s.vars[name] = v
}
