// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package sts

import (
	"context"
	"net/http"
	"slices"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/iam"
	"github.com/commentsapi/operator/internal/localaws/query"
)

const (
	version   = "2011-06-15"
	namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
)

// Roles is what STS needs of IAM; *iam.Service has it.
type Roles interface {
	Assumable(roleARN string) (*iam.AssumableRole, error)
	Authorize(ctx context.Context, roleARN, action, resource string, conditions map[string][]string) error
}

// Service is the STS of all accounts. Create it with New.
type Service struct {
	keys  *Keyring
	roles Roles
}

// New returns an STS that issues credentials into keys.
func New(keys *Keyring, roles Roles) *Service { return &Service{keys: keys, roles: roles} }

var api = query.API{
	Name: "STS", Version: version, Namespace: namespace,
	Actions: []string{"AssumeRole", "GetCallerIdentity"},
}

// Actions returns the names of all operations, in order.
func Actions() []string { return slices.Clone(api.Actions) }

// Operation names the operation of a request and the role it is about.
func Operation(r *http.Request, body []byte) (op, resource string) {
	p, err := query.Parse(r, body)
	if err != nil {
		return "", ""
	}
	return p.Get("Action"), p.Get("RoleArn")
}

// ServeHTTP answers a request of the query protocol whose caller is in the
// context (core.WithCaller).
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	api.Serve(w, r, func(r *http.Request, action string, p query.Params) (any, error) {
		caller := core.CallerFrom(r.Context())
		if action == "AssumeRole" {
			return s.assumeRole(caller, p)
		}
		// Nobody can be forbidden to ask who they are.
		return struct{ UserId, Account, Arn string }{caller.UserID, caller.AccountID, caller.ARN}, nil //nolint:revive // XML names
	})
}
