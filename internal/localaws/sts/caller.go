// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package sts

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"maps"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/policy"
)

// Caller makes the principal of a request that was signed with the key.
// request holds the condition keys the front door knows, such as
// aws:SourceIp.
func (s *Service) Caller(key Key, region, partition string, request map[string][]string) core.Caller {
	c := core.Caller{AccountID: key.AccountID, Region: region, Partition: partition}
	if key.session != nil {
		return s.sessionCaller(c, key, request)
	}
	c.ARN = "arn:" + partition + ":iam::" + key.AccountID + ":user/" + key.User
	c.UserID = userID(c.ARN)
	if key.parsed == nil {
		return c
	}
	context := with(request, map[string]string{
		"aws:PrincipalArn": c.ARN, "aws:PrincipalAccount": key.AccountID, "aws:PrincipalType": "User",
		"aws:username": key.User, "aws:userid": c.UserID, "aws:RequestedRegion": region,
	})
	c.AuthorizeWith = func(action, resource string, conditions map[string][]string) error {
		return policy.CheckIdentity([]*policy.Document{key.parsed}, nil, policy.Request{
			Principal: policy.Principal{ARN: c.ARN, AccountID: key.AccountID},
			Action:    action, Resource: resource, Context: merge(context, conditions),
		})
	}
	c.Authorize = func(action, resource string) error { return c.AuthorizeWith(action, resource, nil) }
	return c
}

// sessionCaller is bound to what its role may do, as at AWS.
func (s *Service) sessionCaller(c core.Caller, key Key, request map[string][]string) core.Caller {
	ses := key.session
	c.Partition = ses.partition
	c.ARN = "arn:" + ses.partition + ":sts::" + key.AccountID + ":assumed-role/" + ses.roleName + "/" + ses.name
	c.RoleARN = ses.roleARN
	c.UserID = ses.roleID + ":" + ses.name
	own := map[string]string{
		"aws:PrincipalArn": ses.roleARN, "aws:PrincipalAccount": key.AccountID, "aws:PrincipalType": "AssumedRole",
		"aws:userid": c.UserID, "aws:RequestedRegion": c.Region,
	}
	for k, v := range ses.tags {
		own["aws:PrincipalTag/"+k] = v
	}
	known := with(request, own)
	c.AuthorizeWith = func(action, resource string, conditions map[string][]string) error {
		all := merge(known, conditions)
		if role, err := s.roles.Assumable(ses.roleARN); err == nil && role.ID != ses.roleID {
			return &policy.DeniedError{Reason: "because the role of this session was deleted"}
		}
		if err := s.roles.Authorize(context.Background(), ses.roleARN, action, resource, all); err != nil {
			return err
		}
		if ses.policies == nil {
			return nil
		}
		r := policy.Request{
			Principal: policy.Principal{ARN: c.ARN, RoleARN: ses.roleARN, AccountID: key.AccountID},
			Action:    action, Resource: resource, Context: all,
		}
		switch ses.policies.Evaluate(r) {
		case policy.Allowed:
			return nil
		case policy.Denied:
			return &policy.DeniedError{Reason: "with an explicit deny in a session policy", Explicit: true}
		}
		return &policy.DeniedError{Reason: "because no session policy allows the " + action + " action"}
	}
	c.Authorize = func(action, resource string) error { return c.AuthorizeWith(action, resource, nil) }
	return c
}

// userID derives a stable unique id from a user's ARN.
func userID(arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return "AIDA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

func with(request map[string][]string, more map[string]string) map[string][]string {
	out := maps.Clone(request)
	if out == nil {
		out = map[string][]string{}
	}
	for k, v := range more {
		out[k] = []string{v}
	}
	return out
}

func merge(a, b map[string][]string) map[string][]string {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}
