// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"slices"
	"strings"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

const (
	anyOrigin = "*"

	headerAllowOrigin = "Access-Control-Allow-Origin"

	// preflightSeconds is how long browsers may remember a preflight's answer.
	preflightSeconds = "600"
	// allowedHeaders are those of signed requests and API keys among what
	// clients need.
	allowedHeaders = "Authorization,Content-Type,X-Amz-Content-Sha256,X-Amz-Date,X-Amz-Security-Token,X-Api-Key"
)

// cors are the origins whose scripts may call the API; nil is none.
type cors []string

func newCORS(spec v1alpha1.CommentsAPISpec) cors {
	if spec.API.CORS == nil {
		return nil
	}
	var origins cors
	for _, o := range spec.API.CORS.AllowedOrigins {
		origins = append(origins, string(o))
	}
	slices.Sort(origins)
	return slices.Compact(origins)
}

// choices are the origins a template chooses from; nil when there is no choice.
func (c cors) choices() []string {
	if len(c) > 1 {
		return c
	}
	return nil
}

// answerHeaders are on answers that have a template, which names the origin
// that asked where there are several. Such answers differ by origin, and caches
// must know.
func (c cors) answerHeaders() headers {
	switch len(c) {
	case 0:
		return plainHeaders()
	case 1:
		return c.gatewayHeaders()
	default:
		return plainHeaders().and(headers{"Access-Control-Expose-Headers": headerRetryAfter, "Vary": "Origin"})
	}
}

// gatewayHeaders are on what API Gateway answers by itself, which has no
// templates: with several origins everyone may read that something was
// refused. There are no cookies that would make the answer a secret.
func (c cors) gatewayHeaders() headers {
	if len(c) == 0 {
		return plainHeaders()
	}
	origin := anyOrigin
	if len(c) == 1 {
		origin = c[0]
	}
	return plainHeaders().and(headers{headerAllowOrigin: origin, "Access-Control-Expose-Headers": headerRetryAfter})
}

// preflights adds an answer to OPTIONS to every path that has a method: what
// browsers ask before they send JSON to another origin (aws-facts F6).
func (c cors) preflights(methods map[string]stack.Method, template string) {
	verbs := map[string][]string{}
	for key := range methods {
		verb, path, _ := strings.Cut(key, " ")
		verbs[path] = append(verbs[path], verb)
	}
	if len(c) == 0 {
		return
	}
	for path, allowed := range verbs {
		slices.Sort(allowed)
		// AWS would add the path's parameters if they weren't declared
		// (aws-facts B2).
		var parameters map[string]bool
		for segment := range strings.SplitSeq(path, "/") {
			if name, ok := strings.CutPrefix(segment, "{"); ok {
				if parameters == nil {
					parameters = map[string]bool{}
				}
				parameters["method.request.path."+strings.TrimSuffix(name, "}")] = true
			}
		}
		methods["OPTIONS "+path] = c.answerHeaders().and(headers{
			"Access-Control-Allow-Headers": allowedHeaders,
			"Access-Control-Allow-Methods": strings.Join(append(allowed, "OPTIONS"), ","),
			"Access-Control-Max-Age":       preflightSeconds,
		}).on(stack.Method{
			Authorization:     "NONE",
			RequestParameters: parameters,
			Responses:         answers("200"),
			Integration: stack.Integration{
				Type:             "MOCK",
				RequestTemplates: map[string]string{contentJSON: `{"statusCode": 200}`},
				Passthrough:      "NEVER",
				TimeoutMillis:    integrationTimeoutMillis,
				Responses:        map[string]stack.IntegrationResponse{"200": respond(patternElse, template)},
			},
		})
	}
}
