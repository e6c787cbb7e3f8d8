// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"text/template/parse"
)

// files are the parsed files of mapping templates, by name. Their directives
// are those of text/template between << and >>, which mean nothing in Velocity,
// and text/template's own parser reads them. Its other half is not used:
// it finds methods by name at run time, so that the linker has to keep
// every method of every type, and with them all of the AWS SDK. That took a
// third of the operator's binary (docs/adr/0010-size-and-speed.md).
type files map[string]*parse.Tree

// fields are what the directives know: text, numbers, booleans and lists of
// text.
type fields map[string]any

func parseFiles(from fs.FS, dir string) (files, error) {
	all := files{}
	entries, err := fs.ReadDir(from, dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		text, err := fs.ReadFile(from, path.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		trees, err := parse.Parse(entry.Name(), string(text), "<<", ">>")
		if err != nil {
			return nil, err
		}
		all[entry.Name()] = trees[entry.Name()]
	}
	return all, nil
}

// must is for what is part of the program.
func must(f files, err error) files {
	if err != nil {
		panic(err)
	}
	return f
}

// finish carries out a file's directives.
func (f files) finish(name string, known fields) (string, error) {
	w := &finisher{files: f, known: known}
	if err := w.file(name); err != nil {
		return "", err
	}
	return w.out.String(), nil
}

// finisher writes one text. variables are those of the list it is in.
type finisher struct {
	files     files
	known     fields
	variables fields
	out       strings.Builder
}

func (w *finisher) file(name string) error {
	tree := w.files[name]
	if tree == nil {
		return fmt.Errorf("there is no template %q", name)
	}
	return w.all(tree.Root)
}

func (w *finisher) all(list *parse.ListNode) error {
	if list == nil {
		return nil
	}
	for _, node := range list.Nodes {
		if err := w.node(node); err != nil {
			return err
		}
	}
	return nil
}

func (w *finisher) node(node parse.Node) error {
	switch n := node.(type) {
	case *parse.TextNode:
		w.out.Write(n.Text)
		return nil
	case *parse.TemplateNode:
		return w.file(n.Name)
	case *parse.ActionNode:
		value, err := w.value(n.Pipe)
		if err == nil {
			fmt.Fprint(&w.out, value)
		}
		return err
	case *parse.IfNode:
		value, err := w.value(n.Pipe)
		if err != nil {
			return err
		}
		if holds(value) {
			return w.all(n.List)
		}
		return w.all(n.ElseList)
	case *parse.RangeNode:
		return w.each(n)
	}
	return fmt.Errorf("the directive %s is not known here", node)
}

// each repeats a part for every text of a list: <<range $i, $text := .List>>.
func (w *finisher) each(n *parse.RangeNode) error {
	value, err := w.value(n.Pipe)
	if err != nil {
		return err
	}
	list, ok := value.([]string)
	if !ok || len(n.Pipe.Decl) != 2 || n.ElseList != nil {
		return fmt.Errorf("the directive %s needs a list of text, two variables, and no else", n)
	}
	outer := w.variables
	defer func() { w.variables = outer }()
	for i, text := range list {
		w.variables = fields{n.Pipe.Decl[0].Ident[0]: i, n.Pipe.Decl[1].Ident[0]: text}
		if err := w.all(n.List); err != nil {
			return err
		}
	}
	return nil
}

// errUnknown: misspelt fields must not vanish from a text.
var errUnknown = errors.New("no field or variable of that name")

// value is that of one field or variable; nothing else is known.
func (w *finisher) value(pipe *parse.PipeNode) (any, error) {
	if len(pipe.Cmds) == 1 && len(pipe.Cmds[0].Args) == 1 {
		names, from := []string(nil), w.known
		switch n := pipe.Cmds[0].Args[0].(type) {
		case *parse.FieldNode:
			names = n.Ident
		case *parse.VariableNode:
			names, from = n.Ident, w.variables
		}
		if len(names) == 1 {
			if value, ok := from[names[0]]; ok {
				return value, nil
			}
		}
	}
	return nil, fmt.Errorf("%s: %w", pipe, errUnknown)
}

// holds is what <<if>> asks: text/template calls zero values and empty lists
// false.
func holds(value any) bool {
	switch v := value.(type) {
	case bool:
		return v
	case string:
		return v != ""
	case int:
		return v != 0
	case []string:
		return len(v) > 0
	}
	return false
}
