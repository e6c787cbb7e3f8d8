// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Commands that somebody copies from the docs are understood: the subcommand
// and every flag exist.
func TestCommandsInTheDocsExist(t *testing.T) {
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	paths = append(paths, "../../README.md")
	block := regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
	command := regexp.MustCompile(`(?m)^(?:bin/commentsctl|commentsctl|kubectl commentsapi) (.*)$`)
	found := 0
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range block.FindAllStringSubmatch(string(text), -1) {
			for _, m := range command.FindAllStringSubmatch(strings.ReplaceAll(b[1], "\\\n", " "), -1) {
				found++
				line := regexp.MustCompile(`\s+(#|>|\||&).*$`).ReplaceAllString(m[1], "")
				args := strings.Fields(line)
				cmd, rest, err := root("commentsctl").Find(args)
				if err != nil || cmd == cmd.Root() {
					t.Errorf("%s: commentsctl %s: there is no such command (%v)", path, line, err)
					continue
				}
				for _, arg := range rest {
					name, isLong := strings.CutPrefix(arg, "--")
					name, _, _ = strings.Cut(name, "=")
					if isLong && name != "" && name != "help" && cmd.Flag(name) == nil {
						t.Errorf("%s: commentsctl %s: there is no flag --%s", path, line, name)
					}
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d commands were found in the docs", found)
	}
}
