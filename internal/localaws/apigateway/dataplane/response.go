// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// response is what goes back to the client.
type response struct {
	status int
	header http.Header
	body   []byte
}

func (r *response) write(w http.ResponseWriter, method string) {
	maps.Copy(w.Header(), r.header)
	bodyless := r.status == http.StatusNoContent || r.status == http.StatusNotModified
	if !bodyless {
		w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	}
	w.WriteHeader(r.status)
	if method != http.MethodHead && !bodyless {
		// The client is gone when this fails; there is nobody to tell.
		_, _ = w.Write(r.body)
	}
}

// mapResponse makes the client's response from the backend's.
func (x *exchange) mapResponse(in *model.Integration, result *backendResult) (*response, error) {
	chosen, err := x.selectResponse(in, result.status)
	if err != nil {
		return nil, err
	}
	declared := x.route.method.MethodResponses[chosen.StatusCode]
	if declared == nil {
		return nil, misconfigured("Output mapping refers to an invalid method response: %s", chosen.StatusCode)
	}
	status, err := strconv.Atoi(chosen.StatusCode)
	if err != nil {
		return nil, misconfigured("Invalid status code %q of an integration response", chosen.StatusCode)
	}
	body := result.body
	if len(chosen.ResponseTemplates) > 0 {
		_, source := pickByAccept(chosen.ResponseTemplates, x.request.header.Values("Accept"))
		out, err := x.render(source, result.body)
		if err != nil {
			return nil, misconfigured("Unable to transform response: %v", err)
		}
		x.overrides.merge(out.ResponseStatus, out.ResponseHeaders)
		body = []byte(out.Body)
	}
	header := x.standardHeaders()
	header.Set(headerTrace, x.trace)
	header.Set("Content-Type", jsonMediaType)
	for target, expr := range chosen.ResponseParameters {
		name, ok := strings.CutPrefix(target, "method.response.header.")
		if !ok {
			continue
		}
		if value, ok := x.responseValue(expr, result); ok {
			setHeader(header, name, value)
		}
	}
	for name, value := range x.overrides.headers {
		setHeader(header, name, value)
	}
	if x.overrides.status != 0 {
		status = x.overrides.status
	}
	if status < http.StatusOK {
		return nil, misconfigured("Status %d can't end a response", status)
	}
	x.log.printf("Method response body after transformations: %s", body)
	x.log.printf("Method response headers: %s", x.log.headers(header))
	return &response{status: status, header: header, body: body}, nil
}

// selectResponse picks the integration response whose pattern matches the
// backend's status code, else the default (aws-facts F1). Of several matches
// the one with the lowest status code wins; AWS's choice is unconfirmed.
func (x *exchange) selectResponse(in *model.Integration, status int) (*model.IntegrationResponse, error) {
	var fallback *model.IntegrationResponse
	all := slices.SortedFunc(maps.Values(in.IntegrationResponse), func(a, b *model.IntegrationResponse) int {
		return cmp.Compare(a.StatusCode, b.StatusCode)
	})
	for _, r := range all {
		if r.SelectionPattern == nil || *r.SelectionPattern == "" {
			if fallback == nil {
				fallback = r
			}
			continue
		}
		pattern, err := x.def.pattern(*r.SelectionPattern)
		if err != nil {
			return nil, misconfigured("Invalid selection pattern %q: %v", *r.SelectionPattern, err)
		}
		if pattern.MatchString(strconv.Itoa(status)) {
			return r, nil
		}
	}
	if fallback == nil {
		return nil, misconfigured("No match for output mapping and no default output mapping configured. Endpoint Response Status Code: %d", status)
	}
	return fallback, nil
}
