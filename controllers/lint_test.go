// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"testing"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/statuslint"
)

// lintStatus holds a status that a test sees to the rules that tools rely on.
// testcluster does so with every status that is ever written; this one names
// the line of the test.
func lintStatus(t *testing.T, o *v1alpha1.CommentsAPI) {
	t.Helper()
	for _, problem := range statuslint.Problems(o) {
		t.Errorf("%s: %s", problem, describeStatus(o))
	}
}
