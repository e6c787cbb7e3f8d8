// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every fault can still be put into the source, and there are enough of each
// sort to say something about the runners.
func TestFaultsAreNotStale(t *testing.T) {
	faults, err := load(regexp.MustCompile(""))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, f := range faults {
		count[f.Runner]++
		text, err := f.apply("../../..")
		if err != nil {
			t.Errorf("%s: %v", f.id(), err)
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), f.path(), text, parser.SkipObjectResolution); err != nil {
			t.Errorf("%s: the faulty file is no Go: %v", f.id(), err)
		}
		if f.First > 0 && f.Runner != "awscli" {
			t.Errorf("%s: only the runner awscli has -first", f.id())
		}
	}
	for runner, least := range map[string]int{"velocity": 8, "dynalite": 6, "awscli": 6} {
		if count[runner] < least {
			t.Errorf("%d faults for %s; want at least %d", count[runner], runner, least)
		}
	}
}

// A text that has changed is reported, not skipped.
func TestStaleFaultsAreRefused(t *testing.T) {
	f := fault{Runner: "awscli", Name: "x", File: "iam/xml.go", Old: "this text is nowhere", New: "y"}
	if _, err := f.apply("../../.."); err == nil || !strings.Contains(err.Error(), "stale") {
		t.Errorf("apply = %v; want an error that says that the fault is stale", err)
	}
	f.Old = "\n"
	if _, err := f.apply("../../.."); err == nil || !strings.Contains(err.Error(), "not once") {
		t.Errorf("apply = %v; want an error that says that the text is not unique", err)
	}
}

// Only a runner that compared something can have noticed a fault.
func TestJudge(t *testing.T) {
	if v, err := judge("iam", "FAIL\nconformance: iam 3/4\n2 commands\n", false); err != nil || v.passed || v.counts != "3/4" {
		t.Errorf("a failed run = %+v, %v; want 3/4, not passed", v, err)
	}
	if v, err := judge("iam", "conformance: iam 4/4\n", true); err != nil || !v.passed {
		t.Errorf("a passed run = %+v, %v; want passed", v, err)
	}
	if _, err := judge("iam", "panic: oh\nconformance: iam\n", false); err == nil || !strings.Contains(err.Error(), "no verdict") {
		t.Errorf("a run that crashed: %v; want an error that says that there is no verdict", err)
	}
}

// A fault gets into the runner by an overlay; the source stays as it is.
func TestOverlayLeavesTheSourceAlone(t *testing.T) {
	f := fault{Runner: "awscli", Name: "x", File: "regions.go", Old: `"cn-"`, New: `"china-"`}
	before, err := os.ReadFile("../../../" + f.path())
	if err != nil {
		t.Fatal(err)
	}
	name, err := writeOverlay("../../..", t.TempDir(), f)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(overlay), "internal/localaws/regions.go") {
		t.Errorf("overlay = %s, %v; want it to replace regions.go", overlay, err)
	}
	after, err := os.ReadFile("../../../" + f.path())
	if err != nil || string(after) != string(before) {
		t.Errorf("the source was changed (%v)", err)
	}
}
