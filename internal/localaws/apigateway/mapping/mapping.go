// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mapping runs API Gateway's mapping templates: it gives a Velocity
// template the variables $input, $util, $context and $stageVariables and
// returns what the template printed and what it overrode.
package mapping

import (
	"fmt"

	"github.com/commentsapi/operator/internal/localaws/velocity"
)

// MaxTemplate is the largest template in bytes, 300 KB (aws-facts A3).
const MaxTemplate = 300 << 10

// Input is what a template sees.
type Input struct {
	// Body is the payload: the client's in a request template, the
	// backend's in a response template.
	Body []byte
	// Path, Query and Header are the parameters of the method request, each
	// with a single value, decoded.
	Path, Query, Header map[string]string
	// Context is $context without the overrides. Nested values are strings,
	// integers, booleans, map[string]any, []any or template values.
	Context map[string]any
	// StageVariables is $stageVariables.
	StageVariables map[string]string
}

// Output is what a template made.
type Output struct {
	// Body is the text that was printed, as valid UTF-8.
	Body string
	// ResponseStatus and ResponseHeaders are $context.responseOverride;
	// status 0 means that it was not set to an integer from 100 to 599. When
	// the template was that of a request, they hold for the response too
	// (aws-facts E4); merging is the caller's.
	ResponseStatus  int
	ResponseHeaders map[string]string
	// RequestHeaders, RequestPath and RequestQuery are
	// $context.requestOverride.
	RequestHeaders, RequestPath, RequestQuery map[string]string
}

// Compile parses a template. It refuses what is larger than MaxTemplate; a
// syntax error is a *velocity.ParseError.
func Compile(src string) (*velocity.Template, error) {
	if len(src) > MaxTemplate {
		return nil, fmt.Errorf("mapping template of %d bytes: at most %d are allowed", len(src), MaxTemplate)
	}
	return velocity.Parse("template", src)
}

// Render runs a template in API Gateway's dialect. An error is what API
// Gateway answers with a 500: a method that failed, a target that was
// overridden twice, or a template that did too much work.
func Render(t *velocity.Template, in Input) (Output, error) {
	ctx := newContext(in.Context)
	body, err := t.Render(map[string]any{
		"input":          newInput(in),
		"util":           util{},
		"context":        ctx,
		"stageVariables": in.StageVariables,
	}, velocity.Options{NullAsEmpty: true})
	if err != nil {
		return Output{}, err
	}
	out := Output{
		Body:            body,
		ResponseStatus:  ctx.response.statusCode(),
		ResponseHeaders: ctx.response.targets["header"].values(),
		RequestHeaders:  ctx.request.targets["header"].values(),
		RequestPath:     ctx.request.targets["path"].values(),
		RequestQuery:    ctx.request.targets["querystring"].values(),
	}
	return out, nil
}

// maxText bounds the text of one value, in bytes.
const maxText = 16 << 20

// text is what a value prints as; "" for none.
func text(v any) (string, error) {
	if v == nil {
		return "", nil
	}
	return velocity.Text(v, maxText)
}
