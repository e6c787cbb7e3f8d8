// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	requestIDs  = regexp.MustCompile(`(?i)[,;(]?\s*\b(aws)?\s*(host|request)[ -]?id:?\s*[=:]?\s*[\w=/+-]{8,}\)?`)
	uuids       = regexp.MustCompile(`\b[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b`)
	times       = regexp.MustCompile(`\b\d{4}-?\d{2}-?\d{2}T\d{2}:?\d{2}:?\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?\b`)
	sessions    = regexp.MustCompile(`(:assumed-role/[^/\s]+)/[^\s.,]+`)
	ephemeral   = regexp.MustCompile(`(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):\d+->`)
	whitespaces = regexp.MustCompile(`\s+`)
)

// maxAnswer is how much of AWS's own words a message carries, in bytes.
const maxAnswer = 400

// settle removes from a foreign text what differs from one try to the next,
// and makes it one line of bounded length.
func settle(s string) string {
	s = requestIDs.ReplaceAllString(s, "")
	s = uuids.ReplaceAllString(s, "(id)")
	s = times.ReplaceAllString(s, "(time)")
	s = sessions.ReplaceAllString(s, "$1")
	s = ephemeral.ReplaceAllString(s, "")
	s = strings.ToValidUTF8(s, "?")
	s = strings.TrimSpace(whitespaces.ReplaceAllString(s, " "))
	if len(s) > maxAnswer {
		cut := maxAnswer
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "..."
	}
	return strings.TrimRight(s, ".;: ")
}

// rootCause is the text of the last error in a chain: the wrappings around it
// repeat what the message already says.
func rootCause(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
