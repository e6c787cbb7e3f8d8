// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"testing"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// TestAccessLogsAreSeenAsSettled: with both kinds of destination.
func TestAccessLogsAreSeenAsSettled(t *testing.T) {
	w := newWorld(t)
	for name, arn := range map[string]string{
		"group":  "arn:aws:logs:eu-west-1:123456789012:log-group:comments",
		"stream": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-comments",
	} {
		s := w.subject(name, func(s *v1alpha1.CommentsAPISpec) { s.API.AccessLogs = &v1alpha1.AccessLogsSpec{DestinationARN: arn} })
		s.t = t
		s.converge()
		if r := s.look(); !r.Plan.Empty() {
			t.Errorf("%s: a second check plans %s", name, describe(r.Plan))
		}
	}
}
