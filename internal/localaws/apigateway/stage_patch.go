// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// stagePaths is AWS's own list of paths, in its own words and with its own
// missing commas (aws-facts D2).
const stagePaths = "[/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, " +
	"/accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, " +
	"/{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, " +
	"/{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit" +
	"/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, " +
	"/{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, " +
	"/{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, " +
	"/{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, " +
	"/*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit " +
	"/*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, " +
	"/*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, " +
	"/variables/{variable_name}, /tracingEnabled]"

// methodSettingPaths is AWS's list below a resource and method.
const methodSettingPaths = "[.../metrics/enabled, .../logging/dataTrace, .../logging/loglevel,.../throttling/burstLimit, " +
	".../throttling/rateLimit, .../caching/ttlInSeconds, .../caching/enabled, .../caching/dataEncrypted, " +
	".../caching/requireAuthorizationForCacheControl, .../caching/unauthorizedCacheControlHeaderStrategy]"

const (
	accountBurst = 5000    // requests (aws-facts A2, D2)
	accountRate  = 10000.0 // requests per second (aws-facts A2, D2)
	maxTTL       = 3600    // seconds (aws-facts A3)
)

var errLogRole = badRequest("CloudWatch Logs role ARN must be set in account settings to enable logging") // aws-facts D5

func errStagePath(path string) error {
	return badRequest("Invalid method setting path: %s. Must be one of: %s", path, stagePaths)
}

// patchStage applies one operation to a stage (aws-facts D2).
func (s *Service) patchStage(q *request, rec *record, st *model.Stage, op *patchOp) error {
	if name, ok := op.under("/variables"); ok {
		return patchVariable(st, name, op)
	}
	switch op.Path {
	case "/accessLogSettings":
		if op.Op != "remove" {
			return badRequest("Invalid patch operation specified. Must be one of: [remove]")
		}
		st.AccessLogSettings = nil
		return nil
	case "/accessLogSettings/destinationArn", "/accessLogSettings/format":
		return s.patchAccessLog(q, st, op)
	}
	if strings.HasPrefix(op.Path, "/canarySettings") {
		return notImplemented("canary settings")
	}
	set := s.stageLiteral(rec, st, op)
	if set == nil {
		return s.patchMethodSetting(q, st, op)
	}
	if err := op.replaces(); err != nil {
		return err
	}
	return set()
}

// stageLiteral returns the setter of a plain member; nil for other paths.
func (s *Service) stageLiteral(rec *record, st *model.Stage, op *patchOp) func() error {
	set := func(to *string) func() error {
		return func() error { *to = op.text(); return nil }
	}
	switch op.Path {
	case "/deploymentId":
		return func() error {
			if rec.deployments[op.text()] == nil {
				return badRequest("Deployment id does not exist")
			}
			st.DeploymentID = op.text()
			return nil
		}
	case "/description":
		return set(&st.Description)
	case "/clientCertificateId":
		return set(&st.ClientCertificateID)
	case "/documentationVersion":
		return set(&st.DocumentationVersion)
	case "/tracingEnabled":
		return func() error { st.TracingEnabled = op.bool(); return nil }
	case "/cacheClusterEnabled":
		return func() error { return s.setCache(st, op.bool(), "") }
	case "/cacheClusterSize":
		return func() error { return s.setCache(st, st.CacheClusterEnabled, op.text()) }
	}
	return nil
}

func patchVariable(st *model.Stage, name string, op *patchOp) error {
	switch op.Op {
	case "replace":
		if st.Variables == nil {
			st.Variables = map[string]string{}
		}
		st.Variables[name] = op.text()
	case "remove":
		delete(st.Variables, name)
	default:
		return badRequest("Invalid patch operation specified. Must be one of: [replace, remove]")
	}
	return nil
}

func (s *Service) patchAccessLog(q *request, st *model.Stage, op *patchOp) error {
	if op.Op != "replace" && op.Op != "add" {
		return badRequest("Invalid patch operation specified. Must be one of: [add, replace]")
	}
	if op.text() == "" {
		return badRequest("Access Log value must not be empty") // aws-facts D5
	}
	if s.AccessLogRole(q.caller.AccountID, q.caller.Region) == "" {
		return errLogRole
	}
	settings := model.AccessLogSettings{}
	if st.AccessLogSettings != nil {
		settings = *st.AccessLogSettings
	}
	if op.Path == "/accessLogSettings/format" {
		settings.Format = op.text()
	} else {
		settings.DestinationARN = op.text()
	}
	st.AccessLogSettings = &settings
	return nil
}

var (
	logGroupARN = regexp.MustCompile(`^arn:[a-z-]+:logs:[a-z0-9-]+:\d{12}:log-group:[^:*]+$`)
	firehoseARN = regexp.MustCompile(`^arn:[a-z-]+:firehose:[a-z0-9-]+:\d{12}:deliverystream/amazon-apigateway-.+$`)
)

