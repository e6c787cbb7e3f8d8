// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The whole bench works, on what the operator ships, and keeps the numbers
// that others have written.
func TestBenchMergesItsNumbers(t *testing.T) {
	out := filepath.Join(t.TempDir(), "bench.json")
	if err := os.WriteFile(out, []byte(`{"reconcile_ms": 12.5, "localaws_post_rps": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.server.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, do := range map[string]func(context.Context, int, int) error{"post": s.post, "get": s.list} {
		r, err := measure(t.Context(), time.Second, do)
		if err != nil || r.requests == 0 || r.rps <= 0 || r.p50 <= 0 || r.p99 < r.p50 {
			t.Errorf("%s = %+v, %v; want requests, and p99 at least p50", name, r, err)
		}
		if err := merge(out, map[string]float64{"localaws_" + name + "_rps": r.rps}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]float64
	if err := json.Unmarshal(text, &got); err != nil || got["reconcile_ms"] != 12.5 || got["localaws_post_rps"] <= 1 || got["localaws_get_rps"] <= 0 {
		t.Errorf("%s, %v; want the other number kept, and new ones of its own", text, err)
	}
}

// Percentiles are of the sorted times.
func TestSummarise(t *testing.T) {
	took := make([]time.Duration, 101)
	for i := range took {
		took[i] = time.Duration(100-i) * time.Millisecond
	}
	got, err := summarise(took, 2*time.Second)
	if want := (rates{rps: 50.5, p50: 50, p99: 99, requests: 101}); err != nil || got != want {
		t.Errorf("summarise = %+v, %v; want %+v", got, err, want)
	}
	if _, err := summarise(nil, time.Second); err == nil || !strings.Contains(err.Error(), "-seconds") {
		t.Errorf("no requests: %v; want an error that names -seconds", err)
	}
}

// A report that is no JSON is not overwritten.
func TestMergeRefusesWhatItCannotRead(t *testing.T) {
	out := filepath.Join(t.TempDir(), "bench.json")
	if err := os.WriteFile(out, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := merge(out, map[string]float64{"a": 1}); err == nil || !strings.Contains(err.Error(), "-out") {
		t.Errorf("merge = %v; want an error that names -out", err)
	}
}
