// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"encoding/json"
	"hash/crc32"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/core"
)

const (
	apiVersion = "DynamoDB_20120810"
	jsonType   = "application/x-amz-json-1.0"
	// maxRequest is DynamoDB's limit for a request body, in bytes.
	maxRequest = 16 << 20
)

// ServeHTTP speaks the JSON 1.0 protocol. The caller is the one the front door
// put into the request's context (core.WithCaller).
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if w.Header().Get("X-Amzn-Requestid") == "" {
		w.Header().Set("X-Amzn-Requestid", strings.ToUpper(core.NewID(52)))
	}
	caller := core.CallerFrom(r.Context())
	if r.Method == http.MethodGet {
		respond(w, http.StatusOK, "text/plain", []byte("healthy: dynamodb."+caller.Region+".amazonaws.com "))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		respond(w, http.StatusRequestEntityTooLarge, jsonType, nil)
		return
	}
	contentType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || contentType != jsonType && contentType != "application/json" {
		respond(w, http.StatusNotFound, "", []byte("<UnknownOperationException/>\n"))
		return
	}
	op := operationName(r)
	if op == "" {
		respond(w, http.StatusBadRequest, contentType, encode(failure(service+"UnknownOperationException", "").body()))
		return
	}
	status, out := s.Call(r.Context(), caller, op, body)
	respond(w, status, contentType, out)
}

func respond(w http.ResponseWriter, status int, contentType string, body []byte) {
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that went away is no concern of ours
}

func operationName(r *http.Request) string {
	op, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), apiVersion+".")
	if !ok {
		return ""
	}
	return op
}

// Operation names the operation and the table of a request, for logs, faults
// and quotas. The table is empty for operations on none or several.
func Operation(r *http.Request, body []byte) (op, resource string) {
	var in struct{ TableName, ResourceArn string }
	if json.Unmarshal(body, &in) != nil {
		return operationName(r), ""
	}
	for _, name := range []string{in.TableName, in.ResourceArn} {
		if _, short, ok := strings.Cut(name, ":table/"); ok {
			name, _, _ = strings.Cut(short, "/")
		}
		if name != "" {
			return operationName(r), name
		}
	}
	return operationName(r), ""
}
