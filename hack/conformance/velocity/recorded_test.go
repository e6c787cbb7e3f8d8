// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

// The engine renders the corpus as Apache Velocity 1.7 did when its results
// were recorded (go run ./hack/conformance/velocity -record), but for the
// differences that the corpus names.
func TestRecorded(t *testing.T) {
	cases, err := load("corpus", "../../../internal/render/testdata")
	if err != nil {
		t.Fatal(err)
	}
	want, err := readRecorded(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range cases {
		if !isRecorded(c) {
			continue
		}
		n++
		r, ok := want[c.Name]
		if !ok {
			t.Errorf("%s is not in %s: run the conformance suite with -record", c.Name, recordedFile)
			continue
		}
		got := ours(c)
		if same(got, r) != (c.Diff == "") {
			t.Errorf("%s %q\n velocity %s\n ours     %s\n expected difference: %q", c.Name, c.Template, r, got, c.Diff)
		}
	}
	if n < 250 || n != len(want) {
		t.Errorf("%d cases and %d recorded results: want as many of both, and at least 250", n, len(want))
	}
}

// A corpus file is refused, with its name and line, when it is not what doc.go
// describes.
func TestSections(t *testing.T) {
	got, err := sections("f.txt", "# about\n-- a mode=aws diff=\"x y\" --\nline 1\nline 2\n-- b --\nx\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].text != "line 1\nline 2" || got[0].keys["mode"] != "aws" || got[0].keys["diff"] != "x y" || got[1].text != "x" {
		t.Errorf("sections = %+v", got)
	}
	if _, err := sections("f.txt", "text\n"); err == nil || err.Error() != "f.txt:1: text before the first section: start it with -- name --" {
		t.Errorf("text before the first section: %v", err)
	}
}
