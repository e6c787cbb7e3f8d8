// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"syscall"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// call is one external call of the operator, at its moment.
type call struct {
	site site
	// write is whether the call changes something there.
	write bool
	// aws is the request of a call to AWS; nil for Kubernetes.
	aws *http.Request
	// into is what a Get of the object fills in.
	into *v1alpha1.CommentsAPI
	// perform makes the call take effect.
	perform func() (*http.Response, error)
}

// site names a call: the n-th one of its operation in a run.
type site struct {
	Op string
	N  int
}

func (s site) String() string { return fmt.Sprintf("%s#%d", s.Op, s.N) }

func (s site) kubernetes() bool { return strings.HasPrefix(s.Op, "k8s.") }

// reads are the prefixes of operations that change nothing.
var reads = []string{"Get", "List", "Describe", "Test", "AssumeRole"}

func (s site) read() bool {
	_, name, _ := strings.Cut(s.Op, ".")
	for _, prefix := range reads {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// serve lets the local AWS answer a request in process.
func serve(handler http.Handler, req *http.Request) *http.Response {
	in := req.Clone(req.Context())
	in.RequestURI = req.URL.RequestURI()
	in.Host, in.RemoteAddr = req.URL.Host, visitor
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, in)
	out := rec.Result()
	out.Request = req
	return out
}

// wire is the operator's way to AWS: it numbers each attempt and lets the
// faults at it, below the SDK's retries.
type wire struct {
	w  *world
	op *operator
}

// RoundTrip implements http.RoundTripper.
func (t wire) RoundTrip(req *http.Request) (*http.Response, error) {
	t.w.duet.yield(t.op)
	service := strings.ToLower(strings.ReplaceAll(awsmiddleware.GetServiceID(req.Context()), " ", ""))
	c := t.w.number(service + "." + awsmiddleware.GetOperationName(req.Context()))
	c.aws = req
	c.perform = func() (*http.Response, error) { return t.w.overheard(t.w.paged(req)), nil }
	resp, err := t.w.meet(c)
	if resp != nil && resp.Body == nil {
		resp.Body = http.NoBody
	}
	return resp, err
}

// direct is everybody else's way to AWS.
type direct struct{ w *world }

// RoundTrip implements http.RoundTripper.
func (t direct) RoundTrip(req *http.Request) (*http.Response, error) {
	return serve(t.w.aws, req), nil
}

// cutLists are the paths of lists that are told one item at a time.
var cutLists = []string{"/restapis", "/apikeys", "/usageplans"}

// isCutList reports whether a request asks for one of them.
func isCutList(req *http.Request) bool {
	return req.Method == http.MethodGet && slices.ContainsFunc(cutLists, func(path string) bool { return req.URL.Path == path })
}

// paged serves a request, and cuts lists of REST APIs, API keys and usage plans
// into pages of one: AWS may always answer less than was asked for, and lists
// of the size at which it must would make every run slow.
func (w *world) paged(req *http.Request) *http.Response {
	if w.soak != nil || !isCutList(req) {
		return serve(w.aws, req)
	}
	query := req.URL.Query()
	position, list := query.Get("position"), req.URL.Path+" "+query.Get("keyId")
	if !strings.HasPrefix(position, "page-") {
		resp := serve(w.aws, req)
		body := readBody(resp)
		var all struct {
			Items []json.RawMessage `json:"item"`
		}
		if resp.StatusCode != http.StatusOK || json.Unmarshal(body, &all) != nil || len(all.Items) < 2 {
			return answerLike(resp, body)
		}
		w.pages[list] = all.Items
		return answerLike(resp, pageOf(all.Items, 0))
	}
	var n int
	_, _ = fmt.Sscanf(position, "page-%d", &n)
	if n >= len(w.pages[list]) {
		return answer(req, http.StatusBadRequest, "BadRequestException", "Invalid position", "")
	}
	head := &http.Response{StatusCode: http.StatusOK, Request: req, Header: http.Header{"Content-Type": {"application/json"}}}
	return answerLike(head, pageOf(w.pages[list], n))
}

func pageOf(items []json.RawMessage, n int) []byte {
	page := map[string]any{"item": items[n : n+1]}
	if n+1 < len(items) {
		page["position"] = fmt.Sprintf("page-%d", n+1)
	}
	b, err := json.Marshal(page)
	if err != nil {
		panic(err)
	}
	return b
}

func readBody(resp *http.Response) []byte {
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(err)
	}
	return b
}

// answerLike is a response with another body.
func answerLike(resp *http.Response, body []byte) *http.Response {
	header := resp.Header.Clone()
	header.Del("X-Amz-Crc32")
	header.Del("Content-Length")
	return &http.Response{StatusCode: resp.StatusCode, Status: http.StatusText(resp.StatusCode), Proto: "HTTP/1.1",
		ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: resp.Request,
		ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}
}

// answer is an error in the protocol of the service that was asked.
func answer(req *http.Request, status int, code, message, retryAfter string) *http.Response {
	header := http.Header{"Content-Type": {"application/json"}}
	body := fmt.Sprintf(`{"message":%q}`, message)
	switch awsmiddleware.GetServiceID(req.Context()) {
	case "DynamoDB":
		header.Set("Content-Type", "application/x-amz-json-1.0")
		body = fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":%q}`, code, message)
	case "IAM", "STS":
		header.Set("Content-Type", "text/xml")
		body = fmt.Sprintf(`<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r</RequestId></ErrorResponse>`, code, message)
	default:
		header.Set("X-Amzn-Errortype", code)
	}
	if retryAfter != "" {
		header.Set("Retry-After", retryAfter)
	}
	return answerLike(&http.Response{StatusCode: status, Header: header, Request: req}, []byte(body))
}

// caller is an HTTP client without goroutines of its own: a crash unwinds
// through it, and must leave nothing behind.
type caller struct{ transport http.RoundTripper }

// Do implements aws.HTTPClient.
func (c caller) Do(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), hangUp)
	defer cancel()
	resp, err := c.transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, &url.Error{Op: req.Method, URL: req.URL.String(), Err: err}
	}
	return resp, nil
}

// hungUp is a connection that broke after the request had gone out.
func hungUp() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

// readBodyOf reads a request's body and leaves it readable.
func readBodyOf(req *http.Request) string {
	if req.Body == nil {
		return ""
	}
	b := must(io.ReadAll(req.Body))
	req.Body = io.NopCloser(bytes.NewReader(b))
	return string(b)
}
