// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// apiError is an answer other than success. Codes and texts are those of
// aws-facts A4.
type apiError struct {
	code       string
	status     int
	message    string
	retryAfter string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func badRequest(format string, args ...any) error {
	return &apiError{code: "BadRequestException", status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &apiError{code: "NotFoundException", status: http.StatusNotFound, message: fmt.Sprintf(format, args...)}
}

func conflict(format string, args ...any) error {
	return &apiError{code: "ConflictException", status: http.StatusConflict, message: fmt.Sprintf(format, args...)}
}

// limitExceeded is AWS's modelled candidate for objects beyond a limit; which
// code it really answers is unconfirmed (aws-facts A3).
func limitExceeded(format string, args ...any) error {
	return &apiError{code: "LimitExceededException", status: http.StatusTooManyRequests, message: fmt.Sprintf(format, args...)}
}

// serialization is AWS's answer to JSON of the wrong type (aws-facts A4).
func serialization(format string, args ...any) error {
	return &apiError{code: "SerializationException", status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
}

func accessDenied(format string, args ...any) error {
	return &apiError{code: "AccessDeniedException", status: http.StatusForbidden, message: fmt.Sprintf(format, args...)}
}

func notImplemented(format string, args ...any) error {
	return &apiError{
		code: "NotImplementedException", status: http.StatusNotImplemented,
		message: "The local AWS does not implement " + fmt.Sprintf(format, args...) + ".",
	}
}

// concurrentModification is the conflict of two simultaneous mutations, with
// AWS's own text (aws-facts A4).
func concurrentModification() error {
	return conflict("Unable to complete operation due to concurrent modification. Please try again later.")
}

// validation collects constraint violations and words them the way AWS does
// (aws-facts A4: ValidationException).
type validation struct{ problems []string }

// enum records a value outside its set.
func (v *validation) enum(value, at string, allowed ...string) {
	for _, a := range allowed {
		if a == value {
			return
		}
	}
	v.problems = append(v.problems, fmt.Sprintf(
		"Value '%s' at '%s' failed to satisfy constraint: Member must satisfy enum value set: [%s]",
		value, at, strings.Join(allowed, ", ")))
}

// statusCode records a status code that is not three digits from 100 to 599.
func (v *validation) statusCode(value, at string) {
	if len(value) == 3 && value[0] >= '1' && value[0] <= '5' && digit(value[1]) && digit(value[2]) {
		return
	}
	v.problems = append(v.problems, fmt.Sprintf(
		`Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`, value, at))
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

// err returns what was recorded as one error, or nil.
func (v *validation) err() error {
	switch len(v.problems) {
	case 0:
		return nil
	case 1:
		return &apiError{code: "ValidationException", status: http.StatusBadRequest, message: "1 validation error detected: " + v.problems[0]}
	}
	return &apiError{
		code: "ValidationException", status: http.StatusBadRequest,
		message: fmt.Sprintf("%d validation errors detected: %s", len(v.problems), strings.Join(v.problems, "; ")),
	}
}

// messageOf is the text of an error for embedding in another one.
func messageOf(err error) string {
	var e *apiError
	if errors.As(err, &e) {
		return e.message
	}
	return err.Error()
}
