// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"regexp"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

const (
	minTimeout  = 50        // ms (aws-facts A3)
	maxTimeout  = 29000     // ms (aws-facts A3)
	maxTemplate = 300 << 10 // bytes (aws-facts A3)
)

// checkIntegration validates an integration for its method, as aws-facts B4
// records it from PutIntegration.
func checkIntegration(c core.Caller, m *model.Method, i *model.Integration) error {
	if err := checkEndpoint(i); err != nil {
		return err
	}
	if !slices.Contains([]string{"WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"}, i.PassthroughBehavior) {
		return badRequest("Invalid passthrough behavior %q specified. Valid options are WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER", i.PassthroughBehavior)
	}
	if !slices.Contains([]string{"", "CONVERT_TO_TEXT", "CONVERT_TO_BINARY"}, i.ContentHandling) {
		return badRequest("Invalid content handling %q specified. Valid options are CONVERT_TO_TEXT,CONVERT_TO_BINARY", i.ContentHandling)
	}
	if i.TimeoutInMillis < minTimeout || i.TimeoutInMillis > maxTimeout {
		return badRequest("Timeout should be between %d ms and %d ms", minTimeout, maxTimeout)
	}
	if i.ConnectionType != "" && i.ConnectionType != "INTERNET" {
		return notImplemented("integrations with connectionType %s", i.ConnectionType)
	}
	if err := checkCredentials(c, i.Credentials); err != nil {
		return err
	}
	if err := checkTemplates(i.RequestTemplates); err != nil {
		return err
	}
	for target, source := range i.RequestParameters {
		if !integrationTarget.MatchString(target) {
			return badMapping("specified: " + target)
		}
		if err := checkSource(m, source); err != nil {
			return err
		}
	}
	for _, key := range i.CacheKeyParameters {
		_, declared := m.RequestParameters[key]
		if _, mapped := i.RequestParameters[key]; !declared && !mapped {
			return badRequest("Invalid cache key parameter specified: %s", key)
		}
	}
	return nil
}

// integrationARN is arn:{partition}:apigateway:{region}:{service}:{path|action}/...
var integrationARN = regexp.MustCompile(`^arn:[a-z-]+:apigateway:[a-z0-9-]+:([a-zA-Z0-9_.{}$-]+):(.+)$`)

// checkEndpoint validates type, method and URI together.
func checkEndpoint(i *model.Integration) error {
	switch i.Type {
	case "MOCK":
		return nil
	case "AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY":
	default:
		return badRequest("Invalid integration type %q specified. Valid options are HTTP,MOCK,AWS_PROXY,HTTP_PROXY,AWS", i.Type)
	}
	if i.HTTPMethod == "" {
		return badRequest("Enumeration value for HttpMethod must be non-empty")
	}
	if !slices.Contains(verbs, i.HTTPMethod) {
		return badRequest("Invalid HttpMethod specified. Valid options are %s", strings.Join(verbs, ","))
	}
	if strings.HasPrefix(i.Type, "HTTP") {
		if !strings.HasPrefix(i.URI, "http://") && !strings.HasPrefix(i.URI, "https://") && !strings.HasPrefix(i.URI, "${stageVariables.") {
			return badRequest("Invalid HTTP endpoint specified for URI")
		}
		return nil
	}
	parts := integrationARN.FindStringSubmatch(i.URI)
	if parts == nil {
		return badRequest("Invalid ARN specified in the request")
	}
	if !strings.HasPrefix(parts[2], "path/") && !strings.HasPrefix(parts[2], "action/") {
		return badRequest("AWS ARN for integration must contain path or action")
	}
	if i.Type == "AWS_PROXY" && parts[1] != "lambda" && parts[1] != "firehose" {
		return badRequest("Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.")
	}
	return nil
}

var roleARN = regexp.MustCompile(`^arn:[a-z-]+:iam::(\d{12}|\*):(role|user)/.+$`)

// checkCredentials lets only roles of the caller's own account through
// (aws-facts B4), and only those that the caller may pass (G7).
func checkCredentials(c core.Caller, credentials string) error {
	if credentials == "" {
		return nil
	}
	parts := roleARN.FindStringSubmatch(credentials)
	if parts == nil {
		return badRequest("Invalid ARN specified in the request")
	}
	if parts[1] == "*" {
		return nil // the caller's own credentials (aws-facts G5)
	}
	if parts[1] != c.AccountID {
		return accessDenied("Cross-account pass role is not allowed.")
	}
	return allowed(c, "iam:PassRole", credentials, map[string][]string{"iam:PassedToService": {"apigateway.amazonaws.com"}})
}

