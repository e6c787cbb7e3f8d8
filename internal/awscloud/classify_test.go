// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

type wireCall struct {
	// on is how the fake names the operation.
	on   string
	call func(context.Context, *Account) error
}

var (
	describeTable = wireCall{"DescribeTable", func(ctx context.Context, a *Account) error {
		_, err := a.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("blog")})
		return err
	}}
	createTable = wireCall{"CreateTable", func(ctx context.Context, a *Account) error {
		_, err := a.DynamoDB.CreateTable(ctx, &dynamodb.CreateTableInput{TableName: aws.String("blog")})
		return err
	}}
	updateTable = wireCall{"UpdateTable", func(ctx context.Context, a *Account) error {
		_, err := a.DynamoDB.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: aws.String("blog")})
		return err
	}}
	getRole = wireCall{"GetRole", func(ctx context.Context, a *Account) error {
		_, err := a.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("commentsapi-blog")})
		return err
	}}
	createRole = wireCall{"CreateRole", func(ctx context.Context, a *Account) error {
		_, err := a.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("commentsapi-blog"), AssumeRolePolicyDocument: aws.String("{}")})
		return err
	}}
	getRestAPI = wireCall{"GET /restapis/abc123", func(ctx context.Context, a *Account) error {
		_, err := a.APIGateway.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: aws.String("abc123")})
		return err
	}}
	putRestAPI = wireCall{"PUT /restapis/abc123", func(ctx context.Context, a *Account) error {
		_, err := a.APIGateway.PutRestApi(ctx, &apigateway.PutRestApiInput{RestApiId: aws.String("abc123"), Body: []byte("{}")})
		return err
	}}
	// Without an endpoint type AWS makes an edge-optimised API.
	createEdgeAPI = wireCall{"POST /restapis", func(ctx context.Context, a *Account) error {
		_, err := a.APIGateway.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("default/blog")}, NoRetryAPIGateway)
		return err
	}}
	createRestAPI = wireCall{"POST /restapis", func(ctx context.Context, a *Account) error {
		_, err := a.APIGateway.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("default/blog"),
			EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}}}, NoRetryAPIGateway)
		return err
	}}
)

func cut(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

func truncated(w http.ResponseWriter, _ *http.Request) {
	conn, buf, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_, _ = io.WriteString(buf, "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 500\r\n\r\n{\"Table\":{")
		_ = buf.Flush()
		_ = conn.Close()
	}
}

