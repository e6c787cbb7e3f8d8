// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command apilint runs the analyzers of kube-api-linter on the types of the
// API. Findings that are meant to be so stand in exceptions.yaml with their
// reasons; any other one fails, and so does an exception that excuses nothing.
//
// Usage: apilint DIRECTORY, where DIRECTORY is the root of the repository.
package main

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
	"sigs.k8s.io/kube-api-linter/pkg/analysis/registry"
	"sigs.k8s.io/kube-api-linter/pkg/config"
	_ "sigs.k8s.io/kube-api-linter/pkg/registration" // the analyzers
	"sigs.k8s.io/yaml"
)

//go:embed exceptions.yaml
var exceptionsFile []byte

// exception excuses the findings of an analyzer that match, for a reason.
type exception struct {
	Linter string `json:"linter"`
	// Fields is a regular expression that a whole field's name, as Type.Field,
	// has to match.
	Fields string `json:"fields"`
	// Says is a regular expression for the finding; empty is any.
	Says   string `json:"says"`
	Reason string `json:"reason"`

	fields, says *regexp.Regexp
	used         bool
}

// needRules are analyzers that only check rules of one's own, of which there
// are none here.
var needRules = []string{"conflictingmarkers", "dependenttags", "forbiddenmarkers", "namingconventions", "preferredmarkers"}

type finding struct {
	linter, field, message string
	at                     token.Position
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "apilint:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: apilint DIRECTORY")
	}
	exceptions, err := readExceptions(exceptionsFile)
	if err != nil {
		return err
	}
	findings, err := lint(args[0])
	if err != nil {
		return err
	}
	bad := 0
	for _, f := range findings {
		if excused(f, exceptions) {
			continue
		}
		bad++
		fmt.Printf("%s: %s: %s: %s\n", f.at, f.linter, f.field, f.message)
	}
	for _, e := range exceptions {
		if !e.used {
			bad++
			fmt.Printf("exceptions.yaml: %s on %s excuses nothing; remove it\n", e.Linter, e.Fields)
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d problems; follow the convention, or explain the exception in hack/apilint/exceptions.yaml", bad)
	}
	return nil
}

func readExceptions(text []byte) ([]*exception, error) {
	var list []*exception
	if err := yaml.UnmarshalStrict(text, &list); err != nil {
		return nil, fmt.Errorf("exceptions.yaml: %w", err)
	}
	for _, e := range list {
		if e.Linter == "" || e.Fields == "" || e.Reason == "" {
			return nil, fmt.Errorf("exceptions.yaml: %+v lacks linter, fields or reason", *e)
		}
		var err error
		if e.fields, err = regexp.Compile("^(" + e.Fields + ")$"); err != nil {
			return nil, err
		}
		if e.says, err = regexp.Compile(e.Says); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func excused(f finding, exceptions []*exception) bool {
	for _, e := range exceptions {
		if e.Linter == f.linter && e.fields.MatchString(f.field) && e.says.MatchString(f.message) {
			e.used = true
			return true
		}
	}
	return false
}

// lint runs every analyzer on the packages below api/.
func lint(root string) ([]finding, error) {
	all := registry.DefaultRegistry()
	enabled := slices.DeleteFunc(all.AllLinters().UnsortedList(), func(name string) bool { return slices.Contains(needRules, name) })
	analyzers, err := all.InitializeLinters(config.Linters{Disable: []string{config.Wildcard}, Enable: enabled}, config.LintersConfig{})
	if err != nil {
		return nil, err
	}
	root, err = filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: root, Env: append(os.Environ(), "GOWORK=off")}, "./api/...")
	if err != nil {
		return nil, err
	}
	if packages.PrintErrors(loaded) > 0 || len(loaded) == 0 {
		return nil, errors.New("the packages below api/ can't be read")
	}
	graph, err := checker.Analyze(analyzers, loaded, nil)
	if err != nil {
		return nil, err
	}
	var findings []finding
	for act := range graph.All() {
		if act.Err != nil {
			return nil, fmt.Errorf("%s: %w", act.Analyzer.Name, act.Err)
		}
		if !act.IsRoot {
			continue
		}
		for _, d := range act.Diagnostics {
			at := act.Package.Fset.Position(d.Pos)
			if name, err := filepath.Rel(root, at.Filename); err == nil {
				at.Filename = name
			}
			findings = append(findings, finding{act.Analyzer.Name, fieldAt(act.Package, d), d.Message, at})
		}
	}
	slices.SortFunc(findings, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.linter, b.linter), cmp.Compare(a.at.Filename, b.at.Filename), cmp.Compare(a.at.Line, b.at.Line), cmp.Compare(a.message, b.message))
	})
	return slices.Compact(findings), nil
}

// fieldAt names what a finding is about: Type.Field, or a type alone.
func fieldAt(p *packages.Package, d analysis.Diagnostic) string {
	for _, file := range p.Syntax {
		if d.Pos < file.FileStart || d.Pos >= file.FileEnd {
			continue
		}
		for _, declaration := range file.Decls {
			general, ok := declaration.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range general.Specs {
				if named, ok := spec.(*ast.TypeSpec); ok && covers(d.Pos, general, spec) {
					return named.Name.Name + member(named, d.Pos)
				}
			}
		}
	}
	return "?"
}

func covers(pos token.Pos, general *ast.GenDecl, spec ast.Spec) bool {
	from, to := spec.Pos(), spec.End()
	if len(general.Specs) == 1 {
		from, to = general.Pos(), general.End()
		if general.Doc != nil {
			from = general.Doc.Pos()
		}
	}
	return pos >= from && pos <= to
}

func member(named *ast.TypeSpec, pos token.Pos) string {
	structure, ok := named.Type.(*ast.StructType)
	if !ok {
		return ""
	}
	for _, field := range structure.Fields.List {
		from := field.Pos()
		if field.Doc != nil {
			from = field.Doc.Pos()
		}
		if pos < from || pos > field.End() {
			continue
		}
		if len(field.Names) > 0 {
			return "." + field.Names[0].Name
		}
		return "." + fmt.Sprint(field.Type)
	}
	return ""
}
