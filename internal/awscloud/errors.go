// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"
)

// PacedError says that a call was not sent because AWS's request quota would
// be exceeded. The SDK does not retry it.
type PacedError struct {
	// Operation is the call's operation, such as "CreateRestApi".
	Operation string
	// After is how long until the caller's turn.
	After time.Duration
	// At is the time of the caller's turn.
	At time.Time
	// Quota is the limit that is waited for, such as "1 CreateRestApi in 3s".
	Quota string
}

// Error names the quota and the time to wait.
func (e *PacedError) Error() string {
	return fmt.Sprintf("%s waits for the request quota (%s): come back in %s", e.Operation, e.Quota, e.After.Round(time.Millisecond))
}

// RetryableError keeps the SDK from trying again by itself.
func (e *PacedError) RetryableError() bool { return false }

// regionError says that a region can't be used at all.
type regionError struct {
	Region string
	// Problem completes "Region X ...".
	Problem string
	Err     error
}

func (e *regionError) Error() string { return "region " + e.Region + " " + e.Problem }
func (e *regionError) Unwrap() error { return e.Err }

// credentialsError says that credentials could not be had.
type credentialsError struct {
	// RoleARN is the role that was to be assumed, empty for the operator's own.
	RoleARN string
	Err     error
}

func (e *credentialsError) Error() string { return "get AWS credentials: " + e.Err.Error() }
func (e *credentialsError) Unwrap() error { return e.Err }

// callInfo is the context of a call that messages need.
type callInfo struct {
	Resource, Region  string
	Principal, Source string
	// ambiguous: one of the attempts that went out may have had its effect.
	ambiguous bool
}

// callError adds to an error of the SDK what the SDK does not tell.
type callError struct {
	callInfo
	Err error
}

func (e *callError) Error() string { return e.Err.Error() }
func (e *callError) Unwrap() error { return e.Err }

// errEmptyReply stands for a success that carries nothing where the operation
// always answers with something.
var errEmptyReply = errors.New("the reply is empty")

// errNoCredentials stands for a configuration without any.
var errNoCredentials = errors.New("no AWS credentials are configured")

// tlsTrouble names what is wrong with the endpoint's TLS; empty for nothing.
func tlsTrouble(err error) string {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &header):
		return "it does not speak TLS"
	case errors.As(err, &host):
		return "its certificate is for another host"
	case errors.As(err, &authority):
		return "its certificate is signed by an unknown authority; set AWS_CA_BUNDLE if that is intended"
	case errors.As(err, &verification):
		return "its certificate is not valid"
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "it does not speak TLS"
	}
	return ""
}
