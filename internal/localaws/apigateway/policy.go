// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

const maxPolicy = 8192 // characters (aws-facts A3)

// normalPolicy checks a resource policy and returns it compact, with account
// principals written as root ARNs, as AWS may do (aws-facts C2).
func normalPolicy(text, partition string) (string, error) {
	invalid := badRequest("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
	if len(text) > maxPolicy {
		return "", badRequest("Invalid policy document: %d characters, at most %d are allowed", len(text), maxPolicy)
	}
	var doc struct {
		Version   string          `json:"Version"`
		ID        string          `json:"Id,omitempty"`
		Statement json.RawMessage `json:"Statement"`
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil || len(doc.Statement) == 0 {
		return "", invalid
	}
	var statements []map[string]any
	if err := json.Unmarshal(doc.Statement, &statements); err != nil {
		var one map[string]any
		if json.Unmarshal(doc.Statement, &one) != nil {
			return "", invalid
		}
		statements = []map[string]any{one}
	}
	for _, st := range statements {
		if st["Effect"] != "Allow" && st["Effect"] != "Deny" {
			return "", invalid
		}
		if st["Principal"] == nil && st["NotPrincipal"] == nil || st["Action"] == nil && st["NotAction"] == nil {
			return "", invalid
		}
		if p, ok := st["Principal"].(map[string]any); ok {
			p["AWS"] = rootARNs(p["AWS"], partition)
			if p["AWS"] == nil {
				delete(p, "AWS")
			}
		}
	}
	out, err := encodeCompact(map[string]any{"Version": doc.Version, "Statement": statements})
	if err != nil {
		return "", invalid
	}
	return out, nil
}

var accountID = regexp.MustCompile(`^\d{12}$`)

func rootARNs(v any, partition string) any {
	switch v := v.(type) {
	case string:
		if accountID.MatchString(v) {
			return "arn:" + partition + ":iam::" + v + ":root"
		}
	case []any:
		for i := range v {
			v[i] = rootARNs(v[i], partition)
		}
	}
	return v
}

func encodeCompact(v any) (string, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSpace(buf.String()), nil
}

// expandPolicy writes the short form execute-api:/... as the API's full ARN,
// as AWS does when it stores a policy (aws-facts B4).
func expandPolicy(policy string, a model.RestAPI) string {
	full := "arn:" + a.Partition + ":execute-api:" + a.Region + ":" + a.AccountID + ":" + a.ID + "/"
	return strings.ReplaceAll(policy, `"execute-api:/`, `"`+full)
}
