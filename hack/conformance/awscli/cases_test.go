// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCasesLoadAndAreEnough(t *testing.T) {
	groups, err := load()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, g := range groups {
		n += len(g.Cases)
	}
	if n < 40 {
		t.Errorf("%d cases; want at least 40", n)
	}
}

func TestCommandsAreSplitAtSpacesOutsideQuotes(t *testing.T) {
	got := split(`iam  get-role --x '{"a": "b c"}' '' 'it'\''s' end`)
	if diff := cmp.Diff([]string{"iam", "get-role", "--x", `{"a": "b c"}`, "", "it's", "end"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestMatching(t *testing.T) {
	have := map[string]any{"id": "x1", "list": []any{"a", 1.0, true}, "none": nil}
	for _, c := range []struct {
		want any
		ok   bool
	}{
		{map[string]any{"id": "*", "list": []any{"a", 1.0, true}, "none": nil}, true},
		{map[string]any{"id": "${api}", "list": "*", "none": nil}, true},
		{map[string]any{"id": "*", "list": "*", "none": "*"}, false},
		{map[string]any{"id": "x1"}, false},
		{map[string]any{"id": "x1", "list": []any{"a"}, "none": nil}, false},
		{"x1", false},
	} {
		if got := matches(c.want, have, map[string]string{"api": "x1"}); got != c.ok {
			t.Errorf("matches(%v) = %t; want %t", c.want, got, c.ok)
		}
	}
}
