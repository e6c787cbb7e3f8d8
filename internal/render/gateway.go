// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"

	"github.com/commentsapi/operator/internal/stack"
)

// refusal is an answer that API Gateway gives by itself.
type refusal struct {
	// kind is AWS's type of gateway response.
	kind string
	// status is AWS's own (aws-facts F4), written out so that it doesn't
	// matter what AWS reports for one that isn't. The defaults of a class have
	// none: one status there would be that of throttling too.
	status        string
	code, message string
	retry         bool
}

// refusals shape all that API Gateway answers by itself, but 413, which can't
// be shaped (aws-facts B3). AWS's own words are never passed on: those about
// access name ARNs, and those about validation are text, not JSON.
var refusals = []refusal{
	{kind: "ACCESS_DENIED", status: "403", code: "Forbidden", message: "You may not make this call."},
	{kind: "BAD_REQUEST_BODY", status: "400", code: "InvalidRequest", message: "The body is not a valid comment. Check that it is JSON, and its fields."},
	{kind: "BAD_REQUEST_PARAMETERS", status: "400", code: "InvalidRequest", message: "A required parameter is missing."},
	{kind: "DEFAULT_4XX", code: "Refused", message: "The request was refused."},
	{kind: "DEFAULT_5XX", code: "InternalError", message: "The comments are not available because of a problem on the server."},
	{kind: "EXPIRED_TOKEN", status: "403", code: "InvalidSignature", message: "The credentials have expired. Sign the request with new ones."},
	{kind: "INTEGRATION_FAILURE", status: "504", code: "Unavailable", message: "The comments are not available at the moment. Try again shortly.", retry: true},
	{kind: "INTEGRATION_TIMEOUT", status: "504", code: "Unavailable", message: "The comments are not available at the moment. Try again shortly.", retry: true},
	{kind: "INVALID_API_KEY", status: "403", code: "InvalidKey", message: "The API key in the header x-api-key is missing or not valid."},
	{kind: "INVALID_SIGNATURE", status: "403", code: "InvalidSignature", message: "The signature of the request is not valid."},
	// AWS answers this to calls that don't exist as well as to unsigned ones.
	{kind: "MISSING_AUTHENTICATION_TOKEN", status: "403", code: "NotFound", message: "There is no such call, or it must be signed. Check the method and the path."},
	{kind: "QUOTA_EXCEEDED", status: "429", code: "QuotaExceeded", message: "The quota of this API key is used up."},
	{kind: "RESOURCE_NOT_FOUND", status: "404", code: "NotFound", message: "There is no such call. Check the method and the path."},
	{kind: "THROTTLED", status: "429", code: "Throttled", message: "Too many requests at the moment. Try again shortly.", retry: true},
	{kind: "UNAUTHORIZED", status: "401", code: "Unauthorized", message: "The request must be authorized."},
	{kind: "UNSUPPORTED_MEDIA_TYPE", status: "415", code: "UnsupportedMediaType", message: "Send JSON, with the header Content-Type: application/json."},
	{kind: "WAF_FILTERED", status: "403", code: "Forbidden", message: "You may not make this call."},
}

// gatewayResponses shape the answers that don't come from an integration. Their
// templates are plain text: gateway responses know no VTL (aws-facts B4).
func gatewayResponses(with headers) map[string]stack.GatewayResponse {
	all := make(map[string]stack.GatewayResponse, len(refusals))
	for _, r := range refusals {
		own := with
		if r.retry {
			own = with.and(headers{headerRetryAfter: retryAfterSeconds})
		}
		all[r.kind] = stack.GatewayResponse{
			StatusCode: r.status,
			Parameters: own.mapped(gatewayHeader),
			Templates:  map[string]string{contentJSON: fmt.Sprintf(`{"code": %q, "message": %q}`, r.code, r.message)},
		}
	}
	return all
}
