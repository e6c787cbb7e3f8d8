// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/commentsapi/operator/internal/localaws/core"
	localsts "github.com/commentsapi/operator/internal/localaws/sts"
)

func TestCallerIdentityFollowsKeyAndRegion(t *testing.T) {
	s := start(t, Options{Keys: []localsts.Key{{AccessKey: "AKIAOTHER", Secret: "s3cret", AccountID: "999999999999", User: "ci"}}})
	for _, c := range []struct{ name, key, secret, region, arn, account string }{
		{"the fixed key", "local", "local", "eu-west-1", "arn:aws:iam::123456789012:user/local", "123456789012"},
		{"an account as key", "210987654321", "local", "us-east-1", "arn:aws:iam::210987654321:user/local", "210987654321"},
		{"China", "local", "local", "cn-north-1", "arn:aws-cn:iam::123456789012:user/local", "123456789012"},
		{"GovCloud", "local", "local", "us-gov-west-1", "arn:aws-us-gov:iam::123456789012:user/local", "123456789012"},
		{"an added key", "AKIAOTHER", "s3cret", "eu-west-1", "arn:aws:iam::999999999999:user/ci", "999999999999"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := sts.NewFromConfig(config(s, c.key, c.secret, c.region)).GetCallerIdentity(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if *out.Arn != c.arn || *out.Account != c.account {
				t.Errorf("identity = %s in %s; want %s in %s", *out.Arn, *out.Account, c.arn, c.account)
			}
		})
	}
}

func TestBadCredentialsAreRefusedAsAWSDoes(t *testing.T) {
	s := start(t, Options{})
	for _, c := range []struct {
		name, key, secret, region, code string
		status                          int
	}{
		{"unknown key", "AKIANOBODY", "local", "eu-west-1", "InvalidClientTokenId", 403},
		{"wrong secret", "local", "wrong", "eu-west-1", "SignatureDoesNotMatch", 403},
		{"unknown region", "local", "local", "mars-north-1", "SignatureDoesNotMatch", 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sts.NewFromConfig(config(s, c.key, c.secret, c.region)).GetCallerIdentity(t.Context(), nil)
			wantError(t, err, c.code, c.status)
			if c.region != "eu-west-1" && !strings.Contains(err.Error(), "Credential should be scoped to a valid region.") {
				t.Errorf("error = %v; want AWS's text on regions", err)
			}
		})
	}
}

