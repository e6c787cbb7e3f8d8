// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
)

// TestCorpus keeps the corpus usable without dynalite: it is large enough, the
// known differences name requests that exist, and the local AWS answers each
// request with JSON and a client's status.
func TestCorpus(t *testing.T) {
	scenarios, known, err := load(regexp.MustCompile(""))
	if err != nil {
		t.Fatal(err)
	}
	url, stop := startOurs()
	defer stop()
	steps := map[string]bool{}
	for _, s := range scenarios {
		for i, st := range s.Steps {
			steps[fmt.Sprintf("%s/%d", s.Name, i+1)] = true
			for op, body := range st {
				if op == "raw" {
					continue
				}
				a, err := send(t.Context(), url, op, body)
				if err != nil {
					t.Fatal(err)
				}
				if a.status != 200 && a.status != 400 || len(a.body) > 0 && !json.Valid(a.body) {
					t.Errorf("%s/%d: %s = %d %s", s.Name, i+1, op, a.status, a.body)
				}
			}
		}
	}
	if len(steps) < 200 {
		t.Errorf("the corpus has %d requests; want at least 200", len(steps))
	}
	for _, d := range known.Steps {
		if !steps[d.Step] || d.Reason == "" {
			t.Errorf("difference %q (%q): want a request of the corpus and a reason", d.Step, d.Reason)
		}
	}
}
