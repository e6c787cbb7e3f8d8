// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

// cacheTTLSeconds is what AWS fills in next to any other setting (aws-facts
// D2); nothing is cached.
const cacheTTLSeconds = 300

// stage serves the API with the same settings for every method. Requests are
// never logged with their content (aws-facts D5).
func stage(spec v1alpha1.CommentsAPISpec, facts stack.Facts) stack.Stage {
	return stack.Stage{
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
}
