// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package control is the control endpoint of the local AWS as its users see
// it: the JSON that /_local speaks, and a client for tests.
package control

import (
	"time"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// Request is one answered (or deliberately unanswered) call in the log.
type Request struct {
	// Seq counts from 1, in the order in which calls took effect.
	Seq int64 `json:"seq"`
	// Service is dynamodb, iam, sts, apigateway or execute-api.
	Service string `json:"service"`
	// Operation is the AWS name, for example CreateRestApi; for execute-api
	// the HTTP method.
	Operation string `json:"operation"`
	// Resource is what it is about: a table name, role name, API id; for
	// execute-api the API id, stage and path.
	Resource string `json:"resource,omitempty"`
	// Write says that the operation is one that changes something at AWS,
	// whether or not it did.
	Write     bool   `json:"write,omitempty"`
	AccountID string `json:"accountId,omitempty"`
	Region    string `json:"region,omitempty"`
	Principal string `json:"principal,omitempty"`
	// Status is the HTTP status sent; 0 when the connection was dropped or
	// the call was left hanging.
	Status int `json:"status"`
	// ErrorCode is the AWS error code, when there is one.
	ErrorCode string `json:"errorCode,omitempty"`
	// Throttled says that a request quota refused the call.
	Throttled bool `json:"throttled,omitempty"`
	// Fault is the id of the fault that applied.
	Fault string `json:"fault,omitempty"`
	// Time is when it arrived, by the local AWS's clock.
	Time time.Time `json:"time"`
	// Duration is how long the answer took to make, in real time.
	Duration core.Duration `json:"duration"`
	// UserAgent is the client's.
	UserAgent string `json:"userAgent,omitempty"`
	// Integration marks a call that a deployed API makes; such calls meet
	// faults and are not logged.
	Integration bool `json:"-"`
}

// Requests is the answer of GET /_local/requests.
type Requests struct {
	Requests []Request `json:"requests"`
	// Last is the newest sequence number; pass it as since to get what
	// follows.
	Last int64 `json:"last"`
	// Dropped counts the entries after since that the bounded log has lost.
	Dropped int64 `json:"dropped,omitempty"`
}

// Action is what a fault does to a call.
type Action string

// The actions of faults. A Go client repeats a GET by itself when a connection
// it has used before is dropped, without its caller noticing: count on two
// calls then, or turn keep-alives off.
const (
	// Refuse answers Status and Code instead of doing anything. The default
	// is the service's throttling error.
	Refuse Action = "Refuse"
	// FailBefore answers a server error (default 500) without any effect.
	FailBefore Action = "FailBefore"
	// FailAfter performs the call and then answers a server error.
	FailAfter Action = "FailAfter"
	// DropBefore closes the connection without any effect.
	DropBefore Action = "DropBefore"
	// DropAfter performs the call and closes the connection.
	DropAfter Action = "DropAfter"
	// HangBefore has no effect and never answers.
	HangBefore Action = "HangBefore"
	// HangAfter performs the call and never answers.
	HangAfter Action = "HangAfter"
	// Malformed performs the call and answers a body no parser accepts.
	Malformed Action = "Malformed"
	// Empty performs the call and answers an empty body.
	Empty Action = "Empty"
	// Truncated performs the call and breaks off in the middle of the body.
	Truncated Action = "Truncated"
	// Slow only delays the call, by Delay.
	Slow Action = "Slow"
)

// Actions lists all actions.
var Actions = []Action{Refuse, FailBefore, FailAfter, DropBefore, DropAfter, HangBefore, HangAfter, Malformed, Empty, Truncated, Slow}

// Fault makes chosen calls fail.
type Fault struct {
	// ID is given by the server when it is empty.
	ID string `json:"id,omitempty"`
	// Service, Operation (may hold * and ?), AccountID and Region must equal
	// the call's when they are given.
	Service   string `json:"service,omitempty"`
	Operation string `json:"operation,omitempty"`
	AccountID string `json:"accountId,omitempty"`
	Region    string `json:"region,omitempty"`
	// Resource is a part of the call's resource.
	Resource string `json:"resource,omitempty"`
	// Writes restricts the fault to operations that change something.
	Writes bool `json:"writes,omitempty"`
	// Integration makes the fault befall the calls to DynamoDB that deployed
	// APIs make for their clients, and test invocations, instead of calls that
	// come over HTTP.
	Integration bool `json:"integration,omitempty"`
	// Nth is the first matching call that fails, counted from 1; 0 is 1.
	Nth int `json:"nth,omitempty"`
	// Times is how many calls fail; 0 is 1, a negative number is all.
	Times  int    `json:"times,omitempty"`
	Action Action `json:"action"`
	// Status, Code, Message and RetryAfter (seconds, as the header says it)
	// shape the error of Refuse, FailBefore and FailAfter.
	Status     int    `json:"status,omitempty"`
	Code       string `json:"code,omitempty"`
	Message    string `json:"message,omitempty"`
	RetryAfter string `json:"retryAfter,omitempty"`
	// Delay passes before the action, in real time.
	Delay core.Duration `json:"delay,omitempty"`

	// Seen counts the matching calls and Applied those that failed; the
	// server keeps them.
	Seen    int `json:"seen,omitempty"`
	Applied int `json:"applied,omitempty"`
}

// Faults is the answer of GET /_local/faults.
type Faults struct {
	Faults []Fault `json:"faults"`
}

// Key is an access key of the local AWS with its IAM policy.
type Key struct {
	AccessKey string `json:"accessKey"`
	// Secret and AccountID are needed for a new key; the keys "local" and
	// 12-digit ones have theirs.
	Secret    string `json:"secret,omitempty"`
	AccountID string `json:"accountId,omitempty"`
	// User is the name in the principal's ARN.
	User string `json:"user,omitempty"`
	// Policy is an IAM policy document; without one the key may do anything.
	Policy string `json:"policy,omitempty"`
}

// Keys is the answer of GET /_local/keys.
type Keys struct {
	Keys []Key `json:"keys"`
}

// Failure is the body of every refusal of the control endpoint.
type Failure struct {
	Error string `json:"error"`
}
