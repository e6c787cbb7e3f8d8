// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"testing"
)

// TestListOfProtections holds the list to the sources that it names: each
// protected text occurs once in its file, and what is left without it is Go.
func TestListOfProtections(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range protections {
		if seen[p.name] {
			t.Errorf("there are two protections %q", p.name)
		}
		seen[p.name] = true
		source, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(p.file)))
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		changed, err := p.without(string(source))
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		if changed == string(source) {
			t.Errorf("%s: the overlay changes nothing", p.name)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), p.file, changed, parser.SkipObjectResolution); err != nil {
			t.Errorf("%s: the overlay is no Go: %v", p.name, err)
		}
	}
}

// TestVerdict: only a broken promise counts as noticed.
func TestVerdict(t *testing.T) {
	const table = "workload sites\ncreate 60\n"
	for _, c := range []struct {
		name, out      string
		passed, broken bool
		wrong          bool
	}{
		{"no violation", table + "faults: sites=60 faults=1 runs=4 violations=0\nPASS\n", true, false, false},
		{"a violation", "2 REST APIs carry the claim\n\treplay: go run\n" + table + "faults: sites=60 faults=1 runs=4 violations=2\n--- FAIL: TestFaultMatrix\n", false, true, false},
		{"broken without a fault", "--- FAIL: TestFaultMatrix\n    matrix_test.go:119: workload create goes wrong without any fault: a hot loop\n    matrix_test.go:129: nothing to run\n", false, true, false},
		{"a panic", "panic: runtime error: index out of range\n\ngoroutine 7 [running]:\n", false, false, true},
		{"a panic of the suite after its result", "faults: sites=60 faults=1 runs=4 violations=0\npanic: deadlock\n", false, false, true},
		{"a timeout", "panic: test timed out after 10m0s\n", false, false, true},
		{"nothing to run", "--- FAIL: TestFaultMatrix\n    matrix_test.go:129: nothing to run: no workload, site and fault match\n", false, false, true},
		{"no run at all", "testing: warning: no tests to run\nPASS\n", true, false, true},
	} {
		broken, _, err := verdict(c.out, c.passed)
		if broken != c.broken || (err != nil) != c.wrong {
			t.Errorf("%s: broken %t, error %v", c.name, broken, err)
		}
	}
}
