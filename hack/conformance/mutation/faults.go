// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"embed"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

//go:embed faults/*.yaml
var faultFiles embed.FS

// fault is a mistake somebody could make in the local AWS.
type fault struct {
	// Name is unique within the runner.
	Name string `json:"name"`
	// Why says what would go wrong for a user.
	Why string `json:"why"`
	// File is relative to internal/localaws; Old, which must occur in it
	// exactly once, is replaced by New.
	File string `json:"file"`
	Old  string `json:"old"`
	New  string `json:"new"`
	// Run is the runner's -run and First its -first; without them the runner
	// does all it has.
	Run   string `json:"run,omitempty"`
	First int    `json:"first,omitempty"`

	// Runner is the directory below hack/conformance that must notice: the
	// name of the file that lists the fault.
	Runner string `json:"-"`
}

func (f fault) id() string { return f.Runner + "/" + f.Name }

// load reads the faults whose id matches.
func load(match *regexp.Regexp) ([]fault, error) {
	entries, err := faultFiles.ReadDir("faults")
	if err != nil {
		return nil, err
	}
	var out []fault
	seen := map[string]bool{}
	for _, e := range entries {
		text, err := faultFiles.ReadFile("faults/" + e.Name())
		if err != nil {
			return nil, err
		}
		var list []fault
		if err := yaml.UnmarshalStrict(text, &list); err != nil {
			return nil, fmt.Errorf("faults/%s: %w", e.Name(), err)
		}
		for _, f := range list {
			f.Runner = strings.TrimSuffix(e.Name(), ".yaml")
			f.Old, f.New = strings.TrimSuffix(f.Old, "\n"), strings.TrimSuffix(f.New, "\n")
			if f.Name == "" || f.Why == "" || f.File == "" || f.Old == "" || f.Old == f.New {
				return nil, fmt.Errorf("faults/%s: %q needs name, why, file, old, and a new that differs from old", e.Name(), f.Name)
			}
			if seen[f.id()] {
				return nil, fmt.Errorf("faults/%s: there are two faults called %q", e.Name(), f.Name)
			}
			seen[f.id()] = true
			if match.MatchString(f.id()) {
				out = append(out, f)
			}
		}
	}
	return out, nil
}

// path is the faulty file, relative to the repository's directory.
func (f fault) path() string { return path.Join("internal/localaws", f.File) }

// apply returns the faulty text of the file.
func (f fault) apply(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, f.path()))
	if err != nil {
		return "", fmt.Errorf("%w: run it in the repository's directory, or give -root", err)
	}
	if n := strings.Count(string(text), f.Old); n != 1 {
		return "", fmt.Errorf("stale: the text to replace is in %s %d times, not once; bring the fault up to date", f.path(), n)
	}
	return strings.Replace(string(text), f.Old, f.New, 1), nil
}
