// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"strings"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

// Update is an update expression.
type Update struct {
	actions []action
	paths   []Path
}

type action struct {
	// section is SET, REMOVE, ADD or DELETE.
	section string
	path    Path
	value   *node
}

var sections = []string{"SET", "REMOVE", "ADD", "DELETE"}

// ParseUpdate reads an update expression and resolves its placeholders.
func ParseUpdate(s string, names *Placeholders) (*Update, error) {
	p, err := newParser(s)
	if err != nil {
		return nil, err
	}
	u := &Update{}
	repeated := ""
	seen := map[string]bool{}
	for p.err == nil {
		section := strings.ToUpper(p.peek().text)
		if !p.keyword(section) || !isSection(section) {
			p.fail()
			break
		}
		p.next()
		if seen[section] && repeated == "" {
			repeated = section
		}
		seen[section] = true
		u.section(p, section)
		if p.peek().kind == tokEnd {
			break
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	for _, a := range u.actions {
		u.paths = append(u.paths, a.path)
	}
	return u, u.check(names, repeated)
}

func isSection(word string) bool {
	for _, s := range sections {
		if s == word {
			return true
		}
	}
	return false
}

func (u *Update) section(p *parser, section string) {
	for p.err == nil {
		a := action{section: section, path: p.path()}
		switch section {
		case "SET":
			p.expect("=")
			a.value = setValue(p)
		case "ADD", "DELETE":
			a.value = p.operand()
			if a.value.op != opValue {
				p.fail()
			}
		}
		u.actions = append(u.actions, a)
		if !p.accept(",") {
			return
		}
	}
}

// setValue reads the right-hand side of SET: an operand, or a sum or
// difference of two.
func setValue(p *parser) *node {
	left := setOperand(p)
	switch {
	case p.accept("+"):
		return &node{op: opPlus, name: "+", args: []*node{left, setOperand(p)}}
	case p.accept("-"):
		return &node{op: opMinus, name: "-", args: []*node{left, setOperand(p)}}
	}
	return left
}

func setOperand(p *parser) *node {
	if !p.enter() {
		return &node{op: opValue}
	}
	defer p.leave()
	if p.accept("(") {
		n := setValue(p)
		p.expect(")")
		return n
	}
	return p.operand()
}

var updateFunctions = map[string]bool{"if_not_exists": true, "list_append": true}

// check looks for whole classes of mistakes one after the other, as DynamoDB
// does.
func (u *Update) check(names *Placeholders, repeated string) error {
	if err := u.each(reservedIn, reservedWord); err != nil {
		return err
	}
	err := u.each(nil, func(n *node) error {
		if n.op == opFunction && !updateFunctions[n.name] {
			return Error("Invalid function name; function: " + n.name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if repeated != "" {
		return Error("The \"" + repeated + "\" section can only be used once in an update expression;")
	}
	if err := u.each(names.resolvePath, func(n *node) error {
		if n.op == opPath {
			return names.resolvePath(n.path)
		}
		return nil
	}); err != nil {
		return err
	}
	if err := u.each(nil, func(n *node) error {
		if n.op == opValue {
			return names.resolveValue(n)
		}
		return nil
	}); err != nil {
		return err
	}
	if err := checkOverlap(u.paths); err != nil {
		return err
	}
	for _, a := range u.actions {
		if err := checkOperand(a); err != nil {
			return err
		}
	}
	return u.each(nil, checkUpdateFunction)
}

// each calls the two functions for the paths and the value nodes of all
// actions, in source order, and returns the first error.
func (u *Update) each(path func(Path) error, value func(*node) error) error {
	var first error
	for _, a := range u.actions {
		if path != nil && first == nil {
			first = path(a.path)
		}
		if a.value != nil && first == nil {
			first = firstError(a.value, value)
		}
	}
	return first
}

var longKinds = map[attr.Kind]string{
	attr.S: "STRING", attr.N: "NUMBER", attr.B: "BINARY", attr.NULL: "NULL", attr.BOOL: "BOOLEAN", attr.L: "LIST", attr.M: "MAP",
}

func checkOperand(a action) error {
	if a.section != "ADD" && a.section != "DELETE" {
		return nil
	}
	kind := a.value.kind()
	if long, scalar := longKinds[kind]; scalar && (a.section == "DELETE" || kind != attr.N) {
		return Error("Incorrect operand type for operator or function; operator: " + a.section + ", operand type: " + long)
	}
	return nil
}

func checkUpdateFunction(n *node) error {
	if n.op != opFunction && n.op != opPlus && n.op != opMinus {
		return nil
	}
	if len(n.args) != 2 {
		return wrongCount(n)
	}
	want := attr.N
	switch n.name {
	case "if_not_exists":
		if n.args[0].op != opPath {
			return Error("Operator or function requires a document path; operator or function: " + n.name)
		}
		return nil
	case "list_append":
		want = attr.L
	}
	for _, a := range n.args {
		if k := a.kind(); k != attr.Invalid && k != want {
			return wrongType(n.name, k.String())
		}
	}
	return nil
}

// Paths returns the paths the update changes, in source order.
func (u *Update) Paths() []Path { return u.paths }

// Changed is the projection of an item to what the update names, for
// ReturnValues UPDATED_OLD and UPDATED_NEW.
func (u *Update) Changed() *Projection { return newProjection(u.paths) }

// LiteralKinds returns the attributes that are set as a whole to a value
// whose type is known from the request, with that type.
func (u *Update) LiteralKinds() map[string]attr.Value {
	out := map[string]attr.Value{}
	for _, a := range u.actions {
		if !a.path.Nested() && a.value != nil && a.value.op == opValue {
			out[a.path.Root()] = a.value.value
		}
	}
	return out
}
