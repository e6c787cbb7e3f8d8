// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package templates runs the mapping templates that the operator ships through
// the local AWS's template engine. It stands apart from both, since neither
// may import the other; its tests hold what the templates promise: hostile
// text goes through unharmed in both directions, and what isn't valid never
// becomes a call that reads or writes.
package templates
