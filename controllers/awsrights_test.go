// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/commentsapi/operator/internal/iampolicy"
	"github.com/commentsapi/operator/internal/localaws/policy"
)

// tableKeys encrypt the tables of objects that ask for a key of their own.
var tableKeys = []string{
	"arn:aws:kms:" + region + ":" + account + ":key/11111111-2222-3333-4444-555555555555",
	"arn:aws:kms:" + region + ":" + account + ":key/66666666-7777-8888-9999-000000000000",
}

// rightsOptions are for whom the tests' policies are.
func rightsOptions(boundary string) iampolicy.Options {
	return iampolicy.Options{Partition: "aws", AccountID: account, Regions: []string{region, otherRegion}, RolePath: "/commentsapi/", Boundary: boundary,
		AssumeRoles: []string{"arn:aws:iam::" + tenantAccount + ":role/comments"}, KMSKeys: tableKeys}
}

// parsed reads a document the way AWS would.
func parsed(t *testing.T, doc iampolicy.Document) *policy.Document {
	t.Helper()
	text, err := doc.Text()
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Parse(string(text), policy.Identity)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return p
}

// rightsTransport turns AWS calls on their way out into the permissions that
// AWS asks for.
type rightsTransport struct {
	next  http.RoundTripper
	asked func(policy.Request)

	mu         sync.Mutex
	paths      map[string]string // of roles, by name
	boundaries map[string]string
}

// guarded holds every call of a test to the operator's policy.
func guarded(t *testing.T, next http.RoundTripper) *rightsTransport {
	operator, err := iampolicy.Operator(rightsOptions(""))
	if err != nil {
		t.Fatal(err)
	}
	doc := parsed(t, operator)
	return &rightsTransport{next: next, asked: func(r policy.Request) {
		// Tests make roles on other paths too; the path itself is held to the
		// policy by TestThePolicyIsWhatTheOperatorNeeds.
		if i := strings.LastIndex(r.Resource, "/"); strings.HasPrefix(r.Action, "iam:") && i > 0 {
			r.Resource = "arn:aws:iam::" + account + ":role/commentsapi/" + r.Resource[i+1:]
		}
		if doc.Evaluate(inOneAccount(r)) != policy.Allowed {
			t.Errorf("commentsctl iam-policy doesn't allow %s on %s", r.Action, r.Resource)
		}
	}}
}

// inOneAccount is the permission as the operator's own account would ask for
// it: the role of a tenant's Namespace has the same policy in its account.
func inOneAccount(r policy.Request) policy.Request {
	if !strings.HasPrefix(r.Action, "sts:") {
		r.Resource = strings.Replace(r.Resource, ":"+tenantAccount+":", ":"+account+":", 1)
	}
	return r
}

