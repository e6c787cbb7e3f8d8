// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"
)

func TestAccountTellsWhoAndWhere(t *testing.T) {
	for _, c := range []struct{ region, arn, partition, suffix string }{
		{"eu-west-1", testARN, "aws", "amazonaws.com"},
		{"cn-north-1", "arn:aws-cn:iam::123456789012:user/ci", "aws-cn", "amazonaws.com.cn"},
		{"us-gov-west-1", "arn:aws-us-gov:iam::123456789012:root", "aws-us-gov", "amazonaws.com"},
		{"eusc-de-east-1", "arn:aws-eusc:sts::123456789012:assumed-role/r/s", "aws-eusc", "amazonaws.eu"},
	} {
		fake := newFakeAWS(t)
		fake.on("GetCallerIdentity", identity(c.arn))
		a, err := NewFactory(Config{BaseConfig: fake.base("AKIATEST")}).Account(t.Context(), Target{Region: c.region})
		if err != nil {
			t.Errorf("%s: %v", c.region, err)
			continue
		}
		got := []string{a.ID, a.Partition, a.DNSSuffix, a.Region, a.CallerARN}
		if diff := cmp.Diff([]string{testAccount, c.partition, c.suffix, c.region, c.arn}, got); diff != "" {
			t.Error(diff)
		}
	}
}

