// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"fmt"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// modelNewComment is the model of POST /comments. Model names are
// alphanumeric (aws-facts B3).
const modelNewComment = "NewComment"

// maxPageID, in characters, keeps the index's key below 2048 bytes (aws-facts
// H1) even if every character took four.
const maxPageID = 512

// pageIDPattern is what a page id is made of: the characters that mean
// themselves in a URL, so that it doesn't matter whether API Gateway decodes
// path parameters (aws-facts E6), and not dots alone, since clients resolve
// "." and ".." in paths. It has no anchors and means the same to the engines
// of Java, ECMAScript and Go.
const pageIDPattern = `[.]*[A-Za-z0-9_~-][A-Za-z0-9._~-]*`

// commentIDPattern is what a comment's id is made of: a request id of API
// Gateway is a UUID, and tables made elsewhere may hold others.
const commentIDPattern = `[A-Za-z0-9._~-]{1,128}`

// newCommentSchema is what a client posts: JSON schema of draft 4, canonical.
// Fields it doesn't name are let through and not stored.
func newCommentSchema(spec v1alpha1.CommentsSpec) (string, error) {
	text := func(most int32) map[string]any {
		return map[string]any{"type": "string", "minLength": 1, "maxLength": most}
	}
	pageID := text(spec.Limits.PageID)
	pageID["pattern"] = "^" + pageIDPattern + "$"
	properties := map[string]any{
		attrPageID:   pageID,
		attrUserName: text(spec.Limits.UserName),
		attrMessage:  text(spec.Limits.Message),
	}
	if spec.Replies == v1alpha1.Enabled {
		properties[attrParentID] = map[string]any{"type": "string", "pattern": "^" + commentIDPattern + "$"}
	}
	b, err := json.Marshal(map[string]any{
		"type":       "object",
		"required":   []string{attrMessage, attrPageID, attrUserName},
		"properties": properties,
	})
	if err != nil {
		return "", fmt.Errorf("encode the model %s: %w", modelNewComment, err)
	}
	return string(b), nil
}
