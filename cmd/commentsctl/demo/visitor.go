// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// visitor makes the requests of a website's visitor.
var visitor = &http.Client{Timeout: 30 * time.Second}

// comment is one comment as clients see it.
type comment struct {
	CommentID string `json:"commentId"`
	UserName  string `json:"userName"`
	Message   string `json:"message"`
}

// post stores a comment on a page and returns its id.
func post(ctx context.Context, invokeURL, page string) (string, error) {
	body, err := json.Marshal(map[string]string{"pageId": page, "userName": "Ada", "message": "First!"})
	if err != nil {
		return "", fmt.Errorf("encode a comment: %w", err)
	}
	var made comment
	if err := call(ctx, http.MethodPost, invokeURL+"/comments", body, http.StatusCreated, &made); err != nil {
		return "", err
	}
	if made.CommentID == "" {
		return "", fmt.Errorf("POST %s/comments answered without a commentId", invokeURL)
	}
	return made.CommentID, nil
}

// list returns the comments of a page.
func list(ctx context.Context, invokeURL, page string) ([]comment, error) {
	var answer struct {
		Comments []comment `json:"comments"`
	}
	err := call(ctx, http.MethodGet, invokeURL+"/comments/"+url.PathEscape(page), nil, http.StatusOK, &answer)
	return answer.Comments, err
}

// call makes a request and reads the JSON of an answer with the wanted status.
func call(ctx context.Context, method, url string, body []byte, want int, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, url, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := visitor.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, url, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", method, url, err)
	}
	if resp.StatusCode != want {
		return fmt.Errorf("%s %s: answer %s, want %d: %s", method, url, resp.Status, want, bytes.TrimSpace(text))
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s %s: the answer is no JSON: %w", method, url, err)
	}
	return nil
}
