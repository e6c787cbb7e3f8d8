// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"maps"
	"slices"
	"time"
)

// Class says what kind of failure a Failure is, and so what to do about it.
type Class string

const (
	// NotFound: the resource named in the call does not exist.
	NotFound Class = "NotFound"
	// AlreadyExists: a resource of that name exists.
	AlreadyExists Class = "AlreadyExists"
	// Busy: another change is under way; try again soon.
	Busy Class = "Busy"
	// Throttled: AWS refused the call because of too many requests.
	Throttled Class = "Throttled"
	// Paced: the call was not sent, because AWS's quota would be exceeded.
	// Come back after RetryAfter; the turn is kept (WithKey).
	Paced Class = "Paced"
	// Transient: AWS failed in a way that passes: 5xx, timeouts, connections
	// that broke, replies that make no sense.
	Transient Class = "Transient"
	// Unreachable: no connection to the endpoint could be made.
	Unreachable Class = "Unreachable"
	// Credentials: there are none, or AWS does not accept them.
	Credentials Class = "Credentials"
	// UnknownRegion: there is no such region, it is not enabled for the
	// account, or the operator is told not to use it.
	UnknownRegion Class = "UnknownRegion"
	// AccessDenied: the credentials are good, but lack a permission.
	AccessDenied Class = "AccessDenied"
	// Limit: a service quota of the account is used up.
	Limit Class = "Limit"
	// Invalid: AWS refuses the request itself; repeating it is no use.
	Invalid Class = "Invalid"
)

// reasons maps each class to the reason a condition shows. The strings equal
// the constants of api/v1alpha1, which this package does not import.
var reasons = map[Class]string{
	NotFound:      "Missing",
	AlreadyExists: "Conflict",
	Busy:          "Waiting",
	Throttled:     "Throttled",
	Paced:         "WaitingForQuota",
	Transient:     "AWSError",
	Unreachable:   "EndpointUnreachable",
	Credentials:   "CredentialsInvalid",
	UnknownRegion: "UnknownRegion",
	AccessDenied:  "AccessDenied",
	Limit:         "LimitExceeded",
	Invalid:       "InvalidRequest",
}

// Reasons returns every condition reason a Failure can have.
func Reasons() []string { return slices.Sorted(maps.Values(reasons)) }

// Failure is a failed AWS call in the operator's own words.
type Failure struct {
	Class Class
	// Reason is the condition reason for the class.
	Reason string
	// Message tells a user of kubectl in one sentence what happened and what
	// to do. It holds nothing that changes from one try to the next.
	Message string
	// Code is AWS's error code, empty when AWS did not answer with one.
	Code string
	// Operation and Service name the call, such as "CreateTable", "DynamoDB".
	Operation, Service string
	// RetryAfter is how long to wait at least: precise for Paced, what AWS
	// asked for otherwise, and zero when nobody said.
	RetryAfter time.Duration
	// Turn is, for Paced, how long it is until the call's turn: a little longer
	// than RetryAfter.
	Turn time.Duration
	// Err is the error that was classified.
	Err error

	maybeApplied bool
}

// Error is the Message; use Unwrap for the details.
func (f *Failure) Error() string { return f.Message }

// Unwrap returns the error that was classified.
func (f *Failure) Unwrap() error { return f.Err }

// MaybeApplied reports whether the call may have had its effect although it
// failed: true unless every attempt was answered with a clear refusal or was
// never sent.
func (f *Failure) MaybeApplied() bool { return f.maybeApplied }
