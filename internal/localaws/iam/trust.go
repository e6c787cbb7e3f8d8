// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"net/http"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/policy"
	"github.com/commentsapi/operator/internal/localaws/query"
)

// trust reads and checks a trust policy.
func (s *Service) trust(c call, param string) (document, error) {
	text, err := c.document(param)
	if err != nil {
		return document{}, err
	}
	if weight(text) > maxTrustChars {
		return document{}, query.Errorf(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", maxTrustChars)
	}
	doc, err := policy.Parse(text, policy.Trust)
	if err != nil {
		return document{}, malformed(err)
	}
	pinned := map[string]string{}
	for _, st := range doc.Statements {
		for _, p := range []*policy.Principals{st.Principal, st.NotPrincipal} {
			if p == nil {
				continue
			}
			if err := s.pin(p.AWS, pinned); err != nil {
				return document{}, err
			}
		}
	}
	return document{text, doc, pinned}, nil
}

// pin replaces the ARNs of roles by the roles' unique ids. IAM refuses to
// trust a role that isn't there. Users are not modelled, so any is accepted.
func (s *Service) pin(names []string, pinned map[string]string) error {
	for i, name := range names {
		if !strings.Contains(name, ":role/") {
			continue
		}
		r, ok := s.lookup(name, 0)
		if !ok {
			return malformed(&policy.SyntaxError{Message: `Invalid principal in policy: "AWS":"` + name + `"`})
		}
		names[i], pinned[name] = r.ID, r.ID
	}
	return nil
}

// trustText is the trust policy as IAM shows it: with the unique id in place
// of a role that is gone (aws-facts G2).
func (s *Service) trustText(d document) string {
	text := d.text
	for arn, id := range d.pinned {
		if r, ok := s.lookup(arn, 0); !ok || r.ID != id {
			text = strings.ReplaceAll(text, `"`+arn+`"`, `"`+id+`"`)
		}
	}
	return text
}

func (s *Service) updateAssumeRolePolicy(c call) (any, error) {
	doc, err := s.trust(c, "PolicyDocument")
	if err != nil {
		return nil, err
	}
	return nil, s.change(c, func(r *role) error {
		r.Trust = doc
		return nil
	})
}
