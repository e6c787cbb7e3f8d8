// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"embed"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"
)

//go:embed cases/*.yaml
var caseFiles embed.FS

// group is a file of cases that run in order against one fresh local AWS.
type group struct {
	Name  string `json:"-"`
	Cases []step `json:"cases"`
}

// step is one command.
type step struct {
	// Run is the command without "aws"; words are split at spaces outside of
	// single quotes, and ${name} is replaced by what Save kept.
	Run string `json:"run"`
	// Query is the JMESPath given to the CLI as --query.
	Query string `json:"query,omitempty"`
	// Want is what the query must give; "*" stands for any value. Without
	// Query and Want only success is asked for.
	Want any `json:"want,omitempty"`
	// Error is the error code the command must end with.
	Error string `json:"error,omitempty"`
	// Save keeps fields of the query's result (an object) under names.
	Save map[string]string `json:"save,omitempty"`
}

// load reads the groups in the order of their names.
func load() ([]group, error) {
	entries, err := caseFiles.ReadDir("cases")
	if err != nil {
		return nil, err
	}
	var out []group
	for _, e := range entries {
		text, err := caseFiles.ReadFile("cases/" + e.Name())
		if err != nil {
			return nil, err
		}
		g := group{Name: strings.TrimSuffix(e.Name(), ".yaml")}
		if err := yaml.UnmarshalStrict(text, &g); err != nil {
			return nil, fmt.Errorf("cases/%s: %w", e.Name(), err)
		}
		for i, s := range g.Cases {
			if s.Run == "" || s.Error != "" && s.Query != "" || s.Query == "" && (s.Want != nil || s.Save != nil) {
				return nil, fmt.Errorf("cases/%s: case %d (%s): needs run; query and error exclude each other; want and save need query", e.Name(), i+1, s.Run)
			}
		}
		out = append(out, g)
	}
	return out, nil
}

// split cuts a command into words, as a shell does with single quotes and,
// outside of them, the backslash.
func split(command string) []string {
	var words []string
	var word strings.Builder
	quoted, started, escaped := false, false, false
	for _, r := range command {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && !quoted:
			escaped, started = true, true
		case r == '\'':
			quoted, started = !quoted, true
		case !quoted && (r == ' ' || r == '\n'):
			if started {
				words = append(words, word.String())
				word.Reset()
				started = false
			}
		default:
			word.WriteRune(r)
			started = true
		}
	}
	if started {
		words = append(words, word.String())
	}
	return words
}

// substitute replaces ${name} in a text.
func substitute(text string, saved map[string]string) string {
	for name, value := range saved {
		text = strings.ReplaceAll(text, "${"+name+"}", value)
	}
	return text
}

// matches compares a decoded JSON value with what is wanted.
func matches(want, have any, saved map[string]string) bool {
	switch w := want.(type) {
	case string:
		if w == "*" {
			return have != nil
		}
		return substitute(w, saved) == have
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok || len(h) != len(w) {
			return false
		}
		for k, v := range w {
			if _, has := h[k]; !has || !matches(v, h[k], saved) {
				return false
			}
		}
		return true
	case []any:
		h, ok := have.([]any)
		if !ok || len(h) != len(w) {
			return false
		}
		for i := range w {
			if !matches(w[i], h[i], saved) {
				return false
			}
		}
		return true
	}
	return want == have
}
