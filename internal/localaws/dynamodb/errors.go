// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
	"github.com/commentsapi/operator/internal/localaws/dynamodb/expr"
	"github.com/commentsapi/operator/internal/localaws/dynamodb/wire"
)

// The namespaces of error types (aws-facts F2). Clients look at the part
// behind the #; the rest is as AWS sends it.
const (
	modelled = "com.amazonaws.dynamodb.v20120810#"
	service  = "com.amazon.coral.service#"
	checks   = "com.amazon.coral.validate#"
)

// apiError is an error response.
type apiError struct {
	status  int
	kind    string // with its namespace
	message string
	// item is what ReturnValuesOnConditionCheckFailure adds.
	item attr.Item
}

func (e *apiError) Error() string { return e.kind + ": " + e.message }

// body is the JSON of the response. The front of AWS spells Message, DynamoDB
// itself message.
func (e *apiError) body() any {
	out := map[string]any{"__type": e.kind}
	switch {
	case e.message == "" && strings.HasPrefix(e.kind, service):
	case strings.HasPrefix(e.kind, service):
		out["Message"] = e.message
	default:
		out["message"] = e.message
	}
	if e.item != nil {
		out["Item"] = e.item
	}
	return out
}

func failure(kind, format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, kind: kind, message: fmt.Sprintf(format, args...)}
}

func validation(format string, args ...any) *apiError {
	return failure(checks+"ValidationException", format, args...)
}

// invalidValues is the form most of DynamoDB's validation errors have.
func invalidValues(format string, args ...any) *apiError {
	return validation("One or more parameter values were invalid: "+format, args...)
}

func inUse(format string, args ...any) *apiError {
	return failure(modelled+"ResourceInUseException", "Attempt to change a resource which is still in use: "+format, args...)
}

func limitExceeded(format string, args ...any) *apiError {
	return failure(modelled+"LimitExceededException", "Subscriber limit exceeded: "+format, args...)
}

func notFound(format string, args ...any) *apiError {
	return failure(modelled+"ResourceNotFoundException", format, args...)
}

func tableMissing(name string) *apiError {
	return notFound("Requested resource not found: Table: %s not found", name)
}

// asAPIError turns any error of the packages below into a response.
func asAPIError(err error) *apiError {
	var api *apiError
	var shape wire.SerializationError
	var constraint wire.ValidationError
	var expression expr.Error
	var number attr.NumberError
	switch {
	case errors.As(err, &api):
		return api
	case errors.As(err, &shape):
		return failure(service+"SerializationException", "%s", string(shape))
	case errors.As(err, &constraint):
		return validation("%s", string(constraint))
	case errors.As(err, &expression):
		return validation("%s", string(expression))
	case errors.As(err, &number):
		return validation("%s", string(number))
	}
	return &apiError{status: http.StatusInternalServerError, kind: modelled + "InternalServerError", message: err.Error()}
}
