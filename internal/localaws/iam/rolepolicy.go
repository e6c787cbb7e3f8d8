// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/policy"
	"github.com/commentsapi/operator/internal/localaws/query"
)

func (s *Service) putRolePolicy(c call) (any, error) {
	name, err := c.policyName()
	if err != nil {
		return nil, err
	}
	text, err := c.document("PolicyDocument")
	if err != nil {
		return nil, err
	}
	doc, err := policy.Parse(text, policy.Identity)
	if err != nil {
		return nil, malformed(err)
	}
	return nil, s.change(c, func(r *role) error {
		r.Inline[name] = document{text: text, parsed: doc}
		total := 0
		for _, d := range r.Inline {
			total += weight(d.text)
		}
		if total > maxInlineChars {
			return query.Errorf(http.StatusConflict, "LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", maxInlineChars, r.Name)
		}
		return nil
	})
}

func noRolePolicy(name string) error {
	return query.Errorf(http.StatusNotFound, "NoSuchEntity", "The role policy with name %s cannot be found.", name)
}

func (s *Service) getRolePolicy(c call) (any, error) {
	r, err := s.read(c)
	if err != nil {
		return nil, err
	}
	name, err := c.policyName()
	if err != nil {
		return nil, err
	}
	doc, ok := r.Inline[name]
	if !ok {
		return nil, noRolePolicy(name)
	}
	return struct{ RoleName, PolicyName, PolicyDocument string }{r.Name, name, encode(doc.text)}, nil
}

func (s *Service) deleteRolePolicy(c call) (any, error) {
	name, err := c.policyName()
	if err != nil {
		return nil, err
	}
	return nil, s.change(c, func(r *role) error {
		if _, ok := r.Inline[name]; !ok {
			return noRolePolicy(name)
		}
		delete(r.Inline, name)
		return nil
	})
}

func (s *Service) listRolePolicies(c call) (any, error) {
	r, err := s.read(c)
	if err != nil {
		return nil, err
	}
	p, names, err := paginate(c, slices.Sorted(maps.Keys(r.Inline)), func(n string) string { return n })
	if err != nil {
		return nil, err
	}
	return struct {
		PolicyNames members[string]
		page
	}{members[string]{names}, p}, nil
}

func (s *Service) attachRolePolicy(c call) (any, error) {
	arn := c.Get("PolicyArn")
	if arn == "" {
		return nil, missing("policyArn")
	}
	if _, ok := s.managed(arn, 0); !ok || !ownPolicy(c, arn) {
		return nil, query.Errorf(http.StatusNotFound, "NoSuchEntity", "Policy %s does not exist or is not attachable.", arn)
	}
	return nil, s.change(c, func(r *role) error {
		if slices.Contains(r.Attached, arn) {
			return nil
		}
		if len(r.Attached) >= maxAttached {
			return query.Errorf(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", maxAttached)
		}
		r.Attached = append(r.Attached, arn)
		return nil
	})
}

// ownPolicy reports whether the caller's account may use the policy: its own
// ones and AWS's.
func ownPolicy(c call, arn string) bool {
	return strings.HasPrefix(arn, c.arn("policy/")) ||
		strings.HasPrefix(arn, "arn:"+c.caller.Partition+":iam::aws:policy/")
}

func (s *Service) detachRolePolicy(c call) (any, error) {
	arn := c.Get("PolicyArn")
	if arn == "" {
		return nil, missing("policyArn")
	}
	return nil, s.change(c, func(r *role) error {
		i := slices.Index(r.Attached, arn)
		if i < 0 {
			return query.Errorf(http.StatusNotFound, "NoSuchEntity", "Policy %s was not found.", arn)
		}
		r.Attached = slices.Delete(r.Attached, i, i+1)
		return nil
	})
}

func (s *Service) listAttachedRolePolicies(c call) (any, error) {
	r, err := s.read(c)
	if err != nil {
		return nil, err
	}
	type attached struct{ PolicyName, PolicyArn string } //nolint:revive // XML names
	var all []attached
	for _, arn := range r.Attached {
		_, rest, _ := strings.Cut(arn, ":policy")
		if strings.HasPrefix(rest, c.Get("PathPrefix")) {
			all = append(all, attached{lastSegment(rest), arn})
		}
	}
	p, items, err := paginate(c, all, func(a attached) string { return a.PolicyArn })
	if err != nil {
		return nil, err
	}
	return struct {
		AttachedPolicies members[attached]
		page
	}{members[attached]{items}, p}, nil
}

// listInstanceProfiles is always empty: the local AWS has no EC2.
func (s *Service) listInstanceProfiles(c call) (any, error) {
	if _, err := s.read(c); err != nil {
		return nil, err
	}
	return struct {
		InstanceProfiles struct{}
		page
	}{}, nil
}
