// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"fmt"
)

// modelNewComment is the model of POST /comments. Model names are
// alphanumeric (aws-facts B3).
const modelNewComment = "NewComment"

// Limits on what is posted, in Unicode characters. All of them together stay
// far below an item's 400 KB (aws-facts H1).
const (
	// maxPageID keeps the index's key below 2048 bytes (aws-facts H1) even if
	// every character took four.
	maxPageID   = 512
	maxUserName = 100
	maxMessage  = 10000
)

// pageIDPattern is what a page id is made of: the characters that mean
// themselves in a URL, so that it doesn't matter whether API Gateway decodes
// path parameters (aws-facts E6), and not dots alone, since clients resolve
// "." and ".." in paths. It has no anchors and means the same to the engines
// of Java, ECMAScript and Go.
const pageIDPattern = `[.]*[A-Za-z0-9_~-][A-Za-z0-9._~-]*`

// newCommentSchema is what a client posts: JSON schema of draft 4, canonical.
// Fields it doesn't name are let through and not stored.
func newCommentSchema() (string, error) {
	text := func(most int) map[string]any {
		return map[string]any{"type": "string", "minLength": 1, "maxLength": most}
	}
	pageID := text(maxPageID)
	pageID["pattern"] = "^" + pageIDPattern + "$"
	b, err := json.Marshal(map[string]any{
		"type":     "object",
		"required": []string{attrMessage, attrPageID, attrUserName},
		"properties": map[string]any{
			attrPageID:   pageID,
			attrUserName: text(maxUserName),
			attrMessage:  text(maxMessage),
		},
	})
	if err != nil {
		return "", fmt.Errorf("encode the model %s: %w", modelNewComment, err)
	}
	return string(b), nil
}
