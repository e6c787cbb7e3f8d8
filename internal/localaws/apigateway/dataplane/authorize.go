// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/policy"
)

const invokeAction = "execute-api:Invoke"

// authorize applies the method's authorization and the API's resource policy.
func (x *exchange) authorize() error {
	kind := x.route.method.AuthorizationType
	switch kind {
	case "", "NONE":
	case "AWS_IAM":
		if err := x.authenticate(); err != nil {
			return err
		}
	default:
		return fail(kindAuthorizerConfig, "not implemented by the local AWS: authorization type %s", kind)
	}
	arn := x.methodARN()
	if x.caller.arn != "" && len(arn) > maxMethodARNBytes {
		return &failure{kind: kindDefault4xx, status: http.StatusRequestURITooLong, message: "URI Too Long",
			reason: "The method ARN is longer than 1600 bytes"}
	}
	decision, err := x.resourcePolicy(arn)
	if err != nil {
		return err
	}
	return x.decide(decision, arn)
}

// authenticate checks the signature and learns who calls.
func (x *exchange) authenticate() error {
	if x.plane.deps.Signatures == nil {
		return fail(kindAuthorizerConfig, "not implemented by the local AWS: AWS_IAM authorization without a signature check")
	}
	caller, err := x.plane.deps.Signatures.Verify(x.request.http, x.request.body, "execute-api", x.def.snapshot.API.Region)
	switch {
	case err == nil:
	case errors.Is(err, ErrUnsigned):
		return fail(kindMissingToken, "%v", err)
	case errors.Is(err, ErrExpired):
		return fail(kindExpiredToken, "%v", err)
	case errors.Is(err, ErrUnknownKey):
		return &failure{kind: kindAccessDenied, message: "The security token included in the request is invalid.", reason: err.Error()}
	default:
		return fail(kindInvalidSignature, "%v", err)
	}
	x.caller = identity{arn: caller.ARN, roleARN: caller.RoleARN, accountID: caller.AccountID, allowed: caller.Allowed}
	x.knowCaller()
	return nil
}

// resourcePolicy asks the API's policy; without one it is silent.
func (x *exchange) resourcePolicy(arn string) (policy.Decision, error) {
	text := x.def.snapshot.API.Policy
	if strings.TrimSpace(text) == "" {
		return policy.Silent, nil
	}
	doc, err := x.def.policies.get(text, x.parsePolicy)
	if err != nil {
		return policy.Silent, misconfigured("The resource policy can't be read: %v", err)
	}
	return doc.Evaluate(policy.Request{
		Principal: policy.Principal{ARN: x.caller.arn, RoleARN: x.caller.roleARN, AccountID: x.caller.accountID},
		Action:    invokeAction,
		Resource:  arn,
		Context:   x.conditions(),
	}), nil
}

// parsePolicy reads a policy; "execute-api:/..." is short for the API's own
// ARN (aws-facts B4).
func (x *exchange) parsePolicy(text string) (*policy.Document, error) {
	api := x.def.snapshot.API
	own := fmt.Sprintf("arn:%s:execute-api:%s:%s:%s/", api.Partition, api.Region, api.AccountID, api.ID)
	return policy.Parse(strings.ReplaceAll(text, `"execute-api:/`, `"`+own), policy.Resource)
}

// conditions are the condition keys of the request. Invoke URLs are always
// https on AWS, so that is what a policy sees here as well.
func (x *exchange) conditions() map[string][]string {
	keys := map[string][]string{
		"aws:SourceIp":        {x.request.sourceIP},
		"aws:SecureTransport": {"true"},
		"aws:CurrentTime":     {x.started.UTC().Format(time.RFC3339)},
		"aws:EpochTime":       {strconv.FormatInt(x.started.Unix(), 10)},
	}
	for key, header := range map[string]string{"aws:UserAgent": "User-Agent", "aws:Referer": "Referer"} {
		if v := x.request.header.Get(header); v != "" {
			keys[key] = []string{v}
		}
	}
	if x.caller.arn != "" {
		keys["aws:PrincipalArn"] = []string{x.caller.arn}
		keys["aws:PrincipalAccount"] = []string{x.caller.accountID}
	}
	return keys
}

// decide combines the resource policy with the caller's own policies: an
// explicit deny wins; within one account either side may allow; a caller from
// another account needs both; an anonymous caller needs the resource policy's
// allow wherever there is one.
func (x *exchange) decide(resource policy.Decision, arn string) error {
	if resource == policy.Denied {
		return x.denied(arn, " with an explicit deny")
	}
	if x.caller.arn == "" {
		if x.def.snapshot.API.Policy != "" && resource != policy.Allowed {
			return x.denied(arn, "")
		}
		return nil
	}
	identity := x.caller.allowed(invokeAction, arn)
	own := x.caller.accountID == x.def.snapshot.API.AccountID
	switch {
	case identity == nil && (own || resource == policy.Allowed):
		return nil
	case identity != nil && strings.Contains(identity.Error(), "explicit deny"):
		return x.denied(arn, " with an explicit deny")
	case own && resource == policy.Allowed:
		return nil
	}
	return x.denied(arn, "")
}

func (x *exchange) denied(arn, suffix string) error {
	who := "anonymous"
	if x.caller.arn != "" {
		who = x.caller.arn
	}
	text := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s%s", who, invokeAction, x.maskAccount(arn), suffix)
	return &failure{kind: kindAccessDenied, message: text, reason: text}
}

// maskAccount hides all but the last four digits of the account from clients.
func (x *exchange) maskAccount(arn string) string {
	id := x.def.snapshot.API.AccountID
	if len(id) < 4 {
		return arn
	}
	return strings.Replace(arn, ":"+id+":", ":********"+id[len(id)-4:]+":", 1)
}

// methodARN is the invoke ARN of the request (aws-facts C4).
func (x *exchange) methodARN() string {
	api := x.def.snapshot.API
	return fmt.Sprintf("arn:%s:execute-api:%s:%s:%s/%s/%s/%s", api.Partition, api.Region, api.AccountID, api.ID,
		x.stageName(), x.request.method, strings.TrimPrefix(x.request.path, "/"))
}
