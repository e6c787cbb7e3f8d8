// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"strings"
	"testing"

	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
)

// TestErrorsHaveOneShapeAndNoSecrets: whatever DynamoDB says, clients get a
// code and a message of ours, with the right status.
func TestErrorsHaveOneShapeAndNoSecrets(t *testing.T) {
	const secret = "User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized on table blog-comments-secret"
	const prefix = "com.amazonaws.dynamodb.v20120810#"
	for name, c := range map[string]struct {
		body, answer string // answer is the status code of the integration response
		status       int    // 0 keeps the answer's
		code         string
	}{
		"conflict":              {`{"__type":"` + prefix + `ConditionalCheckFailedException","message":"` + secret + `"}`, "400", 409, "Conflict"},
		"throughput":            {`{"__type":"` + prefix + `ProvisionedThroughputExceededException","message":"` + secret + `"}`, "400", 503, "Throttled"},
		"throttling":            {`{"__type":"com.amazon.coral.availability#ThrottlingException","message":"` + secret + `"}`, "400", 503, "Throttled"},
		"request limit":         {`{"__type":"` + prefix + `RequestLimitExceeded","message":"` + secret + `"}`, "400", 503, "Throttled"},
		"validation":            {`{"__type":"com.amazon.coral.validate#ValidationException","message":"` + secret + `"}`, "400", 0, "InvalidRequest"},
		"validation, silent":    {`{"__type":"com.amazon.coral.validate#ValidationException"}`, "400", 0, "InvalidRequest"},
		"serialization":         {`{"__type":"com.amazon.coral.service#SerializationException","Message":"` + secret + `"}`, "400", 0, "InvalidRequest"},
		"index gone":            {`{"__type":"com.amazon.coral.validate#ValidationException","message":"The table does not have the specified index: pageId-index"}`, "400", 500, "InternalError"},
		"access denied":         {`{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"` + secret + `"}`, "400", 500, "InternalError"},
		"table gone":            {`{"__type":"` + prefix + `ResourceNotFoundException","message":"` + secret + `"}`, "400", 500, "InternalError"},
		"type missing":          {`{"message":"` + secret + `"}`, "400", 500, "InternalError"},
		"type not a string":     {`{"__type":{"a":1},"message":["` + secret + `"]}`, "400", 500, "InternalError"},
		"empty":                 {``, "400", 500, "InternalError"},
		"server error":          {`{"__type":"` + prefix + `InternalServerError","message":"` + secret + `"}`, "503", 0, "Unavailable"},
		"server error, no text": {``, "503", 0, "Unavailable"},
		"anything else":         {`<html>` + secret, "500", 0, "InternalError"},
	} {
		t.Run(name, func(t *testing.T) {
			all := shipped(t, "")
			for _, method := range []string{createKey, listKey} {
				got, out, err := run(all.response[method][c.answer], mapping.Input{Body: []byte(c.body)})
				if err != nil {
					t.Fatalf("%s: %v", method, err)
				}
				fields, _ := got.(object)
				if out.ResponseStatus != c.status || fields["code"] != c.code {
					t.Errorf("%s: status %d, code %v; want %d, %s", method, out.ResponseStatus, fields["code"], c.status, c.code)
				}
				if got, want := out.ResponseHeaders["Retry-After"], map[bool]string{true: "1"}[c.code == "Throttled"]; got != want {
					t.Errorf("%s: Retry-After is %q; want %q", method, got, want)
				}
				if text, _ := fields["message"].(string); text == "" || len(fields) != 2 {
					t.Errorf("%s: the answer is not a code and a message: %v", method, fields)
				}
				for _, word := range []string{"arn:", "123456789012", "blog-comments", "pageId-index", "Exception", "DynamoDB"} {
					if strings.Contains(out.Body, word) {
						t.Errorf("%s: the answer tells %q: %s", method, word, out.Body)
					}
				}
			}
		})
	}
}
