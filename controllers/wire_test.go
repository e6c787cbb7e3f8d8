// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// sent is one writing request to AWS as it went over the wire, so that what an
// earlier version of the operator made can be made again without it.
type sent struct {
	Service     string `json:"service"`
	Method      string `json:"method"`
	Path        string `json:"path"`
	Target      string `json:"target,omitempty"`
	ContentType string `json:"contentType,omitempty"`
	Body        string `json:"body,omitempty"`
	// ID is the identifier that AWS answered with; later requests name it.
	ID string `json:"id,omitempty"`
}

// wireTap notes the writing requests that pass.
type wireTap struct {
	next http.RoundTripper
	mu   sync.Mutex
	all  []sent
}

var (
	credentialScope = regexp.MustCompile(`Credential=[^/]+/[0-9]+/[^/]+/([a-z-]+)/`)
	reading         = regexp.MustCompile(`^(Describe|List|Get|Query|Scan)`)
	action          = regexp.MustCompile(`(?:^|&)Action=([A-Za-z]+)`)
)

// RoundTrip implements http.RoundTripper.
func (w *wireTap) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	s := sent{Method: req.Method, Path: req.URL.RequestURI(), Target: req.Header.Get("X-Amz-Target"),
		ContentType: req.Header.Get("Content-Type"), Body: string(body), ID: answeredID(answer)}
	if scope := credentialScope.FindStringSubmatch(req.Header.Get("Authorization")); scope != nil {
		s.Service = scope[1]
	}
	if resp.StatusCode < 300 && s.writes() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.all = append(w.all, s)
	}
	return resp, nil
}

// writes reports whether a request changes something.
func (s sent) writes() bool {
	switch s.Service {
	case "dynamodb":
		_, operation, _ := strings.Cut(s.Target, ".")
		return !reading.MatchString(operation)
	case "iam":
		operation := action.FindStringSubmatch(s.Body)
		return operation != nil && !reading.MatchString(operation[1])
	case "apigateway": // a POST to a method is a test call
		return s.Method != http.MethodGet && !strings.Contains(s.Path, "/methods/")
	}
	return false
}

func answeredID(answer []byte) string {
	var made struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(answer, &made) // no identifier, then
	return made.ID
}

// replay sends recorded requests to the local AWS, with the words replaced. It
// returns the replacements with the identifiers that AWS gave this time.
func (w *world) replay(requests []sent, words map[string]string) map[string]string {
	w.t.Helper()
	for _, s := range requests {
		body := replaceWords(s.Body, words)
		req, err := http.NewRequestWithContext(w.ctx, s.Method, w.endpoint+replaceWords(s.Path, words), strings.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		req.Header.Set("Content-Type", s.ContentType)
		if s.Target != "" {
			req.Header.Set("X-Amz-Target", s.Target)
		}
		sum := sha256.Sum256([]byte(body))
		credentials := aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}
		if err := v4.NewSigner().SignHTTP(context.Background(), credentials, req, hex.EncodeToString(sum[:]), s.Service, region, time.Now()); err != nil {
			w.t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			w.t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode >= 300 {
			w.t.Fatalf("%s %s %s answers %d %s, %v", s.Method, s.Path, s.Target, resp.StatusCode, answer, err)
		}
		if s.ID != "" {
			words[s.ID] = answeredID(answer)
		}
	}
	return words
}

func replaceWords(text string, words map[string]string) string {
	for from, to := range words {
		text = strings.ReplaceAll(text, from, to)
	}
	return text
}

// tap lets the requests of a driver's operator be noted from now on.
func (d *driver) tap(t *testing.T) *wireTap {
	tap := &wireTap{next: testHTTPClient(t).Transport}
	d.config.HTTPClient = &http.Client{Transport: tap, Timeout: 5 * time.Second}
	d.restart()
	return tap
}

// String shows a request in failures.
func (s sent) String() string {
	return fmt.Sprintf("%s %s %s %s", s.Service, s.Method, s.Path, s.Target)
}
