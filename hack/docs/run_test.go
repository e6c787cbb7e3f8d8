// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/commentsapi/operator/hack/docs"
)

// needed is what a block may need that a test doesn't have. Whatever a test can
// do is run.
var needed = []string{"AWS", "the AWS CLI", "a container engine and a registry", "a cluster with nodes", "minutes"}

// commands are the blocks of the README and the guides, by path.
func commands(t *testing.T) map[string][]docs.Block {
	t.Helper()
	out := map[string][]docs.Block{}
	for path, text := range pages(t) {
		name, err := filepath.Rel("../..", path)
		if err != nil {
			t.Fatal(err)
		}
		if name != "README.md" && !strings.HasPrefix(name, "docs"+string(filepath.Separator)) {
			continue
		}
		blocks, err := docs.Blocks(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(blocks) > 0 {
			out[name] = blocks
		}
	}
	return out
}

// Somebody who types what a page says gets what the page says. Every block of
// commands is run, or says what it needs, or another test runs it.
func TestCommandsOfTheDocs(t *testing.T) {
	all := commands(t)
	if t.Failed() {
		t.FailNow()
	}
	w := newWorld(t)
	ran, unrun := 0, 0
	for _, page := range slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(strings.Compare(removes(all[a]), removes(all[b])), strings.Compare(a, b))
	}) {
		t.Run(page, func(t *testing.T) {
			var reader *docs.Shell
			for _, b := range all[page] {
				if b.Needs != "" || b.Elsewhere {
					unrun++
					continue
				}
				if reader == nil {
					reader = w.reader(t)
				}
				ran++
				if !t.Run(fmt.Sprintf("line %d", b.Line), func(t *testing.T) {
					if err := reader.Play(t.Context(), b); err != nil {
						t.Error(err)
					}
				}) {
					break // what follows would be a riddle
				}
			}
		})
	}
	t.Logf("%d blocks of commands were run here, %d not", ran, unrun)
}

// removes says whether a page removes the definition, from which the operator
// that all pages share recovers a minute later. Such pages come last.
func removes(blocks []docs.Block) string {
	for _, b := range blocks {
		if b.Needs == "" && !b.Elsewhere && strings.Contains(b.Commands, "kubectl delete -k config/default") {
			return "removes"
		}
	}
	return ""
}

// A block that is not run here has a reason that holds.
func TestCommandsThatAreNotRunSayWhy(t *testing.T) {
	tests := map[string]bool{} // pages that other tests name
	for page, blocks := range commands(t) {
		for _, b := range blocks {
			known := func(kind string) bool { return b.Needs == kind || strings.HasPrefix(b.Needs, kind+":") }
			if b.Needs != "" && !slices.ContainsFunc(needed, known) {
				t.Errorf("%s:%d needs %q; a test that can't run commands knows %q, with a reason behind a colon", page, b.Line, b.Needs, needed)
			}
			if b.Elsewhere {
				tests[filepath.Base(page)] = false
			}
		}
	}
	sources := map[string]string{} // of the tests, by package
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && slices.Contains([]string{".git", "bin", "dist"}, entry.Name()) {
			return errOrSkip(err)
		}
		if !strings.HasSuffix(path, "_test.go") || filepath.Dir(path) == filepath.Join("..", "..", "hack", "docs") {
			return nil
		}
		text, err := os.ReadFile(path)
		sources[filepath.Dir(path)] += string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for page := range tests {
		if !slices.ContainsFunc(slices.Collect(maps.Values(sources)), func(source string) bool {
			return strings.Contains(source, "<!-- a test runs these commands") && strings.Contains(source, page+`"`)
		}) {
			t.Errorf("%s says that a test runs its commands, and no test reads that page", page)
		}
	}
}

func errOrSkip(err error) error {
	if err != nil {
		return err
	}
	return filepath.SkipDir
}
