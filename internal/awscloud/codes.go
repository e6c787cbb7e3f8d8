// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"regexp"
	"strings"
)

// codeClasses holds the error codes whose meaning does not depend on the
// operation. Sources: aws-facts A4 (API Gateway), G3 (IAM), H6 (DynamoDB), J2
// (throttle codes); the rest are the common errors every AWS service shares.
var codeClasses = map[string]Class{
	"NotFoundException":         NotFound,
	"ResourceNotFoundException": NotFound,
	"TableNotFoundException":    NotFound,
	"NoSuchEntity":              NotFound,
	"NoSuchEntityException":     NotFound,

	"EntityAlreadyExists":          AlreadyExists,
	"EntityAlreadyExistsException": AlreadyExists,
	"TableAlreadyExistsException":  AlreadyExists,

	"ResourceInUseException":                 Busy,
	"UpdateInProgressException":              Busy,
	"TableInUseException":                    Busy,
	"ContinuousBackupsUnavailableException":  Busy,
	"ConcurrentModification":                 Busy,
	"ConcurrentModificationException":        Busy,
	"EntityTemporarilyUnmodifiable":          Busy,
	"EntityTemporarilyUnmodifiableException": Busy,
	"DeleteConflict":                         Busy,
	"DeleteConflictException":                Busy,

	"Throttling":                             Throttled,
	"ThrottlingException":                    Throttled,
	"ThrottledException":                     Throttled,
	"RequestThrottled":                       Throttled,
	"RequestThrottledException":              Throttled,
	"TooManyRequestsException":               Throttled,
	"ProvisionedThroughputExceededException": Throttled,
	"TransactionInProgressException":         Throttled,
	"RequestLimitExceeded":                   Throttled,
	"BandwidthLimitExceeded":                 Throttled,
	"SlowDown":                               Throttled,
	"PriorRequestNotComplete":                Throttled,

	"LimitExceeded":                 Limit,
	"ServiceQuotaExceededException": Limit,

	"ExpiredToken":                        Credentials,
	"ExpiredTokenException":               Credentials,
	"InvalidClientTokenId":                Credentials,
	"UnrecognizedClientException":         Credentials,
	"SignatureDoesNotMatch":               Credentials,
	"InvalidSignatureException":           Credentials,
	"IncompleteSignature":                 Credentials,
	"IncompleteSignatureException":        Credentials,
	"InvalidAccessKeyId":                  Credentials,
	"MissingAuthenticationToken":          Credentials,
	"MissingAuthenticationTokenException": Credentials,
	"InvalidIdentityToken":                Credentials,
	"InvalidIdentityTokenException":       Credentials,
	"IDPRejectedClaim":                    Credentials,
	"IDPRejectedClaimException":           Credentials,
	"RequestExpired":                      Credentials,
	"RequestTimeTooSkewed":                Credentials,
	"AuthFailure":                         Credentials,
	"OptInRequired":                       UnknownRegion,
	"RegionDisabledException":             UnknownRegion,
	"SubscriptionRequiredException":       AccessDenied,
	"AccessDenied":                        AccessDenied,
	"AccessDeniedException":               AccessDenied,
	"UnauthorizedException":               AccessDenied,
	"UnauthorizedOperation":               AccessDenied,
	"NotAuthorized":                       AccessDenied,
	"ForbiddenException":                  AccessDenied,
	"KMSAccessDeniedException":            AccessDenied,
	"RequestTimeout":                      Transient,
	"RequestTimeoutException":             Transient,
	"InternalFailure":                     Transient,
	"InternalServerError":                 Transient,
	"ServiceFailure":                      Transient,
	"ServiceUnavailable":                  Transient,
	"ServiceUnavailableException":         Transient,
	"ReplicatedWriteConflictException":    Transient,
	"PolicyEvaluation":                    Transient,
	"PolicyEvaluationException":           Transient,
	"OpenIdIdpCommunicationError":         Transient,
	"IDPCommunicationError":               Transient,
	"IDPCommunicationErrorException":      Transient,
	"ServiceFailureException":             Transient,
	"InternalServerErrorException":        Transient,
	"ServiceLinkedRoleNotFoundException":  Invalid,
	"ResourceLimitExceededException":      Limit,
	"AccountLimitExceededException":       Limit,
	"MaximumNumberOfResourcesExceeded":    Limit,
}

var concurrentModification = regexp.MustCompile(`(?i)concurrent modification|try again later`)

// quotaUsedUp tells API Gateway's two uses of LimitExceededException apart: a
// request rate, as its documentation says, or a number of things, as its
// message says.
var quotaUsedUp = regexp.MustCompile(`(?i)maximum (number|amount)|limit .*(reached|exceeded) for|quota`)

var badScope = regexp.MustCompile(`(?i)credential should be scoped to (a valid|correct) region|invalid region`)

// classOfCode decides by AWS's answer alone. status is the HTTP status.
func classOfCode(service, operation, code, message string, status int) Class {
	class, known := codeClasses[code]
	switch {
	case (class == Credentials || !known) && badScope.MatchString(message):
		return UnknownRegion
	case code == "ResourceInUseException" && operation == "CreateTable":
		return AlreadyExists
	case code == "ConflictException":
		if concurrentModification.MatchString(message) {
			return Busy
		}
		return AlreadyExists
	case code == "BadRequestException" && strings.Contains(strings.ToLower(message), "concurrent modification"):
		return Busy
	case code == "BadRequestException" && strings.Contains(message, "Invalid REST API identifier specified"):
		return NotFound
	case code == "LimitExceededException":
		return classOfLimit(service, message)
	case known:
		return class
	case status >= 500 || status < 400:
		return Transient
	case status == 429:
		return Throttled
	case code == "" || code == unknownCode:
		// A refusal without AWS's error code is a proxy or another server
		// speaking. A missing page there proves nothing about AWS.
		return Transient
	case status == 403 || status == 401:
		return AccessDenied
	}
	return Invalid
}

// unknownCode is what the SDK reports for an answer it finds no code in.
const unknownCode = "UnknownError"

func classOfLimit(service, message string) Class {
	switch service {
	case "DynamoDB":
		// Too many table changes at once (aws-facts H6).
		return Busy
	case "IAM":
		return Limit
	}
	if quotaUsedUp.MatchString(message) {
		return Limit
	}
	return Throttled
}