var contentType = regexp.MustCompile(`^(\$default|[a-zA-Z0-9!#$&^_.+*-]+/[a-zA-Z0-9!#$&^_.+*-]+)`)

func checkTemplates(templates map[string]string) error {
	for kind, text := range templates {
		if !contentType.MatchString(kind) {
			return badRequest("Validation Result: warnings : [], errors : [Invalid content type specified: %s]", kind)
		}
		if len(text) > maxTemplate {
			return badRequest("Mapping template for %s has %d bytes, at most %d (300 KB) are allowed", kind, len(text), maxTemplate)
		}
	}
	return nil
}

var (
	integrationTarget = regexp.MustCompile(`^integration\.request\.(header|path|querystring)\.[a-zA-Z0-9._$-]+$`)
	literal           = regexp.MustCompile(`(?s)^'.*'$`)
	contextSource     = regexp.MustCompile(`^(context|stageVariables)\.[a-zA-Z0-9._-]+$`)
	bodySource        = regexp.MustCompile(`^(method\.request|integration\.response)\.body(\..+)?$`)
	backendHeader     = regexp.MustCompile(`^integration\.response\.(multivalueheader|header)\.[a-zA-Z0-9._-]+$`)
	methodSource      = regexp.MustCompile(`^method\.request\.multivalue(header|querystring)\.[a-zA-Z0-9._$-]+$`)
)

// checkSource validates the right side of a request mapping: a quoted
// literal, something of the context, or a declared request parameter.
func checkSource(m *model.Method, source string) error {
	if literal.MatchString(source) || contextSource.MatchString(source) || strings.HasPrefix(source, "method.request.body") && bodySource.MatchString(source) {
		return nil
	}
	if methodSource.MatchString(source) {
		source = strings.Replace(source, "multivalue", "", 1)
	}
	if _, ok := requestParameter(source); !ok {
		return badMapping("specified: " + source)
	}
	if _, declared := m.RequestParameters[source]; !declared {
		return badMapping("parameter specified: " + source)
	}
	return nil
}

// badMapping is AWS's answer to a parameter mapping it doesn't take.
func badMapping(what string) error {
	return badRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression %s]", what)
}

// checkIntegrationResponse validates one response: its status code and the
// headers it sets must be declared on the method, and there is one default
// (aws-facts B4, C2).
func checkIntegrationResponse(m *model.Method, i *model.Integration, r *model.IntegrationResponse) error {
	declared := m.MethodResponses[r.StatusCode]
	if declared == nil {
		return badRequest("Invalid Response status code specified: %s is not a response of the method", r.StatusCode)
	}
	for target, source := range r.ResponseParameters {
		if _, ok := declared.ResponseParameters[target]; !ok {
			return badMapping("parameter specified: " + target)
		}
		isBody := strings.HasPrefix(source, "integration.response.body") && bodySource.MatchString(source)
		if !literal.MatchString(source) && !contextSource.MatchString(source) && !backendHeader.MatchString(source) && !isBody {
			return badMapping("specified: " + source)
		}
	}
	if !slices.Contains([]string{"", "CONVERT_TO_TEXT", "CONVERT_TO_BINARY"}, r.ContentHandling) {
		return badRequest("Invalid content handling %q specified. Valid options are CONVERT_TO_TEXT,CONVERT_TO_BINARY", r.ContentHandling)
	}
	if pattern := patternOf(r); pattern != "" {
		if _, err := regexp.Compile(pattern); err != nil {
			return badRequest("Invalid selection pattern specified: %s", pattern)
		}
	}
	for code, other := range i.IntegrationResponse {
		if code != r.StatusCode && patternOf(other) == patternOf(r) {
			name := patternOf(r)
			if name == "" {
				name = "default"
			}
			return conflict("Integration response with selection pattern %s already exists", name)
		}
	}
	return checkTemplates(r.ResponseTemplates)
}

// patternOf is the selection pattern; absent and empty are the default
// (aws-facts C2).
func patternOf(r *model.IntegrationResponse) string {
	if r.SelectionPattern == nil {
		return ""
	}
	return *r.SelectionPattern
}
