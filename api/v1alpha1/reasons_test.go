// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/commentsapi/operator/internal/awscloud"
)

// TestReasonsOfFailuresAreReasonsOfConditions: the packages that say why
// something failed don't import this one; what they say is one of its words.
func TestReasonsOfFailuresAreReasonsOfConditions(t *testing.T) {
	known := reasons(t)
	for _, reason := range awscloud.Reasons() {
		if !slices.Contains(known, reason) {
			t.Errorf("%s is no reason of a condition", reason)
		}
	}
}

// TestEveryReasonIsExplained: whoever sees a reason in a condition finds it in
// docs/troubleshooting.md, and nothing there is out of date.
func TestEveryReasonIsExplained(t *testing.T) {
	text, err := os.ReadFile("../../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^## (\w+)$`).FindAllStringSubmatch(string(text), -1) {
		explained[heading[1]] = true
	}
	for _, reason := range reasons(t) {
		if !explained[reason] {
			t.Errorf("docs/troubleshooting.md has no entry for %s", reason)
		}
		delete(explained, reason)
	}
	for heading := range explained {
		t.Errorf("docs/troubleshooting.md explains %s, which is no reason", heading)
	}
}

// reasons reads the values of the Reason constants from their source.
func reasons(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "conditions.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Reason") {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, value)
		return true
	})
	if len(out) < 20 {
		t.Fatalf("found only %d reasons", len(out))
	}
	return out
}
