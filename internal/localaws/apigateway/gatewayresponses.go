// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// gatewayResponseStatus are the types and their default status codes
// (aws-facts F4). The two classes have none.
var gatewayResponseStatus = map[string]string{
	"ACCESS_DENIED": "403", "API_CONFIGURATION_ERROR": "500", "AUTHORIZER_CONFIGURATION_ERROR": "500",
	"AUTHORIZER_FAILURE": "500", "BAD_REQUEST_BODY": "400", "BAD_REQUEST_PARAMETERS": "400",
	"DEFAULT_4XX": "", "DEFAULT_5XX": "", "EXPIRED_TOKEN": "403", "INTEGRATION_FAILURE": "504",
	"INTEGRATION_TIMEOUT": "504", "INVALID_API_KEY": "403", "INVALID_SIGNATURE": "403",
	"MISSING_AUTHENTICATION_TOKEN": "403", "QUOTA_EXCEEDED": "429", "REQUEST_TOO_LARGE": "413",
	"RESOURCE_NOT_FOUND": "404", "THROTTLED": "429", "UNAUTHORIZED": "401",
	"UNSUPPORTED_MEDIA_TYPE": "415", "WAF_FILTERED": "403",
}

// gatewayResponseTypes is the order of the types in AWS's own error text.
var gatewayResponseTypes = []string{
	"REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND", "AUTHORIZER_CONFIGURATION_ERROR", "MISSING_AUTHENTICATION_TOKEN",
	"BAD_REQUEST_BODY", "INVALID_SIGNATURE", "INVALID_API_KEY", "BAD_REQUEST_PARAMETERS", "AUTHORIZER_FAILURE",
	"UNAUTHORIZED", "INTEGRATION_TIMEOUT", "ACCESS_DENIED", "DEFAULT_4XX", "DEFAULT_5XX", "WAF_FILTERED",
	"QUOTA_EXCEEDED", "THROTTLED", "API_CONFIGURATION_ERROR", "UNSUPPORTED_MEDIA_TYPE", "INTEGRATION_FAILURE", "EXPIRED_TOKEN",
}

const defaultGatewayTemplate = `{"message":$context.error.messageString}` // aws-facts C2

var (
	gatewayTarget = regexp.MustCompile(`^gatewayresponse\.header\.[a-zA-Z0-9._-]+$`)
	statusPattern = regexp.MustCompile(`^[1-5]\d\d$`)
)

// completeGatewayResponse checks a customised gateway response and fills in
// what it leaves out.
func completeGatewayResponse(in *model.GatewayResponse) (*model.GatewayResponse, error) {
	g := in.Clone()
	status, known := gatewayResponseStatus[g.ResponseType]
	if !known {
		return nil, badRequest("Invalid gateway response type '%s' specified", g.ResponseType)
	}
	if g.StatusCode == "" {
		g.StatusCode = status
	} else if !statusPattern.MatchString(g.StatusCode) {
		return nil, badRequest("Invalid status code '%s' specified: use 100 to 599", g.StatusCode)
	}
	for target, source := range g.ResponseParameters {
		_, fromRequest := requestParameter(source)
		if !gatewayTarget.MatchString(target) {
			return nil, badMapping("specified: " + target)
		}
		if !fromRequest && !literal.MatchString(source) && !contextSource.MatchString(source) {
			return nil, badMapping("specified: " + source)
		}
	}
	for kind, text := range g.ResponseTemplates {
		if text == "" {
			return nil, badRequest("Invalid null or empty value in responseTemplates")
		}
		if !contentType.MatchString(kind) {
			return nil, badRequest("Invalid content type specified: %s", kind)
		}
	}
	if g.ResponseParameters == nil {
		g.ResponseParameters = map[string]string{}
	}
	if len(g.ResponseTemplates) == 0 {
		g.ResponseTemplates = map[string]string{"application/json": defaultGatewayTemplate}
	}
	return g, nil
}

