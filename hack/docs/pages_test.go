// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// files are the texts of all files with an extension below a directory of the
// repository, by path.
func files(t *testing.T, root, ext string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(filepath.Join("../..", root), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{".git", "bin", "dist", "node_modules", "testdata"}, entry.Name()) {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ext {
			return nil
		}
		text, err := os.ReadFile(path)
		out[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// pages are all Markdown files of the repository.
func pages(t *testing.T) map[string]string {
	t.Helper()
	out := files(t, ".", ".md")
	if len(out) < 10 {
		t.Fatalf("only %d pages were found", len(out))
	}
	return out
}

var (
	fence   = regexp.MustCompile("(?ms)^```[a-z]*\n.*?^```$")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	unsaid  = regexp.MustCompile(`[^\p{L}\p{N}\s_-]`)
	linked  = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// anchors are the names that GitHub gives to headings.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		title := linked.ReplaceAllString(m[1], "$1")
		out[strings.ReplaceAll(unsaid.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-")] = true
	}
	return out
}

func TestLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	checked := 0
	for path, text := range all {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			target, err := url.Parse(m[1])
			if err != nil {
				t.Errorf("%s: %s is no link: %v", path, m[1], err)
				continue
			}
			if target.Scheme != "" {
				continue // other people's pages come and go
			}
			checked++
			to := path
			if target.Path != "" {
				to = filepath.Join(filepath.Dir(path), target.Path)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s links to %s, which is not there", path, m[1])
				continue
			}
			if target.Fragment != "" && !anchors(all[to])[target.Fragment] {
				t.Errorf("%s links to %s, and that page has no such heading", path, m[1])
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d links were found", checked)
	}
}

// Nobody should find out from a bill that a command was meant for AWS.
func TestCommandsForAWSSaySo(t *testing.T) {
	block := regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
	for path, text := range pages(t) {
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			if regexp.MustCompile(`(?m)^aws `).MatchString(m[1]) && !strings.Contains(m[1], "# needs AWS") &&
				!strings.Contains(m[1], "AWS_ENDPOINT_URL") && !strings.Contains(m[1], "--endpoint-url") {
				t.Errorf("%s: a block that calls AWS begins without the line \"# needs AWS\":\n%s", path, m[1])
			}
		}
	}
}

func TestMakeTargetsInTheDocsExist(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("(?m)(?:^|`)make ([a-z][a-z0-9-]*)")
	for path, text := range pages(t) {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`(?m)^(bin/\S+ )*` + regexp.QuoteMeta(m[1]) + `( bin/\S+)*:`).MatchString(string(makefile)) {
				t.Errorf("%s says make %s, and there is no such target", path, m[1])
			}
		}
	}
}
