// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

const (
	servicePrincipal = "apigateway.amazonaws.com"
	// sessionName is the session that integrations run under.
	sessionName = "BackplaneAssumeRoleSession"
	// defaultTimeout is AWS's (aws-facts B4).
	defaultTimeout = 29 * time.Second
)

// backendResult is the endpoint's answer.
type backendResult struct {
	status int
	header http.Header
	body   []byte
}

// callIntegration maps the request and sends it to the endpoint.
func (x *exchange) callIntegration(in *model.Integration) (*backendResult, error) {
	switch in.Type {
	case "MOCK", "AWS":
	default:
		return nil, notImplemented("integration type %s", in.Type)
	}
	if x.binary(in) {
		return nil, notImplemented("binary payloads (binaryMediaTypes, contentHandling)")
	}
	request, err := x.mapRequest(in)
	if err != nil {
		return nil, err
	}
	started := x.plane.deps.Env.Now()
	var result *backendResult
	if in.Type == "MOCK" {
		result, err = mock(request)
	} else {
		result, err = x.callAWS(in, request)
	}
	x.integrationLatency = x.plane.deps.Env.Now().Sub(started)
	if err != nil {
		return nil, err
	}
	x.integrationStatus = result.status
	return result, nil
}

// binary reports whether AWS would treat the request's body as binary data,
// which skips the mapping templates.
func (x *exchange) binary(in *model.Integration) bool {
	if in.ContentHandling == "CONVERT_TO_BINARY" {
		return true
	}
	for _, t := range x.def.snapshot.API.BinaryMediaTypes {
		if t == "*/*" || strings.EqualFold(t, x.request.mediaType()) {
			return true
		}
	}
	return false
}

// mockStatus also accepts what AWS accepts besides JSON: {statusCode: 200}
// (aws-facts B4).
var mockStatus = regexp.MustCompile(`^\s*\{[^{}]*\bstatusCode["']?\s*:\s*["']?(\d{3})["']?\s*[,}]`)

// mock answers with the status its request template names, and no body.
func mock(request *backendRequest) (*backendResult, error) {
	var parsed struct {
		StatusCode json.Number `json:"statusCode"`
	}
	text := ""
	if json.Unmarshal(request.body, &parsed) == nil {
		text = parsed.StatusCode.String()
	} else if m := mockStatus.FindSubmatch(request.body); m != nil {
		text = string(m[1])
	}
	status, err := strconv.Atoi(text)
	if err != nil {
		return nil, misconfigured("Unable to parse statusCode. It should be an integer that is defined in the request template.")
	}
	return &backendResult{status: status, header: http.Header{}}, nil
}

// target is what an integration's URI names.
type target struct {
	partition, region, operation string
}

func (t target) url() string {
	return "https://dynamodb." + t.region + ".amazonaws.com/?Action=" + t.operation
}

