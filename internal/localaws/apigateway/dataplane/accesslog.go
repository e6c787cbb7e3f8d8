// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"regexp"
	"strconv"
	"strings"
)

var accessVariable = regexp.MustCompile(`\$context((?:\.[A-Za-z0-9_\-]+)+)`)

// writeAccessLog renders the stage's access log line (aws-facts D5).
// Variables without a value show as "-".
func (x *exchange) writeAccessLog(resp *response) {
	settings := x.stage.AccessLogSettings
	if settings == nil || settings.Format == "" || x.plane.deps.AccessLog == nil {
		return
	}
	x.vars["status"] = strconv.Itoa(resp.status)
	x.vars["responseLength"] = strconv.Itoa(len(resp.body))
	x.vars["responseLatency"] = strconv.FormatInt(x.elapsed().Milliseconds(), 10)
	if x.integrationStatus != 0 {
		status, latency := strconv.Itoa(x.integrationStatus), strconv.FormatInt(x.integrationLatency.Milliseconds(), 10)
		x.vars["integrationStatus"], x.vars["integrationLatency"] = status, latency
		x.vars["integration"] = map[string]any{"status": status, "latency": latency}
	}
	line := accessVariable.ReplaceAllStringFunc(settings.Format, func(found string) string {
		value, ok := lookup(x.vars, strings.TrimPrefix(found, "$context."))
		text := textOf(value)
		if !ok || text == "" {
			return "-"
		}
		return text
	})
	x.plane.deps.AccessLog(settings.DestinationARN, line)
}
