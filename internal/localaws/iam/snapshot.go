// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package iam

import "strings"

// RoleDump is a role as Snapshot shows it.
type RoleDump struct {
	ARN         string            `json:"arn"`
	ID          string            `json:"id"`
	Trust       string            `json:"trust"`
	Description string            `json:"description,omitempty"`
	MaxSession  int               `json:"maxSessionSeconds"`
	Boundary    string            `json:"boundary,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	Inline      map[string]string `json:"inline,omitempty"`
	Attached    []string          `json:"attached,omitempty"`
}

// PolicyDump is a managed policy as Snapshot shows it.
type PolicyDump struct {
	ARN      string `json:"arn"`
	Document string `json:"document"`
}

// AccountDump is what one account holds in one partition.
type AccountDump struct {
	Roles    []RoleDump   `json:"roles,omitempty"`
	Policies []PolicyDump `json:"policies,omitempty"`
}

// Snapshot returns the newest state of all accounts, by "partition/account".
func (s *Service) Snapshot() any { return s.Accounts() }

// Accounts is Snapshot with its type.
func (s *Service) Accounts() map[string]*AccountDump {
	out := map[string]*AccountDump{}
	account := func(key string) *AccountDump {
		name := key[:strings.LastIndex(key, "/")]
		if out[name] == nil {
			out[name] = &AccountDump{}
		}
		return out[name]
	}
	for _, key := range s.roles.Keys(0) {
		r, ok := s.roles.Latest(key)
		if !ok {
			continue
		}
		d := RoleDump{
			ARN: r.arn(), ID: r.ID, Trust: s.trustText(r.Trust), Description: r.Description, MaxSession: r.MaxSession,
			Boundary: r.Boundary, Inline: map[string]string{}, Attached: r.Attached,
		}
		for name, doc := range r.Inline {
			d.Inline[name] = doc.text
		}
		for _, t := range r.Tags {
			if d.Tags == nil {
				d.Tags = map[string]string{}
			}
			d.Tags[t.Key] = t.Value
		}
		a := account(key)
		a.Roles = append(a.Roles, d)
	}
	for _, key := range s.policies.Keys(0) {
		if p, ok := s.policies.Latest(key); ok {
			a := account(key)
			a.Policies = append(a.Policies, PolicyDump{p.ARN, p.Document.text})
		}
	}
	return out
}