// EffectiveGatewayResponse is what a gateway response of the type is in the
// definition: its own, else that of its class, else AWS's default
// (aws-facts C2). It is nil for an unknown type.
func EffectiveGatewayResponse(work *model.Snapshot, kind string) *model.GatewayResponse {
	status, known := gatewayResponseStatus[kind]
	if !known {
		return nil
	}
	if g := work.GatewayResponses[kind]; g != nil {
		return g
	}
	g := &model.GatewayResponse{
		ResponseType: kind, StatusCode: status, DefaultResponse: true,
		ResponseParameters: map[string]string{}, ResponseTemplates: map[string]string{"application/json": defaultGatewayTemplate},
	}
	if status == "" {
		return g
	}
	if class := work.GatewayResponses["DEFAULT_"+status[:1]+"XX"]; class != nil {
		g.ResponseParameters, g.ResponseTemplates = maps.Clone(class.ResponseParameters), maps.Clone(class.ResponseTemplates)
		if class.StatusCode != "" {
			g.StatusCode = class.StatusCode
		}
	}
	return g
}

// responseType checks and returns the type in the path.
func (q *request) responseType() (string, error) {
	var v validation
	v.enum(q.vars["responseType"], "responseType", gatewayResponseTypes...)
	return q.vars["responseType"], v.err()
}

func (s *Service) putGatewayResponse(q *request) (int, any, error) {
	kind, err := q.responseType()
	if err != nil {
		return 0, nil, err
	}
	var in struct {
		StatusCode         string            `json:"statusCode"`
		ResponseParameters map[string]string `json:"responseParameters"`
		ResponseTemplates  map[string]string `json:"responseTemplates"`
	}
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	g, err := completeGatewayResponse(&model.GatewayResponse{
		ResponseType: kind, StatusCode: in.StatusCode, ResponseParameters: in.ResponseParameters, ResponseTemplates: in.ResponseTemplates,
	})
	if err != nil {
		return 0, nil, err
	}
	_, err = s.change(q, noAPI, func(rec *record) error {
		rec.edit().GatewayResponses[kind] = g
		return nil
	})
	return http.StatusCreated, g, err
}

func (s *Service) getGatewayResponse(q *request) (int, any, error) {
	kind, err := q.responseType()
	if err != nil {
		return 0, nil, err
	}
	rec, err := s.read(q, noAPI)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, EffectiveGatewayResponse(rec.work, kind), nil
}

// getGatewayResponses answers all types every time (aws-facts C1).
func (s *Service) getGatewayResponses(q *request) (int, any, error) {
	rec, err := s.read(q, noAPI)
	if err != nil {
		return 0, nil, err
	}
	var items []*model.GatewayResponse
	for _, kind := range slices.Sorted(maps.Keys(gatewayResponseStatus)) {
		items = append(items, EffectiveGatewayResponse(rec.work, kind))
	}
	return http.StatusOK, list{Item: items}, nil
}

func (s *Service) updateGatewayResponse(q *request) (int, any, error) {
	kind, err := q.responseType()
	if err != nil {
		return 0, nil, err
	}
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	var changed *model.GatewayResponse
	_, err = s.change(q, noAPI, func(rec *record) error {
		work := rec.edit()
		g := EffectiveGatewayResponse(work, kind).Clone()
		for i := range ops {
			if err := patchGatewayResponse(g, &ops[i]); err != nil {
				return err
			}
		}
		g.DefaultResponse = false
		var err error
		if changed, err = completeGatewayResponse(g); err == nil {
			work.GatewayResponses[kind] = changed
		}
		return err
	})
	return http.StatusOK, changed, err
}

func patchGatewayResponse(g *model.GatewayResponse, op *patchOp) error {
	value := func(member string) func() (string, error) {
		return func() (string, error) {
			if op.text() == "" {
				return "", badRequest("Invalid null or empty value in %s", member)
			}
			return op.text(), nil
		}
	}
	if key, ok := op.under("/responseParameters"); ok {
		return patchMap(&g.ResponseParameters, key, op, "responseParameters", value("responseParameters"))
	}
	if key, ok := op.under("/responseTemplates"); ok {
		return patchMap(&g.ResponseTemplates, key, op, "responseTemplates", value("responseTemplates"))
	}
	if op.Path != "/statusCode" || op.Op != "replace" {
		return errPatchPath(op.Path)
	}
	g.StatusCode = strings.TrimSpace(op.text())
	return nil
}

func (s *Service) deleteGatewayResponse(q *request) (int, any, error) {
	kind, err := q.responseType()
	if err != nil {
		return 0, nil, err
	}
	_, err = s.change(q, noAPI, func(rec *record) error {
		work := rec.edit()
		if work.GatewayResponses[kind] == nil {
			return notFound("Gateway response type not defined on api")
		}
		delete(work.GatewayResponses, kind)
		return nil
	})
	return http.StatusAccepted, nil, err
}
