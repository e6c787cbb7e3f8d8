// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build race

package faults_test

// underDetector is whether the race detector watches. It makes everything
// several times slower, so the long suites run a part under it; make test runs
// them in full without it right after.
const underDetector = true
