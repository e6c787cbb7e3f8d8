// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sort"
	"strconv"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// request is one call of the control plane, taken apart.
type request struct {
	ctx    context.Context
	caller core.Caller
	op     string
	vars   map[string]string
	query  url.Values
	body   []byte
}

// input decodes the body into v the way AWS does: a wrong JSON type is a
// SerializationException, unknown members are ignored (aws-facts A4).
func (q *request) input(v any) error {
	if len(bytes.TrimSpace(q.body)) == 0 {
		return nil
	}
	err := json.Unmarshal(q.body, v)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return serialization("%s at '%s' can not be converted to an %s", wrong.Value, wrong.Field, wrong.Type)
	default:
		return serialization("the body is not valid JSON: %s", err)
	}
}

// list is a page of a collection. The SDK reads the members from "item".
type list struct {
	Item     any    `json:"item"`
	Position string `json:"position,omitempty"`
}

const (
	defaultPage = 25  // aws-facts C1
	maximumPage = 500 // aws-facts C1
)

// page cuts items, which must be ordered by key, to what limit and position
// ask for.
func page[T any](q *request, items []T, key func(T) string) (list, error) {
	limit := defaultPage
	if text := q.query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return list{}, serialization("limit: %q is not a number", text)
		}
		limit = min(n, maximumPage)
		if limit < 1 {
			return list{}, badRequest("Invalid limit %d: use a number from 1 to %d", n, maximumPage)
		}
	}
	from := 0
	if text := q.query.Get("position"); text != "" {
		last, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			return list{}, badRequest("Invalid position specified")
		}
		from = sort.Search(len(items), func(i int) bool { return key(items[i]) > string(last) })
	}
	rest := items[from:]
	if len(rest) <= limit {
		return list{Item: emptyNotNull(rest)}, nil
	}
	last := key(rest[limit-1])
	return list{Item: rest[:limit], Position: base64.RawURLEncoding.EncodeToString([]byte(last))}, nil
}

func emptyNotNull[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func writeError(w http.ResponseWriter, err error) {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{code: "InternalFailure", status: http.StatusInternalServerError, message: err.Error()}
	}
	w.Header().Set("X-Amzn-Errortype", e.code)
	if e.retryAfter != "" {
		w.Header().Set("Retry-After", e.retryAfter)
	}
	writeJSON(w, e.status, map[string]string{"message": e.message})
}

func writeJSON(w http.ResponseWriter, status int, payload any) {
	if w.Header().Get("X-Amzn-Requestid") == "" {
		w.Header().Set("X-Amzn-Requestid", requestID())
	}
	if payload == nil {
		w.WriteHeader(status)
		return
	}
	if raw, ok := payload.(rawBody); ok {
		for k, v := range raw.header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = w.Write(raw.body) // the client went away; nobody is left to tell
		return
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(payload); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(buf.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes()) // as above
}

// rawBody is an answer that is not a JSON document of ours (GetExport).
type rawBody struct {
	header map[string]string
	body   []byte
}

func requestID() string {
	h := core.NewID(32)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// newID returns an identifier of AWS's shape: n characters of a-z and 0-9.
func newID(n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b)
}
