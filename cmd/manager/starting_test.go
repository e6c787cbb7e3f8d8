// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// TestTheLogSaysWhatStarts: the version, and the flags that were given and no
// others, under keys that the guide names.
func TestTheLogSaysWhatStarts(t *testing.T) {
	var s settings
	flags := pflag.NewFlagSet("manager", pflag.ContinueOnError)
	s.register(flags)
	if err := flags.Parse([]string{"--leader-elect", "--quota-share=0.5", "--watch-namespaces=a,b"}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	starting(logr.FromSlogHandler(slog.NewJSONHandler(&out, nil)), given(flags))
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%s: %v", out.String(), err)
	}
	delete(line, "time")
	if diff := cmp.Diff(map[string]any{"level": "INFO", "msg": "starting", "version": version,
		"settings": map[string]any{"leader-elect": "true", "quota-share": "0.5", "watch-namespaces": "[a,b]"}}, line); diff != "" {
		t.Errorf("the first line (-want +got):\n%s", diff)
	}
	guide, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for key := range line {
		if !strings.Contains(string(guide), "`"+key+"`") {
			t.Errorf("docs/operations.md doesn't name the key %q", key)
		}
	}
}
