// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package sts

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/iam"
	"github.com/commentsapi/operator/internal/localaws/policy"
	"github.com/commentsapi/operator/internal/localaws/query"
)

var (
	sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	externalID  = regexp.MustCompile(`^[\w+=,.@:\/-]{2,}$`)
	roleARN     = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::\d{12}:role/.+$`)
)

const (
	shortest = 15 * time.Minute
	// chained is the limit for a session that a session asks for.
	chained = time.Hour
)

// assumption is a validated AssumeRole request.
type assumption struct {
	role, session, externalID string
	lifetime                  time.Duration
	policies                  *policy.Document
	tags                      map[string]string
}

func invalid(field, value, constraint string) error {
	return query.Errorf(http.StatusBadRequest, "ValidationError",
		"1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, field, constraint)
}

func parseAssumption(p query.Params) (*assumption, error) {
	a := &assumption{
		role: p.Get("RoleArn"), session: p.Get("RoleSessionName"), externalID: p.Get("ExternalId"),
		lifetime: time.Hour, tags: map[string]string{},
	}
	if !roleARN.MatchString(a.role) {
		return nil, query.Errorf(http.StatusBadRequest, "ValidationError", "%s is invalid", a.role)
	}
	if !sessionName.MatchString(a.session) {
		return nil, invalid("roleSessionName", a.session, `Member must satisfy regular expression pattern: [\w+=,.@-]{2,64}`)
	}
	if p.Has("ExternalId") && (!externalID.MatchString(a.externalID) || len(a.externalID) > 1224) {
		return nil, invalid("externalId", a.externalID, `Member must satisfy regular expression pattern: [\w+=,.@:\/-]{2,1224}`)
	}
	if d := p.Get("DurationSeconds"); d != "" {
		n, err := strconv.Atoi(d)
		a.lifetime = time.Duration(n) * time.Second
		if err != nil || a.lifetime < shortest || n > 43200 {
			return nil, invalid("durationSeconds", d, "Member must have value between 900 and 43200")
		}
	}
	if text := p.Get("Policy"); text != "" {
		doc, err := policy.Parse(text, policy.Identity)
		if err != nil {
			return nil, query.Errorf(http.StatusBadRequest, "MalformedPolicyDocument", "%v", err)
		}
		a.policies = doc
	}
	for _, t := range p.Tags("Tags") {
		if t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256 {
			return nil, invalid("tags", t.Key, "Member must have a key of 1 to 128 and a value of at most 256 characters")
		}
		a.tags[t.Key] = t.Value
	}
	return a, nil
}

func (s *Service) assumeRole(caller core.Caller, p query.Params) (any, error) {
	a, err := parseAssumption(p)
	if err != nil {
		return nil, err
	}
	role, err := s.permitted(caller, a)
	if err != nil {
		return nil, query.Errorf(http.StatusForbidden, "AccessDenied",
			"User: %s is not authorized to perform: sts:AssumeRole on resource: %s", caller.ARN, a.role)
	}
	if a.lifetime > role.MaxSession {
		return nil, query.Errorf(http.StatusBadRequest, "ValidationError",
			"The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	if caller.RoleARN != "" && a.lifetime > chained {
		return nil, query.Errorf(http.StatusBadRequest, "ValidationError",
			"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	expires := s.keys.clock.Now().Add(a.lifetime).UTC().Truncate(time.Second)
	key := s.keys.issue(role.Account, &session{
		expires: expires, partition: caller.Partition, roleARN: role.ARN, roleID: role.ID, roleName: role.Name,
		name: a.session, tags: a.tags, policies: a.policies,
	})
	return answer(caller.Partition, role, a.session, key, expires), nil
}

// permitted finds the role and decides. STS doesn't tell a caller which of
// the two it was that failed, so neither does the answer.
func (s *Service) permitted(caller core.Caller, a *assumption) (*iam.AssumableRole, error) {
	if m := roleARN.FindStringSubmatch(a.role); m[1] != caller.Partition {
		return nil, errors.New("the role is in another partition")
	}
	role, err := s.roles.Assumable(a.role)
	if err != nil {
		return nil, err
	}
	conditions := map[string][]string{
		"sts:RoleSessionName": {a.session},
		"aws:PrincipalArn":    {caller.ARN}, "aws:PrincipalAccount": {caller.AccountID},
	}
	if caller.RoleARN != "" {
		conditions["aws:PrincipalArn"] = []string{caller.RoleARN}
	}
	if a.externalID != "" {
		conditions["sts:ExternalId"] = []string{a.externalID}
	}
	actions := []string{"sts:AssumeRole"}
	for k, v := range a.tags {
		conditions["aws:RequestTag/"+k] = []string{v}
		conditions["aws:TagKeys"] = append(conditions["aws:TagKeys"], k)
		actions = []string{"sts:AssumeRole", "sts:TagSession"}
	}
	for _, action := range actions {
		if err := trusted(caller, role, action, conditions); err != nil {
			return nil, err
		}
	}
	return role, nil
}

// trusted combines the role's trust policy with the caller's own policies:
// both must allow, except that within one account a trust policy which names
// the caller itself is enough.
func trusted(caller core.Caller, role *iam.AssumableRole, action string, conditions map[string][]string) error {
	r := policy.Request{
		Principal: policy.Principal{ARN: caller.ARN, AccountID: caller.AccountID},
		Action:    action, Resource: role.ARN, Context: conditions,
	}
	// A role is known to trust policies by its unique id, which they got when
	// they were saved.
	r.Principal.ID, _, _ = strings.Cut(caller.UserID, ":")
	if role.Trust.Evaluate(r) != policy.Allowed {
		return errors.New("the trust policy does not allow it")
	}
	err := caller.AllowedWith(action, role.ARN, conditions)
	var denied *policy.DeniedError
	if errors.As(err, &denied) && !denied.Explicit && caller.AccountID == role.Account && role.Trust.GrantsByName(r) {
		return nil
	}
	return err
}

type assumeRoleResult struct {
	Credentials struct {
		AccessKeyID     string `xml:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string
		Expiration      string
	}
	AssumedRoleUser struct {
		AssumedRoleID string `xml:"AssumedRoleId"`
		ARN           string `xml:"Arn"`
	}
}

func answer(partition string, role *iam.AssumableRole, name string, key Key, expires time.Time) assumeRoleResult {
	var out assumeRoleResult
	out.Credentials.AccessKeyID = key.AccessKey
	out.Credentials.SecretAccessKey = key.Secret
	out.Credentials.SessionToken = key.session.token
	out.Credentials.Expiration = expires.Format(time.RFC3339)
	out.AssumedRoleUser.AssumedRoleID = role.ID + ":" + name
	out.AssumedRoleUser.ARN = strings.Join([]string{"arn", partition, "sts", "", role.Account, "assumed-role/" + role.Name + "/" + name}, ":")
	return out
}
