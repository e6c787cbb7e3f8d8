// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"net/http"
	"strings"

	"github.com/ohler55/ojg/jp"
	"github.com/ohler55/ojg/oj"
)

// requestValue evaluates the right side of a parameter mapping in the request
// and in gateway responses: 'static', method.request.*, context.*,
// stageVariables.* (aws-facts B4). false means that there is no such value.
func (x *exchange) requestValue(expr string) (string, bool) {
	if value, ok := static(expr); ok {
		return value, true
	}
	if rest, ok := strings.CutPrefix(expr, "method.request."); ok {
		return x.methodRequestValue(rest)
	}
	return x.sharedValue(expr)
}

func (x *exchange) methodRequestValue(expr string) (string, bool) {
	place, name, _ := strings.Cut(expr, ".")
	switch place {
	case "path":
		v, ok := x.route.params[name]
		return v, ok
	case "querystring":
		return single(x.request.query[name])
	case "multivaluequerystring":
		return joined(x.request.query[name])
	case "header":
		return single(x.headerValues(name))
	case "multivalueheader":
		return joined(x.headerValues(name))
	case "body":
		return bodyValue(x.request.text(), name)
	}
	return "", false
}

func (x *exchange) headerValues(name string) []string {
	if http.CanonicalHeaderKey(name) == "Host" && x.request.host != "" {
		return []string{x.request.host}
	}
	return x.request.header.Values(name)
}

// responseValue evaluates the right side of a response parameter mapping.
func (x *exchange) responseValue(expr string, result *backendResult) (string, bool) {
	if value, ok := static(expr); ok {
		return value, true
	}
	if rest, ok := strings.CutPrefix(expr, "integration.response."); ok {
		place, name, _ := strings.Cut(rest, ".")
		switch place {
		case "header":
			return single(result.header.Values(name))
		case "multivalueheader":
			return joined(result.header.Values(name))
		case "body":
			return bodyValue(result.body, name)
		}
		return "", false
	}
	return x.sharedValue(expr)
}

func (x *exchange) sharedValue(expr string) (string, bool) {
	if name, ok := strings.CutPrefix(expr, "context."); ok {
		v, ok := lookup(x.vars, name)
		return textOf(v), ok
	}
	if name, ok := strings.CutPrefix(expr, "stageVariables."); ok {
		v, ok := x.variables[name]
		return v, ok
	}
	return "", false
}

// static returns the text between single quotes.
func static(expr string) (string, bool) {
	if len(expr) >= 2 && expr[0] == '\'' && expr[len(expr)-1] == '\'' {
		return expr[1 : len(expr)-1], true
	}
	return "", false
}

func single(values []string) (string, bool) { return last(values), len(values) > 0 }

func joined(values []string) (string, bool) { return strings.Join(values, ","), len(values) > 0 }

// bodyValue is the whole body, or what a JSONPath without its "$." finds in
// it.
func bodyValue(body []byte, path string) (string, bool) {
	if path == "" {
		return string(body), true
	}
	data, err := oj.Parse(body)
	if err != nil {
		return "", false
	}
	expr, err := jp.ParseString("$." + path)
	if err != nil {
		return "", false
	}
	found := expr.Get(data)
	if len(found) == 0 || found[0] == nil {
		return "", false
	}
	if text, ok := found[0].(string); ok {
		return text, true
	}
	return oj.JSON(found[0]), true
}

// unsettable are headers that belong to the connection; AWS renames a
// mapping's values for them so that they can't break the framing.
var unsettable = map[string]bool{
	"Connection": true, "Content-Length": true, "Date": true, "Host": true, "Server": true, "Te": true,
	"Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
}

func setHeader(h http.Header, name, value string) {
	if unsettable[http.CanonicalHeaderKey(name)] {
		name = "X-Amzn-Remapped-" + name
	}
	h.Set(name, value)
}
