// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// visitor is a reader of the website.
type visitor struct {
	// base is the invoke URL.
	base string
}

// theirs is the page whose comments nobody may lose.
const theirs = "theirs"

var browser = &http.Client{Timeout: 35 * time.Second}

type comment struct {
	CommentID string `json:"commentId"`
	UserName  string `json:"userName"`
	Message   string `json:"message"`
}

// send makes one request; Content-Type is JSON unless header says otherwise.
func (v visitor) send(ctx context.Context, method, path, body string, header map[string]string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, v.base+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, nil, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, value := range header {
		req.Header.Set(k, value)
	}
	resp, err := browser.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<21))
	return resp.StatusCode, text, err
}

// post stores a comment with the text as name and message.
func (v visitor) post(ctx context.Context, page, text string) (string, error) {
	body, err := json.Marshal(map[string]string{"pageId": page, "userName": text, "message": text})
	if err != nil {
		return "", err
	}
	status, answer, err := v.send(ctx, http.MethodPost, "/comments", string(body), nil)
	if err != nil {
		return "", err
	}
	var made comment
	if err := json.Unmarshal(answer, &made); err != nil || status != http.StatusCreated || made.CommentID == "" {
		return "", fmt.Errorf("posting %q is answered with %d: %s", text, status, answer)
	}
	return made.CommentID, nil
}

func (v visitor) list(ctx context.Context, page string) ([]comment, error) {
	status, answer, err := v.send(ctx, http.MethodGet, "/comments/"+url.PathEscape(page), "", nil)
	if err != nil {
		return nil, err
	}
	var list struct {
		Comments []comment `json:"comments"`
	}
	if err := json.Unmarshal(answer, &list); err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("listing %s is answered with %d: %s", page, status, answer)
	}
	return list.Comments, nil
}

// listed waits until the page lists the comment, or any if id is "". A refusal
// may pass: what serves takes a while to change (aws-facts A4).
func (v visitor) listed(ctx context.Context, w *world, id string) ([]comment, error) {
	var got []comment
	err := w.until(ctx, "comments are listed", func() (bool, string, error) {
		var refusal error
		got, refusal = v.list(ctx, theirs)
		found := slices.ContainsFunc(got, func(c comment) bool { return id == "" || c.CommentID == id })
		return found, fmt.Sprint(got, refusal), nil
	})
	return got, err
}
