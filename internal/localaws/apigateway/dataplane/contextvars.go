// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"net/http"
	"strings"
	"time"
)

const (
	headerRequestID = "X-Amzn-Requestid"
	headerAPIGWID   = "X-Amz-Apigw-Id"
	headerTrace     = "X-Amzn-Trace-Id"
	headerErrorType = "X-Amzn-Errortype"

	// clfTime is the layout of $context.requestTime.
	clfTime = "02/Jan/2006:15:04:05 -0700"
)

// identify fixes the ids of the exchange (aws-facts E4, F7).
func (x *exchange) identify(h http.Header) {
	x.requestID = requestIDFrom(h.Get(headerRequestID))
	x.extendedID = newExtendedRequestID()
	x.trace = traceID(h.Get(headerTrace), x.started)
}

// standardHeaders are on every answer (aws-facts F7).
func (x *exchange) standardHeaders() http.Header {
	return http.Header{
		headerRequestID: {x.requestID},
		headerAPIGWID:   {x.extendedID},
	}
}

// contextVariables is $context as aws-facts E4 lists it. Variables without a
// value are absent, which templates render as nothing.
func (x *exchange) contextVariables() map[string]any {
	api := x.def.snapshot.API
	stage, path := x.stageName(), x.request.path
	if !x.test {
		path = "/" + stage + "/" + strings.TrimPrefix(path, "/")
	}
	prefix, _, _ := strings.Cut(x.request.host, ".")
	who := map[string]any{
		"sourceIp":  x.request.sourceIP,
		"userAgent": validUTF8(x.request.header.Get("User-Agent")),
	}
	vars := map[string]any{
		"requestId":         x.requestID,
		"extendedRequestId": x.extendedID,
		"requestTimeEpoch":  x.started.UnixMilli(),
		"requestTime":       x.started.UTC().Format(clfTime),
		"httpMethod":        x.request.method,
		"path":              validUTF8(path),
		"protocol":          "HTTP/1.1",
		"stage":             stage,
		"apiId":             api.ID,
		"accountId":         api.AccountID,
		"domainName":        validUTF8(x.request.host),
		"domainPrefix":      validUTF8(prefix),
		"xrayTraceId":       strings.TrimPrefix(x.trace, "Root="),
		"identity":          who,
	}
	if x.stage != nil {
		vars["deploymentId"] = x.stage.DeploymentID
	}
	if res := x.route.resource; res != nil {
		vars["resourceId"] = res.ID
		vars["resourcePath"] = res.Path
	}
	return vars
}

func (x *exchange) stageName() string {
	if x.stage == nil {
		return "test-invoke-stage"
	}
	return x.stage.StageName
}

// identity is who calls: empty for anonymous callers.
type identity struct {
	arn, roleARN, accountID, apiKey, apiKeyID string
	allowed                                   func(action, resource string) error
}

// knowCaller fills the parts of $context.identity that authorization and API
// keys find out.
func (x *exchange) knowCaller() {
	who := x.vars["identity"].(map[string]any)
	for name, value := range map[string]string{
		"userArn": x.caller.arn, "caller": x.caller.arn, "user": x.caller.arn, "accountId": x.caller.accountID,
		"apiKey": x.caller.apiKey, "apiKeyId": x.caller.apiKeyID,
	} {
		if value != "" {
			who[name] = value
		}
	}
}

// lookup finds a $context variable by its dotted name.
func lookup(vars map[string]any, name string) (any, bool) {
	var value any = vars
	for part := range strings.SplitSeq(name, ".") {
		m, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = m[part]; !ok {
			return nil, false
		}
	}
	return value, true
}

// elapsed is the time since the request came, on the environment's clock.
func (x *exchange) elapsed() time.Duration { return x.plane.deps.Env.Now().Sub(x.started) }