// parseURI reads arn:{partition}:apigateway:{region}:dynamodb:action/{Op}; the
// form path/... takes the operation from the X-Amz-Target header.
func parseURI(uri string, header http.Header) (target, error) {
	parts := strings.SplitN(uri, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "apigateway" {
		return target{}, misconfigured("Invalid integration URI %q", uri)
	}
	t := target{partition: parts[1], region: parts[3]}
	if parts[4] != "dynamodb" {
		return t, notImplemented("integrations with %s", parts[4])
	}
	kind, rest, _ := strings.Cut(parts[5], "/")
	switch kind {
	case "action":
		t.operation = rest
	case "path":
		_, t.operation, _ = strings.Cut(header.Get("X-Amz-Target"), ".")
	}
	if t.operation == "" {
		return t, misconfigured("Integration URI %q names no operation", uri)
	}
	return t, nil
}

// callAWS assumes the integration's role and calls DynamoDB under it.
func (x *exchange) callAWS(in *model.Integration, request *backendRequest) (*backendResult, error) {
	to, err := parseURI(x.expand(in.URI), request.header)
	if err != nil {
		return nil, err
	}
	if in.HTTPMethod != http.MethodPost {
		return nil, notImplemented("calling DynamoDB with HTTP method %s; it takes POST", in.HTTPMethod)
	}
	timeout := defaultTimeout
	if in.TimeoutInMillis > 0 {
		timeout = time.Duration(in.TimeoutInMillis) * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(x.ctx, timeout)
	defer cancel()

	x.log.printf("Endpoint request URI: %s", to.url())
	x.log.printf("Endpoint request headers: %s", x.log.headers(request.header))
	x.log.printf("Endpoint request body after transformations: %s", request.body)
	caller, err := x.assume(ctx, x.expand(in.Credentials), to)
	if err != nil {
		return nil, err
	}
	x.log.printf("Sending request to %s", to.url())
	sent := x.plane.deps.Env.Now()
	result := x.send(ctx, caller, to, request.body)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, fail(kindIntegrationLate, "Execution failed due to a timeout error")
	}
	if result.status == 0 {
		return nil, fail(kindIntegrationFailed, "Execution failed due to a network error communicating with endpoint")
	}
	x.log.printf("Received response. Status: %d, Integration latency: %d ms", result.status,
		x.plane.deps.Env.Now().Sub(sent).Milliseconds())
	x.log.printf("Endpoint response headers: %s", x.log.headers(result.header))
	x.log.printf("Endpoint response body before transformations: %s", result.body)
	return result, nil
}

// assume returns the caller that the role makes (aws-facts F3, G5). The
// client learns nothing about a role that can't be assumed; the log does.
func (x *exchange) assume(ctx context.Context, credentials string, to target) (core.Caller, error) {
	switch {
	case credentials == "":
		return core.Caller{}, nil
	case strings.HasSuffix(credentials, ":iam::*:user/*"):
		return core.Caller{}, notImplemented("integrations with the caller's own credentials")
	}
	parts := strings.SplitN(credentials, ":", 6)
	if len(parts) != 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/") {
		return core.Caller{}, misconfigured("Invalid credentials %q: use the ARN of a role", credentials)
	}
	if err := x.plane.deps.Roles.Assume(ctx, credentials, servicePrincipal); err != nil {
		x.log.printf("Role %s: %v", credentials, err)
		return core.Caller{}, misconfigured("API Gateway does not have permission to assume the provided role %s", credentials)
	}
	name := parts[5][strings.LastIndex(parts[5], "/")+1:]
	return core.Caller{
		AccountID: parts[4],
		Region:    to.region,
		Partition: parts[1],
		ARN:       fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", parts[1], parts[4], name, sessionName),
		RoleARN:   credentials,
		Authorize: func(action, resource string) error {
			return x.plane.deps.Roles.Authorize(ctx, credentials, action, resource, nil)
		},
		AuthorizeWith: func(action, resource string, conditions map[string][]string) error {
			return x.plane.deps.Roles.Authorize(ctx, credentials, action, resource, conditions)
		},
	}, nil
}

// send calls DynamoDB, which refuses the zero caller as it refuses unsigned
// requests.
func (x *exchange) send(ctx context.Context, caller core.Caller, to target, body []byte) *backendResult {
	result := &backendResult{header: http.Header{
		"Content-Type":     {"application/x-amz-json-1.0"},
		"X-Amzn-Requestid": {newUUID()},
	}}
	result.status, result.body = x.plane.deps.DynamoDB.Call(ctx, caller, to.operation, body)
	result.header.Set("Content-Length", strconv.Itoa(len(result.body)))
	return result
}

var stageVariable = regexp.MustCompile(`\$\{stageVariables\.(\w+)\}`)

// expand replaces ${stageVariables.name}.
func (x *exchange) expand(s string) string {
	if !strings.Contains(s, "${") {
		return s
	}
	return stageVariable.ReplaceAllStringFunc(s, func(found string) string {
		return x.variables[stageVariable.FindStringSubmatch(found)[1]]
	})
}
