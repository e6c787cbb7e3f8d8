// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/policy"
	"github.com/commentsapi/operator/internal/localaws/query"
)

// document is a policy as it was written and as it is evaluated.
type document struct {
	text   string
	parsed *policy.Document
	// pinned holds the unique ids of the roles that a trust policy names:
	// a role made anew under the same name isn't trusted (aws-facts G2).
	pinned map[string]string
}

// role is immutable once stored; change a copy.
type role struct {
	Partition, Account string
	Name, Path, ID     string
	Created            time.Time
	Trust              document
	Description        string
	MaxSession         int
	Boundary           string
	Tags               []query.Tag
	Inline             map[string]document // by name
	Attached           []string            // policy ARNs
}

func (r *role) arn() string {
	return "arn:" + r.Partition + ":iam::" + r.Account + ":role" + r.Path + r.Name
}

func (r *role) copy() *role {
	out := *r
	out.Tags = slices.Clone(r.Tags)
	out.Inline = maps.Clone(r.Inline)
	out.Attached = slices.Clone(r.Attached)
	return &out
}

func noRole(name string) error {
	return query.Errorf(http.StatusNotFound, "NoSuchEntity", "The role with name %s cannot be found.", name)
}

func malformed(err error) error {
	return query.Errorf(http.StatusBadRequest, "MalformedPolicyDocument", "%v", err)
}

// read returns the role a reading operation sees, which may be an old one
// (aws-facts G4).
func (s *Service) read(c call) (*role, error) {
	name, err := c.roleName()
	if err != nil {
		return nil, err
	}
	r, ok := s.roles.Visible(c.key(name), s.env.Lag("iam"))
	if !ok {
		return nil, noRole(name)
	}
	return r, nil
}

// change applies f to a copy of the role and stores the copy.
func (s *Service) change(c call, f func(*role) error) error {
	name, err := c.roleName()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.roles.Latest(c.key(name))
	if !ok {
		return noRole(name)
	}
	changed := old.copy()
	if err := f(changed); err != nil {
		return err
	}
	s.roles.Put(c.key(name), changed)
	return nil
}

func (s *Service) createRole(c call) (any, error) {
	r := &role{
		Partition: c.caller.Partition, Account: c.caller.AccountID,
		ID: newUniqueID("AROA"), Created: s.env.Now(), Inline: map[string]document{},
	}
	var err error
	if r.Name, err = c.roleName(); err != nil {
		return nil, err
	}
	if r.Path, err = c.path(); err != nil {
		return nil, err
	}
	if r.Description, err = c.description(); err != nil {
		return nil, err
	}
	if r.MaxSession, err = c.session(minSession); err != nil {
		return nil, err
	}
	if r.Trust, err = s.trust(c, "AssumeRolePolicyDocument"); err != nil {
		return nil, err
	}
	if r.Tags, err = mergeTags(nil, c.Params.Tags("Tags")); err != nil {
		return nil, err
	}
	if r.Boundary, err = s.boundary(c); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, exists := s.roles.Latest(c.key(r.Name)); exists {
		return nil, query.Errorf(http.StatusConflict, "EntityAlreadyExists", "Role with name %s already exists.", r.Name)
	}
	if len(s.accountRoles(c, 0)) >= maxRoles {
		return nil, query.Errorf(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for RolesPerAccount: %d", maxRoles)
	}
	s.roles.Put(c.key(r.Name), r)
	return struct{ Role roleXML }{s.describe(r)}, nil
}

func (s *Service) getRole(c call) (any, error) {
	r, err := s.read(c)
	if err != nil {
		return nil, err
	}
	return struct{ Role roleXML }{s.describe(r)}, nil
}

func (s *Service) accountRoles(c call, lag time.Duration) []string {
	return withPrefix(s.roles.Keys(lag), c.account())
}

func (s *Service) listRoles(c call) (any, error) {
	lag := s.env.Lag("iam")
	prefix := c.Get("PathPrefix")
	var all []*role
	for _, key := range s.accountRoles(c, lag) {
		if r, ok := s.roles.Visible(key, lag); ok && strings.HasPrefix(r.Path+r.Name, prefix) {
			all = append(all, r)
		}
	}
	p, items, err := paginate(c, all, func(r *role) string { return strings.ToLower(r.Name) })
	if err != nil {
		return nil, err
	}
	out := struct {
		Roles members[roleXML]
		page
	}{page: p}
	for _, r := range items {
		x := s.describe(r)
		// ListRoles leaves these out (aws-facts G2).
		x.Tags, x.Boundary, x.LastUsed = nil, nil, nil
		out.Roles.Members = append(out.Roles.Members, x)
	}
	return out, nil
}

func (s *Service) updateRole(c call) (any, error) {
	return struct{}{}, s.change(c, func(r *role) error {
		var err error
		if r.MaxSession, err = c.session(r.MaxSession); err != nil {
			return err
		}
		if c.Has("Description") {
			r.Description, err = c.description()
		}
		return err
	})
}

func (s *Service) updateRoleDescription(c call) (any, error) {
	if _, err := s.updateRole(c); err != nil {
		return nil, err
	}
	r, _ := s.roles.Latest(c.key(c.Get("RoleName")))
	return struct{ Role roleXML }{s.describe(r)}, nil
}

func (s *Service) deleteRole(c call) (any, error) {
	name, err := c.roleName()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.roles.Latest(c.key(name))
	switch {
	case !ok:
		return nil, noRole(name)
	case len(r.Inline) > 0:
		return nil, query.Errorf(http.StatusConflict, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	case len(r.Attached) > 0:
		return nil, query.Errorf(http.StatusConflict, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
	}
	s.roles.Delete(c.key(name))
	return nil, nil
}

// boundary reads PermissionsBoundary and checks that the policy exists.
func (s *Service) boundary(c call) (string, error) {
	arn := c.Get("PermissionsBoundary")
	if arn == "" {
		return "", nil
	}
	if _, ok := s.managed(arn, 0); !ok {
		return "", query.Errorf(http.StatusNotFound, "NoSuchEntity", "Scope ARN: %s does not exist or is not attachable.", arn)
	}
	return arn, nil
}

func (s *Service) putBoundary(c call) (any, error) {
	if !c.Has("PermissionsBoundary") {
		return nil, missing("permissionsBoundary")
	}
	arn, err := s.boundary(c)
	if err != nil {
		return nil, err
	}
	return nil, s.change(c, func(r *role) error {
		r.Boundary = arn
		return nil
	})
}

func (s *Service) deleteBoundary(c call) (any, error) {
	return nil, s.change(c, func(r *role) error {
		if r.Boundary == "" {
			return query.Errorf(http.StatusNotFound, "NoSuchEntity", "The role %s has no permissions boundary.", r.Name)
		}
		r.Boundary = ""
		return nil
	})
}
