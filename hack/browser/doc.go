// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package browser holds the tests of the comments section in a real Chromium,
// against the real local run. Run them with "make browser".
package browser
