// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"errors"
	"net/http"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/query"
	"github.com/commentsapi/operator/internal/localaws/sigv4"
)

// protocol is the way a request expects its errors.
type protocol int

const (
	restJSON protocol = iota // API Gateway and the data plane
	json10                   // DynamoDB
	queryXML                 // IAM and STS
)

// The services, by the names of their credential scopes.
const (
	svcDynamoDB   = "dynamodb"
	svcIAM        = "iam"
	svcSTS        = "sts"
	svcAPIGateway = "apigateway"
	svcInvoke     = "execute-api"
)

// serviceNames lists what faults, latency and lag may be set for.
var serviceNames = []string{svcDynamoDB, svcIAM, svcSTS, svcAPIGateway, svcInvoke}

// invokePrefix starts the path of every invoke URL.
const invokePrefix = "/execute-api/"

// target is where a request goes.
type target struct {
	service  string
	protocol protocol
	// signature is nil for unsigned requests; signatureErr says what is wrong
	// with it otherwise.
	signature    *sigv4.Signature
	signatureErr error
}

// route finds the service of an AWS API request: by the credential scope of
// its signature, or else by the marks of its protocol.
func route(r *http.Request, body []byte) target {
	var t target
	t.signature, t.signatureErr = sigv4.Parse(r)
	if t.signatureErr == nil {
		t.service = t.signature.Service
	} else {
		t.signature = nil
		t.service = guessService(r, body)
	}
	t.protocol = protocolOf(t.service, r)
	return t
}

func protocolOf(service string, r *http.Request) protocol {
	switch service {
	case svcDynamoDB:
		return json10
	case svcIAM, svcSTS:
		return queryXML
	case svcAPIGateway, svcInvoke:
		return restJSON
	}
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		return json10
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		return queryXML
	}
	return restJSON
}

// guessService serves unsigned requests, which are refused in the shape of
// the service they were meant for.
func guessService(r *http.Request, body []byte) string {
	if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "DynamoDB_") {
		return svcDynamoDB
	}
	if p, err := query.Parse(r, body); err == nil && p.Get("Action") != "" {
		switch p.Get("Version") {
		case "2010-05-08":
			return svcIAM
		case "2011-06-15":
			return svcSTS
		}
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch first {
	case "restapis", "tags", "account", "apikeys", "usageplans", "domainnames", "vpclinks", "sdktypes":
		return svcAPIGateway
	}
	return ""
}

// splitInvoke cuts an invoke URL's path, still percent-encoded, into its API
// id, stage and the rest, which starts with a slash or is empty.
func splitInvoke(escapedPath string) (apiID, stage, rest string, ok bool) {
	after, ok := strings.CutPrefix(escapedPath, invokePrefix)
	if !ok {
		return "", "", "", false
	}
	apiID, after, _ = strings.Cut(after, "/")
	stage, rest = after, ""
	if i := strings.IndexByte(after, '/'); i >= 0 {
		stage, rest = after[:i], after[i:]
	}
	return apiID, stage, rest, true
}

// isMissing tells a request without a signature from one with a bad one.
func isMissing(err error) bool { return errors.Is(err, sigv4.ErrMissing) }

// writes reports whether an operation changes something, by AWS's verbs.
func writes(service, op string) bool {
	switch service {
	case svcInvoke:
		return op != http.MethodGet && op != http.MethodHead && op != http.MethodOptions
	case svcSTS:
		return false
	}
	for _, verb := range []string{"Get", "List", "Describe", "Query", "Scan", "BatchGet", "TransactGet", "TestInvoke"} {
		if strings.HasPrefix(op, verb) {
			return false
		}
	}
	return op != ""
}
