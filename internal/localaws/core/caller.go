// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package core holds what every service of the local AWS shares: who calls,
// what time it is, how AWS-like (slow, eventually consistent) the world should
// be, and a store whose reads can lag behind its writes.
//
// The local AWS is for development and tests. It imports nothing of the
// operator, so that the two can't agree on a mistake by accident.
package core

import "context"

// Caller is the authenticated principal of a request, as the front door
// established it from the request's signature.
type Caller struct {
	// AccountID is the 12-digit account the credentials belong to.
	AccountID string
	// Region is the region of the credential scope; for global services
	// (IAM, STS) it is the signing region.
	Region string
	// Partition is aws, aws-cn or aws-us-gov.
	Partition string
	// ARN is the principal, for example arn:aws:iam::123456789012:user/local.
	ARN string
	// Authorize decides whether the principal may do action on resource; nil
	// allows everything. A returned error is the reason, for messages.
	Authorize func(action, resource string) error
	// AuthorizeWith is Authorize with condition keys of the request, for
	// services that know them (iam:PermissionsBoundary, aws:RequestTag/x).
	AuthorizeWith func(action, resource string, conditions map[string][]string) error
	// RoleARN is the role behind an assumed-role session, with its path;
	// empty for other principals.
	RoleARN string
	// UserID is the unique id GetCallerIdentity reports.
	UserID string
}

// Allowed asks Authorize, treating nil as "everything is allowed".
func (c Caller) Allowed(action, resource string) error {
	if c.Authorize == nil {
		return nil
	}
	return c.Authorize(action, resource)
}

// AllowedWith is Allowed for a request with condition keys.
func (c Caller) AllowedWith(action, resource string, conditions map[string][]string) error {
	if c.AuthorizeWith == nil {
		return c.Allowed(action, resource)
	}
	return c.AuthorizeWith(action, resource, conditions)
}

type callerKey struct{}

// WithCaller returns a context that carries c.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom returns the caller the front door put into the context. The zero
// Caller means that nobody did, which only happens in a wrongly wired test.
func CallerFrom(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// Roles is what the data plane needs of IAM.
type Roles interface {
	// Assume reports whether the service principal may assume the role now.
	// The error says why not: no such role, trust policy, or not yet
	// propagated (aws-facts G4).
	Assume(ctx context.Context, roleARN, servicePrincipal string) error
	// Authorize evaluates the role's inline and attached policies and its
	// boundary. The error says which of them is missing or denies.
	Authorize(ctx context.Context, roleARN, action, resource string, conditions map[string][]string) error
}
