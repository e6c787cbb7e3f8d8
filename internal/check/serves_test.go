// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/check"
)

// ask makes a call to a settled API as somebody who may: with the API key
// where there is one, and signed where sign says so.
func (s *subject) ask(r check.Result, sign bool, method, path, body string) (int, string) {
	s.t.Helper()
	if s.w.clock != nil {
		s.w.clock.Advance(2 * time.Second) // for the slowest throttle
	}
	req, err := http.NewRequestWithContext(s.w.ctx, method, s.w.local.InvokeURL(r.Observed.API.ID, s.spec.Stage)+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.Observed.Key != nil {
		key, err := s.w.apis.GetApiKey(s.w.ctx, &apigateway.GetApiKeyInput{ApiKey: &r.Observed.Key.ID, IncludeValue: aws.Bool(true)})
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("x-api-key", *key.Value)
	}
	if sign {
		sum := sha256.Sum256([]byte(body))
		err := v4.NewSigner().SignHTTP(s.w.ctx, aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, req,
			hex.EncodeToString(sum[:]), "execute-api", region, time.Now())
		if err != nil {
			s.t.Fatal(err)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// serves posts a comment to a settled API and lists it, by way of a moderator
// where one has to look, and deletes it where that is possible.
func (s *subject) serves(r check.Result) {
	s.t.Helper()
	auth, comments := s.spec.API.Authorization, s.spec.Comments
	signsPost, signsList := auth.Post == v1alpha1.AuthorizationIAM, auth.List == v1alpha1.AuthorizationIAM
	want := http.StatusCreated
	if comments.Moderation == v1alpha1.ModerationBeforeListing {
		want = http.StatusAccepted
	}
	status, body := s.ask(r, signsPost, http.MethodPost, "/comments", `{"pageId":"p","userName":"A","message":"\"hello\""}`)
	var posted struct{ CommentID string }
	if err := json.Unmarshal([]byte(body), &posted); err != nil || status != want || posted.CommentID == "" {
		s.t.Errorf("POST answers %d %s; want %d and an id", status, body, want)
		return
	}
	if want == http.StatusAccepted {
		if status, body = s.ask(r, true, http.MethodPost, "/moderation/"+posted.CommentID+"/approve", ""); status >= 300 {
			s.t.Errorf("approving answers %d %s", status, body)
		}
	}
	var list struct{ Comments []map[string]any }
	status, body = s.ask(r, signsList, http.MethodGet, "/comments/p", "")
	if err := json.Unmarshal([]byte(body), &list); err != nil || status != http.StatusOK || len(list.Comments) != 1 {
		s.t.Errorf("GET answers %d %s; want the one comment", status, body)
		return
	}
	got := list.Comments[0]
	if got["commentId"] != posted.CommentID || got["userName"] != "A" || got["message"] != `"hello"` {
		s.t.Errorf("the list has %v; want the comment %s as it was posted", got, posted.CommentID)
	}
	if comments.Count == v1alpha1.Enabled {
		if status, body = s.ask(r, signsList, http.MethodGet, "/comments/p/count", ""); status != http.StatusOK || !strings.Contains(body, `"count":1`) && !strings.Contains(body, `"count": 1`) {
			s.t.Errorf("the count answers %d %s; want 1", status, body)
		}
	}
	if comments.Deletion == v1alpha1.Enabled {
		if status, body = s.ask(r, true, http.MethodDelete, "/comments/p/"+posted.CommentID, ""); status >= 300 {
			s.t.Errorf("deleting answers %d %s", status, body)
		}
	}
	if signsPost {
		if status, _ = s.ask(r, false, http.MethodPost, "/comments", `{}`); status != http.StatusForbidden {
			s.t.Errorf("an unsigned POST answers %d, want 403", status)
		}
	}
	if signsList {
		for _, path := range []string{"/comments/p", "/comments/p/count"} {
			if status, body = s.ask(r, false, http.MethodGet, path, ""); status != http.StatusForbidden {
				s.t.Errorf("an unsigned GET %s answers %d %s, want 403", path, status, body)
			}
		}
	}
}

// isOpenAPI holds the document to OpenAPI 3.
func (s *subject) isOpenAPI(r check.Result) {
	s.t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(r.Desired.Document)
	if err != nil {
		s.t.Errorf("the document: %v", err)
		return
	}
	if err := doc.Validate(s.w.ctx); err != nil {
		s.t.Errorf("the document: %v", err)
	}
}
