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
		res, params := tree.match(c.path, func(*model.Resource) bool { return true })
		if got := pathOf(res); got != c.want {
			t.Errorf("%q goes to %q; want %q", c.path, got, c.want)
		}
		if len(params)+len(c.params) > 0 {
			if diff := cmp.Diff(c.params, params); diff != "" {
				t.Errorf("%q: %s", c.path, diff)
			}
		}
	}
}

// Measured on AWS by others: resolution is on the pair of resource and method.
func TestRoutingIsByResourceAndMethod(t *testing.T) {
	resources := map[string]*model.Resource{}
	for path, method := range map[string]string{"/{proxy+}": "ANY", "/jobs": "", "/jobs/{type}": "GET", "/cors": "OPTIONS"} {
		res := &model.Resource{ID: path, Path: path, ResourceMethods: map[string]*model.Method{}}
		if method != "" {
			res.ResourceMethods[method] = &model.Method{HTTPMethod: method}
		}
		resources[path] = res
	}
	tree := buildTree(resources)
	for _, c := range []struct{ method, path, want string }{
		{"GET", "/jobs/reboot", "/jobs/{type}"},
		{"POST", "/jobs/reboot", "/{proxy+}"},
		{"GET", "/jobs", "/{proxy+}"},
		{"OPTIONS", "/cors", "/cors"},
		{"GET", "/cors", "/{proxy+}"},
		{"GET", "/", ""},
	} {
		res, params := tree.match(c.path, func(r *model.Resource) bool { return methodOf(r, c.method) != nil })
		if got := pathOf(res); got != c.want {
			t.Errorf("%s %s goes to %q; want %q", c.method, c.path, got, c.want)
		}
		if c.want == "/{proxy+}" && (len(params) != 1 || "/"+params["proxy"] != c.path) {
			t.Errorf("%s %s: parameters %v", c.method, c.path, params)
		}
	}
}

func pathOf(res *model.Resource) string {
	if res == nil {
		return ""
	}
	return res.Path
}
