// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// jsonNumber is a member AWS takes as a number or as text with a number.
type jsonNumber struct{ text string }

// UnmarshalJSON keeps the member's text; int judges it.
func (n *jsonNumber) UnmarshalJSON(b []byte) error {
	n.text = string(bytes.Trim(b, `"`))
	return nil
}

func (n *jsonNumber) int() (int, bool) {
	v, err := strconv.Atoi(n.text)
	return v, err == nil
}

const maxTags = 50 // aws-facts A3, C4

// checkTags holds tags to aws-facts C4: at most 50, keys of 1 to 128 and
// values of at most 256 characters from a limited set, no aws: prefix.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return badRequest("Invalid number of tags: %d given, at most %d are allowed", len(tags), maxTags)
	}
	for k, v := range tags {
		switch {
		case k == "" || utf8.RuneCountInString(k) > 128:
			return badRequest("Invalid tag key %q: use 1 to 128 characters", k)
		case strings.HasPrefix(strings.ToLower(k), "aws:"):
			return badRequest("Invalid tag key %q: the prefix aws: is reserved", k)
		case !tagText(k):
			return badRequest("Invalid tag key %q: use letters, digits, spaces and . : + = @ _ / -", k)
		case utf8.RuneCountInString(v) > 256:
			return badRequest("Invalid tag value for key %q: use at most 256 characters", k)
		case !tagText(v):
			return badRequest("Invalid tag value %q for key %q: use letters, digits, spaces and . : + = @ _ / -", v, k)
		}
	}
	return nil
}

func tagText(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsSpace(r) && !strings.ContainsRune(".:+=@_/-", r) {
			return false
		}
	}
	return true
}
