// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package awscloud

// underDetector is whether the race detector watches.
const underDetector = false
