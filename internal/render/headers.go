// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"maps"

	"github.com/commentsapi/operator/internal/stack"
)

const (
	headerNoSniff    = "X-Content-Type-Options"
	headerRetryAfter = "Retry-After"

	// retryAfterSeconds is what clients are asked to wait after throttling.
	// The buckets of the stage and of the table refill by the second.
	retryAfterSeconds = "1"

	declaredHeader = "method.response.header."
	gatewayHeader  = "gatewayresponse.header."
)

// headers are response headers with a fixed value, by name.
type headers map[string]string

// plainHeaders are on every answer: browsers must not take a comment for
// anything but JSON.
func plainHeaders() headers { return headers{headerNoSniff: "nosniff"} }

// and returns the headers with more of them.
func (h headers) and(more headers) headers {
	all := maps.Clone(h)
	maps.Copy(all, more)
	return all
}

// mapped writes the headers as AWS wants fixed values: in single quotes, under
// the name of their place.
func (h headers) mapped(place string) map[string]string {
	all := make(map[string]string, len(h))
	for name, value := range h {
		all[place+name] = "'" + value + "'"
	}
	return all
}

// on puts the headers on all answers of a method, and declares them, which AWS
// requires (aws-facts B4). Answers for an overridden status come from the
// response that overrides it, so every status declares the same.
func (h headers) on(m stack.Method) stack.Method {
	for code, r := range m.Integration.Responses {
		own := h
		if code == "503" {
			own = h.and(headers{headerRetryAfter: retryAfterSeconds})
		}
		r.Parameters = own.mapped(declaredHeader)
		m.Integration.Responses[code] = r
	}
	for code, r := range m.Responses {
		r.Parameters = map[string]bool{}
		for name := range h {
			r.Parameters[declaredHeader+name] = false
		}
		if code == "503" {
			r.Parameters[declaredHeader+headerRetryAfter] = false
		}
		m.Responses[code] = r
	}
	return m
}
