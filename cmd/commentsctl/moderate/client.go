// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package moderate makes a moderator's calls to a comments API, signed with
// the credentials of the usual chain: list what waits, approve, reject, delete.
package moderate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
)

const (
	// signingName is the service that API Gateway's invoke URLs are signed for.
	signingName = "execute-api"
	// callTimeout bounds one call; API Gateway itself gives up after 29 s.
	callTimeout = 35 * time.Second
	// attempts bounds how often a call is made while the API asks to wait.
	attempts = 4
	// longestWait is the longest wait the API may ask for.
	longestWait = 30 * time.Second
	// maxAnswer bounds an answer; API Gateway's are at most 10 MB.
	maxAnswer = 11 << 20
)

// Comment is a comment as the API lists it.
type Comment struct {
	CommentID string `json:"commentId"`
	PageID    string `json:"pageId"`
	UserName  string `json:"userName"`
	Message   string `json:"message"`
	// CreatedAt is in milliseconds since 1970.
	CreatedAt int64  `json:"createdAt,omitempty"`
	ParentID  string `json:"parentId,omitempty"`
}

// APIError is an answer that is an error.
type APIError struct {
	Status        int
	Code, Message string
}

func (e *APIError) Error() string {
	text := fmt.Sprintf("the API answered %d", e.Status)
	if e.Code != "" {
		text += " " + e.Code + ": " + e.Message
	}
	if e.Status == http.StatusForbidden {
		text += " (is the call offered: comments.moderation, comments.deletion; and does the IAM policy of these credentials allow execute-api:Invoke on it?)"
	}
	return text
}

// Client calls one API as a moderator.
type Client struct {
	api         string
	region      string
	credentials aws.CredentialsProvider
	http        *http.Client
	// wait waits, for tests to be quick.
	wait func(context.Context, time.Duration) error
}

// regional finds the region in an invoke URL's host.
var regional = regexp.MustCompile(`^[a-z0-9]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$`)

// NewClient takes the credentials from the SDK's usual chain (environment,
// profile, SSO, roles). The region is that of the URL, else the given one, else
// the chain's.
func NewClient(ctx context.Context, api, region string) (*Client, error) {
	u, err := url.Parse(api)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("--api %q is not the URL of an API; take status.invokeURL of the object", api)
	}
	found := regional.FindStringSubmatch(u.Host)
	switch {
	case found != nil && region != "" && region != found[1]:
		return nil, fmt.Errorf("--region %s contradicts --api, which is in %s; leave out --region", region, found[1])
	case found != nil:
		region = found[1]
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return nil, fmt.Errorf("load the AWS settings: %w", err)
	}
	if cfg.Region == "" {
		return nil, fmt.Errorf("the region of %s is not known: name it with --region", api)
	}
	if cfg.Credentials == nil {
		return nil, fmt.Errorf("there are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	return &Client{api: strings.TrimRight(api, "/"), region: cfg.Region, credentials: cfg.Credentials, http: &http.Client{Timeout: callTimeout}, wait: wait}, nil
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Pending lists what waits, oldest first, of all pages; at most limit comments,
// 0 being all.
func (c *Client) Pending(ctx context.Context, limit int) ([]Comment, error) {
	comments := []Comment{}
	cursor := ""
	for {
		var page struct {
			Comments   []Comment
			NextCursor string
		}
		if err := c.call(ctx, http.MethodGet, "/moderation/pending?cursor="+url.QueryEscape(cursor), &page); err != nil {
			return nil, err
		}
		comments = append(comments, page.Comments...)
		if limit > 0 && len(comments) >= limit {
			return comments[:limit], nil
		}
		if page.NextCursor == "" {
			return comments, nil
		}
		if page.NextCursor == cursor {
			return nil, fmt.Errorf("the API gave the cursor %q twice; the list would never end", cursor)
		}
		cursor = page.NextCursor
	}
}

// Find returns one of the comments that wait.
func (c *Client) Find(ctx context.Context, id string) (Comment, error) {
	comments, err := c.Pending(ctx, 0)
	if err != nil {
		return Comment{}, err
	}
	for _, comment := range comments {
		if comment.CommentID == id {
			return comment, nil
		}
	}
	return Comment{}, fmt.Errorf("no comment %s waits for a decision", id)
}

// Approve lists a comment that waits.
func (c *Client) Approve(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodPost, "/moderation/"+url.PathEscape(id)+"/approve", nil)
}

// Reject deletes a comment that waits.
func (c *Client) Reject(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodPost, "/moderation/"+url.PathEscape(id)+"/reject", nil)
}

// Delete deletes a comment that is listed on a page.
func (c *Client) Delete(ctx context.Context, page, id string) error {
	return c.call(ctx, http.MethodDelete, "/comments/"+url.PathEscape(page)+"/"+url.PathEscape(id), nil)
}

// call makes a signed call, and makes it again where the API asks to wait:
// nothing has been done then.
func (c *Client) call(ctx context.Context, method, path string, into any) error {
	for attempt := 1; ; attempt++ {
		retry, err := c.once(ctx, method, path, into)
		if err == nil || retry == 0 || attempt == attempts {
			return err
		}
		if err := c.wait(ctx, retry); err != nil {
			return err
		}
	}
}

// once makes one call; with the error it returns how long to wait before the
// next try, 0 meaning that there should be none.
func (c *Client) once(ctx context.Context, method, path string, into any) (time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.api+path, nil)
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, path, err)
	}
	credentials, err := c.credentials.Retrieve(ctx)
	if err != nil {
		return 0, fmt.Errorf("find AWS credentials: %w; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", err)
	}
	empty := sha256.Sum256(nil)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(empty[:]), signingName, c.region, time.Now()); err != nil {
		return 0, fmt.Errorf("sign %s %s: %w", method, path, err)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return 0, fmt.Errorf("read the answer to %s %s: %w", method, path, err)
	}
	if answer.StatusCode != http.StatusOK {
		failure := &APIError{Status: answer.StatusCode}
		// An answer that isn't the API's has no code; the status says enough.
		_ = json.Unmarshal(text, failure)
		seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		if err != nil || seconds < 0 {
			seconds = 0
		}
		return min(time.Duration(seconds)*time.Second, longestWait), failure
	}
	if into == nil {
		return 0, nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return 0, fmt.Errorf("the answer to %s %s is not that of a comments API: %w", method, path, err)
	}
	return 0, nil
}
