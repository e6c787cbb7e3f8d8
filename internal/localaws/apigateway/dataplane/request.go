// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"bytes"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Limits of aws-facts A3.
const (
	maxPayload        = 10 << 20
	maxHeaderBytes    = 10240
	maxURLBytes       = 10240
	maxMethodARNBytes = 1600
)

const jsonMediaType = "application/json"

// request is a client's request as API Gateway sees it.
type request struct {
	method string
	// path is the path after the stage, still percent-encoded.
	path   string
	header http.Header
	host   string
	query  map[string][]string
	body   []byte
	// tooLarge means that the body was cut at the payload limit.
	tooLarge bool
	urlBytes int
	sourceIP string

	// http is nil in a test invocation.
	http *http.Request
}

// readRequest reads what it needs of r, at most one byte more of the body
// than AWS takes.
func readRequest(r *http.Request, rawPath string) (request, error) {
	req := request{
		method:   r.Method,
		path:     rawPath,
		header:   r.Header,
		host:     r.Host,
		query:    parseQuery(r.URL.RawQuery),
		urlBytes: len(r.URL.RequestURI()),
		sourceIP: r.RemoteAddr,
		http:     r,
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		req.sourceIP = host
	}
	if r.Body != nil {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
		if err != nil {
			return req, err
		}
		req.body = body
		req.tooLarge = len(body) > maxPayload
	}
	return req, nil
}

// parseQuery decodes a query string once. A semicolon separates like "&"
// (aws-facts E6), and what is no valid escape stays as it is.
func parseQuery(raw string) map[string][]string {
	values := map[string][]string{}
	for pair := range strings.FieldsFuncSeq(raw, func(r rune) bool { return r == '&' || r == ';' }) {
		key, value, _ := strings.Cut(pair, "=")
		key = decode(key, url.QueryUnescape)
		values[key] = append(values[key], decode(value, url.QueryUnescape))
	}
	return values
}

func decode(s string, unescape func(string) (string, error)) string {
	if plain, err := unescape(s); err == nil {
		s = plain
	}
	return validUTF8(s)
}

func validUTF8(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// last is the value that counts where a name may have only one.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// lastValues turns a multi-value map into the single-value one that templates
// see.
func lastValues(multi map[string][]string) map[string]string {
	single := make(map[string]string, len(multi))
	for k, v := range multi {
		single[k] = validUTF8(last(v))
	}
	return single
}

// mediaType is the request's content type without parameters; an absent one
// counts as application/json (aws-facts E5).
func (r *request) mediaType() string {
	return mediaTypeOf(r.header.Get("Content-Type"))
}

func mediaTypeOf(header string) string {
	if strings.TrimSpace(header) == "" {
		return jsonMediaType
	}
	if mt, _, err := mime.ParseMediaType(header); err == nil {
		return mt
	}
	mt, _, _ := strings.Cut(header, ";")
	return strings.ToLower(strings.TrimSpace(mt))
}

// text is the body as templates and validation see it.
func (r *request) text() []byte { return bytes.ToValidUTF8(r.body, []byte("\uFFFD")) }

// headerBytes is the size that counts against the header limit: names, values
// and separators.
func (r *request) headerBytes() int {
	n := len("Host: \r\n") + len(r.host)
	for name, values := range r.header {
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return n
}
