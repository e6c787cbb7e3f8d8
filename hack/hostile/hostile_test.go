// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/commentsapi/operator/hack/conformance/oracle"
)

// velocityHere is Apache Velocity's class path. Where it must not be missing,
// REQUIRE_VELOCITY is set.
func velocityHere(t *testing.T) string {
	t.Helper()
	path, err := oracle.Installed()
	if err != nil && os.Getenv("REQUIRE_VELOCITY") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Logf("without Apache Velocity: %v", err)
	}
	return path
}

// TestASampleHasNoViolations runs a part of what "make hostile" runs.
func TestASampleHasNoViolations(t *testing.T) {
	var out strings.Builder
	violations, err := run(t.Context(), &out, options{strings: 300, requests: 600, seed: 7, classPath: velocityHere(t)})
	if err != nil || violations > 0 {
		t.Errorf("%d violations, %v:\n%s", violations, err, out.String())
	}
	if want := "hostile: strings=300 violations=0\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("the output ends with %q; want %q", out.String(), want)
	}
}

// TestEitherHalfOfTheEscapingIsMissed: without one of them the run fails, in
// either engine.
func TestEitherHalfOfTheEscapingIsMissed(t *testing.T) {
	good, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	var theirs *apache
	if path := velocityHere(t); path != "" {
		if theirs, err = newApache(t.Context(), path, nil); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := theirs.close(); err != nil {
				t.Error(err)
			}
		}()
	}
	for half, text := range map[string]string{"escape": "$util.escapeJavaScript", "quotes": `.replaceAll("\\'","'")`} {
		for _, name := range []string{create, created, list, listed, count, hold, pendingListed, remove} {
			bad := maps.Clone(good)
			if !strings.Contains(bad[name], text) {
				t.Fatalf("%s has no %s to take away", name, half)
			}
			if half == "escape" {
				bad[name] = unwrap(bad[name])
			} else {
				bad[name] = strings.ReplaceAll(bad[name], text, "")
			}
			own, err := newOurs(bad)
			if err != nil {
				t.Fatalf("%s without its %s: %v", name, half, err)
			}
			engines := []engine{own}
			if theirs != nil {
				if err := theirs.define(bad); err != nil {
					t.Fatalf("%s without its %s: %v", name, half, err)
				}
				engines = append(engines, theirs)
			}
			for _, e := range engines {
				if missed, err := attack(io.Discard, []engine{e}, 64, 7); err != nil || missed == 0 {
					t.Errorf("%s: nobody misses the %s of %s (%v)", e.name(), half, name, err)
				}
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
