// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sigv4 verifies AWS Signature Version 4 on incoming requests, as
// described in the "Signing AWS API requests" chapter of the IAM user guide:
// in the Authorization header or in the query (presigned).
package sigv4

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeLayout = "20060102T150405Z"
	terminator = "aws4_request"
)

// ErrMissing means that a request carries no signature at all.
var ErrMissing = errors.New("Request is missing Authentication Token") //nolint:staticcheck // AWS's own text

// Reason classifies a refusal; each protocol has its own code for it.
type Reason int

// The reasons to refuse a signature.
const (
	// Incomplete is a signature that can't be read.
	Incomplete Reason = iota
	// Mismatch is a signature made with another secret or another request.
	Mismatch
	// Expired is a signature outside the allowed clock skew, or a presigned
	// request past its lifetime.
	Expired
)

// Error is a refusal with the text AWS gives.
type Error struct {
	Reason  Reason
	Message string
}

func (e *Error) Error() string { return e.Message }

func incomplete(format string, args ...any) error {
	return &Error{Incomplete, fmt.Sprintf(format, args...)}
}

// Signature is what a request says about its own signature.
type Signature struct {
	AccessKey     string
	Region        string
	Service       string
	SessionToken  string
	SignedHeaders []string
	// Time is when it was signed.
	Time time.Time
	// Presigned says that the signature was in the query; Lifetime is its
	// X-Amz-Expires.
	Presigned bool
	Lifetime  time.Duration

	date  string // of the credential scope, yyyymmdd
	value string
}

// Scope is the credential scope without the access key.
func (s *Signature) Scope() string {
	return strings.Join([]string{s.date, s.Region, s.Service, terminator}, "/")
}

// Parse reads the signature of a request without verifying it. It returns
// ErrMissing when there is none and an *Error when it can't be read.
func Parse(r *http.Request) (*Signature, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		return parseHeader(r, h)
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err == nil && (q.Has("X-Amz-Signature") || q.Has("X-Amz-Credential") || q.Has("X-Amz-Algorithm")) {
		return parseQuery(q)
	}
	return nil, ErrMissing
}

func parseHeader(r *http.Request, header string) (*Signature, error) {
	scheme, rest, _ := strings.Cut(header, " ")
	if scheme != algorithm {
		return nil, incomplete("Unsupported AWS 'algorithm': '%s'. Use %s.", scheme, algorithm)
	}
	fields := map[string]string{}
	for _, part := range strings.Split(rest, ",") {
		k, v, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			return nil, incomplete("'%s' not a valid key=value pair (missing equal-sign) in Authorization header: '%s'.", strings.TrimSpace(part), header)
		}
		fields[k] = v
	}
	var missing []string
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if fields[name] == "" {
			missing = append(missing, fmt.Sprintf("Authorization header requires '%s' parameter.", name))
		}
	}
	date := r.Header.Get("X-Amz-Date")
	if date == "" {
		date = httpDate(r.Header.Get("Date"))
	}
	if date == "" {
		missing = append(missing, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if len(missing) > 0 {
		return nil, incomplete("%s Authorization=%s", strings.Join(missing, " "), scheme)
	}
	s := &Signature{
		SessionToken: r.Header.Get("X-Amz-Security-Token"),
		value:        fields["Signature"],
	}
	return s, s.complete(fields["Credential"], fields["SignedHeaders"], date)
}

// httpDate turns a Date header into the form of X-Amz-Date.
func httpDate(s string) string {
	t, err := http.ParseTime(s)
	if err != nil {
		return ""
	}
	return t.UTC().Format(timeLayout)
}

func parseQuery(q url.Values) (*Signature, error) {
	if a := q.Get("X-Amz-Algorithm"); a != algorithm {
		return nil, incomplete("Unsupported AWS 'algorithm': '%s'. Use %s.", a, algorithm)
	}
	for _, name := range []string{"X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} {
		if q.Get(name) == "" {
			return nil, incomplete("AWS query-string parameters must include '%s'. Re-examine the query-string parameters.", name)
		}
	}
	s := &Signature{
		SessionToken: q.Get("X-Amz-Security-Token"),
		Presigned:    true,
		Lifetime:     15 * time.Minute,
		value:        q.Get("X-Amz-Signature"),
	}
	if e := q.Get("X-Amz-Expires"); e != "" {
		seconds, err := strconv.Atoi(e)
		if err != nil || seconds < 1 || seconds > 604800 {
			return nil, incomplete("X-Amz-Expires must be a number of seconds between 1 and 604800, not '%s'.", e)
		}
		s.Lifetime = time.Duration(seconds) * time.Second
	}
	return s, s.complete(q.Get("X-Amz-Credential"), q.Get("X-Amz-SignedHeaders"), q.Get("X-Amz-Date"))
}

// complete fills in what the header and the query form have in common.
func (s *Signature) complete(credential, headers, date string) error {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || slices.Contains(parts, "") {
		return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", credential)
	}
	if parts[4] != terminator {
		return incomplete("Credential should be scoped with a valid terminator: '%s', not '%s'.", terminator, parts[4])
	}
	s.AccessKey, s.date, s.Region, s.Service = parts[0], parts[1], parts[2], parts[3]
	t, err := time.Parse(timeLayout, date)
	if err != nil {
		return incomplete("Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", date)
	}
	s.Time = t
	if s.date != t.Format("20060102") {
		return &Error{Mismatch, fmt.Sprintf(
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
			s.date, t.Format("20060102"), date)}
	}
	s.SignedHeaders = strings.Split(strings.ToLower(headers), ";")
	if !slices.Contains(s.SignedHeaders, "host") {
		return incomplete("'Host' must be a 'SignedHeader' in the AWS Authorization.")
	}
	return nil
}
