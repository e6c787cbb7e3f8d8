// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/commentsapi/operator/internal/localaws/core"
)

const getARN = "arn:aws:execute-api:eu-west-1:123456789012:" + testAPI + "/prod/GET/comments/p1"

type fakeSignatures struct {
	caller core.Caller
	err    error
}

func (f fakeSignatures) Verify(r *http.Request, _ []byte, service, region string) (core.Caller, error) {
	if service != "execute-api" || region != "eu-west-1" || r == nil {
		return core.Caller{}, fmt.Errorf("asked about %s in %s", service, region)
	}
	return f.caller, f.err
}

func TestIAMAuthorization(t *testing.T) {
	may := core.Caller{ARN: "arn:aws:iam::123456789012:user/ann", AccountID: testAccount}
	mayNot := may
	mayNot.Authorize = func(action, resource string) error {
		if action != "execute-api:Invoke" || resource != getARN {
			return fmt.Errorf("asked about %s on %s", action, resource)
		}
		return errors.New("because no identity-based policy allows the execute-api:Invoke action")
	}
	stranger := core.Caller{ARN: "arn:aws:iam::999999999999:user/eve", AccountID: "999999999999"}
	allowAll := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}`
	denyAnn := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::123456789012:user/ann"},"Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}`
	for _, c := range []struct {
		name       string
		signatures Signatures
		policy     string
		status     int
		errorType  string
		body       string
	}{
		{"unsigned", fakeSignatures{err: ErrUnsigned}, "", 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"wrong signature", fakeSignatures{err: fmt.Errorf("hm: %w", ErrBadSignature)}, "", 403, "InvalidSignatureException", "does not match the signature you provided"},
		{"expired", fakeSignatures{err: ErrExpired}, "", 403, "ExpiredTokenException", "expired"},
		{"unknown key", fakeSignatures{err: ErrUnknownKey}, "", 403, "AccessDeniedException", "The security token included in the request is invalid."},
		{"allowed", fakeSignatures{caller: may}, "", 200, "", ""},
		{"not allowed", fakeSignatures{caller: mayNot}, "", 403, "AccessDeniedException",
			"User: arn:aws:iam::123456789012:user/ann is not authorized to perform: execute-api:Invoke on resource: " +
				"arn:aws:execute-api:eu-west-1:********9012:" + testAPI + "/prod/GET/comments/p1"},
		{"not allowed but the API's policy allows", fakeSignatures{caller: mayNot}, allowAll, 200, "", ""},
		{"allowed but the API's policy denies", fakeSignatures{caller: may}, denyAnn, 403, "AccessDeniedException", "with an explicit deny"},
		{"other account", fakeSignatures{caller: stranger}, "", 403, "AccessDeniedException", "not authorized"},
		{"other account and the API's policy allows", fakeSignatures{caller: stranger}, allowAll, 200, "", ""},
		{"no signature check wired", nil, "", 500, "AuthorizerConfigurationException", "Internal server error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.deps.Signatures, w.snapshot.API.Policy = c.signatures, c.policy
			m := w.method("/comments/{pageId}", "GET")
			m.AuthorizationType = "AWS_IAM"
			m.MethodIntegration.IntegrationResponse["200"].ResponseTemplates["application/json"] = `$context.identity.userArn`
			got := w.call("GET", "/comments/p1", "")
			if got.status != c.status || got.header.Get("x-amzn-ErrorType") != c.errorType || !strings.Contains(got.body, c.body) {
				t.Errorf("answer = %d %s %s", got.status, got.header.Get("x-amzn-ErrorType"), got.body)
			}
			if c.status == 200 && !strings.HasPrefix(got.body, "arn:aws:iam::") {
				t.Errorf("$context.identity.userArn = %q", got.body)
			}
		})
	}
}

func TestOtherAuthorizersAreNotImplemented(t *testing.T) {
	w := newWorld(t)
	w.method("/comments/{pageId}", "GET").AuthorizationType = "CUSTOM"
	if got := w.call("GET", "/comments/p1", ""); got.status != 500 || !w.logged("not implemented by the local AWS: authorization type CUSTOM") {
		t.Errorf("answer = %+v", got)
	}
}

func TestResourcePolicy(t *testing.T) {
	const policy = `{"Version":"2012-10-17","Statement":[%s]}`
	const statement = `{"Effect":"%s","Principal":"*","Action":"execute-api:Invoke","Resource":"%s"%s}`
	source := func(cidr string) string { return `,"Condition":{"IpAddress":{"aws:SourceIp":"` + cidr + `"}}` }
	for _, c := range []struct {
		name       string
		statements []string
		status     int
		text       string
	}{
		{"allow all", []string{fmt.Sprintf(statement, "Allow", "execute-api:/*", "")}, 200, ""},
		{"allow this network", []string{fmt.Sprintf(statement, "Allow", "execute-api:/*", source("203.0.113.0/24"))}, 200, ""},
		{"allow another network", []string{fmt.Sprintf(statement, "Allow", "execute-api:/*", source("198.51.100.0/24"))}, 403,
			"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********9012:" + testAPI + "/prod/GET/comments/p1\""},
		{"deny this network", []string{
			fmt.Sprintf(statement, "Allow", "execute-api:/*", ""), fmt.Sprintf(statement, "Deny", "execute-api:/*", source("203.0.113.7"))}, 403,
			"with an explicit deny"},
		{"full ARN", []string{fmt.Sprintf(statement, "Allow", getARN, "")}, 200, ""},
		{"another method", []string{fmt.Sprintf(statement, "Allow", "execute-api:/prod/POST/*", "")}, 403, "not authorized"},
		{"unreadable", []string{"{}"}, 500, "Internal server error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.snapshot.API.Policy = fmt.Sprintf(policy, strings.Join(c.statements, ","))
			got := w.call("GET", "/comments/p1", "")
			if got.status != c.status || !strings.Contains(got.body, c.text) {
				t.Errorf("answer = %d %s", got.status, got.body)
			}
		})
	}
}

func TestA3_Limits(t *testing.T) {
	w := newWorld(t)
	w.method("/comments", "POST").RequestValidatorID = ""
	if got := w.call("POST", "/comments", strings.Repeat(" ", 10<<20-2)+"{}"); got.status != 201 {
		t.Errorf("10 MB: %d; want 201", got.status)
	}
	if got := w.call("POST", "/comments", strings.Repeat(" ", 10<<20+1)); got.status != 413 {
		t.Errorf("more than 10 MB: %d; want 413", got.status)
	}
	if got := w.call("POST", "/comments", validComment, "X-Long: "+strings.Repeat("x", 10240)); got.status != 413 {
		t.Errorf("more than 10240 bytes of headers: %d; want 413", got.status)
	}
	if got := w.call("GET", "/comments/p1?x="+strings.Repeat("x", 10240), ""); got.status != 414 {
		t.Errorf("long URL: %d; want 414", got.status)
	}
	w = newWorld(t)
	w.deps.Signatures = fakeSignatures{caller: core.Caller{ARN: "arn:aws:iam::123456789012:user/ann", AccountID: testAccount}}
	w.method("/comments/{pageId}", "GET").AuthorizationType = "AWS_IAM"
	if got := w.call("GET", "/comments/"+strings.Repeat("x", 1600), ""); got.status != 414 {
		t.Errorf("method ARN over 1600 bytes: %d; want 414", got.status)
	}
}
