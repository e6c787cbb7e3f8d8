// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/query"
)

// Limits of aws-facts G1: the defaults of a new account.
const (
	maxRoles         = 1000
	maxAttached      = 10
	maxTags          = 50
	maxTrustChars    = 2048
	maxInlineChars   = 10240
	maxManagedChars  = 6144
	maxDescription   = 1000
	minSession       = 3600
	maxSession       = 43200
	maxDocumentInput = 131072
)

var (
	namePattern = regexp.MustCompile(`^[\w+=,.@-]+$`)
	pathPattern = regexp.MustCompile(`^(/|/[\x21-\x7E]+/)$`)
)

// invalid is the refusal of a parameter that breaks a constraint of the
// model.
func invalid(field, value, constraint string) error {
	return query.Errorf(http.StatusBadRequest, "ValidationError",
		"1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, field, constraint)
}

func missing(field string) error {
	return query.Errorf(http.StatusBadRequest, "ValidationError",
		"1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", field)
}

// name reads a required name parameter.
func (c call) name(param string, limit int) (string, error) {
	field := strings.ToLower(param[:1]) + param[1:]
	v := c.Get(param)
	switch {
	case !c.Has(param):
		return "", missing(field)
	case v == "":
		return "", invalid(field, v, "Member must have length greater than or equal to 1")
	case utf8.RuneCountInString(v) > limit:
		return "", invalid(field, v, "Member must have length less than or equal to "+strconv.Itoa(limit))
	case !namePattern.MatchString(v):
		return "", query.Errorf(http.StatusBadRequest, "ValidationError",
			"The specified value for %s is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-", field)
	}
	return v, nil
}

func (c call) roleName() (string, error)   { return c.name("RoleName", 64) }
func (c call) policyName() (string, error) { return c.name("PolicyName", 128) }

// path reads Path, default "/".
func (c call) path() (string, error) {
	v := c.Get("Path")
	switch {
	case v == "":
		return "/", nil
	case len(v) > 512:
		return "", invalid("path", v, "Member must have length less than or equal to 512")
	case !pathPattern.MatchString(v):
		return "", query.Errorf(http.StatusBadRequest, "ValidationError",
			"The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return v, nil
}

func (c call) description() (string, error) {
	v := c.Get("Description")
	if utf8.RuneCountInString(v) > maxDescription {
		return "", invalid("description", v, "Member must have length less than or equal to "+strconv.Itoa(maxDescription))
	}
	for _, r := range v {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r > 0xFF || r >= 0x7F && r < 0xA1 {
			return "", invalid("description", v, `Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`)
		}
	}
	return v, nil
}

// session reads MaxSessionDuration, in seconds.
func (c call) session(otherwise int) (int, error) {
	v := c.Get("MaxSessionDuration")
	if v == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(v)
	switch {
	case err != nil:
		return 0, query.Errorf(http.StatusBadRequest, "MalformedInput", "MaxSessionDuration %q is not a number of seconds", v)
	case n < minSession:
		return 0, invalid("maxSessionDuration", v, "Member must have value greater than or equal to 3600")
	case n > maxSession:
		return 0, invalid("maxSessionDuration", v, "Member must have value less than or equal to 43200")
	}
	return n, nil
}

// document reads a policy document parameter without judging its contents.
func (c call) document(param string) (string, error) {
	field := strings.ToLower(param[:1]) + param[1:]
	v := c.Get(param)
	if !c.Has(param) {
		return "", missing(field)
	}
	if v == "" {
		return "", invalid(field, v, "Member must have length greater than or equal to 1")
	}
	if len(v) > maxDocumentInput {
		return "", invalid(field, v[:64]+"...", "Member must have length less than or equal to 131072")
	}
	for _, r := range v {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r > 0xFF {
			return "", invalid(field, v, `Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+`)
		}
	}
	return v, nil
}

// weight counts the characters of a document that count towards its limit.
func weight(document string) int {
	n := 0
	for _, r := range document {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// newUniqueID makes an id such as AROA4ZKQ... with the prefix of its sort.
func newUniqueID(prefix string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	out := []byte(prefix)
	for _, c := range core.NewID(34) {
		if len(out) == len(prefix)+17 {
			break
		}
		// Two hexadecimal digits give one base-32 letter; one is enough
		// randomness for a local account.
		out = append(out, letters[strings.IndexRune("0123456789abcdef", c)*2])
	}
	return string(out)
}
