// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"errors"
	"net/http"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// invoke takes a request through everything AWS does before the method's own
// work, in AWS's order.
func (x *exchange) invoke() (*response, error) {
	if err := x.findRoute(); err != nil {
		return nil, err
	}
	for _, step := range []func() error{x.authorize, x.checkKey, x.throttle, x.checkSize} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return x.runMethod()
}

// runMethod is the part that a test invocation shares: validation, request
// mapping, integration, response mapping.
func (x *exchange) runMethod() (*response, error) {
	if err := x.validate(); err != nil {
		return nil, err
	}
	integration := x.route.method.MethodIntegration
	if integration == nil {
		return nil, misconfigured("No integration defined for method")
	}
	key, cached, err := x.fromCache(integration)
	if err != nil || cached != nil {
		return cached, err
	}
	result, err := x.callIntegration(integration)
	if err != nil {
		return nil, err
	}
	resp, err := x.mapResponse(integration, result)
	if err != nil {
		return nil, err
	}
	x.toCache(key, resp)
	return resp, nil
}

// answer runs work and turns its failure into a gateway response.
func (x *exchange) answer(work func() (*response, error)) *response {
	resp, err := work()
	var f *failure
	switch {
	case errors.As(err, &f):
	case err != nil:
		f = misconfigured("%v", err)
	}
	if f != nil {
		x.failed = f
		x.log.printf("%s", f.reason)
		resp = x.gatewayResponse(f)
	} else {
		x.log.printf("Successfully completed execution")
	}
	x.log.printf("Method completed with status: %d", resp.status)
	return resp
}

// findRoute finds the method; without one the answer is the same as without
// credentials (aws-facts F4).
func (x *exchange) findRoute() error {
	res, params := x.def.tree.match(x.request.path, func(r *model.Resource) bool {
		return methodOf(r, x.request.method) != nil
	})
	if res != nil {
		x.route = route{resource: res, method: methodOf(res, x.request.method), params: params}
	}
	x.vars = x.contextVariables()
	if x.route.method == nil {
		return fail(kindMissingToken, "No method %s for path %s", x.request.method, x.request.path)
	}
	x.log.start(x)
	return nil
}

// checkSize holds the request to the limits of aws-facts A3. What AWS answers
// to too many header bytes is not known here; it gets the same answer as too
// large a payload.
func (x *exchange) checkSize() error {
	switch {
	case x.request.urlBytes > maxURLBytes:
		return &failure{kind: kindDefault4xx, status: http.StatusRequestURITooLong, message: "URI Too Long",
			reason: "The URL is longer than 10240 bytes"}
	case x.request.tooLarge:
		return fail(kindTooLarge, "The payload is larger than 10485760 bytes")
	case x.request.headerBytes() > maxHeaderBytes:
		return fail(kindTooLarge, "The headers are larger than 10240 bytes in total")
	}
	return nil
}

// setting is the method's block of stage settings: its own, else the stage's
// "*/*" (aws-facts D2; how nested paths are spelled in keys is unconfirmed, so
// both spellings count). nil means defaults.
func (x *exchange) setting() *model.MethodSetting {
	if x.stage == nil || len(x.stage.MethodSettings) == 0 {
		return nil
	}
	path := strings.TrimPrefix(x.route.resource.Path, "/")
	escaped := strings.ReplaceAll(path, "/", "~1")
	for _, key := range []string{escaped, path, "~1" + escaped} {
		if s := x.stage.MethodSettings[key+"/"+x.route.method.HTTPMethod]; s != nil {
			return s
		}
	}
	return x.stage.MethodSettings["*/*"]
}
