// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// defaultGatewayTemplate is AWS's own (aws-facts C2).
const defaultGatewayTemplate = `{"message":$context.error.messageString}`

// gatewayResponse builds the answer to a failure: customised for its type, or
// else for DEFAULT_4XX or DEFAULT_5XX, or AWS's own (aws-facts F4).
func (x *exchange) gatewayResponse(f *failure) *response {
	base := builtins[f.kind]
	status := base.status
	if f.status != 0 {
		status = f.status
	}
	custom := x.customised(f.kind, status)
	if custom != nil {
		if code, err := strconv.Atoi(custom.StatusCode); err == nil {
			status = code
		}
	}
	if x.vars == nil {
		x.vars = x.contextVariables()
	}
	x.vars["error"] = errorVariables(f)

	header := x.standardHeaders()
	header.Set(headerErrorType, base.errorType)
	contentType, template := x.gatewayTemplate(custom)
	header.Set("Content-Type", contentType)
	if custom != nil {
		for target, expr := range custom.ResponseParameters {
			name, ok := strings.CutPrefix(target, "gatewayresponse.header.")
			if !ok {
				continue
			}
			if value, ok := x.requestValue(expr); ok {
				setHeader(header, name, value)
			}
		}
	}
	return &response{status: status, header: header, body: []byte(x.substitute(template))}
}

func (x *exchange) customised(kind string, status int) *model.GatewayResponse {
	all := x.def.snapshot.GatewayResponses
	fallback := kindDefault4xx
	if status >= http.StatusInternalServerError {
		fallback = kindDefault5xx
	}
	for _, k := range []string{kind, fallback} {
		if g := all[k]; g != nil && !g.DefaultResponse {
			return g
		}
	}
	return nil
}

func errorVariables(f *failure) map[string]any {
	vars := map[string]any{
		"message":       f.text(),
		"messageString": quoteJSON(f.text()),
		"responseType":  f.kind,
	}
	if f.validation != "" {
		vars["validationErrorString"] = f.validation
	}
	return vars
}

// gatewayTemplate picks the template for what the client accepts.
func (x *exchange) gatewayTemplate(custom *model.GatewayResponse) (contentType, template string) {
	if custom == nil || len(custom.ResponseTemplates) == 0 {
		return jsonMediaType, defaultGatewayTemplate
	}
	return pickByAccept(custom.ResponseTemplates, x.request.header.Values("Accept"))
}

// pickByAccept returns the entry for the client's Accept header. Without a
// match AWS takes "the first" (aws-facts E5); maps have no order, so that is
// application/json when there is one, else the first by name.
func pickByAccept(templates map[string]string, accept []string) (contentType, template string) {
	for part := range strings.SplitSeq(last(accept), ",") {
		mt, _, _ := strings.Cut(part, ";")
		mt = strings.ToLower(strings.TrimSpace(mt))
		if t, ok := templates[mt]; ok {
			return mt, t
		}
	}
	if t, ok := templates[jsonMediaType]; ok {
		return jsonMediaType, t
	}
	names := make([]string, 0, len(templates))
	for name := range templates {
		names = append(names, name)
	}
	first := slices.Min(names)
	return first, templates[first]
}

// gatewayVariable finds what gateway response templates may name. They are
// simple substitution, not VTL (aws-facts B4).
var gatewayVariable = regexp.MustCompile(
	`\$(?:\{(` + gatewayNames + `)\}|(` + gatewayNames + `))`)

const gatewayNames = `(?:context|stageVariables|method\.request\.(?:header|path|querystring))\.[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]+)*`

// substitute replaces variables by their text; what has no value becomes
// nothing.
func (x *exchange) substitute(template string) string {
	return gatewayVariable.ReplaceAllStringFunc(template, func(found string) string {
		name := strings.Trim(found, "${}")
		value, _ := x.requestValue(name)
		return value
	})
}

// quoteJSON is s as a JSON string, without Go's escapes for HTML.
func quoteJSON(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes, and a Builder never fails
	return strings.TrimSuffix(b.String(), "\n")
}

func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case nil, map[string]any:
		return ""
	default:
		return fmt.Sprint(v)
	}
}
