// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import "context"

// templateFacts are about mapping templates.
func (l *lab) templateFacts() []fact {
	rendered := func(point, name, template, path string) fact {
		return fact{point, name, func(ctx context.Context) (string, error) { return l.try(ctx, fallback(template), path) }}
	}
	return []fact{
		rendered("K7", "escapeJavaScript of an empty text", `[$util.escapeJavaScript("")]`, "/things/x"),
		rendered("K7", "escapeJavaScript of what is missing", `[$util.escapeJavaScript($input.path('$.missing'))]`, "/things/x"),
		rendered("K7", "escapeJavaScript of a slash and of ü", `[$util.escapeJavaScript("/ü")]`, "/things/x"),
		rendered("K7", "$input.json of what is missing", `[$input.json('$.missing')]`, "/things/x"),
		rendered("K7", "$velocityCount", `#foreach($i in [7,8])$velocityCount#end`, "/things/x"),
		// Velocity 2 ended names at a hyphen, Velocity 1 takes it for a letter.
		rendered("K7", "a name with a hyphen", `#set($a = 7)[$a-b]`, "/things/x"),
		rendered("K9", "%2B in a path parameter, by TestInvokeMethod", `[$input.params('id')]`, "/things/a%2Bb"),
		rendered("E4", "arithmetic on requestTimeEpoch", `#set($t = $context.requestTimeEpoch / 1000)[$t]`, "/things/x"),
	}
}

// patternFacts are about the selection of responses. A status is 200 here, and
// each pattern is alone with the default.
func (l *lab) patternFacts() []fact {
	selected := func(name, pattern string) fact {
		m := fallback("default")
		m.responses[pattern] = says("400", "pattern")
		return fact{"K11", name, func(ctx context.Context) (string, error) { return l.try(ctx, m, "/things/x") }}
	}
	return []fact{
		selected("a pattern that matches the beginning of the status", "2"),
		selected("a pattern that matches the end of the status", "00"),
		{"K11", "two patterns of one status code, imported", l.twoPatterns},
	}
}
