// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import "testing"

func BenchmarkServeInvoke(b *testing.B) {
	for name, run := range map[string]func(*world) int{
		"POST":    func(w *world) int { return w.call("POST", "/comments", validComment).status },
		"GET":     func(w *world) int { return w.call("GET", "/comments/p1", "").status },
		"OPTIONS": func(w *world) int { return w.call("OPTIONS", "/comments", "").status },
	} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b)
			w.deps.ExecutionLog = nil
			b.ReportAllocs()
			for b.Loop() {
				if status := run(w); status >= 300 {
					b.Fatalf("status %d", status)
				}
			}
		})
	}
}
