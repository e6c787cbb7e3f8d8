// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestAsAKubectlPluginItSpeaksAsOne(t *testing.T) {
	for started, want := range map[string]string{
		"/usr/local/bin/kubectl-commentsapi": "kubectl commentsapi status [NAME...]",
		"kubectl-commentsapi.exe":            "kubectl commentsapi status [NAME...]",
		"bin/commentsctl":                    "commentsctl status [NAME...]",
	} {
		cmd := root(started)
		var out bytes.Buffer
		cmd.SetOut(&out)
		cmd.SetArgs([]string{"status", "--help"})
		if err := cmd.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "Usage:\n  "+want) {
			t.Errorf("started as %s, the help lacks %q:\n%s", started, want, out.String())
		}
	}
}

// Help that shows nothing to type is half a help.
func TestEveryCommandShowsHowItIsUsed(t *testing.T) {
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		if cmd.Runnable() && cmd.HasParent() && cmd.Name() != "help" && cmd.Parent().Name() != "completion" {
			if cmd.Example == "" && cmd.Parent().Example == "" { // one for all of a group will do
				t.Errorf("%s has no example", cmd.CommandPath())
			}
			for line := range strings.Lines(cmd.Example) {
				if !strings.HasPrefix(line, "  ") {
					t.Errorf("%s: the example %q isn't indented by two", cmd.CommandPath(), line)
				}
			}
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(root("commentsctl"))
}

func TestCompletionIsThereForEveryShell(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		out, err := ctl(t, "completion", shell)
		if err != nil || !strings.Contains(out, "commentsctl") {
			t.Errorf("%s: error %v, %d characters", shell, err, len(out))
		}
	}
}

func TestVersion(t *testing.T) {
	flag, err := ctl(t, "--version")
	if err != nil || !strings.Contains(flag, version) {
		t.Errorf("--version prints %q, error %v", flag, err)
	}
	out, err := ctl(t, "version", "-o", "json")
	var got map[string]string
	if err != nil || json.Unmarshal([]byte(out), &got) != nil || got["version"] != version {
		t.Errorf("version -o json prints %q, error %v", out, err)
	}
}