// signed makes a signed request with the SDK's signer.
func signed(t *testing.T, s *Server, method, path, service, secret string, body string, at time.Time, header http.Header) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, s.Endpoint()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		r.Header[k] = v
	}
	sum := sha256.Sum256([]byte(body))
	err = v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: "local", SecretAccessKey: secret},
		r, hex.EncodeToString(sum[:]), service, "eu-west-1", at)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func send(t *testing.T, r *http.Request) (int, http.Header, string) {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

func TestRefusalsComeInTheProtocolsOwnShape(t *testing.T) {
	s := start(t, Options{})
	now := time.Now()
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	whoami := "Action=GetCallerIdentity&Version=2011-06-15"
	unsigned := func(method, path, body string, h http.Header) *http.Request {
		r, err := http.NewRequest(method, s.Endpoint()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = h
		return r
	}
	broken := func(authorization string) *http.Request {
		r := unsigned("GET", "/restapis", "", http.Header{})
		r.Header.Set("Authorization", authorization)
		return r
	}
	for _, c := range []struct {
		name   string
		r      *http.Request
		status int
		want   string // in the body or the error type header
	}{
		{"query, no signature", unsigned("POST", "/", whoami, form), 403, "<Code>MissingAuthenticationToken</Code>"},
		{"query, 16 minutes old", signed(t, s, "POST", "/", "sts", "local", whoami, now.Add(-16*time.Minute), form), 403, "Signature expired"},
		{"query, 16 minutes ahead", signed(t, s, "POST", "/", "sts", "local", whoami, now.Add(16*time.Minute), form), 403, "Signature not yet current"},
		{"query, 14 minutes old is fine", signed(t, s, "POST", "/", "sts", "local", whoami, now.Add(-14*time.Minute), form), 200, "GetCallerIdentityResult"},
		{"query, unknown action", signed(t, s, "POST", "/", "iam", "local", "Action=CreateUser&Version=2010-05-08", now, form), 400, "not implemented by the local AWS"},
		{"query, wrong version", signed(t, s, "POST", "/", "iam", "local", "Action=GetRole&Version=1999-01-01", now, form), 400, "<Code>InvalidAction</Code>"},
		{"query, no action", signed(t, s, "POST", "/", "iam", "local", "a=b", now, form), 400, "<Code>MissingAction</Code>"},
		{"query, broken form", signed(t, s, "POST", "/", "iam", "local", "Action=%zz", now, form), 400, "<Code>MalformedInput</Code>"},
		{"unknown service", signed(t, s, "GET", "/", "s3", "local", "", now, nil), 501, `"s3\" is not implemented by the local AWS`},
		{"nothing recognisable", unsigned("GET", "/favicon.ico", "", nil), 501, "is not implemented by the local AWS"},
		{"scheme", broken("Bearer x"), 403, "IncompleteSignatureException"},
		{"no equal sign", broken("AWS4-HMAC-SHA256 what"), 403, "IncompleteSignatureException"},
		{"no credential", broken("AWS4-HMAC-SHA256 Signature=x"), 403, "IncompleteSignatureException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, header, body := send(t, c.r)
			if status != c.status || !strings.Contains(body+header.Get("x-amzn-ErrorType"), c.want) {
				t.Errorf("answer = %d %v %s; want %d with %q", status, header, body, c.status, c.want)
			}
			if header.Get("x-amzn-RequestId") == "" {
				t.Error("the answer has no x-amzn-RequestId")
			}
		})
	}
}

func TestATamperedRequestDoesNotVerify(t *testing.T) {
	s := start(t, Options{})
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	body := "Action=GetCallerIdentity&Version=2011-06-15"
	for name, tamper := range map[string]func(*http.Request){
		"body":           func(r *http.Request) { replaceBody(r, strings.Replace(body, "Identity", "identity", 1)) },
		"path":           func(r *http.Request) { r.URL.Path = "/other" },
		"query":          func(r *http.Request) { r.URL.RawQuery = "a=b" },
		"method":         func(r *http.Request) { r.Method = http.MethodPut },
		"signed header":  func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
		"claimed digest": func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", strings.Repeat("0", 64)) },
	} {
		t.Run(name, func(t *testing.T) {
			r := signed(t, s, "POST", "/", "sts", "local", body, time.Now(), form)
			tamper(r)
			if status, _, answer := send(t, r); status != 403 || !strings.Contains(answer, "SignatureDoesNotMatch") {
				t.Errorf("answer = %d %s; want 403 SignatureDoesNotMatch", status, answer)
			}
		})
	}
}

func replaceBody(r *http.Request, body string) {
	r.Body = io.NopCloser(bytes.NewReader([]byte(body)))
	r.ContentLength = int64(len(body))
}

func TestPresignedQueriesAreAccepted(t *testing.T) {
	clock := core.NewFakeClock(time.Now())
	s := start(t, Options{AuthClock: clock})
	presigned, err := sts.NewPresignClient(sts.NewFromConfig(local(s))).PresignGetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	get := func() (int, string) {
		r, err := http.NewRequest(presigned.Method, presigned.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		status, _, body := send(t, r)
		return status, body
	}
	if status, body := get(); status != 200 || !strings.Contains(body, "user/local") {
		t.Errorf("answer = %d %s; want the identity", status, body)
	}
	clock.Advance(16 * time.Minute)
	if status, body := get(); status != 403 || !strings.Contains(body, "Signature expired") {
		t.Errorf("answer after its lifetime = %d %s; want 403", status, body)
	}
}

func TestAPolicyOnAKeyLimitsIt(t *testing.T) {
	s := start(t, Options{Keys: []localsts.Key{{AccessKey: "local", Policy: `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"iam:CreateRole","Resource":"arn:aws:iam::123456789012:role/commentsapi/*"}]}`}}})
	c := iamClient(s)
	create := func(path string) error {
		_, err := c.CreateRole(t.Context(), &iam.CreateRoleInput{
			RoleName: aws.String("r" + strings.Trim(path, "/")), Path: aws.String(path), AssumeRolePolicyDocument: aws.String(trustAPIGateway)})
		return err
	}
	if err := create("/commentsapi/"); err != nil {
		t.Errorf("an allowed path: %v", err)
	}
	wantError(t, create("/elsewhere/"), "AccessDenied", 403)
	_, err := c.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("rcommentsapi")})
	wantError(t, err, "AccessDenied", 403)
	if want := "is not authorized to perform: iam:GetRole on resource: arn:aws:iam::123456789012:role/commentsapi/rcommentsapi because no identity-based policy allows the iam:GetRole action"; !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v; want %q in it", err, want)
	}
	if err := controlClient(s).RemoveKey(t.Context(), "local"); err != nil {
		t.Fatal(err)
	}
	if err := create("/elsewhere/"); err != nil {
		t.Errorf("without the policy: %v", err)
	}
}

