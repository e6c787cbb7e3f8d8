// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"net/url"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// route is where a request goes.
type route struct {
	resource *model.Resource
	method   *model.Method
	// params are the decoded values of the path parameters.
	params map[string]string
}

// node is one segment of the tree of resource paths. At each level a static
// segment wins over a parameter, and that over a greedy parameter.
type node struct {
	resource *model.Resource
	static   map[string]*node
	param    *node
	greedy   *node
	name     string // of the parameter this node stands for
}

func buildTree(resources map[string]*model.Resource) *node {
	root := &node{}
	for _, res := range resources {
		n := root
		for _, segment := range segments(res.Path) {
			n = n.child(segment)
		}
		n.resource = res
	}
	return root
}

func (n *node) child(segment string) *node {
	if !strings.HasPrefix(segment, "{") || !strings.HasSuffix(segment, "}") {
		if n.static == nil {
			n.static = map[string]*node{}
		}
		c := n.static[segment]
		if c == nil {
			c = &node{}
			n.static[segment] = c
		}
		return c
	}
	name := segment[1 : len(segment)-1]
	slot := &n.param
	if plain, greedy := strings.CutSuffix(name, "+"); greedy {
		name, slot = plain, &n.greedy
	}
	if *slot == nil {
		*slot = &node{name: name}
	}
	return *slot
}

// segments splits a path; a trailing slash doesn't count.
func segments(path string) []string {
	path = strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// match finds the resource for a percent-encoded path among those that
// accept: the most specific resource that lacks the method does not hide a
// less specific one that has it. Segments are separated before anything is
// decoded, so "%2F" never separates; values are decoded once (aws-facts E6
// leaves both open).
func (n *node) match(path string, accept func(*model.Resource) bool) (*model.Resource, map[string]string) {
	params := map[string]string{}
	found := n.find(segments(path), params, accept)
	if found == nil {
		return nil, nil
	}
	return found, params
}

func (n *node) find(rest []string, params map[string]string, accept func(*model.Resource) bool) *model.Resource {
	if len(rest) == 0 {
		if n.resource == nil || !accept(n.resource) {
			return nil
		}
		return n.resource
	}
	head := rest[0]
	if head == "" {
		return nil
	}
	if c := n.static[head]; c != nil {
		if found := c.find(rest[1:], params, accept); found != nil {
			return found
		}
	}
	if n.param != nil {
		if found := n.param.find(rest[1:], params, accept); found != nil {
			params[n.param.name] = decode(head, url.PathUnescape)
			return found
		}
	}
	if n.greedy != nil && n.greedy.resource != nil && accept(n.greedy.resource) {
		params[n.greedy.name] = decode(strings.Join(rest, "/"), url.PathUnescape)
		return n.greedy.resource
	}
	return nil
}

// methodOf is the resource's method for an HTTP method, or its ANY.
func methodOf(res *model.Resource, httpMethod string) *model.Method {
	if m := res.ResourceMethods[httpMethod]; m != nil {
		return m
	}
	return res.ResourceMethods["ANY"]
}
