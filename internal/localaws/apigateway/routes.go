// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// route ties a method and a path to an operation.
type route struct {
	method, op string
	segments   []string // a segment in braces is a variable
	handle     func(*Service, *request) (status int, payload any, err error)
}

// mutates reports whether the operation changes an API.
func (rt *route) mutates() bool {
	return rt.method != http.MethodGet && rt.op != "TestInvokeMethod"
}

// Operation names the AWS operation of a request and the API it concerns
// (empty for operations that concern none). Unknown paths have no operation.
func (s *Service) Operation(r *http.Request, _ []byte) (op, resource string) {
	rt, vars, ok := match(r)
	if !ok {
		return "", ""
	}
	if id := vars["restApiId"]; id != "" {
		return rt.op, id
	}
	if arn := vars["resourceArn"]; arn != "" {
		if _, rest, found := strings.Cut(arn, "/restapis/"); found {
			id, _, _ := strings.Cut(rest, "/")
			return rt.op, id
		}
	}
	return rt.op, ""
}

// match finds the route of a request and the values of its path variables.
func match(r *http.Request) (*route, map[string]string, bool) {
	segments := splitPath(r.URL.EscapedPath())
	for i := range routes {
		rt := &routes[i]
		if rt.method != r.Method {
			continue
		}
		vars, ok := rt.match(segments)
		if !ok {
			continue
		}
		if rt.op == "CreateRestApi" && r.URL.Query().Get("mode") == "import" {
			return &importRestAPI, vars, true
		}
		if rt.op == "CreateApiKey" && r.URL.Query().Get("mode") == "import" {
			return nil, nil, false
		}
		return rt, vars, true
	}
	return nil, nil, false
}

// splitPath decodes a path's segments. The ARN of /tags/{arn} may arrive with
// its slashes escaped or not; either way it is one segment.
func splitPath(escaped string) []string {
	escaped = strings.Trim(escaped, "/")
	parts := strings.Split(escaped, "/")
	if len(parts) > 2 && parts[0] == "tags" {
		parts = []string{"tags", strings.Join(parts[1:], "/")}
	}
	for i, p := range parts {
		if decoded, err := url.PathUnescape(p); err == nil {
			parts[i] = decoded
		}
	}
	return parts
}

func (rt *route) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(rt.segments) {
		return nil, false
	}
	vars := map[string]string{}
	for i, want := range rt.segments {
		if strings.HasPrefix(want, "{") {
			if segments[i] == "" {
				return nil, false
			}
			vars[strings.Trim(want, "{}")] = segments[i]
		} else if want != segments[i] {
			return nil, false
		}
	}
	return vars, true
}

type handler = func(*Service, *request) (int, any, error)

func at(method, path, op string, h handler) route {
	return route{method: method, op: op, segments: strings.Split(strings.Trim(path, "/"), "/"), handle: h}
}

var importRestAPI = at(http.MethodPost, "/restapis", "ImportRestApi", (*Service).importRestAPI)

// Operations returns the names of all operations, in order.
func Operations() []string {
	names := []string{"ImportRestApi"} // CreateRestApi by its path
	for _, rt := range routes {
		names = append(names, rt.op)
	}
	slices.Sort(names)
	return names
}
