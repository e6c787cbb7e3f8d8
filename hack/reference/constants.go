// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// constant is a named text of the contract and what it means.
type constant struct {
	name, value, meaning string
}

// readConstants reads the text constants of a Go file, with their comments.
func readConstants(path string) ([]constant, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var all []constant
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok || general.Tok != token.CONST {
			continue
		}
		for _, spec := range general.Specs {
			value, ok := spec.(*ast.ValueSpec)
			if !ok || len(value.Values) != 1 {
				continue
			}
			literal, ok := value.Values[0].(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				continue
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				return nil, err
			}
			comment := value.Doc.Text()
			if comment == "" {
				comment = general.Doc.Text()
			}
			if comment == "" {
				return nil, fmt.Errorf("%s: %s has no comment", path, value.Names[0].Name)
			}
			name := value.Names[0].Name
			all = append(all, constant{name, text, meaning(name, comment)})
		}
	}
	return all, nil
}

// meaning drops the constant's own name from its comment.
func meaning(name, comment string) string {
	text := oneLine(comment)
	for _, lead := range []string{name + ": ", name + " is ", name + " "} {
		if rest, found := strings.CutPrefix(text, lead); found {
			text = rest
			break
		}
	}
	return sentence(text) + "."
}

// writeConstants writes what stands in objects beside the fields' own values.
func writeConstants(page *strings.Builder, constants []constant) {
	for _, group := range []struct{ prefix, title, preface string }{
		{"Condition", "Conditions", "Types of `status.conditions`."},
		{"Reason", "Reasons", "Reasons of conditions; [troubleshooting.md](troubleshooting.md) says what to do about each."},
		{"Annotation", "Annotations", "On the object, or where it says so on its Namespace."},
		{"Finalizer", "Finalizer", "In `metadata.finalizers`."},
	} {
		fmt.Fprintf(page, "\n## %s\n\n%s\n\n| name | meaning |\n|---|---|\n", group.title, group.preface)
		for _, c := range constants {
			if strings.HasPrefix(c.name, group.prefix) {
				fmt.Fprintf(page, "| `%s` | %s |\n", c.value, cell(c.meaning))
			}
		}
	}
}
