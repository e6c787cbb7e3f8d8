// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/sigv4"
)

// skewOf is how far a client's clock may be off: 15 minutes for the services
// of the query protocol, 5 for the others.
func skewOf(p protocol) time.Duration {
	if p == queryXML {
		return 15 * time.Minute
	}
	return 5 * time.Minute
}

// authFailure classifies why a request isn't accepted.
type authFailure int

const (
	unsigned authFailure = iota
	unreadable
	unknownKey
	badToken
	mismatch
	expiredSignature
	expiredToken
	badRegion
)

type authError struct {
	kind    authFailure
	message string
}

func (e *authError) Error() string { return e.message }

// authenticate establishes the caller of a request from its signature.
func (s *Server) authenticate(r *http.Request, body []byte, t target) (core.Caller, *authError) {
	if t.signature == nil {
		return core.Caller{}, s.unsignedError(t)
	}
	sig := t.signature
	if !knownRegions[sig.Region] {
		return core.Caller{}, &authError{badRegion, fmt.Sprintf(
			"Credential should be scoped to a valid region. The local AWS doesn't know %q.", sig.Region)}
	}
	key, ok := s.keys.Lookup(sig.AccessKey)
	if !ok {
		return core.Caller{}, &authError{unknownKey, "The security token included in the request is invalid."}
	}
	if !key.TokenValid(sig.SessionToken) {
		return core.Caller{}, &authError{badToken, "The security token included in the request is invalid."}
	}
	now := s.authClock.Now()
	if err := sig.Verify(r, body, key.Secret, now, skewOf(t.protocol)); err != nil {
		kind := mismatch
		var refused *sigv4.Error
		if errors.As(err, &refused) && refused.Reason == sigv4.Expired {
			kind = expiredSignature
		}
		return core.Caller{}, &authError{kind, err.Error()}
	}
	if key.Expired(now) {
		return core.Caller{}, &authError{expiredToken, "The security token included in the request is expired"}
	}
	return s.sts.Caller(key, sig.Region, Partition(sig.Region), conditionsOf(r, now)), nil
}

func (s *Server) unsignedError(t target) *authError {
	if !isMissing(t.signatureErr) {
		var refused *sigv4.Error
		kind := unreadable
		if errors.As(t.signatureErr, &refused) && refused.Reason == sigv4.Mismatch {
			kind = mismatch
		}
		return &authError{kind, t.signatureErr.Error()}
	}
	if t.protocol == restJSON {
		return &authError{unsigned, "Missing Authentication Token"}
	}
	return &authError{unsigned, t.signatureErr.Error()}
}

// conditionsOf are the global condition keys every request has. At AWS it
// would have come by https, and policies often ask for that.
func conditionsOf(r *http.Request, now time.Time) map[string][]string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return map[string][]string{
		"aws:SourceIp":        {host},
		"aws:UserAgent":       {r.UserAgent()},
		"aws:CurrentTime":     {now.UTC().Format(time.RFC3339)},
		"aws:EpochTime":       {fmt.Sprint(now.Unix())},
		"aws:SecureTransport": {"true"},
	}
}

// codes of authentication failures: JSON protocols and the query protocol
// name them differently, and DynamoDB answers most of them with 400.
var authCodes = map[authFailure]struct {
	json, query string
	queryStatus int
}{
	unsigned:         {"MissingAuthenticationTokenException", "MissingAuthenticationToken", http.StatusForbidden},
	unreadable:       {"IncompleteSignatureException", "IncompleteSignature", http.StatusBadRequest},
	unknownKey:       {"UnrecognizedClientException", "InvalidClientTokenId", http.StatusForbidden},
	badToken:         {"UnrecognizedClientException", "InvalidClientTokenId", http.StatusForbidden},
	mismatch:         {"InvalidSignatureException", "SignatureDoesNotMatch", http.StatusForbidden},
	expiredSignature: {"InvalidSignatureException", "SignatureDoesNotMatch", http.StatusForbidden},
	expiredToken:     {"ExpiredTokenException", "ExpiredToken", http.StatusForbidden},
	badRegion:        {"InvalidSignatureException", "SignatureDoesNotMatch", http.StatusForbidden},
}

// refusal is the answer to a failed authentication.
func (e *authError) refusal(p protocol) *refusal {
	c := authCodes[e.kind]
	switch {
	case p == queryXML:
		return &refusal{status: c.queryStatus, code: c.query, message: e.message}
	case p == json10 && e.kind != badRegion:
		return &refusal{status: http.StatusBadRequest, code: c.json, message: e.message}
	}
	return &refusal{status: http.StatusForbidden, code: c.json, message: e.message}
}
