// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import "testing"

// BenchmarkDiffNothing compares a settled stack with something in every field.
func BenchmarkDiffNothing(b *testing.B) {
	desired, observed, c := wanted(), found(), context()
	b.ReportAllocs()
	for b.Loop() {
		if p := Diff(desired, observed, c); !p.Empty() {
			b.Fatalf("a settled stack has the plan %v", p)
		}
	}
}

// BenchmarkDiffEverything plans a stack of which nothing exists.
func BenchmarkDiffEverything(b *testing.B) {
	desired, observed := wanted(), found()
	observed.Table, observed.Role, observed.ModeratorRole, observed.API = nil, nil, nil, nil
	b.ReportAllocs()
	for b.Loop() {
		if p := Diff(desired, observed, Context{Claim: claim, Now: now}); len(p.Steps) == 0 {
			b.Fatal("nothing is planned for a stack that does not exist")
		}
	}
}
