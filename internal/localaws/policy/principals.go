// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"encoding/json"
	"regexp"
	"strings"
)

// Principals lists who a statement is about, by type.
type Principals struct {
	// Any is the bare "*".
	Any bool
	// AWS holds account ids, ARNs or "*".
	AWS []string
	// Service holds service principals such as apigateway.amazonaws.com.
	Service []string
	// Federated holds identity providers; nothing of the local AWS is one, so
	// they never match.
	Federated []string
}

func parsePrincipals(raw json.RawMessage) (*Principals, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var bare string
	if json.Unmarshal(raw, &bare) == nil {
		if bare != "*" {
			return nil, syntaxf("Invalid principal in policy.")
		}
		return &Principals{Any: true}, nil
	}
	var typed map[string]list
	if err := json.Unmarshal(raw, &typed); err != nil || len(typed) == 0 {
		return nil, syntaxf("Syntax errors in policy.")
	}
	p := &Principals{}
	for kind, names := range typed {
		if len(names) == 0 {
			return nil, syntaxf("Syntax errors in policy.")
		}
		switch kind {
		case "AWS":
			p.AWS = names
		case "Service":
			p.Service = names
		case "Federated", "CanonicalUser":
			p.Federated = append(p.Federated, names...)
		default:
			return nil, syntaxf("Syntax errors in policy.")
		}
		for _, name := range names {
			if err := checkPrincipal(kind, name); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

var (
	awsPrincipal = regexp.MustCompile(`^(\*|\d{12}|A[A-Z0-9]{15,}|arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|(user|role|assumed-role|federated-user)/.+))$`)
	svcPrincipal = regexp.MustCompile(`^[a-z0-9.-]+\.(amazonaws\.com|amazonaws\.com\.cn|amazon\.com|amazonaws\.eu)$`)
)

func checkPrincipal(kind, name string) error {
	ok := true
	switch kind {
	case "AWS":
		ok = awsPrincipal.MatchString(name)
	case "Service":
		ok = svcPrincipal.MatchString(name)
	}
	if !ok {
		return syntaxf("Invalid principal in policy: %q:%q", strings.ToUpper(kind), name)
	}
	return nil
}

// names reports whether exactly this caller is listed.
func (p *Principals) names(c Principal) bool {
	for _, name := range p.AWS {
		if name != "" && (name == c.ARN || name == c.RoleARN || name == c.ID) {
			return true
		}
	}
	return false
}

func (p *Principals) match(c Principal) bool {
	if p.Any {
		return true
	}
	if c.Service != "" {
		for _, s := range p.Service {
			if s == c.Service {
				return true
			}
		}
		return false
	}
	if p.names(c) {
		return true
	}
	for _, name := range p.AWS {
		switch {
		case name == "*":
			return true
		case c.AccountID == "":
		case name == c.AccountID:
			return true
		case strings.HasSuffix(name, "::"+c.AccountID+":root"):
			return true
		}
	}
	return false
}
