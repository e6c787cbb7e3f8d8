// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestASampleHasNoViolations runs a part of what "make hostile" runs.
func TestASampleHasNoViolations(t *testing.T) {
	var out strings.Builder
	violations, err := run(&out, 300, 7)
	if err != nil || violations > 0 {
		t.Errorf("%d violations, %v:\n%s", violations, err, out.String())
	}
	if want := "hostile: strings=300 violations=0\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("the output ends with %q; want %q", out.String(), want)
	}
}

// TestEitherHalfOfTheEscapingIsMissed: without one of them the run fails.
func TestEitherHalfOfTheEscapingIsMissed(t *testing.T) {
	good, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	for half, text := range map[string]string{"escape": "$util.escapeJavaScript", "quotes": `.replaceAll("\\'","'")`} {
		for name, of := range map[string]func(*sources) *string{
			"create":  func(s *sources) *string { return &s.create },
			"created": func(s *sources) *string { return &s.created },
			"list":    func(s *sources) *string { return &s.list },
			"listed":  func(s *sources) *string { return &s.listed },
			"count":   func(s *sources) *string { return &s.count },
			"hold":    func(s *sources) *string { return &s.hold },
			"pending": func(s *sources) *string { return &s.pendingListed },
			"remove":  func(s *sources) *string { return &s.remove },
		} {
			bad := good
			changed := of(&bad)
			if !strings.Contains(*changed, text) {
				t.Fatalf("%s has no %s to take away", name, half)
			}
			if half == "escape" {
				*changed = unwrap(*changed)
			} else {
				*changed = strings.ReplaceAll(*changed, text, "")
			}
			parsed, err := bad.parse()
			if err != nil {
				t.Fatalf("%s without its %s: %v", name, half, err)
			}
			if attack(io.Discard, parsed, 64, 7) == 0 {
				t.Errorf("nobody misses the %s of %s", half, name)
			}
		}
	}
}

// unwrap takes the call away and leaves what is in its parentheses.
func unwrap(template string) string {
	const call = "$util.escapeJavaScript("
	const fix = `).replaceAll("\\'","'")`
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, call)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		inside, after, _ := strings.Cut(rest, fix)
		b.WriteString(inside)
		template = after
	}
}

// TestGeneratedTextMeansWhatItSays holds the generator to encoding/json.
func TestGeneratedTextMeansWhatItSays(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 0))
	for range 2000 {
		x := generate(r)
		var got string
		if err := json.Unmarshal([]byte(x.json), &got); err != nil || got != x.value {
			t.Fatalf("%s means %q, not %q (%v)", x.json, got, x.value, err)
		}
	}
}
