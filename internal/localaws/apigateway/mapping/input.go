// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"strings"

	"github.com/commentsapi/operator/internal/localaws/velocity"
)

// input is $input.
type input struct {
	body   string
	doc    any
	params *velocity.Map
	path   map[string]string
	query  map[string]string
	header map[string]string
}

func newInput(in Input) *input {
	i := &input{body: string([]rune(string(in.Body))), path: in.Path, query: in.Query, header: in.Header}
	if i.body == "" {
		i.body = "{}" // aws-facts E1
	}
	// A body that is no JSON has no nodes: every path is a missing one.
	i.doc, _ = velocity.ParseJSON(i.body)
	i.params = velocity.NewMap(
		"path", velocity.From(in.Path),
		"querystring", velocity.From(in.Query),
		"header", velocity.From(in.Header),
	)
	return i
}

// Get knows body.
func (i *input) Get(name string) (any, bool) {
	if name == "body" {
		return i.body, true
	}
	return nil, false
}

// String is of no use to a template.
func (i *input) String() string { return "input" }

// Call answers json, path and params.
func (i *input) Call(method string, args []any) (any, error) {
	if method == "params" && len(args) == 0 {
		return i.params, nil
	}
	if len(args) != 1 {
		return nil, velocity.ErrNoMethod
	}
	arg, ok := args[0].(string)
	if !ok {
		return nil, velocity.ErrNoMethod
	}
	switch method {
	case "params":
		return i.param(arg), nil
	case "path":
		return find(i.doc, arg)
	case "json":
		v, err := find(i.doc, arg)
		if err != nil {
			return nil, err
		}
		if v == nil {
			return `""`, nil
		}
		return velocity.JSON(v, maxText)
	}
	return nil, velocity.ErrNoMethod
}

// param looks in path, query string and header, in this order; an absent
// parameter is empty (aws-facts E1). Header names are taken as HTTP takes
// them, without regard to case.
func (i *input) param(name string) string {
	for _, m := range []map[string]string{i.path, i.query, i.header} {
		if v, ok := m[name]; ok {
			return v
		}
	}
	for k, v := range i.header {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}