func (r *rightsTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	var body []byte
	if request.Body != nil {
		var err error
		if body, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		_ = request.Body.Close()
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	for _, p := range r.permissions(request, body) {
		r.asked(p)
	}
	return r.next.RoundTrip(request)
}

// CloseIdleConnections is what http.Client asks of its transport.
func (r *rightsTransport) CloseIdleConnections() {
	if c, ok := r.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

var signedFor = regexp.MustCompile(`Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request`)

// permissions are what one call needs; GetCallerIdentity needs none.
func (r *rightsTransport) permissions(request *http.Request, body []byte) []policy.Request {
	scope := signedFor.FindStringSubmatch(request.Header.Get("Authorization"))
	if scope == nil {
		return nil
	}
	switch in, service := scope[1], scope[2]; service {
	case "dynamodb":
		return dynamoDBPermissions(request, body, in)
	case "iam":
		return r.iamPermissions(body)
	case "apigateway":
		return gatewayPermissions(request, body, in)
	case "sts":
		return stsPermissions(body)
	}
	return nil
}

func stsPermissions(body []byte) []policy.Request {
	input, err := url.ParseQuery(string(body))
	if err != nil || input.Get("Action") != "AssumeRole" {
		return nil
	}
	// With the credentials of EKS Pod Identity, whose session tags are passed on,
	// it takes both.
	return []policy.Request{{Action: "sts:AssumeRole", Resource: input.Get("RoleArn")}, {Action: "sts:TagSession", Resource: input.Get("RoleArn")}}
}

func dynamoDBPermissions(request *http.Request, body []byte, in string) []policy.Request {
	var input struct {
		TableName, ResourceArn string
		Tags                   []any
		SSESpecification       struct {
			Key string `json:"KMSMasterKeyId"`
		}
	}
	_ = json.Unmarshal(body, &input)
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	resource := input.ResourceArn
	if resource == "" {
		resource = "arn:aws:dynamodb:" + in + ":" + account + ":table/" + input.TableName
	}
	out := []policy.Request{{Action: "dynamodb:" + operation, Resource: resource}}
	if operation == "CreateTable" && len(input.Tags) > 0 {
		out = append(out, policy.Request{Action: "dynamodb:TagResource", Resource: resource})
	}
	// DynamoDB looks at a customer's key and takes a grant on it in the name of
	// whoever names it (aws-facts G7).
	if key := input.SSESpecification.Key; key != "" {
		out = append(out, policy.Request{Action: "kms:DescribeKey", Resource: key}, policy.Request{Action: "kms:CreateGrant", Resource: key})
	}
	return out
}

func (r *rightsTransport) iamPermissions(body []byte) []policy.Request {
	input, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.paths == nil {
		r.paths, r.boundaries = map[string]string{}, map[string]string{}
	}
	action, name := input.Get("Action"), input.Get("RoleName")
	switch action {
	case "CreateRole":
		r.paths[name], r.boundaries[name] = input.Get("Path"), input.Get("PermissionsBoundary")
	case "PutRolePermissionsBoundary":
		r.boundaries[name] = input.Get("PermissionsBoundary")
	}
	path := r.paths[name]
	if path == "" {
		path = "/commentsapi/"
	}
	resource := "arn:aws:iam::" + account + ":role" + path + name
	asked := policy.Request{Action: "iam:" + action, Resource: resource}
	if slices.Contains([]string{"CreateRole", "PutRolePermissionsBoundary", "PutRolePolicy", "DeleteRolePolicy", "DetachRolePolicy"}, action) && r.boundaries[name] != "" {
		asked.Context = map[string][]string{"iam:PermissionsBoundary": {r.boundaries[name]}}
	}
	out := []policy.Request{asked}
	if action == "CreateRole" && input.Get("Tags.member.1.Key") != "" {
		out = append(out, policy.Request{Action: "iam:TagRole", Resource: resource})
	}
	return out
}

var integrationRole = regexp.MustCompile(`arn:aws:iam::\d{12}:role/[^"\\]+`)

// gatewayPermissions are named by HTTP method and path (aws-facts C4, G7); a
// definition that names a role needs the right to pass it, and one with a
// resource policy the right to set that.
func gatewayPermissions(request *http.Request, body []byte, in string) []policy.Request {
	out := []policy.Request{{Action: "apigateway:" + request.Method, Resource: "arn:aws:apigateway:" + in + "::" + request.URL.EscapedPath()}}
	if request.Method != http.MethodPut || strings.HasPrefix(request.URL.Path, "/tags/") {
		return out
	}
	if strings.Contains(string(body), `"x-amazon-apigateway-policy"`) {
		out = append(out, policy.Request{Action: "apigateway:UpdateRestApiPolicy", Resource: out[0].Resource})
	}
	for _, role := range slices.Compact(slices.Sorted(slices.Values(integrationRole.FindAllString(string(body), -1)))) {
		out = append(out, policy.Request{Action: "iam:PassRole", Resource: role,
			Context: map[string][]string{"iam:PassedToService": {"apigateway.amazonaws.com"}}})
	}
	return out
}
