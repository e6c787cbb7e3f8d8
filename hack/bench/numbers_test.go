// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/control"
)

func TestEfficiency(t *testing.T) {
	for _, c := range []struct {
		objects        int
		interval, took time.Duration
		want           float64
	}{
		{20, 2 * time.Second, 40 * time.Second, 1},
		{20, 2 * time.Second, 50 * time.Second, 0.8},
		{500, 100 * time.Millisecond, 100 * time.Second, 0.5},
	} {
		if got := efficiency(c.objects, c.interval, c.took); got != c.want {
			t.Errorf("%d objects, one in %s, in %s: %g, want %g", c.objects, c.interval, c.took, got, c.want)
		}
	}
}

// TestCrowdsStayAboveATenthOfASecond: what AWS allows once in an interval is
// not scaled to what no network carries.
func TestCrowdsStayAboveATenthOfASecond(t *testing.T) {
	const least = 100 * time.Millisecond
	createInterval := 3 * time.Second // CreateRestApi (aws-facts A1)
	for _, c := range crowds {
		scale := deployInterval.Seconds() / c.interval.Seconds()
		if shortest := time.Duration(createInterval.Seconds() / scale * float64(time.Second)); c.interval < least || shortest < least {
			t.Errorf("%d objects: an object in %s, a REST API in %s; want at least %s", c.objects, c.interval, shortest, least)
		}
	}
}

const exposition = `# HELP requests_total x
# TYPE requests_total counter
requests_total{verb="PATCH",resource="commentsapis"} 3
requests_total{verb="GET",resource="commentsapis"} 1.5e+02
requests_total_more 7
plain 2.5
`

func TestSum(t *testing.T) {
	patches := func(labels string) bool { return strings.Contains(labels, `verb="PATCH"`) }
	for _, c := range []struct {
		name   string
		wanted func(string) bool
		want   float64
	}{{"requests_total", nil, 153}, {"requests_total", patches, 3}, {"plain", nil, 2.5}, {"plain", patches, 0}} {
		got, err := sum(exposition, c.name, c.wanted)
		if err != nil || got != c.want {
			t.Errorf("%s: %g, %v; want %g", c.name, got, err, c.want)
		}
	}
	for name, text := range map[string]string{"requests": exposition, "plain": "plain x\n"} {
		if _, err := sum(text, name, nil); err == nil {
			t.Errorf("%s in %q: no error", name, text)
		}
	}
}

func TestProcessorTime(t *testing.T) {
	stat := "42 (man ager) S 1 1 1 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 9 0 100 1 1"
	got, err := processorTime(stat)
	if err != nil || got != 3*time.Second {
		t.Errorf("%s, %v; want 3s", got, err)
	}
	if _, err := processorTime("42 (manager) S"); err == nil {
		t.Error("a line that is cut short is no error")
	}
}

func TestParseGoBenchmarks(t *testing.T) {
	got, err := parseGoBenchmarks(`goos: linux
BenchmarkRender-2              	     100	   4076214 ns/op	  187429 B/op	    1703 allocs/op
BenchmarkReconcileUnchanged-16 	     300	   2421914.5 ns/op	         9.750 calls/op	  641294 B/op	    7145 allocs/op
BenchmarkLine 	     100	   4000151 ns/op	 12 MB/s
PASS
`)
	want := map[string]float64{
		"go_render_ns": 4076214, "go_render_bytes": 187429, "go_render_allocs": 1703,
		"go_reconcile_unchanged_ns": 2421914.5, "go_reconcile_unchanged_calls": 9.75, "go_reconcile_unchanged_bytes": 641294, "go_reconcile_unchanged_allocs": 7145,
		"go_line_ns": 4000151,
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := parseGoBenchmarks("PASS\n"); err == nil {
		t.Error("no result is no error")
	}
}

func TestShareOf(t *testing.T) {
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	call := func(second int, operation, resource string, throttled bool) control.Request {
		return control.Request{Time: start.Add(time.Duration(second) * time.Second), Operation: operation, Resource: resource, Throttled: throttled}
	}
	got := shareOf([]control.Request{
		call(9, "CreateDeployment", "ours", false),
		call(1, "CreateDeployment", "theirs", false),
		call(2, "CreateDeployment", "ours", false),
		call(3, "CreateDeployment", "theirs", true),
		call(4, "CreateDeployment", "ours", true),
		call(5, "GetResources", "ours", false),
	}, start, "theirs")
	if want := (shares{refused: 1, others: 1, deployed: 2, longest: 7 * time.Second}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestTallied(t *testing.T) {
	got := tallied{}
	for _, call := range []control.Request{
		{Operation: "GetStages"}, {Operation: "GetStages", Throttled: true}, {Operation: "UpdateStage", Write: true}, {Operation: "GetRole"},
	} {
		got.add(call)
	}
	if want := (tallied{all: 4, checks: 1, writes: 1, refused: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestMoved(t *testing.T) {
	if got := moved(map[string]string{"a": "1", "b": "2", "gone": "3"}, map[string]string{"a": "1", "b": "4", "new": "5"}); got != 2 {
		t.Errorf("%d objects were written, want 2", got)
	}
}

// TestReport: numbers of other parts stay, and a file that is something else is
// not overwritten.
func TestReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bench.json")
	if err := os.WriteFile(file, []byte(`{"other": 1, "mine": 5}`), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newReport(io.Discard)
	r.set("mine", 2.00049)
	if err := r.write(file); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"mine\": 2,\n  \"other\": 1\n}\n"; string(text) != want {
		t.Errorf("%s\nwant %s", text, want)
	}
	if err := os.WriteFile(file, []byte(`[1]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.write(file); err == nil {
		t.Error("a list was overwritten")
	}
}

func TestChoose(t *testing.T) {
	all, err := choose("")
	if err != nil || len(all) != len(parts()) {
		t.Errorf("%d parts, %v; want all", len(all), err)
	}
	two, err := choose("thousand,calls")
	if err != nil || len(two) != 2 || two[0].name != "thousand" || two[1].name != "calls" {
		t.Errorf("%v, %v", two, err)
	}
	if _, err := choose("calls,calls "); err == nil || !strings.Contains(err.Error(), `"calls,calls "`) && !strings.Contains(err.Error(), `"calls "`) {
		t.Errorf("an unknown part: %v; want it named", err)
	}
}
