// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/policy"
)

// lookup finds a role by ARN as a user of the role sees it that trails by lag.
func (s *Service) lookup(arn string, lag time.Duration) (*role, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/") {
		return nil, false
	}
	r, ok := s.roles.Visible(parts[1]+"/"+parts[4]+"/"+strings.ToLower(lastSegment(parts[5])), lag)
	if !ok || r.arn() != arn {
		return nil, false
	}
	return r, true
}

// propagated finds a role as AWS's services see it: a new or changed role
// reaches them after a delay (aws-facts G4).
func (s *Service) propagated(arn string) (*role, error) {
	delay := s.env.Nature().Delays.RoleAssumable.D()
	if r, ok := s.lookup(arn, delay); ok {
		return r, nil
	}
	if _, ok := s.lookup(arn, 0); ok {
		return nil, fmt.Errorf("role %s is not visible yet: IAM propagates changes with a delay", arn)
	}
	return nil, fmt.Errorf("role %s does not exist", arn)
}

// Assume reports whether a service principal may assume the role now. API
// Gateway sends no aws:SourceAccount and no aws:SourceArn, so a trust policy
// that asks for them refuses it (aws-facts G5).
func (s *Service) Assume(_ context.Context, roleARN, servicePrincipal string) error {
	r, err := s.propagated(roleARN)
	if err != nil {
		return err
	}
	request := policy.Request{Principal: policy.Principal{Service: servicePrincipal}, Action: "sts:AssumeRole"}
	if r.Trust.parsed.Evaluate(request) != policy.Allowed {
		return fmt.Errorf("the trust policy of %s does not allow %s to perform sts:AssumeRole", roleARN, servicePrincipal)
	}
	return nil
}

// Authorize evaluates the role's inline and attached policies and its
// boundary. A refusal is a *policy.DeniedError.
func (s *Service) Authorize(_ context.Context, roleARN, action, resource string, conditions map[string][]string) error {
	r, err := s.propagated(roleARN)
	if err != nil {
		return &policy.DeniedError{Reason: "because " + err.Error()}
	}
	var docs []*policy.Document
	for _, doc := range r.Inline {
		docs = append(docs, doc.parsed)
	}
	for _, arn := range r.Attached {
		docs = append(docs, s.managedDocument(arn))
	}
	var boundary *policy.Document
	if r.Boundary != "" {
		boundary = s.managedDocument(r.Boundary)
	}
	return policy.CheckIdentity(docs, boundary, policy.Request{
		Principal: policy.Principal{ARN: r.arn(), RoleARN: r.arn(), AccountID: r.Account},
		Action:    action, Resource: resource, Context: conditions,
	})
}

// managedDocument reads a managed policy as it has propagated; one that has
// not yet, or is gone, grants nothing.
func (s *Service) managedDocument(arn string) *policy.Document {
	p, ok := s.managed(arn, s.env.Nature().Delays.RoleAssumable.D())
	if !ok {
		return &policy.Document{}
	}
	return p.Document.parsed
}

// AssumableRole is what STS needs to know of a role.
type AssumableRole struct {
	ID, Name, ARN, Account string
	// Trust is the parsed trust policy.
	Trust *policy.Document
	// MaxSession is the longest session the role grants.
	MaxSession time.Duration
}

// Assumable returns a role for sts:AssumeRole once it has propagated.
func (s *Service) Assumable(roleARN string) (*AssumableRole, error) {
	r, err := s.propagated(roleARN)
	if err != nil {
		return nil, err
	}
	return &AssumableRole{
		ID: r.ID, Name: r.Name, ARN: r.arn(), Account: r.Account, Trust: r.Trust.parsed,
		MaxSession: time.Duration(r.MaxSession) * time.Second,
	}, nil
}
