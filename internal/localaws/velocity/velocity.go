// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package velocity renders Velocity Template Language, the language of API
// Gateway's mapping templates.
//
// The language is that of Apache Velocity 1.7, held to it by a differential
// suite (hack/conformance/velocity). AWS does not say which engine or version
// it runs (aws-facts E); where its documented or recorded behaviour differs
// from plain Velocity, Options.AWS switches it on, and dialect.go lists every
// such rule with its source.
//
// A template comes from whoever may call the control plane, so nothing in it
// may cost unbounded work: parsing is limited in depth, rendering in steps,
// output and memory (Options).
package velocity

import "strconv"

// maxDepth bounds nesting of blocks, expressions and interpolated strings.
// Velocity has no fixed limit (it ends in a stack overflow); no template
// within API Gateway's 300 KB needs more.
const maxDepth = 150

// ParseError says where a template is not VTL. Line and Column count from 1;
// Column counts characters.
type ParseError struct {
	Name         string
	Line, Column int
	Msg          string
}

// Error reads "name:line:column: message".
func (e *ParseError) Error() string {
	return e.Name + ":" + strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column) + ": " + e.Msg
}

// Template is a parsed template. It is immutable and safe for concurrent use.
type Template struct {
	name   string
	body   []node
	macros map[string]*macro
	// patterns are regular expressions that renderings compiled.
	patterns patterns
}

// Name is the name that was given to Parse.
func (t *Template) Name() string { return t.name }

// Parse reads src. The error, if any, is a *ParseError. Templates that use
// #include, #parse or #evaluate are refused, as API Gateway refuses them
// (aws-facts E).
func Parse(name, src string) (*Template, error) {
	p := &parser{name: name, src: src, macros: map[string]*macro{}, propertyEnd: -1}
	body, end, err := p.block()
	if err != nil {
		return nil, err
	}
	if end.kind != endEOF {
		return nil, p.errorf(end.pos, "#%s without a block it could belong to", end.kind)
	}
	return &Template{name: name, body: body, macros: p.macros}, nil
}
