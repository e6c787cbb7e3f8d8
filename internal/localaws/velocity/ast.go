// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

// node is a piece of a template that writes output.
type node interface {
	render(s *state) error
}

// expr is a piece of a template that has a value. truth is separate from
// value because in Velocity only references, comparisons, logic and booleans
// can be true: #if(1) and #if("x") are false.
type expr interface {
	value(s *state) (any, error)
	truth(s *state) (bool, error)
}

type (
	// textNode is text that is copied.
	textNode string

	// refNode is a reference in text.
	refNode struct {
		*ref
		backslashes int // before the $
	}

	// setNode is #set(target = value).
	setNode struct {
		target *ref
		value  expr
	}

	// ifNode is #if with its #elseif parts; otherwise is the #else block.
	ifNode struct {
		branches  []branch
		otherwise []node
	}

	branch struct {
		cond expr
		body []node
	}

	// foreachNode is #foreach($name in list).
	foreachNode struct {
		name string
		list expr
		body []node
	}

	// defineNode is #define($name) body #end.
	defineNode struct {
		name string
		body []node
	}

	// callNode is #name(args), which is a macro call when there is such a
	// macro at render time and else its own text. body is set for #@name.
	callNode struct {
		name    string
		args    []expr
		texts   []string // the arguments as written
		words   bool     // an argument is a bare word, which no macro accepts
		body    []node
		block   bool
		literal string
	}

	// stopNode is #stop; breakNode is #break, with the scope to leave.
	stopNode  struct{}
	breakNode struct{ scope expr }
)

// macro is what #macro declares.
type macro struct {
	name   string
	params []string
	body   []node
}

// ref is a reference: a variable and what is done with it.
type ref struct {
	root    string
	parts   []part
	quiet   bool
	literal string // as written, from the $; printed when there is no value
}

// part is one step of a reference: .name, .name(args) or [index].
type part struct {
	kind partKind
	name string
	args []expr
}

type partKind uint8

const (
	partProperty partKind = iota
	partMethod
	partIndex
)

type (
	constExpr struct{ v any } // numbers, 'strings'
	boolExpr  bool
	// stringExpr is a "string" with references or directives in it.
	stringExpr struct {
		body    []node
		comment bool // it ends in a ## comment
	}
	listExpr  []expr
	mapExpr   []mapPair
	rangeExpr struct{ from, to expr }
	mathExpr  struct {
		op          byte
		left, right operand
	}
	compareExpr struct {
		op          string
		left, right expr
	}
	logicExpr struct {
		and         bool
		left, right expr
	}
	notExpr struct{ x expr }
)

type mapPair struct{ key, val expr }

// operand is an operand of arithmetic with the text it was written as, which
// string concatenation prints when the operand has no value.
type operand struct {
	expr
	text string
}
