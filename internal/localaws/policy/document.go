// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package policy reads and evaluates IAM policy documents: identity policies,
// permissions boundaries, role trust and the resource policies of REST APIs.
// It follows the evaluation logic of the IAM user guide: an explicit deny
// wins, then something must allow, else the request is implicitly denied.
package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Kind says where a document is attached, which decides what it must and must
// not contain.
type Kind int

// The kinds of policy documents.
const (
	// Identity documents (inline, managed, boundary) name resources and no
	// principal.
	Identity Kind = iota
	// Trust documents of roles name principals and no resource.
	Trust
	// Resource documents name both.
	Resource
)

// Document is a parsed policy.
type Document struct {
	Version    string
	ID         string
	Statements []Statement
}

// Statement is one rule of a Document.
type Statement struct {
	Sid          string
	Allow        bool
	Principal    *Principals
	NotPrincipal *Principals
	Action       []string
	NotAction    []string
	Resource     []string
	NotResource  []string
	Conditions   []Condition
}

// SyntaxError says why a document is refused; its text is IAM's where IAM's
// is known.
type SyntaxError struct{ Message string }

func (e *SyntaxError) Error() string { return e.Message }

func syntaxf(format string, args ...any) error {
	return &SyntaxError{Message: fmt.Sprintf(format, args...)}
}

// one or many strings, as the policy grammar allows everywhere.
type list []string

func (l *list) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*l = list{s}
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return syntaxf("Syntax errors in policy.")
	}
	*l = list(many)
	return nil
}

type rawDocument struct {
	Version   *string
	ID        *string `json:"Id"`
	Statement json.RawMessage
}

type rawStatement struct {
	Sid          string
	Effect       string
	Principal    json.RawMessage
	NotPrincipal json.RawMessage
	Action       list
	NotAction    list
	Resource     list
	NotResource  list
	Condition    json.RawMessage
}

// Parse reads a document and checks it against the policy grammar for its
// kind. All errors are *SyntaxError.
func Parse(text string, kind Kind) (*Document, error) {
	var raw rawDocument
	if err := strict(text, &raw); err != nil {
		return nil, err
	}
	doc := &Document{Version: "2008-10-17"}
	if raw.Version != nil {
		doc.Version = *raw.Version
	}
	if doc.Version != "2012-10-17" && doc.Version != "2008-10-17" {
		return nil, syntaxf("The policy must contain a valid version string")
	}
	if raw.ID != nil {
		doc.ID = *raw.ID
	}
	statements, err := splitStatements(raw.Statement)
	if err != nil {
		return nil, err
	}
	sids := map[string]bool{}
	for _, r := range statements {
		s, err := parseStatement(r, kind)
		if err != nil {
			return nil, err
		}
		if s.Sid != "" && sids[s.Sid] {
			return nil, syntaxf("Statement IDs (SID) in a single policy must be unique.")
		}
		sids[s.Sid] = true
		doc.Statements = append(doc.Statements, *s)
	}
	return doc, nil
}

// strict decodes exactly one JSON object without unknown fields. Go's decoder
// matches names without regard to case; IAM does as well for element names.
func strict(text string, into any) error {
	if !json.Valid([]byte(text)) {
		return syntaxf("This policy contains invalid Json")
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return syntaxf("Syntax errors in policy.")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return syntaxf("This policy contains invalid Json")
	}
	return nil
}

func splitStatements(raw json.RawMessage) ([]json.RawMessage, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil, syntaxf("Syntax errors in policy.")
	}
	if raw[0] == '{' {
		return []json.RawMessage{raw}, nil
	}
	var many []json.RawMessage
	if err := json.Unmarshal(raw, &many); err != nil {
		return nil, syntaxf("Syntax errors in policy.")
	}
	if len(many) == 0 {
		return nil, syntaxf("Policy document must contain at least one statement.")
	}
	return many, nil
}

var (
	sidPattern    = regexp.MustCompile(`^[A-Za-z0-9]*$`)
	actionPattern = regexp.MustCompile(`^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$`)
)

func parseStatement(text json.RawMessage, kind Kind) (*Statement, error) {
	var raw rawStatement
	if err := strict(string(text), &raw); err != nil {
		return nil, err
	}
	s := &Statement{
		Sid: raw.Sid, Action: raw.Action, NotAction: raw.NotAction,
		Resource: raw.Resource, NotResource: raw.NotResource,
	}
	switch raw.Effect {
	case "Allow":
		s.Allow = true
	case "Deny":
	default:
		return nil, syntaxf("Syntax errors in policy.")
	}
	if kind == Identity && !sidPattern.MatchString(s.Sid) {
		return nil, syntaxf("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
	}
	if (len(s.Action) == 0) == (len(s.NotAction) == 0) {
		return nil, syntaxf("Policy statement must contain actions.")
	}
	for _, a := range slices.Concat(s.Action, s.NotAction) {
		if !actionPattern.MatchString(a) {
			return nil, syntaxf("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
		}
	}
	if err := s.checkScope(raw, kind); err != nil {
		return nil, err
	}
	var err error
	if s.Principal, err = parsePrincipals(raw.Principal); err != nil {
		return nil, err
	}
	if s.NotPrincipal, err = parsePrincipals(raw.NotPrincipal); err != nil {
		return nil, err
	}
	s.Conditions, err = parseConditions(raw.Condition)
	return s, err
}

// checkScope holds the rules on who needs principals and resources.
func (s *Statement) checkScope(raw rawStatement, kind Kind) error {
	hasPrincipal := len(raw.Principal) > 0 || len(raw.NotPrincipal) > 0
	hasResource := len(s.Resource) > 0 || len(s.NotResource) > 0
	if len(raw.Principal) > 0 && len(raw.NotPrincipal) > 0 ||
		len(s.Resource) > 0 && len(s.NotResource) > 0 {
		return syntaxf("Syntax errors in policy.")
	}
	switch {
	case kind == Identity && hasPrincipal:
		return syntaxf("Policy document should not specify a principal.")
	case kind != Identity && !hasPrincipal:
		return syntaxf("Missing required field Principal")
	case kind == Trust && hasResource:
		return syntaxf("Has prohibited field Resource")
	case kind != Trust && !hasResource:
		return syntaxf("Policy statement must contain resources.")
	case kind == Trust:
		for _, a := range slices.Concat(s.Action, s.NotAction) {
			if a != "*" && !strings.HasPrefix(strings.ToLower(a), "sts:") {
				return syntaxf("AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
	case kind == Identity:
		for _, r := range slices.Concat(s.Resource, s.NotResource) {
			if err := checkResource(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkResource(r string) error {
	if r == "*" {
		return nil
	}
	parts := strings.SplitN(r, ":", 6)
	if parts[0] != "arn" {
		return syntaxf("Resource %s must be in ARN format or \"*\".", r)
	}
	if len(parts) < 2 || !strings.HasPrefix(parts[1], "aws") && parts[1] != "*" {
		partition := ""
		if len(parts) > 1 {
			partition = parts[1]
		}
		return syntaxf("Partition %q is not valid for resource %q.", partition, r)
	}
	if len(parts) < 6 && !strings.HasSuffix(r, "*") {
		return syntaxf("The policy failed legacy parsing")
	}
	return nil
}
