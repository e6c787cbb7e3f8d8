// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"

	"github.com/commentsapi/operator/internal/localaws/query"
)

// namespaces are those of the query protocol's XML.
var namespaces = map[string]string{
	svcIAM: "https://iam.amazonaws.com/doc/2010-05-08/",
	svcSTS: "https://sts.amazonaws.com/doc/2011-06-15/",
}

// refusal is an error the front door answers itself.
type refusal struct {
	status     int
	code       string
	message    string
	retryAfter string
}

// write answers in the shape of the protocol that was asked.
func (f *refusal) write(w http.ResponseWriter, t target) {
	if f.retryAfter != "" {
		w.Header().Set("Retry-After", f.retryAfter)
	}
	if t.protocol == queryXML {
		query.WriteError(w, namespaces[t.service], &query.Error{Status: f.status, Code: f.code, Message: f.message})
		return
	}
	body := map[string]string{"message": f.message}
	contentType := "application/json"
	if t.protocol == json10 {
		body["__type"] = "com.amazon.coral.service#" + f.code
		contentType = "application/x-amz-json-1.0"
	} else {
		w.Header().Set("x-amzn-ErrorType", f.code)
	}
	b, err := json.Marshal(body)
	if err != nil {
		b = []byte(`{}`)
	}
	if t.service == svcDynamoDB {
		w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(b)), 10))
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("x-amzn-RequestId", query.NewRequestID())
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(f.status)
	_, _ = w.Write(b)
}

func notImplemented(t target, r *http.Request) *refusal {
	what := t.service
	if what == "" {
		what = r.Method + " " + r.URL.Path
	}
	return &refusal{status: http.StatusNotImplemented, code: "NotImplementedException", message: fmt.Sprintf(
		"%q is not implemented by the local AWS; it has dynamodb, iam, sts, apigateway, and invoke URLs below %s", what, invokePrefix)}
}

func tooLarge() *refusal {
	return &refusal{status: http.StatusRequestEntityTooLarge, code: "RequestEntityTooLargeException",
		message: fmt.Sprintf("The request body exceeds the %d bytes the local AWS accepts", maxBody)}
}

// throttled is the answer to a call beyond a request quota (aws-facts A1, A4,
// G3).
func throttled(service, retryAfter string) *refusal {
	switch service {
	case svcIAM, svcSTS:
		return &refusal{status: http.StatusBadRequest, code: "Throttling", message: "Rate exceeded", retryAfter: retryAfter}
	case svcDynamoDB:
		return &refusal{status: http.StatusBadRequest, code: "ThrottlingException", message: "Rate of requests exceeds the allowed throughput.", retryAfter: retryAfter}
	}
	return &refusal{status: http.StatusTooManyRequests, code: "TooManyRequestsException", message: "Too Many Requests", retryAfter: retryAfter}
}

// failure is what a service answers that broke.
func failure(service string) *refusal {
	f := &refusal{status: http.StatusInternalServerError, message: "Internal server error"}
	switch service {
	case svcIAM, svcSTS:
		f.code = "ServiceFailure"
	case svcDynamoDB:
		f.code = "InternalServerError"
	default:
		f.code = "InternalServerErrorException"
	}
	return f
}
