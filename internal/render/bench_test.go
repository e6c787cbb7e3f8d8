// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import "testing"

// BenchmarkRender makes the stack of the default spec with its document and
// hash, as every look that reads everything does.
func BenchmarkRender(b *testing.B) {
	spec, facts := someSpec(), someFacts()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Render(spec, facts); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTemplates finishes the mapping templates of the default spec.
func BenchmarkTemplates(b *testing.B) {
	spec, facts := withDefaults(someSpec()), someFacts()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := templates(spec, facts); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRenderAgain makes the stack of a spec that was seen before, as the
// checks that find nothing do.
func BenchmarkRenderAgain(b *testing.B) {
	var memory Remembered
	b.ReportAllocs()
	for b.Loop() {
		if _, err := memory.Render(someSpec(), someFacts()); err != nil {
			b.Fatal(err)
		}
	}
}
