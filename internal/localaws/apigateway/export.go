// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"net/http"

	"github.com/commentsapi/operator/internal/localaws/apigateway/openapi"
)

// getExport answers the deployed snapshot of a stage as an OpenAPI 3 document,
// not the working copy (aws-facts C3).
func (s *Service) getExport(q *request) (int, any, error) {
	switch kind := q.vars["exportType"]; kind {
	case "oas30":
	case "swagger":
		return 0, nil, notImplemented("GetExport of Swagger 2.0; use oas30")
	default:
		return 0, nil, badRequest("Invalid export type '%s' specified. Valid options are oas30,swagger", kind)
	}
	extensions := q.query.Get("extensions")
	switch extensions {
	case "", "integrations", "apigateway":
	default:
		return 0, nil, notImplemented("GetExport with extensions=%s; use integrations or apigateway", extensions)
	}
	rec, err := s.read(q, noAPI)
	if err != nil {
		return 0, nil, err
	}
	st := rec.stages[q.vars["stageName"]]
	if st == nil {
		return 0, nil, errNoStage
	}
	d := rec.deployments[st.DeploymentID]
	doc, err := openapi.Export(d.Snapshot, st.StageName, openapi.Extensions(extensions))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, rawBody{
		header: map[string]string{
			"Content-Type":        "application/json",
			"Content-Disposition": `attachment; filename="oas30_` + q.vars["restApiId"] + `.json"`,
		},
		body: doc,
	}, nil
}
