// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

// protections are taken out one by one by -protections.
var protections = []protection{
	{name: "intent-write", file: "internal/provision/apply_api.go",
		old: "if err := r.Journal.Intend(ctx, nonce, r.Now()); err != nil {", new: "if err := error(nil); err != nil {",
		workload: "create", fault: "stale", site: ""},
}