func TestAPolicyMayAskForBoundariesAndTags(t *testing.T) {
	s := start(t, Options{})
	admin := iamClient(s)
	out, err := admin.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("limit"), PolicyDocument: aws.String(allowAll)})
	if err != nil {
		t.Fatal(err)
	}
	boundary := *out.Policy.Arn
	if err := s.keys.Add(localsts.Key{AccessKey: "AKIABOUND", Secret: "x", AccountID: "123456789012", Policy: `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"iam:CreateRole","Resource":"*","Condition":{
			"StringEquals":{"iam:PermissionsBoundary":"` + boundary + `","aws:RequestTag/team":"web"},
			"ForAllValues:StringLike":{"aws:TagKeys":["team","commentsapi.io/*"]}}},
		{"Effect":"Allow","Action":"iam:DeleteRole","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"web"}}}]}`}); err != nil {
		t.Fatal(err)
	}
	c := iam.NewFromConfig(config(s, "AKIABOUND", "x", "eu-west-1"))
	tag := func(k, v string) types.Tag { return types.Tag{Key: &k, Value: &v} }
	create := func(name, boundary *string, tags ...types.Tag) error {
		_, err := c.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(trustAPIGateway), PermissionsBoundary: boundary, Tags: tags})
		return err
	}
	name := aws.String("r")
	wantError(t, create(name, nil, tag("team", "web")), "AccessDenied", 403)
	wantError(t, create(name, &boundary), "AccessDenied", 403)
	wantError(t, create(name, &boundary, tag("team", "web"), tag("other", "x")), "AccessDenied", 403)
	if err := create(name, &boundary, tag("team", "web"), tag("commentsapi.io/name", "blog")); err != nil {
		t.Errorf("with the boundary and the tags: %v", err)
	}
	mustRole(t, admin, iam.CreateRoleInput{RoleName: aws.String("theirs")})
	_, err = c.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("theirs")})
	wantError(t, err, "AccessDenied", 403)
	if _, err := c.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: name}); err != nil {
		t.Errorf("a role with the tag: %v", err)
	}
}

func TestAssumeRoleNeedsTrustAndHonoursTheRolesPolicies(t *testing.T) {
	clock := core.NewFakeClock(time.Now())
	s := start(t, Options{AuthClock: clock})
	other := iam.NewFromConfig(config(s, "222222222222", "local", "eu-west-1"))
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},
		"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"blog"}}}]}`
	role, err := other.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("deployer"), AssumeRolePolicyDocument: &trust})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("deployer"), PolicyName: aws.String("p"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*"}}`)}); err != nil {
		t.Fatal(err)
	}
	in := &sts.AssumeRoleInput{RoleArn: role.Role.Arn, RoleSessionName: aws.String("test")}
	_, err = stsClient(s).AssumeRole(t.Context(), in)
	wantError(t, err, "AccessDenied", 403)
	in.ExternalId = aws.String("blog")
	_, err = sts.NewFromConfig(config(s, "333333333333", "local", "eu-west-1")).AssumeRole(t.Context(), in)
	wantError(t, err, "AccessDenied", 403)
	out, err := stsClient(s).AssumeRole(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:sts::222222222222:assumed-role/deployer/test"; *out.AssumedRoleUser.Arn != want {
		t.Errorf("session = %s; want %s", *out.AssumedRoleUser.Arn, want)
	}
	session := as(s, out.Credentials)
	identity, err := sts.NewFromConfig(session).GetCallerIdentity(t.Context(), nil)
	if err != nil || *identity.Account != "222222222222" {
		t.Errorf("identity = %v, %v; want account 222222222222", identity, err)
	}
	if _, err := iam.NewFromConfig(session).ListRoles(t.Context(), nil); err != nil {
		t.Errorf("what the role's policy allows: %v", err)
	}
	_, err = iam.NewFromConfig(session).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("deployer")})
	wantError(t, err, "AccessDenied", 403)

	stolen := config(s, *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, "eu-west-1") // no session token
	_, err = sts.NewFromConfig(stolen).GetCallerIdentity(t.Context(), nil)
	wantError(t, err, "InvalidClientTokenId", 403)

	clock.Advance(time.Hour + time.Minute)
	expired := as(s, out.Credentials)
	expired.HTTPClient = &http.Client{Transport: dateShift{by: time.Hour + time.Minute, secret: *out.Credentials.SecretAccessKey, c: out.Credentials}}
	_, err = sts.NewFromConfig(expired).GetCallerIdentity(t.Context(), nil)
	wantError(t, err, "ExpiredToken", 403)
}