// checkAccessLog holds access log settings to aws-facts D5, once all
// operations of a call are applied.
func checkAccessLog(a *model.AccessLogSettings) error {
	if a == nil {
		return nil
	}
	if a.DestinationARN != "" && !logGroupARN.MatchString(a.DestinationARN) && !firehoseARN.MatchString(a.DestinationARN) {
		return badRequest("Invalid ARN specified in the request. ARN '%s' must be a log group without trailing ':*', "+
			"or a Firehose stream whose name starts with 'amazon-apigateway-'", a.DestinationARN)
	}
	format := strings.TrimSuffix(a.Format, "\n")
	if strings.Contains(format, "\n") {
		return badRequest("Access Log format must be single line, new line character is allowed only at end of the format")
	}
	if format != "" && !strings.Contains(format, "$context.requestId") && !strings.Contains(format, "$context.extendedRequestId") {
		return badRequest("Access Log format must contain $context.requestId or $context.extendedRequestId")
	}
	return nil
}

// settingKey takes /{resourcePath}/{httpMethod}[/setting...] apart. The key
// reads back without the leading slash of the resource path, which is
// written ~1; slashes inside it stay escaped (aws-facts D2).
func settingKey(path string) (key, setting string, ok bool) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(parts) != 2 && len(parts) < 4 {
		return "", "", false
	}
	resource, verb := parts[0], parts[1]
	if resource == "" || verb != "*" && !slices.Contains(verbs, verb) || (resource == "*") != (verb == "*") {
		return "", "", false
	}
	if trimmed := strings.TrimPrefix(resource, "~1"); trimmed != "" {
		resource = trimmed
	}
	return resource + "/" + verb, strings.Join(parts[2:], "/"), true
}

// patchMethodSetting writes one setting. Writing one materialises the whole
// block with the account's defaults; existing blocks of other keys don't
// change (aws-facts D2).
func (s *Service) patchMethodSetting(q *request, st *model.Stage, op *patchOp) error {
	key, setting, ok := settingKey(op.Path)
	if !ok {
		return errStagePath(op.Path)
	}
	if setting == "" {
		if op.Op != "remove" {
			return errStagePath(op.Path)
		}
		if st.MethodSettings[key] == nil {
			return badRequest("Cannot remove method setting %s because there is no method setting for this method ", key)
		}
		delete(st.MethodSettings, key)
		return nil
	}
	if op.Op != "replace" {
		return badRequest("Invalid patch operation specified. Must be one of: [replace]")
	}
	block := model.MethodSetting{
		ThrottlingBurstLimit: accountBurst, ThrottlingRateLimit: accountRate, CacheTTLInSeconds: 300,
		RequireAuthorizationForCacheControl: true, UnauthorizedCacheControlHeaderStrategy: "SUCCEED_WITH_RESPONSE_HEADER",
	}
	if before := st.MethodSettings[key]; before != nil {
		block = *before
	}
	if err := s.setSetting(q, &block, setting, op); err != nil {
		return err
	}
	st.MethodSettings[key] = &block
	return nil
}

func (s *Service) setSetting(q *request, b *model.MethodSetting, setting string, op *patchOp) error {
	var err error
	switch setting {
	case "metrics/enabled":
		b.MetricsEnabled = op.bool()
	case "logging/dataTrace":
		b.DataTraceEnabled = op.bool()
	case "logging/loglevel":
		err = s.setLogLevel(q, b, op)
	case "throttling/burstLimit":
		b.ThrottlingBurstLimit, err = op.number(-1, accountBurst)
	case "throttling/rateLimit":
		rate, bad := strconv.ParseFloat(op.text(), 64)
		if bad != nil || rate > accountRate || rate < 0 && rate != -1 {
			return badRequest("Invalid value '%s' for %s: use a number from 0 to %g, or -1", op.text(), op.Path, accountRate)
		}
		b.ThrottlingRateLimit = rate
	case "caching/enabled":
		b.CachingEnabled = op.bool()
	case "caching/ttlInSeconds":
		b.CacheTTLInSeconds, err = op.number(0, maxTTL)
	case "caching/dataEncrypted":
		b.CacheDataEncrypted = op.bool()
	case "caching/requireAuthorizationForCacheControl":
		b.RequireAuthorizationForCacheControl = op.bool()
	case "caching/unauthorizedCacheControlHeaderStrategy":
		strategies := []string{"FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER"}
		if !slices.Contains(strategies, op.text()) {
			return badRequest("Invalid value '%s' for %s: use one of %s", op.text(), op.Path, strings.Join(strategies, ", "))
		}
		b.UnauthorizedCacheControlHeaderStrategy = op.text()
	default:
		return badRequest("Invalid method setting path: %s. Must be one of: %s", setting, methodSettingPaths)
	}
	return err
}

// setLogLevel needs the account's CloudWatch role for every level but OFF
// (aws-facts D5).
func (s *Service) setLogLevel(q *request, b *model.MethodSetting, op *patchOp) error {
	level := op.text()
	if !slices.Contains([]string{"OFF", "ERROR", "INFO"}, level) {
		return badRequest("Invalid value '%s' for %s: use OFF, ERROR or INFO", level, op.Path)
	}
	if level != "OFF" && s.AccessLogRole(q.caller.AccountID, q.caller.Region) == "" {
		return errLogRole
	}
	b.LoggingLevel = level
	return nil
}
