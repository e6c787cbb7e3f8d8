// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package iam is the IAM of the local AWS: roles with their trust, inline and
// attached policies, boundaries and tags, and customer managed policies. It
// answers the query protocol and decides, for the data plane and for STS,
// what a role may do. IAM is global per account and partition.
package iam

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/query"
)

const (
	version   = "2010-05-08"
	namespace = "https://iam.amazonaws.com/doc/2010-05-08/"
)

// Service is the IAM of all accounts. Create it with New.
type Service struct {
	env *core.Env

	mu       sync.Mutex // serialises read-modify-write
	roles    *core.Store[string, *role]
	policies *core.Store[string, *managedPolicy]
}

// New returns an IAM without roles.
func New(env *core.Env) *Service {
	return &Service{
		env:      env,
		roles:    core.NewStore[string, *role](env.Clock),
		policies: core.NewStore[string, *managedPolicy](env.Clock),
	}
}

// call is one decoded request.
type call struct {
	caller core.Caller
	query.Params
}

type handler func(*Service, call) (any, error)

// actions holds every operation this IAM has.
var actions = map[string]handler{
	"CreateRole":                    (*Service).createRole,
	"GetRole":                       (*Service).getRole,
	"ListRoles":                     (*Service).listRoles,
	"UpdateRole":                    (*Service).updateRole,
	"UpdateRoleDescription":         (*Service).updateRoleDescription,
	"UpdateAssumeRolePolicy":        (*Service).updateAssumeRolePolicy,
	"DeleteRole":                    (*Service).deleteRole,
	"PutRolePermissionsBoundary":    (*Service).putBoundary,
	"DeleteRolePermissionsBoundary": (*Service).deleteBoundary,
	"PutRolePolicy":                 (*Service).putRolePolicy,
	"GetRolePolicy":                 (*Service).getRolePolicy,
	"DeleteRolePolicy":              (*Service).deleteRolePolicy,
	"ListRolePolicies":              (*Service).listRolePolicies,
	"AttachRolePolicy":              (*Service).attachRolePolicy,
	"DetachRolePolicy":              (*Service).detachRolePolicy,
	"ListAttachedRolePolicies":      (*Service).listAttachedRolePolicies,
	"ListInstanceProfilesForRole":   (*Service).listInstanceProfiles,
	"TagRole":                       (*Service).tagRole,
	"UntagRole":                     (*Service).untagRole,
	"ListRoleTags":                  (*Service).listRoleTags,
	"CreatePolicy":                  (*Service).createPolicy,
	"GetPolicy":                     (*Service).getPolicy,
	"GetPolicyVersion":              (*Service).getPolicyVersion,
	"DeletePolicy":                  (*Service).deletePolicy,
	"ListPolicies":                  (*Service).listPolicies,
}

// Actions returns the names of all operations, in order.
func Actions() []string {
	out := make([]string, 0, len(actions))
	for name := range actions {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Operation names the operation of a request and what it is about: the role,
// or the ARN of the policy.
func Operation(r *http.Request, body []byte) (op, resource string) {
	p, err := query.Parse(r, body)
	if err != nil {
		return "", ""
	}
	for _, key := range []string{"RoleName", "PolicyArn", "PolicyName"} {
		if v := p.Get(key); v != "" {
			return p.Get("Action"), v
		}
	}
	return p.Get("Action"), ""
}

// ServeHTTP answers a request of the query protocol whose caller is in the
// context (core.WithCaller).
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	api := query.API{Name: "IAM", Version: version, Namespace: namespace, Actions: Actions()}
	api.Serve(w, r, func(r *http.Request, action string, p query.Params) (any, error) {
		c := call{caller: core.CallerFrom(r.Context()), Params: p}
		if err := s.authorize(c, action); err != nil {
			return nil, err
		}
		return actions[action](s, c)
	})
}

// authorize asks the caller's own policies, with the condition keys that
// policies for operators use: boundaries, attached policies and tags.
func (s *Service) authorize(c call, action string) error {
	resource, conditions := s.target(c, action)
	err := c.caller.AllowedWith("iam:"+action, resource, conditions)
	if err == nil {
		return nil
	}
	return query.Errorf(http.StatusForbidden, "AccessDenied",
		"User: %s is not authorized to perform: iam:%s on resource: %s %v", c.caller.ARN, action, resource, err)
}

func (s *Service) target(c call, action string) (string, map[string][]string) {
	conditions := map[string][]string{}
	name := c.Get("RoleName")
	if arn := c.Get("PolicyArn"); arn != "" {
		if name == "" {
			return arn, conditions
		}
		conditions["iam:PolicyARN"] = []string{arn}
	}
	for _, t := range c.Tags("Tags") {
		conditions["aws:RequestTag/"+t.Key] = []string{t.Value}
		conditions["aws:TagKeys"] = append(conditions["aws:TagKeys"], t.Key)
	}
	conditions["aws:TagKeys"] = append(conditions["aws:TagKeys"], c.List("TagKeys")...)
	if b := c.Get("PermissionsBoundary"); b != "" {
		conditions["iam:PermissionsBoundary"] = []string{b}
	}
	path := c.Get("Path")
	if path == "" {
		path = "/"
	}
	switch {
	case name != "":
		if r, ok := s.roles.Latest(c.key(name)); ok && action != "CreateRole" {
			for _, t := range r.Tags {
				conditions["aws:ResourceTag/"+t.Key] = []string{t.Value}
				conditions["iam:ResourceTag/"+t.Key] = []string{t.Value}
			}
			if r.Boundary != "" && conditions["iam:PermissionsBoundary"] == nil {
				conditions["iam:PermissionsBoundary"] = []string{r.Boundary}
			}
			return r.arn(), conditions
		}
		return c.arn("role" + path + name), conditions
	case c.Get("PolicyName") != "":
		return c.arn("policy" + path + c.Get("PolicyName")), conditions
	case action == "ListRoles":
		return c.arn("role/" + strings.TrimPrefix(c.Get("PathPrefix"), "/")), conditions
	default:
		return c.arn("policy/" + strings.TrimPrefix(c.Get("PathPrefix"), "/")), conditions
	}
}

// arn names something of the caller's account.
func (c call) arn(rest string) string {
	return "arn:" + c.caller.Partition + ":iam::" + c.caller.AccountID + ":" + rest
}

// key is where a role or policy of the caller's account is stored: names are
// unique without regard to case (aws-facts G1).
func (c call) key(name string) string { return c.account() + strings.ToLower(name) }

func (c call) account() string { return c.caller.Partition + "/" + c.caller.AccountID + "/" }
