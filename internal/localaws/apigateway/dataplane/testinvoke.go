// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

var _ model.Tester = (*Plane)(nil)

// TestInvoke runs a method of a working copy for real, without authorization,
// API key, throttling or cache (aws-facts C1). Path parameters that the given
// path doesn't provide stay absent. It never fails; whatever goes wrong is in
// the result, and the log says why.
func (p *Plane) TestInvoke(ctx context.Context, caller core.Caller, api *model.Snapshot, req model.TestInvokeRequest) (model.TestInvokeResult, error) {
	x := &exchange{plane: p, ctx: ctx, started: p.deps.Env.Now(), test: true, variables: req.StageVariables}
	x.def = newDefinition(api)
	x.request = testRequest(api, req)
	x.identify(x.request.header)
	x.caller = identity{arn: caller.ARN, accountID: caller.AccountID}
	var log strings.Builder
	log.WriteString("Execution log for request " + x.requestID + "\n")
	x.log = dated(p.deps.Env.Clock, &log)

	resp := x.answer(func() (*response, error) {
		res := api.Resources[req.ResourceID]
		if res == nil || methodOf(res, req.HTTPMethod) == nil {
			return nil, fail(kindMissingToken, "No method %s on resource %s", req.HTTPMethod, req.ResourceID)
		}
		own := buildTree(map[string]*model.Resource{res.ID: res})
		_, params := own.match(x.request.path, func(*model.Resource) bool { return true })
		x.route = route{resource: res, method: methodOf(res, req.HTTPMethod), params: params}
		x.vars = x.contextVariables()
		x.knowCaller()
		x.log.start(x)
		return x.runMethod()
	})
	// TestInvokeMethod reports neither of these.
	resp.header.Del(headerRequestID)
	resp.header.Del(headerAPIGWID)
	return model.TestInvokeResult{
		Status:        resp.status,
		Body:          string(resp.body),
		Headers:       resp.header,
		Log:           log.String(),
		LatencyMillis: x.elapsed().Milliseconds(),
	}, nil
}

func testRequest(api *model.Snapshot, req model.TestInvokeRequest) request {
	path, query, _ := strings.Cut(req.PathWithQueryString, "?")
	if path == "" {
		if res := api.Resources[req.ResourceID]; res != nil {
			path = res.Path
		}
	}
	header := http.Header{}
	for name, values := range req.Headers {
		for _, v := range values {
			header.Add(name, v)
		}
	}
	return request{
		method: req.HTTPMethod,
		// A path that isn't encoded is taken as it is.
		path:     (&url.URL{Path: decode(path, url.PathUnescape), RawPath: path}).EscapedPath(),
		header:   header,
		host:     header.Get("Host"),
		query:    parseQuery(query),
		body:     []byte(req.Body),
		sourceIP: "test-invoke-source-ip",
	}
}
