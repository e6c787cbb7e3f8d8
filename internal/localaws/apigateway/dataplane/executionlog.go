// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// maxLogEvent is where AWS cuts an event (aws-facts A3).
const maxLogEvent = 1024

// executionLog records what happens to one request, in the words of AWS's
// execution log. A nil log drops everything.
type executionLog struct {
	clock core.Clock
	emit  func(line string)
}

// newLog returns a log into the sink, or nil without one.
func (x *exchange) newLog(sink func(apiID, stage, line string)) *executionLog {
	if sink == nil {
		return nil
	}
	api, stage, id := x.def.snapshot.API.ID, x.stageName(), x.requestID
	return &executionLog{clock: x.plane.deps.Env.Clock, emit: func(line string) {
		line = "(" + id + ") " + line
		if len(line) > maxLogEvent {
			line = line[:maxLogEvent] + " [TRUNCATED]"
		}
		sink(api, stage, line)
	}}
}

// dated writes each line with its time, as TestInvokeMethod returns them.
func dated(clock core.Clock, into *strings.Builder) *executionLog {
	return &executionLog{clock: clock, emit: func(line string) {
		into.WriteString(clock.Now().UTC().Format(time.UnixDate) + " : " + line + "\n")
	}}
}

func (l *executionLog) printf(format string, args ...any) {
	if l != nil {
		l.emit(fmt.Sprintf(format, args...))
	}
}

// start writes what the client sent.
func (l *executionLog) start(x *exchange) {
	if l == nil {
		return
	}
	l.printf("Starting execution for request: %s", x.requestID)
	l.printf("HTTP Method: %s, Resource Path: %s", x.request.method, x.request.path)
	l.printf("Method request path: %s", braces(x.route.params))
	l.printf("Method request query string: %s", braces(lastValues(x.request.query)))
	l.printf("Method request headers: %s", l.headers(x.request.header))
	l.printf("Method request body before transformations: %s", x.request.text())
}

// headers formats headers; what authenticates somebody is not written.
func (l *executionLog) headers(h http.Header) string {
	if l == nil {
		return ""
	}
	flat := make(map[string]string, len(h))
	for name, values := range h {
		flat[name] = strings.Join(values, ",")
	}
	for _, secret := range []string{"Authorization", "X-Api-Key", "X-Amz-Security-Token"} {
		if _, ok := flat[secret]; ok {
			flat[secret] = "****"
		}
	}
	return braces(flat)
}

// braces formats a map like Java: {a=1, b=2}, in order of the keys.
func braces(m map[string]string) string {
	parts := make([]string, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, k+"="+m[k])
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