var failures = []struct {
	name   string
	do     wireCall
	answer answer
	class  Class
	maybe  bool
	after  time.Duration
}{
	{name: "table missing", do: describeTable, answer: jsonError(400, "ResourceNotFoundException", "Requested resource not found: Table: blog not found"), class: NotFound},
	{name: "role missing", do: getRole, answer: queryError(404, "NoSuchEntity", "The role with name commentsapi-blog cannot be found."), class: NotFound},
	{name: "api missing", do: getRestAPI, answer: restError(404, "NotFoundException", "Invalid API identifier specified 123456789012:abc123"), class: NotFound},
	{name: "api missing in the words of another operation", do: getRestAPI, answer: restError(400, "BadRequestException", "Invalid REST API identifier specified"), class: NotFound},
	{name: "table exists", do: createTable, answer: jsonError(400, "ResourceInUseException", "Table already exists: blog"), class: AlreadyExists},
	{name: "role exists", do: createRole, answer: queryError(409, "EntityAlreadyExists", "Role with name commentsapi-blog already exists."), class: AlreadyExists},
	{name: "conflicting name", do: putRestAPI, answer: restError(409, "ConflictException", "Model name already exists for this REST API"), class: AlreadyExists},
	{name: "table busy", do: updateTable, answer: jsonError(400, "ResourceInUseException", "Attempt to change a resource which is still in use: Table is being updated: blog"), class: Busy},
	{name: "too many tables change", do: updateTable, answer: jsonError(400, "LimitExceededException", "Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted simultaneously"), class: Busy},
	{name: "role busy", do: createRole, answer: queryError(409, "ConcurrentModification", "Please wait a few minutes."), class: Busy},
	{name: "api busy", do: putRestAPI, answer: restError(409, "ConflictException", "Unable to complete operation due to concurrent modification. Please try again later."), class: Busy},
	{name: "api busy in older words", do: putRestAPI, answer: restError(400, "BadRequestException", "Unable to complete operation due to concurrent modification. Please try again later."), class: Busy},
	{name: "api throttled", do: createRestAPI, answer: restError(429, "TooManyRequestsException", "Too Many Requests", "Retry-After", "3"), class: Throttled, after: 3 * time.Second},
	{name: "api rate limit", do: createRestAPI, answer: restError(429, "LimitExceededException", "Rate exceeded", "Retry-After", "30"), class: Throttled, after: 30 * time.Second},
	{name: "iam throttled", do: getRole, answer: queryError(400, "Throttling", "Rate exceeded"), class: Throttled},
	{name: "api quota used up", do: createRestAPI, answer: restError(429, "LimitExceededException", "Maximum number of APIs for this account has been reached"), class: Limit},
	{name: "role quota used up", do: createRole, answer: queryError(409, "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000"), class: Limit},
	{name: "internal error", do: createRestAPI, answer: restError(500, "InternalFailure", "Request ID: 5f3c8a76-0b1c-4d39-9e61-1f2f5f8ad2c1"), class: Transient, maybe: true},
	{name: "unavailable", do: createRestAPI, answer: restError(503, "ServiceUnavailableException", "Service unavailable", "Retry-After", "7"), class: Transient, maybe: true, after: 7 * time.Second},
	{name: "connection cut", do: createRestAPI, answer: answer{act: cut}, class: Transient, maybe: true},
	{name: "reply truncated", do: createTable, answer: answer{act: truncated}, class: Transient, maybe: true},
	{name: "reply empty", do: createTable, answer: answer{status: 200}, class: Transient, maybe: true},
	{name: "reply empty from api gateway", do: createRestAPI, answer: answer{status: 201}, class: Transient, maybe: true},
	{name: "reply empty from iam", do: createRole, answer: answer{status: 200}, class: Transient, maybe: true},
	{name: "reply malformed", do: createRestAPI, answer: answer{status: 201, body: "<html>Welcome</html>"}, class: Transient, maybe: true},
	{name: "proxy says not found", do: describeTable, answer: answer{status: 404, body: "<html>404</html>"}, class: Transient, maybe: true},
	{name: "proxy says forbidden", do: getRestAPI, answer: answer{status: 403, body: "<html>403</html>"}, class: Transient, maybe: true},
	{name: "expired", do: describeTable, answer: jsonError(400, "ExpiredTokenException", "The security token included in the request is expired"), class: Credentials},
	{name: "unknown key", do: describeTable, answer: jsonError(400, "UnrecognizedClientException", "The security token included in the request is invalid."), class: Credentials},
	{name: "wrong secret", do: getRole, answer: queryError(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."), class: Credentials},
	{name: "wrong clock", do: getRole, answer: queryError(403, "SignatureDoesNotMatch", "Signature expired: 20261122T101010Z is now earlier than 20261122T102010Z"), class: Credentials},
	{name: "region not valid", do: getRole, answer: queryError(403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region."), class: UnknownRegion},
	{name: "not opted in", do: describeTable, answer: jsonError(400, "OptInRequired", "The AWS Access Key Id needs a subscription for the service"), class: UnknownRegion},
	{name: "denied by dynamodb", do: describeTable, class: AccessDenied, answer: jsonError(400, "AccessDeniedException", "User: arn:aws:sts::123456789012:assumed-role/operator/i-0123456789 is not authorized to perform: dynamodb:DescribeTable on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/blog because no identity-based policy allows the dynamodb:DescribeTable action")},
	{name: "denied by iam", do: getRole, class: AccessDenied, answer: queryError(403, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/operator/i-0123456789 is not authorized to perform: iam:GetRole on resource: role commentsapi-blog with an explicit deny in a service control policy")},
	{name: "denied without details", do: getRestAPI, class: AccessDenied, answer: restError(403, "AccessDeniedException", "Forbidden")},
	{name: "invalid document", do: putRestAPI, answer: restError(400, "BadRequestException", "Errors found during import:\n\tUnable to put method 'GET' on resource at path '/comments'"), class: Invalid},
	{name: "validation", do: createTable, answer: jsonError(400, "ValidationException", "1 validation error detected"), class: Invalid},
}

// TestClassify holds the class, what may have happened, and the words of each
// failure as AWS puts it on the wire. The words are part of what users see in
// kubectl; review changes of testdata/messages.golden as such.
func TestClassify(t *testing.T) {
	golden := make([]string, len(failures))
	runParallel(t, len(failures), func(i int) (string, func(*testing.T)) {
		c := failures[i]
		return c.name, func(t *testing.T) {
			fake := newFakeAWS(t)
			fake.on(c.do.on, c.answer)
			account := fake.account(t, nil)
			f := Classify(c.do.call(t.Context(), account))
			if f == nil {
				t.Fatal("the call succeeded")
			}
			if f.Class != c.class || f.MaybeApplied() != c.maybe || f.RetryAfter != c.after {
				t.Errorf("class %s, maybe applied %t, retry after %s; want %s, %t, %s\n%v", f.Class, f.MaybeApplied(), f.RetryAfter, c.class, c.maybe, c.after, f.Err)
			}
			if f.Reason == "" || f.Operation == "" || f.Service == "" {
				t.Errorf("incomplete: %+v", f)
			}
			golden[i] = fmt.Sprintf("%s [%s, %s]\n\t%s\n", c.name, f.Class, f.Reason, f.Message)
		}
	})
	compareGolden(t, "messages.golden", strings.Join(golden, ""))
}

// runParallel runs n subtests side by side and returns when all are done: most
// of their time is the SDK's backoff.
func runParallel(t *testing.T, n int, sub func(int) (string, func(*testing.T))) {
	t.Run("all", func(t *testing.T) {
		for i := range n {
			name, run := sub(i)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				run(t)
			})
		}
	})
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it):\n%s", path, diff)
	}
}

func TestClassifyNil(t *testing.T) {
	if f := Classify(nil); f != nil {
		t.Errorf("Classify(nil) = %v", f)
	}
}

func TestClassifyKeepsAFailure(t *testing.T) {
	f := &Failure{Class: Busy, Message: "busy"}
	if got := Classify(fmt.Errorf("describe the table: %w", f)); got != f {
		t.Errorf("got %v", got)
	}
}

func TestUnreachableEndpoint(t *testing.T) {
	fake := newFakeAWS(t)
	account := fake.account(t, nil)
	fake.Close()
	f := Classify(createRestAPI.call(t.Context(), account))
	if f.Class != Unreachable || f.MaybeApplied() {
		t.Fatalf("class %s, maybe applied %t: %v", f.Class, f.MaybeApplied(), f.Err)
	}
	host := strings.TrimPrefix(fake.URL, "http://")
	want := "The AWS endpoint " + host + " can't be reached for API Gateway CreateRestApi of REST API default/blog in eu-west-1: connection refused; check the network, proxies, and AWS_ENDPOINT_URL if it is set."
	if diff := cmp.Diff(want, f.Message); diff != "" {
		t.Error(diff)
	}
}

func TestNoAnswerInTime(t *testing.T) {
	fake := newFakeAWS(t)
	account := fake.account(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	fake.on(createRestAPI.on, answer{act: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }})
	f := Classify(createRestAPI.call(ctx, account))
	if f.Class != Transient || !f.MaybeApplied() {
		t.Errorf("class %s, maybe applied %t: %v", f.Class, f.MaybeApplied(), f.Err)
	}
	if !strings.Contains(f.Message, "no answer in time") {
		t.Errorf("message: %s", f.Message)
	}
}

// TestEarlierAttemptMayHaveApplied: a first attempt whose answer was lost, then
// a clear refusal of the retry, which is about what the first attempt made.
func TestEarlierAttemptMayHaveApplied(t *testing.T) {
	fake := newFakeAWS(t)
	fake.on(createRole.on, answer{act: cut}, queryError(409, "EntityAlreadyExists", "Role with name commentsapi-blog already exists."))
	f := Classify(createRole.call(t.Context(), fake.account(t, nil)))
	if f.Class != AlreadyExists || !f.MaybeApplied() {
		t.Errorf("class %s, maybe applied %t; want AlreadyExists, true", f.Class, f.MaybeApplied())
	}
}

func TestInputRefusedBeforeSending(t *testing.T) {
	fake := newFakeAWS(t)
	_, err := fake.account(t, nil).DynamoDB.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{})
	if f := Classify(err); f.Class != Invalid || f.MaybeApplied() {
		t.Errorf("class %s, maybe applied %t", f.Class, f.MaybeApplied())
	}
	if n := fake.count("DescribeTable"); n != 0 {
		t.Errorf("%d calls went out", n)
	}
}

// TestMessagesSettle: the same failure has the same words each time, whatever
// AWS adds to identify the request.
func TestMessagesSettle(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Rate exceeded (Service: ApiGateway; Request ID: 5f3c8a76-0b1c-4d39-9e61-1f2f5f8ad2c1)", "Rate exceeded (Service: ApiGateway"},
		{"failed, RequestId=ABCDEFGH12345678: no", "failed: no"},
		{"at 2026-11-22T10:10:10Z it broke", "at (time) it broke"},
		{"arn:aws:sts::1:assumed-role/R/session-170000 may not", "arn:aws:sts::1:assumed-role/R may not"},
		{"read tcp 10.0.0.1:53412->10.0.0.2:443: reset", "read tcp 10.0.0.2:443: reset"},
		{"two\n\t lines.", "two lines"},
		{strings.Repeat("é", 300), strings.Repeat("é", 200) + "..."},
	} {
		if got := strings.TrimRight(settle(c.in), "."); got != strings.TrimRight(c.want, ".") {
			t.Errorf("settle(%q)\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"3":                             3 * time.Second,
		"0.5":                           500 * time.Millisecond,
		"-1":                            0,
		"soon":                          0,
		"99999999":                      maxRetryAfter,
		"Sun, 22 Nov 2026 10:00:09 GMT": 9 * time.Second,
		"Sun, 22 Nov 2026 09:00:00 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("Retry-After %q: %s, want %s", value, got, want)
		}
	}
}

// TestReasonsOfAllClasses: a class without a reason would make a condition
// that the API server refuses.
func TestReasonsOfAllClasses(t *testing.T) {
	for _, class := range []Class{NotFound, AlreadyExists, Busy, Throttled, Paced, Transient, Unreachable, Credentials, UnknownRegion, AccessDenied, Limit, Invalid} {
		if reasons[class] == "" {
			t.Errorf("%s has no reason", class)
		}
	}
}
