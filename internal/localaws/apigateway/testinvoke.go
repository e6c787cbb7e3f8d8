// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"net/http"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// testInvokeMethod runs a method of the working copy, deployed or not
// (aws-facts C1).
func (s *Service) testInvokeMethod(q *request) (int, any, error) {
	var in struct {
		PathWithQueryString string              `json:"pathWithQueryString"`
		Body                string              `json:"body"`
		Headers             map[string]string   `json:"headers"`
		MultiValueHeaders   map[string][]string `json:"multiValueHeaders"`
		ClientCertificateID string              `json:"clientCertificateId"`
		StageVariables      map[string]string   `json:"stageVariables"`
	}
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	rec, ok := s.apis.Latest(q.vars["restApiId"])
	if !ok || !rec.belongsTo(q.caller) {
		return 0, nil, noResource(q)
	}
	_, m, err := methodOf(q, rec.work)
	if err != nil {
		return 0, nil, err
	}
	if m.MethodIntegration == nil {
		return 0, nil, badRequest("No integration defined for method")
	}
	s.testerMu.RLock()
	tester := s.tester
	s.testerMu.RUnlock()
	if tester == nil {
		return 0, nil, notImplemented("TestInvokeMethod without its data plane")
	}
	headers := map[string][]string{}
	for k, v := range in.Headers {
		headers[k] = []string{v}
	}
	for k, v := range in.MultiValueHeaders {
		headers[k] = v
	}
	res, err := tester.TestInvoke(q.ctx, q.caller, rec.work, model.TestInvokeRequest{
		ResourceID: q.vars["resourceId"], HTTPMethod: m.HTTPMethod, PathWithQueryString: in.PathWithQueryString,
		Body: in.Body, Headers: headers, StageVariables: in.StageVariables,
	})
	if err != nil {
		return 0, nil, err
	}
	single := map[string]string{}
	for k, v := range res.Headers {
		if len(v) > 0 {
			single[k] = v[len(v)-1]
		}
	}
	return http.StatusOK, map[string]any{
		"status": res.Status, "body": res.Body, "headers": single, "multiValueHeaders": res.Headers,
		"log": res.Log, "latency": res.LatencyMillis,
	}, nil
}
