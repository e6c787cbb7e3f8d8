// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
)

// Principal is who makes a request.
type Principal struct {
	// ARN of the user, role or assumed-role session; empty for services and
	// for anonymous callers.
	ARN string
	// RoleARN is the role behind an assumed-role session, with its path.
	RoleARN string
	// ID is the unique id of the user, or of the role behind the session.
	ID string
	// AccountID is the account of ARN.
	AccountID string
	// Service is the service principal when an AWS service calls.
	Service string
}

// Request is one call to be decided.
type Request struct {
	Principal Principal
	// Action is vendor:Operation, for example dynamodb:PutItem.
	Action string
	// Resource is an ARN or "*".
	Resource string
	// Context holds the condition keys, for example aws:SourceIp. Keys are
	// compared without regard to case.
	Context map[string][]string
}

// Decision is what one document says about a request.
type Decision int

// The decisions, from weakest to strongest.
const (
	// Silent means that no statement matches: an implicit deny.
	Silent Decision = iota
	// Allowed means that a statement allows and none denies.
	Allowed
	// Denied is an explicit deny.
	Denied
)

// Evaluate returns what the document says about the request.
func (d *Document) Evaluate(r Request) Decision {
	if d == nil {
		return Silent
	}
	decision := Silent
	for i := range d.Statements {
		s := &d.Statements[i]
		if !s.matches(r, d.Version == "2012-10-17") {
			continue
		}
		if !s.Allow {
			return Denied
		}
		decision = Allowed
	}
	return decision
}

// GrantsByName reports whether an Allow statement that matches the request
// names the caller itself or everybody, rather than its account. Within one
// account such a trust policy is enough; one that names the account leaves
// the decision to the caller's own policies.
func (d *Document) GrantsByName(r Request) bool {
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Allow && s.Principal != nil && (s.Principal.Any || s.Principal.names(r.Principal)) &&
			s.matches(r, d.Version == "2012-10-17") {
			return true
		}
	}
	return false
}

// Evaluate combines several documents of the same sort.
func Evaluate(docs []*Document, r Request) Decision {
	decision := Silent
	for _, d := range docs {
		decision = max(decision, d.Evaluate(r))
	}
	return decision
}

// DeniedError is a refusal; its text is the reason AWS appends to its
// AccessDenied messages.
type DeniedError struct {
	Reason string
	// Explicit tells a Deny statement from a missing Allow.
	Explicit bool
}

func (e *DeniedError) Error() string { return e.Reason }

// CheckIdentity decides by identity policies and, when it isn't nil, a
// boundary. A refusal is a *DeniedError.
func CheckIdentity(policies []*Document, boundary *Document, r Request) error {
	identity := Evaluate(policies, r)
	switch {
	case identity == Denied:
		return &DeniedError{"with an explicit deny in an identity-based policy", true}
	case boundary != nil && boundary.Evaluate(r) == Denied:
		return &DeniedError{"with an explicit deny in a permissions boundary", true}
	case identity != Allowed:
		return &DeniedError{fmt.Sprintf("because no identity-based policy allows the %s action", r.Action), false}
	case boundary != nil && boundary.Evaluate(r) != Allowed:
		return &DeniedError{fmt.Sprintf("because no permissions boundary allows the %s action", r.Action), false}
	}
	return nil
}

func (s *Statement) matches(r Request, variables bool) bool {
	if s.Principal != nil && !s.Principal.match(r.Principal) {
		return false
	}
	if s.NotPrincipal != nil && s.NotPrincipal.match(r.Principal) {
		return false
	}
	if len(s.Action) > 0 && !anyAction(s.Action, r.Action) ||
		len(s.NotAction) > 0 && anyAction(s.NotAction, r.Action) {
		return false
	}
	ctx := foldContext(r.Context)
	expand := func(p string) string { return p }
	if variables {
		expand = ctx.expand
	}
	if len(s.Resource) > 0 && !anyResource(s.Resource, r.Resource, expand) ||
		len(s.NotResource) > 0 && anyResource(s.NotResource, r.Resource, expand) {
		return false
	}
	for _, c := range s.Conditions {
		if !c.holds(ctx, expand) {
			return false
		}
	}
	return true
}

func anyAction(patterns []string, action string) bool {
	action = strings.ToLower(action)
	for _, p := range patterns {
		if Glob(strings.ToLower(p), action) {
			return true
		}
	}
	return false
}

func anyResource(patterns []string, resource string, expand func(string) string) bool {
	for _, p := range patterns {
		if p == "*" || MatchARN(expand(p), resource) {
			return true
		}
	}
	return false
}
