// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

// cacheTTLSeconds is what AWS fills in next to any other setting (aws-facts
// D2); nothing is cached by it.
const cacheTTLSeconds = 300

// accessLogFormat is one line of JSON with nothing in it that a client wrote:
// values aren't escaped in it. The resource is the path as declared, without
// the page id. A request id is there because AWS asks for one (aws-facts D5).
const accessLogFormat = `{"requestId":"$context.requestId","extendedRequestId":"$context.extendedRequestId",` +
	`"time":"$context.requestTimeEpoch","method":"$context.httpMethod","resource":"$context.resourcePath",` +
	`"status":"$context.status","bytes":"$context.responseLength","milliseconds":"$context.responseLatency",` +
	`"error":"$context.error.responseType"}`

// stage serves the API with the same settings for every method. Requests are
// never logged with their content (aws-facts D5).
func stage(spec v1alpha1.CommentsAPISpec, facts stack.Facts) stack.Stage {
	s := stack.Stage{
		Name: spec.Stage,
		Settings: map[string]stack.MethodSettings{stack.AllMethods: {
			ThrottleRate:    float64(spec.API.Throttling.Rate),
			ThrottleBurst:   int(spec.API.Throttling.Burst),
			Metrics:         spec.API.Metrics == v1alpha1.Enabled,
			LoggingLevel:    "OFF",
			CacheTTLSeconds: cacheTTLSeconds,
		}},
		Tracing: spec.API.Tracing == v1alpha1.Enabled,
		Tags:    tags(spec, facts),
	}
	cacheStage(&s, spec)
	if logs := spec.API.AccessLogs; logs != nil {
		s.AccessLogDestination, s.AccessLogFormat = logs.DestinationARN, accessLogFormat
	}
	return s
}
