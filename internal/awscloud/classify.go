// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Classify puts an error of an AWS call into the operator's words. It returns
// nil for nil, and a Failure found in err's chain as it is.
func Classify(err error) *Failure {
	if err == nil {
		return nil
	}
	var done *Failure
	if errors.As(err, &done) {
		return done
	}
	e := inspect(err)
	f := &Failure{
		Class:        e.class,
		Reason:       reasons[e.class],
		Code:         e.code,
		Operation:    e.operation,
		Service:      e.service,
		RetryAfter:   e.retryAfter,
		Err:          err,
		maybeApplied: e.ambiguous,
	}
	if e.paced != nil {
		f.Turn = time.Until(e.paced.At)
	}
	f.Message = message(e)
	return f
}

// evidence is everything an error tells about a failed call.
type evidence struct {
	err   error
	class Class
	call  callInfo

	service, operation string

	// What AWS answered; status is 0 when nothing answered.
	code, text string
	status     int
	retryAfter time.Duration

	credentials *credentialsError
	region      *regionError
	paced       *PacedError
	// host is the endpoint that could not be reached.
	host string
	// ambiguous: it is open whether the call had its effect.
	ambiguous bool
}

func inspect(err error) evidence {
	e := evidence{err: err}
	var op *smithy.OperationError
	if errors.As(err, &op) {
		e.service, e.operation = op.ServiceID, op.OperationName
	}
	var call *callError
	if errors.As(err, &call) {
		e.call = call.callInfo
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		e.code, e.text = api.ErrorCode(), api.ErrorMessage()
	}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		e.status = response.HTTPStatusCode()
		e.retryAfter = retryAfter(response.Response.Header, time.Now())
	}
	var u *url.Error
	if errors.As(err, &u) {
		if parsed, parseErr := url.Parse(u.URL); parseErr == nil {
			e.host = parsed.Host
		}
	}
	e.class = e.classify()
	if call == nil {
		e.ambiguous = e.leavesOpen()
	} else {
		// Known better: from every attempt, and only those that went out.
		e.ambiguous = call.ambiguous
	}
	return e
}

func (e *evidence) classify() Class {
	switch {
	case errors.As(e.err, &e.paced):
		e.retryAfter = e.paced.After
		return Paced
	case errors.As(e.err, &e.region):
		return UnknownRegion
	case errors.As(e.err, &e.credentials):
		return e.classifyCredentials()
	case notSent(e.err):
		return Invalid
	case e.status != 0 && e.code != "":
		return classOfCode(e.service, e.operation, e.code, e.text, e.status)
	case e.status != 0:
		return classOfCode(e.service, e.operation, "", "", e.status)
	case unreachable(e.err):
		return Unreachable
	}
	return Transient
}

// classifyCredentials tells why no credentials could be had: a clear word of
// STS, a network that does not carry, or nothing configured at all.
func (e *evidence) classifyCredentials() Class {
	inner := innermostOperation(e.err)
	var source *smithy.OperationError
	switch {
	case errors.Is(e.err, context.Canceled):
		return Transient
	case e.code != "":
		class := classOfCode("STS", inner, e.code, e.text, e.status)
		switch class {
		case Throttled, Transient, UnknownRegion:
			return class
		case AccessDenied:
			// AssumeRole is the operator's own permission; with web identity
			// there is nobody yet who could have one.
			if inner == "AssumeRole" {
				return class
			}
		}
	case e.status >= 500:
		return Transient
	case errors.As(e.credentials.Err, &source) && source.ServiceID == "STS" && e.status == 0 && networkTrouble(e.err):
		return Unreachable
	}
	return Credentials
}

// leavesOpen reports whether one attempt, by its own error, may have had its
// effect.
func (e *evidence) leavesOpen() bool {
	switch e.class {
	case Paced, UnknownRegion, Credentials, Unreachable, Invalid:
		return false
	}
	if e.credentials != nil {
		return false
	}
	if e.status >= 400 && e.status < 500 && e.status != http.StatusRequestTimeout {
		return e.code == "" || e.code == unknownCode || codeClasses[e.code] == Transient
	}
	return true
}

// notSent reports an error the SDK found in the input, before any call.
func notSent(err error) bool {
	var params smithy.InvalidParamsError
	var serial *smithy.SerializationError
	return errors.As(err, &params) || errors.As(err, &serial)
}

// unreachable reports that no connection came about, so nothing was sent.
func unreachable(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	if errors.As(err, &dns) {
		return true
	}
	if errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect") {
		return true
	}
	return tlsTrouble(err) != ""
}

func networkTrouble(err error) bool {
	var op *net.OpError
	var timeout net.Error
	return unreachable(err) || errors.As(err, &op) || errors.As(err, &timeout)
}

func innermostOperation(err error) string {
	name := ""
	for err != nil {
		var op *smithy.OperationError
		if !errors.As(err, &op) {
			break
		}
		name, err = op.OperationName, op.Err
	}
	return name
}

// retryAfter reads the header API Gateway sends with 429 and 503 (aws-facts
// A4): seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if seconds <= 0 || seconds > float64(maxRetryAfter/time.Second) {
			return min(max(time.Duration(seconds)*time.Second, 0), maxRetryAfter)
		}
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// maxRetryAfter bounds what is believed of a Retry-After header.
const maxRetryAfter = 5 * time.Minute
