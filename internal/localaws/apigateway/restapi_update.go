// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

func (s *Service) updateRestAPI(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	rec, err := s.change(q, noAPI, func(rec *record) error {
		a := &rec.edit().API
		for i := range ops {
			if err := patchAPI(q, a, &ops[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, viewAPI(rec.work.API, true), nil
}

// patchAPI applies one operation to an API (aws-facts D3).
func patchAPI(q *request, a *model.RestAPI, op *patchOp) error {
	if kind, ok := op.under("/binaryMediaTypes"); ok {
		return patchBinary(a, kind, op)
	}
	if strings.HasPrefix(op.Path, "/endpointConfiguration/") {
		return patchEndpoint(a, op)
	}
	if op.Path == "/description" && op.Op == "remove" {
		a.Description = ""
		return nil
	}
	var set func() error
	switch op.Path {
	case "/name":
		set = func() error {
			if strings.TrimSpace(op.text()) == "" {
				return badRequest("Name must be non-empty: give the API a name")
			}
			a.Name = op.text()
			return nil
		}
	case "/description":
		set = func() error { a.Description = op.text(); return nil }
	case "/version":
		set = func() error { a.Version = op.text(); return nil }
	case "/apiKeySource":
		set = func() error { return setKeySource(a, op.text()) }
	case "/disableExecuteApiEndpoint":
		set = func() error { a.DisableExecuteAPIEndpoint = op.bool(); return nil }
	case "/minimumCompressionSize":
		set = func() error { return setCompression(a, op) }
	case "/policy":
		set = func() error { return setPolicy(q.caller, a, op.text()) }
	case "/securityPolicy":
		set = func() error { a.SecurityPolicy = op.text(); return nil }
	case "/endpointAccessMode":
		set = func() error { a.EndpointAccessMode = op.text(); return nil }
	default:
		return errPatchPath(op.Path)
	}
	if err := op.replaces(); err != nil {
		return err
	}
	return set()
}

func setKeySource(a *model.RestAPI, source string) error {
	if source != "HEADER" && source != "AUTHORIZER" {
		return badRequest("Invalid API key source '%s' specified. Valid options are HEADER,AUTHORIZER", source)
	}
	a.APIKeySource = source
	return nil
}

// setCompression takes a size in bytes; no value switches compression off.
func setCompression(a *model.RestAPI, op *patchOp) error {
	if op.Value == nil || *op.Value == "" {
		a.MinimumCompressionSize = nil
		return nil
	}
	size, err := strconv.Atoi(*op.Value)
	if err != nil || size < 0 || size > maxCompression {
		return errCompression
	}
	a.MinimumCompressionSize = &size
	return nil
}

// patchBinary adds, removes or replaces (by the value) a binary media type.
func patchBinary(a *model.RestAPI, kind string, op *patchOp) error {
	at := slices.Index(a.BinaryMediaTypes, kind)
	switch op.Op {
	case "add":
		if at < 0 {
			a.BinaryMediaTypes = append(a.BinaryMediaTypes, kind)
		}
	case "remove":
		if at < 0 {
			return notFound("Invalid binary media type specified: %s", kind)
		}
		a.BinaryMediaTypes = slices.Delete(a.BinaryMediaTypes, at, at+1)
	case "replace":
		if at < 0 {
			return notFound("Invalid binary media type specified: %s", kind)
		}
		a.BinaryMediaTypes = append(slices.Delete(a.BinaryMediaTypes, at, at+1), op.text())
	default:
		return badRequest("Invalid patch operation specified. Must be 'add'|'remove'|'replace'")
	}
	return nil
}

// patchEndpoint changes the endpoint configuration. Private APIs can't become
// edge-optimised (aws-facts A5).
func patchEndpoint(a *model.RestAPI, op *patchOp) error {
	e := &a.EndpointConfiguration
	if op.Path == "/endpointConfiguration/ipAddressType" {
		if err := op.replaces(); err != nil {
			return err
		}
		if op.text() != "ipv4" && op.text() != "dualstack" {
			return badRequest("ipAddressType must be either ipv4 or dualstack.")
		}
		if op.text() == "ipv4" && e.Types[0] == "PRIVATE" {
			return badRequest("Only dualstack ipAddressType is supported for Private APIs.")
		}
		e.IPAddressType = op.text()
		return nil
	}
	if op.Path == "/endpointConfiguration/vpcEndpointIds" {
		at := slices.Index(e.VPCEndpointIDs, op.text())
		switch {
		case op.Op == "add" && at < 0:
			e.VPCEndpointIDs = append(e.VPCEndpointIDs, op.text())
		case op.Op == "remove" && at >= 0:
			e.VPCEndpointIDs = slices.Delete(e.VPCEndpointIDs, at, at+1)
		case op.Op != "add" && op.Op != "remove":
			return badRequest("Invalid patch operation specified. Must be 'add'|'remove'")
		}
		return nil
	}
	if !strings.HasPrefix(op.Path, "/endpointConfiguration/types/") {
		return errPatchPath(op.Path)
	}
	if op.Op != "replace" {
		return badRequest("Invalid patch operation specified. Must be 'add'|'remove'|'replace'")
	}
	kind := op.text()
	switch {
	case apiLimits[kind] == 0:
		return badRequest("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
	case kind == "EDGE" && e.Types[0] == "PRIVATE":
		return badRequest("Cannot change the endpoint type of a private API to EDGE: change it to REGIONAL first")
	}
	e.Types = []string{kind}
	if kind == "PRIVATE" {
		e.IPAddressType = "dualstack"
	}
	return nil
}