// TestIdentityIsAskedOnce: not once per object, nor once per reconcile.
func TestIdentityIsAskedOnce(t *testing.T) {
	fake := newFakeAWS(t)
	f := NewFactory(Config{BaseConfig: fake.base("AKIATEST")})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := f.Account(t.Context(), Target{Region: testRegion}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := fake.count("GetCallerIdentity"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// TestRefusedCredentialsAreLookedUpAnew: after AWS refuses them, the next
// Account loads the configuration again and so finds renewed ones.
func TestRefusedCredentialsAreLookedUpAnew(t *testing.T) {
	fake := newFakeAWS(t)
	var loads atomic.Int32
	keys := []string{"AKIAOLD", "AKIANEW"}
	f := NewFactory(Config{Quotas: []Quota{}, BaseConfig: func(ctx context.Context) (aws.Config, error) {
		n := loads.Add(1)
		return fake.base(keys[min(int(n), len(keys))-1])(ctx)
	}})
	target := Target{Region: testRegion}
	old, err := f.Account(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	fake.on("DescribeTable", jsonError(400, "ExpiredTokenException", "expired"), answer{status: 200, body: `{"Table":{}}`})
	if got := Classify(describeTable.call(t.Context(), old)); got.Class != Credentials {
		t.Fatalf("class %s", got.Class)
	}
	renewed, err := f.Account(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	if err := describeTable.call(t.Context(), renewed); err != nil {
		t.Error(err)
	}
	if last := fake.auth[len(fake.auth)-1]; !strings.Contains(last, "AKIANEW") {
		t.Errorf("the call was signed by %s", last)
	}
	if n := fake.count("GetCallerIdentity"); n != 2 {
		t.Errorf("the caller was identified %d times", n)
	}
}

// TestRotatedCredentialsAreIdentifiedAgain: a new role behind the same pod may
// lead to another account.
func TestRotatedCredentialsAreIdentifiedAgain(t *testing.T) {
	fake := newFakeAWS(t)
	fake.on("GetCallerIdentity", identity(testARN), identity("arn:aws:sts::999999999999:assumed-role/other/s"))
	var n atomic.Int32
	f := NewFactory(Config{BaseConfig: func(ctx context.Context) (aws.Config, error) {
		cfg, err := fake.base("x")(ctx)
		cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			key := "AKIA" + strings.Repeat("X", int(n.Add(1)))
			return aws.Credentials{AccessKeyID: key, SecretAccessKey: "s", CanExpire: true, Expires: time.Now()}, nil
		})
		return cfg, err
	}})
	for _, want := range []string{testAccount, "999999999999"} {
		a, err := f.Account(t.Context(), Target{Region: testRegion})
		if err != nil {
			t.Fatal(err)
		}
		if a.ID != want {
			t.Errorf("account %s, want %s", a.ID, want)
		}
	}
}

func TestAssumedRole(t *testing.T) {
	fake := newFakeAWS(t)
	fake.on("AssumeRole", assumedRole("ASIAROLE"))
	fake.on("DescribeTable", answer{status: 200, body: `{"Table":{}}`})
	f := NewFactory(Config{BaseConfig: fake.base("AKIATEST"), Quotas: []Quota{}})
	a, err := f.Account(t.Context(), Target{Region: testRegion, RoleARN: "arn:aws:iam::123456789012:role/tenant", ExternalID: "secret-handshake"})
	if err != nil {
		t.Fatal(err)
	}
	if err := describeTable.call(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	form := fake.forms[0]
	if form.Get("ExternalId") != "secret-handshake" || form.Get("RoleArn") != "arn:aws:iam::123456789012:role/tenant" {
		t.Errorf("AssumeRole asked with %v", form)
	}
	for i, key := range []string{"AKIATEST", "ASIAROLE", "ASIAROLE"} {
		if !strings.Contains(fake.auth[i], key) {
			t.Errorf("call %d was signed by %s, want %s", i, fake.auth[i], key)
		}
	}
}

// accountFailures are the ways to fail before the first call to a resource.
func TestAccountFailures(t *testing.T) {
	fakeWith := func(operation string, a answer) func(*testing.T) func(context.Context) (aws.Config, error) {
		return func(t *testing.T) func(context.Context) (aws.Config, error) {
			fake := newFakeAWS(t)
			fake.on(operation, a)
			return fake.base("AKIATEST")
		}
	}
	provider := func(p aws.CredentialsProvider) func(*testing.T) func(context.Context) (aws.Config, error) {
		return func(t *testing.T) func(context.Context) (aws.Config, error) {
			return func(ctx context.Context) (aws.Config, error) {
				cfg, err := newFakeAWS(t).base("x")(ctx)
				cfg.Credentials = p
				return cfg, err
			}
		}
	}
	role := Target{Region: testRegion, RoleARN: "arn:aws:iam::123456789012:role/tenant"}
	here := Target{Region: testRegion}
	cases := []struct {
		name   string
		base   func(*testing.T) func(context.Context) (aws.Config, error)
		target Target
		class  Class
	}{
		{"bad region", fakeWith("", answer{}), Target{Region: "eu west 1"}, UnknownRegion},
		{"region not allowed", fakeWith("", answer{}), Target{Region: "us-east-1"}, UnknownRegion},
		{"unknown key", fakeWith("GetCallerIdentity", queryError(403, "InvalidClientTokenId", "The security token included in the request is invalid.")), here, Credentials},
		{"expired", fakeWith("GetCallerIdentity", queryError(403, "ExpiredToken", "The security token included in the request is expired")), here, Credentials},
		{"sts fails", fakeWith("GetCallerIdentity", queryError(500, "InternalFailure", "")), here, Transient},
		{"sts answers nothing", fakeWith("GetCallerIdentity", answer{status: 200}), here, Transient},
		{"role denied", fakeWith("AssumeRole", queryError(403, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/operator/i-0 is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/tenant")), role, AccessDenied},
		{"role with expired credentials", fakeWith("AssumeRole", queryError(403, "ExpiredToken", "The security token included in the request is expired")), role, Credentials},
		{"role while sts throttles", fakeWith("AssumeRole", queryError(400, "Throttling", "Rate exceeded")), role, Throttled},
		{"no credentials", provider(nil), here, Credentials},
		{"no credentials for the role", provider(nil), role, Credentials},
		{"anonymous", provider(aws.AnonymousCredentials{}), here, Credentials},
		{"token file missing", provider(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errors.New("failed to retrieve jwt from provide source, unable to read file at /var/run/token: open /var/run/token: no such file or directory")
		})), here, Credentials},
	}
	golden := make([]string, len(cases))
	runParallel(t, len(cases), func(i int) (string, func(*testing.T)) {
		c := cases[i]
		return c.name, func(t *testing.T) {
			f := NewFactory(Config{BaseConfig: c.base(t), AllowedRegions: []string{testRegion, "eu west 1"}})
			_, err := f.Account(t.Context(), c.target)
			got := Classify(err)
			if got == nil {
				t.Fatal("no failure")
			}
			if got.Class != c.class || got.MaybeApplied() && c.class != Transient {
				t.Errorf("class %s, maybe applied %t, want %s\n%v", got.Class, got.MaybeApplied(), c.class, err)
			}
			golden[i] = c.name + " [" + string(got.Class) + ", " + got.Reason + "]\n\t" + got.Message + "\n"
		}
	})
	compareGolden(t, "account-messages.golden", strings.Join(golden, ""))
}

// TestFailureIsShared: a bad key is not tried by every object at once.
func TestFailureIsShared(t *testing.T) {
	fake := newFakeAWS(t)
	fake.on("GetCallerIdentity", queryError(403, "InvalidClientTokenId", "invalid"))
	f := NewFactory(Config{BaseConfig: fake.base("AKIATEST")})
	for range 10 {
		if _, err := f.Account(t.Context(), Target{Region: testRegion}); err == nil {
			t.Fatal("no failure")
		}
	}
	if n := fake.count("GetCallerIdentity"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// network answers for hosts of AWS without there being any.
type network func(*http.Request) (*http.Response, error)

func (n network) Do(r *http.Request) (*http.Response, error) { return n(r) }

// TestRegionIsBlamed tells a region that does not exist, or is not enabled for
// the account, from a network without names and from keys that are bad.
func TestRegionIsBlamed(t *testing.T) {
	good := identity(testARN)
	bad := queryError(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
	for _, c := range []struct {
		name, region string
		// home is the reply of us-east-1, there of the region; nil: no such host.
		home, there *answer
		want        Class
	}{
		{"no such region", "eu-west-9", &good, nil, UnknownRegion},
		{"no names at all", "eu-west-9", nil, nil, Unreachable},
		{"not enabled", "af-south-1", &good, &bad, UnknownRegion},
		{"bad keys", "af-south-1", &bad, &bad, Credentials},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := NewFactory(Config{BaseConfig: func(context.Context) (aws.Config, error) {
				return aws.Config{
					Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "s", ""),
					HTTPClient: network(func(r *http.Request) (*http.Response, error) {
						reply := c.there
						if strings.Contains(r.URL.Host, "us-east-1") {
							reply = c.home
						}
						if reply == nil {
							return nil, &net.DNSError{Err: "no such host", Name: r.URL.Host, IsNotFound: true}
						}
						return &http.Response{StatusCode: reply.status, Header: http.Header{}, Body: readCloser(reply.body), Request: r}, nil
					}),
				}, nil
			}})
			_, err := f.Account(t.Context(), Target{Region: c.region})
			if got := Classify(err); got == nil || got.Class != c.want {
				t.Errorf("got %+v, want %s", got, c.want)
			}
		})
	}
}

// TestEndpointVariables: the default configuration honours AWS's own variables
// for endpoints, the service's before the general one.
func TestEndpointVariables(t *testing.T) {
	general, tables := newFakeAWS(t), newFakeAWS(t)
	t.Setenv("AWS_ENDPOINT_URL", general.URL)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", tables.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
	tables.on("DescribeTable", answer{status: 200, body: `{"Table":{}}`})
	general.on(getRestAPI.on, answer{status: 200, body: `{"id":"abc123"}`})
	general.on("GetRole", queryError(404, "NoSuchEntity", "none"))
	t.Setenv("AWS_CA_BUNDLE", "")
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	a, err := NewFactory(Config{HTTPClient: client, AppID: "commentsapi"}).Account(t.Context(), Target{Region: testRegion})
	if err != nil {
		t.Fatal(err)
	}
	if err := describeTable.call(t.Context(), a); err != nil {
		t.Error(err)
	}
	if err := getRestAPI.call(t.Context(), a); err != nil {
		t.Error(err)
	}
	if f := Classify(getRole.call(t.Context(), a)); f == nil || f.Class != NotFound {
		t.Errorf("GetRole: %v", f)
	}
	if tables.count("DescribeTable") != 1 || general.count(getRestAPI.on) != 1 || general.count("GetRole") != 1 {
		t.Error("a call went elsewhere")
	}
}

// TestEndpointsOfPartitions: where calls go, and for which region they are
// signed, when no endpoint is configured.
func TestEndpointsOfPartitions(t *testing.T) {
	for _, c := range []struct{ region, arn, iam, api string }{
		{"eu-west-1", testARN, "iam.amazonaws.com us-east-1", "apigateway.eu-west-1.amazonaws.com eu-west-1"},
		{"cn-north-1", "arn:aws-cn:iam::123456789012:user/ci", "iam.cn-north-1.amazonaws.com.cn cn-north-1", "apigateway.cn-north-1.amazonaws.com.cn cn-north-1"},
		{"us-gov-east-1", "arn:aws-us-gov:iam::123456789012:user/ci", "iam.us-gov.amazonaws.com us-gov-west-1", "apigateway.us-gov-east-1.amazonaws.com us-gov-east-1"},
	} {
		var went []string
		f := NewFactory(Config{BaseConfig: func(context.Context) (aws.Config, error) {
			return aws.Config{
				Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "s", ""),
				HTTPClient: network(func(r *http.Request) (*http.Response, error) {
					scope := strings.Split(r.Header.Get("Authorization"), "/")
					went = append(went, r.URL.Host+" "+scope[2])
					reply := identity(c.arn)
					if !strings.HasPrefix(r.URL.Host, "sts.") {
						reply = restError(400, "Refused", "no")
					}
					return &http.Response{StatusCode: reply.status, Header: http.Header{}, Body: readCloser(reply.body), Request: r}, nil
				}),
			}, nil
		}})
		a, err := f.Account(t.Context(), Target{Region: c.region})
		if err != nil {
			t.Errorf("%s: %v", c.region, err)
			continue
		}
		_ = getRole.call(t.Context(), a)
		_ = getRestAPI.call(t.Context(), a)
		if diff := cmp.Diff([]string{c.iam, c.api}, went[1:]); diff != "" {
			t.Errorf("%s: %s", c.region, diff)
		}
	}
}

// TestDefaultChain: what the SDK's own chain of credentials says when it fails,
// in the operator's words.
func TestDefaultChain(t *testing.T) {
	fake := newFakeAWS(t)
	fake.on("AssumeRoleWithWebIdentity", queryError(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"))
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("jwt"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		env        map[string]string
	}{
		{"nothing configured", "No AWS credentials were found; give the operator a role (EKS Pod Identity, IRSA) or access keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY).", nil},
		{"token file missing", "The AWS credentials can't be read: no such file or directory (/nonexistent/token).",
			map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent/token", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/irsa"}},
		{"role does not trust the service account", "AWS gives no credentials for the operator: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity.",
			map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/irsa"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE",
				"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"} {
				t.Setenv(name, c.env[name])
			}
			t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
			t.Setenv("AWS_ENDPOINT_URL", fake.URL)
			f := NewFactory(Config{})
			_, err := f.Account(t.Context(), Target{Region: testRegion})
			got := Classify(err)
			if got == nil || got.Class != Credentials {
				t.Fatalf("got %+v", got)
			}
			if diff := cmp.Diff(c.want, got.Message); diff != "" {
				t.Errorf("%s\n%v", diff, err)
			}
			if client, ok := f.http.(*http.Client); ok {
				client.CloseIdleConnections()
			}
		})
	}
}

func TestValidate(t *testing.T) {
	for want, cfg := range map[string]Config{
		"": {QuotaShare: 0.5, AllowedRegions: []string{"eu-west-1"}},
		"quota share 2: must be above 0 and at most 1, the part of AWS's request quotas this operator may use": {QuotaShare: 2},
		`allowed region "EU": not the name of an AWS region, such as eu-west-1`:                                {AllowedRegions: []string{"EU"}},
	} {
		got := ""
		if err := cfg.Validate(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAccountGivesUpWithTheContext(t *testing.T) {
	fake := newFakeAWS(t)
	release := make(chan struct{})
	fake.on("GetCallerIdentity", answer{act: func(http.ResponseWriter, *http.Request) { <-release }})
	f := NewFactory(Config{BaseConfig: fake.base("AKIATEST")})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := f.Account(ctx, Target{Region: testRegion}); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
	for fake.count("GetCallerIdentity") == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	wg.Wait()
	close(release)
	fake.on("GetCallerIdentity", identity(testARN))
	if _, err := f.Account(t.Context(), Target{Region: testRegion}); err != nil {
		t.Errorf("the next caller inherits the cancellation: %v", err)
	}
}
