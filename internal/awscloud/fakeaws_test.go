// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const (
	testRegion  = "eu-west-1"
	testAccount = "123456789012"
	testARN     = "arn:aws:sts::123456789012:assumed-role/operator/i-0123456789"
)

// answer is one scripted reply.
type answer struct {
	status int
	header map[string]string
	body   string
	// act replaces the reply: to hang, to cut, to hijack.
	act func(http.ResponseWriter, *http.Request)
}

// fakeAWS answers on the wire what a test scripts per operation, the last
// answer again and again.
type fakeAWS struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string][]answer
	seen    map[string]int
	auth    []string
	forms   []url.Values
}

func newFakeAWS(t *testing.T) *fakeAWS {
	t.Helper()
	f := &fakeAWS{answers: map[string][]answer{}, seen: map[string]int{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	f.on("GetCallerIdentity", identity(testARN))
	return f
}

func (f *fakeAWS) on(operation string, answers ...answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[operation] = answers
}

func (f *fakeAWS) count(operation string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen[operation]
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	operation := r.Method + " " + r.URL.Path
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		_, operation, _ = strings.Cut(target, ".")
	}
	form, _ := url.ParseQuery(string(body))
	if form.Get("Action") != "" {
		operation = form.Get("Action")
	}
	f.mu.Lock()
	f.seen[operation]++
	f.auth = append(f.auth, r.Header.Get("Authorization"))
	f.forms = append(f.forms, form)
	script := f.answers[operation]
	reply := answer{status: 500, body: "no answer scripted for " + operation}
	if len(script) > 0 {
		reply = script[0]
	}
	if len(script) > 1 {
		f.answers[operation] = script[1:]
	}
	f.mu.Unlock()
	if reply.act != nil {
		reply.act(w, r)
		return
	}
	for k, v := range reply.header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(reply.status)
	_, _ = io.WriteString(w, reply.body)
}

// base is a process's own configuration that leads to the fake.
func (f *fakeAWS) base(keyID string) func(context.Context) (aws.Config, error) {
	return func(context.Context) (aws.Config, error) {
		return aws.Config{
			BaseEndpoint: aws.String(f.URL),
			HTTPClient:   f.Client(),
			Credentials:  credentials.NewStaticCredentialsProvider(keyID, "secret", ""),
		}, nil
	}
}

func (f *fakeAWS) account(t *testing.T, change func(*Config)) *Account {
	t.Helper()
	cfg := Config{BaseConfig: f.base("AKIATEST"), Quotas: []Quota{}}
	if change != nil {
		change(&cfg)
	}
	account, err := NewFactory(cfg).Account(t.Context(), Target{Region: testRegion})
	if err != nil {
		t.Fatalf("Account: %v", err)
	}
	return account
}

func identity(arn string) answer {
	account := strings.Split(arn, ":")[4]
	return answer{status: 200, header: map[string]string{"Content-Type": "text/xml"}, body: fmt.Sprintf(
		`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>`+
			`<Arn>%s</Arn><UserId>AROA:x</UserId><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, arn, account)}
}

func assumedRole(keyID string) answer {
	return answer{status: 200, body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>` +
		`<AccessKeyId>` + keyID + `</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>` +
		`</Credentials></AssumeRoleResult></AssumeRoleResponse>`}
}

// queryError is how IAM and STS word an error.
func queryError(status int, code, message string) answer {
	return answer{status: status, body: fmt.Sprintf(
		`<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>5f3c8a76-0b1c-4d39-9e61-1f2f5f8ad2c1</RequestId></ErrorResponse>`, code, message)}
}

// jsonError is how DynamoDB words an error.
func jsonError(status int, code, message string) answer {
	return answer{status: status, header: map[string]string{"Content-Type": "application/x-amz-json-1.0"}, body: fmt.Sprintf(
		`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":%q}`, code, message)}
}

// restError is how API Gateway words an error.
func restError(status int, code, message string, header ...string) answer {
	a := answer{status: status, header: map[string]string{"Content-Type": "application/json", "X-Amzn-Errortype": code}, body: fmt.Sprintf(`{"message":%q}`, message)}
	for i := 0; i+1 < len(header); i += 2 {
		a.header[header[i]] = header[i+1]
	}
	return a
}
