// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/core"
)

func TestAuthorizationKnowsTags(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	caller := local
	var got map[string][]string
	caller.AuthorizeWith = func(_, _ string, conditions map[string][]string) error {
		got = conditions
		return nil
	}
	tests := []struct {
		op, body string
		want     map[string][]string
	}{
		{"DescribeTable", `{"TableName":"comments"}`, map[string][]string{"aws:ResourceTag/team": {"web"}}},
		{"TagResource", `{"ResourceArn":"` + tableARN + `","Tags":[{"Key":"a","Value":"b"}]}`,
			map[string][]string{"aws:ResourceTag/team": {"web"}, "aws:RequestTag/a": {"b"}, "aws:TagKeys": {"a"}}},
		{"UntagResource", `{"ResourceArn":"` + tableARN + `","TagKeys":["a"]}`,
			map[string][]string{"aws:ResourceTag/team": {"web"}, "aws:ResourceTag/a": {"b"}, "aws:TagKeys": {"a"}}},
		{"ListTables", `{}`, map[string][]string{}},
	}
	for _, tt := range tests {
		if status, m := w.call(caller, tt.op, tt.body); status != 200 {
			t.Errorf("%s: %v", tt.op, m)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.op, diff)
		}
	}
}
