// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	testName  = regexp.MustCompile("`(?:go test [^`]*-run )?(Test[A-Z]\\w*)`")
	testFunc  = regexp.MustCompile(`(?m)^func (Test[A-Z]\w*)\(t \*testing\.T\)`)
	eventName = regexp.MustCompile(`(?m)^\tevent[A-Z]\w* *= "(\w+)"$`)
	metric    = regexp.MustCompile(`Name: +"(commentsapi_\w+)"|NewDesc\("(commentsapi_\w+)"`)
)

// TestDocsNameTestsThatExist: a promise that names its test must not outlive it.
func TestDocsNameTestsThatExist(t *testing.T) {
	known := map[string]bool{}
	for path, text := range files(t, ".", ".go") {
		if strings.HasSuffix(path, "_test.go") {
			for _, m := range testFunc.FindAllStringSubmatch(text, -1) {
				known[m[1]] = true
			}
		}
	}
	named := 0
	for page, text := range pages(t) {
		for _, m := range testName.FindAllStringSubmatch(text, -1) {
			if named++; !known[m[1]] {
				t.Errorf("%s names %s, and there is no such test", page, m[1])
			}
		}
	}
	if named == 0 {
		t.Error("no page names a test; this test looks for nothing")
	}
}

// TestTheGuideNamesEveryEventAndMetric, since both are what people write
// queries for.
func TestTheGuideNamesEveryEventAndMetric(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, root := range []string{"controllers", "cmd/manager", "internal/awscloud"} {
		for path, text := range files(t, root, ".go") {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			for _, m := range slices.Concat(eventName.FindAllStringSubmatch(text, -1), metric.FindAllStringSubmatch(text, -1)) {
				want[strings.Join(m[1:], "")] = true
			}
		}
	}
	if len(want) < 12 {
		t.Errorf("only %q were found in the code", slices.Sorted(maps.Keys(want)))
	}
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(string(guide), -1) {
		listed[m[1]] = true
	}
	for name := range want {
		if !listed[name] {
			t.Errorf("docs/operations.md has no line for %s", name)
		}
	}
	for name := range listed {
		if strings.HasPrefix(name, "commentsapi_") && !want[name] {
			t.Errorf("docs/operations.md has a line for %s, which is no metric", name)
		}
	}
}
