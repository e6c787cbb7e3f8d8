// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import "errors"

// TemplateInput is what a mapping template sees (aws-facts E1, E4).
type TemplateInput struct {
	Body                []byte
	Path, Query, Header map[string]string
	Context             map[string]any
	StageVariables      map[string]string
}

// TemplateOutput is what a mapping template made, with its overrides.
type TemplateOutput struct {
	Body                                      string
	ResponseStatus                            int
	ResponseHeaders                           map[string]string
	RequestHeaders, RequestPath, RequestQuery map[string]string
}

func compileTemplate(string) (Template, error) { return nil, errors.New("no template engine") }