func TestG2_ARoleMadeAnewIsNotTheOneThatWasTrusted(t *testing.T) {
	s := start(t, Options{})
	c := iamClient(s)
	first := mustRole(t, c, iam.CreateRoleInput{RoleName: aws.String("ci"),
		AssumeRolePolicyDocument: aws.String(strings.Replace(trustAPIGateway, `{"Service":"apigateway.amazonaws.com"}`, `{"AWS":"123456789012"}`, 1))})
	target := mustRole(t, c, iam.CreateRoleInput{RoleName: aws.String("deployer"),
		AssumeRolePolicyDocument: aws.String(strings.Replace(trustAPIGateway, `{"Service":"apigateway.amazonaws.com"}`, `{"AWS":"`+*first.Arn+`"}`, 1))})
	assume := func() error {
		ci, err := stsClient(s).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: first.Arn, RoleSessionName: aws.String("run")})
		if err != nil {
			t.Fatal(err)
		}
		_, err = sts.NewFromConfig(as(s, ci.Credentials)).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: target.Arn, RoleSessionName: aws.String("run")})
		return err
	}
	shown := func() string {
		out, err := c.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("deployer")})
		if err != nil {
			t.Fatal(err)
		}
		return *out.Role.AssumeRolePolicyDocument
	}
	if err := assume(); err != nil {
		t.Errorf("the trusted role: %v", err)
	}
	if !strings.Contains(shown(), "role%2Fci") {
		t.Errorf("trust policy = %s; want the role's ARN in it", shown())
	}
	if _, err := c.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("ci")}); err != nil {
		t.Fatal(err)
	}
	mustRole(t, c, iam.CreateRoleInput{RoleName: aws.String("ci"),
		AssumeRolePolicyDocument: aws.String(strings.Replace(trustAPIGateway, `{"Service":"apigateway.amazonaws.com"}`, `{"AWS":"123456789012"}`, 1))})
	wantError(t, assume(), "AccessDenied", 403)
	if !strings.Contains(shown(), *first.RoleId) {
		t.Errorf("trust policy = %s; want the unique id %s of the role that is gone", shown(), *first.RoleId)
	}
}

// as is a configuration with temporary credentials.
func as(s *Server, c *ststypes.Credentials) aws.Config {
	cfg := local(s)
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}, nil
	})
	return cfg
}

// dateShift signs requests anew as if the client's clock had moved.
type dateShift struct {
	by     time.Duration
	secret string
	c      *ststypes.Credentials
}

func (d dateShift) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	replaceBody(r, string(body))
	r.Header.Del("Authorization")
	sum := sha256.Sum256(body)
	err = v4.NewSigner().SignHTTP(r.Context(), aws.Credentials{AccessKeyID: *d.c.AccessKeyId, SecretAccessKey: d.secret, SessionToken: *d.c.SessionToken},
		r, hex.EncodeToString(sum[:]), "sts", "eu-west-1", time.Now().Add(d.by))
	if err != nil {
		return nil, err
	}
	return http.DefaultTransport.RoundTrip(r)
}
