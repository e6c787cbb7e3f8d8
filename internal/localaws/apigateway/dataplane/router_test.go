// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

func TestRouting(t *testing.T) {
	resources := map[string]*model.Resource{}
	for _, path := range []string{"/", "/a", "/a/{x}", "/a/b", "/a/{x}/c", "/a/b/d", "/files/{rest+}", "/{any}", "/deep/only/here"} {
		resources[path] = &model.Resource{ID: path, Path: path}
	}
	tree := buildTree(resources)
	for _, c := range []struct {
		path, want string
		params     map[string]string
	}{
		{"/", "/", nil},
		{"", "/", nil},
		{"/a", "/a", nil},
		{"/a/", "/a", nil},
		{"/a/b", "/a/b", nil},
		{"/a/z", "/a/{x}", map[string]string{"x": "z"}},
		{"/a/b/c", "/a/{x}/c", map[string]string{"x": "b"}},
		{"/a/b/d", "/a/b/d", nil},
		{"/a/z/d", "", nil},
		{"/a//c", "", nil},
		{"/files/1/2%2F3/4", "/files/{rest+}", map[string]string{"rest": "1/2/3/4"}},
		{"/files", "/{any}", map[string]string{"any": "files"}},
		{"/deep", "/{any}", map[string]string{"any": "deep"}},
		{"/deep/only", "", nil},
		{"/%zz", "/{any}", map[string]string{"any": "%zz"}},
		{"/%ff", "/{any}", map[string]string{"any": "\uFFFD"}},
	} {
		res, params := tree.match(c.path)
		got := ""
		if res != nil {
			got = res.Path
		}
		if got != c.want {
			t.Errorf("%q goes to %q; want %q", c.path, got, c.want)
		}
		if len(params)+len(c.params) > 0 {
			if diff := cmp.Diff(c.params, params); diff != "" {
				t.Errorf("%q: %s", c.path, diff)
			}
		}
	}
}
