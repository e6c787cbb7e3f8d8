// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"fmt"
	"net/http"
)

// The gateway response types this package answers with (aws-facts F4).
const (
	kindAccessDenied      = "ACCESS_DENIED"
	kindConfiguration     = "API_CONFIGURATION_ERROR"
	kindAuthorizerConfig  = "AUTHORIZER_CONFIGURATION_ERROR"
	kindBadBody           = "BAD_REQUEST_BODY"
	kindBadParameters     = "BAD_REQUEST_PARAMETERS"
	kindExpiredToken      = "EXPIRED_TOKEN"
	kindIntegrationFailed = "INTEGRATION_FAILURE"
	kindIntegrationLate   = "INTEGRATION_TIMEOUT"
	kindInvalidKey        = "INVALID_API_KEY"
	kindInvalidSignature  = "INVALID_SIGNATURE"
	kindMissingToken      = "MISSING_AUTHENTICATION_TOKEN"
	kindQuota             = "QUOTA_EXCEEDED"
	kindTooLarge          = "REQUEST_TOO_LARGE"
	kindThrottled         = "THROTTLED"
	kindMediaType         = "UNSUPPORTED_MEDIA_TYPE"
	kindDefault4xx        = "DEFAULT_4XX"
	kindDefault5xx        = "DEFAULT_5XX"
)

// builtin is a gateway response nobody customised: status of aws-facts F4,
// value of x-amzn-ErrorType, and the text of $context.error.message.
type builtin struct {
	status    int
	errorType string
	message   string
}

var builtins = map[string]builtin{
	kindAccessDenied:      {403, "AccessDeniedException", "Access Denied"},
	kindConfiguration:     {500, "InternalServerErrorException", "Internal server error"},
	kindAuthorizerConfig:  {500, "AuthorizerConfigurationException", "Internal server error"},
	kindBadBody:           {400, "BadRequestException", "Invalid request body"},
	kindBadParameters:     {400, "BadRequestException", "Bad Request"},
	kindExpiredToken:      {403, "ExpiredTokenException", "The security token included in the request is expired"},
	kindIntegrationFailed: {504, "InternalServerErrorException", "Network error communicating with endpoint"},
	kindIntegrationLate:   {504, "InternalServerErrorException", "Endpoint request timed out"},
	kindInvalidKey:        {403, "ForbiddenException", "Forbidden"},
	kindInvalidSignature:  {403, "InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."},
	kindMissingToken:      {403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
	kindQuota:             {429, "LimitExceededException", "Limit Exceeded"},
	kindTooLarge:          {413, "RequestEntityTooLargeException", "Request Too Long"},
	kindThrottled:         {429, "TooManyRequestsException", "Too Many Requests"},
	kindMediaType:         {415, "UnsupportedMediaTypeException", "Unsupported Media Type"},
	kindDefault4xx:        {400, "BadRequestException", "Bad Request"},
	kindDefault5xx:        {500, "InternalServerErrorException", "Internal server error"},
}

// failure is a request that ends in a gateway response.
type failure struct {
	kind string
	// status replaces the built-in one when it isn't 0.
	status int
	// message replaces the built-in one when it isn't empty.
	message string
	// validation is $context.error.validationErrorString.
	validation string
	// reason is for the execution log; clients never see it.
	reason string
}

func (f *failure) Error() string { return f.kind + ": " + f.reason }

func (f *failure) text() string {
	if f.message != "" {
		return f.message
	}
	return builtins[f.kind].message
}

// fail ends a request with a gateway response; the reason goes to the log.
func fail(kind, format string, args ...any) *failure {
	return &failure{kind: kind, reason: fmt.Sprintf(format, args...)}
}

// misconfigured is what AWS calls a configuration error: the client sees
// nothing but an internal server error (aws-facts F1, F3).
func misconfigured(format string, args ...any) *failure {
	return fail(kindConfiguration, "Execution failed due to configuration error: "+format, args...)
}

// notImplemented says that AWS could do this and the local AWS can't.
func notImplemented(format string, args ...any) *failure {
	return misconfigured("not implemented by the local AWS: "+format, args...)
}

// forbidden answers requests that belong to no API; there is no gateway
// response to customise.
func forbidden(header http.Header) *response {
	header.Set(headerErrorType, "ForbiddenException")
	header.Set("Content-Type", jsonMediaType)
	return &response{status: http.StatusForbidden, header: header, body: []byte(`{"message":"Forbidden"}`)}
}
