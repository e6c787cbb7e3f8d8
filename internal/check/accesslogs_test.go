// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// TestAccessLogsAreSeenAsSettled: they need a role in the account's settings,
// so they aren't among the choices that meet in pairs.
func TestAccessLogsAreSeenAsSettled(t *testing.T) {
	w := newWorld(t)
	_, err := w.apis.UpdateAccount(t.Context(), &apigateway.UpdateAccountInput{PatchOperations: []types.PatchOperation{{
		Op: types.OpReplace, Path: aws.String("/cloudwatchRoleArn"), Value: aws.String("arn:aws:iam::123456789012:role/logs")}}})
	if err != nil {
		t.Fatal(err)
	}
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
