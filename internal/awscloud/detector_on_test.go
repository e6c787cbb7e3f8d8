// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build race

package awscloud

// underDetector is whether the race detector watches. Who wakes at the same
// moment then goes on in any order; make test runs the package without it, too.
const underDetector = true
