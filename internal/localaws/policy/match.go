// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package policy

import "strings"

// Glob matches s against a pattern in which * stands for any text and ? for
// one byte. It takes time proportional to the product of the lengths at
// worst, never exponential.
func Glob(pattern, s string) bool {
	p, i := 0, 0
	star, mark := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// MatchARN matches an ARN against a pattern component by component, so that a
// wildcard in the region can't swallow the account. A pattern with fewer than
// six components that ends in * covers everything below it.
func MatchARN(pattern, arn string) bool {
	ps, as := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(ps) < 6 && strings.HasSuffix(pattern, "*") {
		return Glob(pattern, arn)
	}
	if len(ps) != len(as) {
		return false
	}
	for i := range ps {
		if !Glob(ps[i], as[i]) {
			return false
		}
	}
	return true
}

// context is a request's condition keys, folded to lower case.
type context map[string][]string

func foldContext(in map[string][]string) context {
	out := make(context, len(in))
	for k, v := range in {
		out[strings.ToLower(k)] = v
	}
	return out
}

// expand replaces policy variables: ${aws:username}, ${key, 'default'}, and
// the escapes ${*}, ${?} and ${$}. A variable without a value makes the
// pattern match nothing, which is what AWS does with it.
func (c context) expand(p string) string {
	if !strings.Contains(p, "${") {
		return p
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(p, "${")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			out.WriteString("${" + rest)
			return out.String()
		}
		out.WriteString(c.variable(name))
		p = after
	}
}

// unmatched is a text no ARN and no condition value contains.
const unmatched = "\x00"

func (c context) variable(name string) string {
	switch name {
	case "*", "?", "$":
		return name
	}
	key, fallback, hasFallback := strings.Cut(name, ",")
	if v := c[strings.ToLower(strings.TrimSpace(key))]; len(v) == 1 {
		return v[0]
	}
	if hasFallback {
		return strings.Trim(strings.TrimSpace(fallback), "'")
	}
	return unmatched
}
