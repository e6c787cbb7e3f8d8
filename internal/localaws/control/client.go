// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// Client drives the control endpoint of a running local AWS.
type Client struct {
	endpoint string
	http     *http.Client
}

// New returns a client for the local AWS at endpoint, for example
// http://127.0.0.1:4566. A nil httpClient is http.DefaultClient.
func New(endpoint string, httpClient *http.Client) *Client {
	if httpClient == nil {
		httpClient = http.DefaultClient
	}
	return &Client{endpoint: strings.TrimSuffix(endpoint, "/"), http: httpClient}
}

// Health returns nil when the local AWS answers.
func (c *Client) Health(ctx context.Context) error {
	return c.do(ctx, http.MethodGet, "health", nil, nil)
}

// Requests returns the log after the sequence number since.
func (c *Client) Requests(ctx context.Context, since int64) (Requests, error) {
	var out Requests
	err := c.do(ctx, http.MethodGet, "requests?since="+strconv.FormatInt(since, 10), nil, &out)
	return out, err
}

// ResetRequests empties the log; sequence numbers go on.
func (c *Client) ResetRequests(ctx context.Context) error {
	return c.do(ctx, http.MethodDelete, "requests", nil, nil)
}

// Nature returns how AWS-like the local AWS behaves.
func (c *Client) Nature(ctx context.Context) (core.Nature, error) {
	var out core.Nature
	err := c.do(ctx, http.MethodGet, "nature", nil, &out)
	return out, err
}

// SetNature replaces the nature from the next call on.
func (c *Client) SetNature(ctx context.Context, n core.Nature) error {
	return c.do(ctx, http.MethodPut, "nature", n, nil)
}

// Faults returns the faults with their counters.
func (c *Client) Faults(ctx context.Context) ([]Fault, error) {
	var out Faults
	err := c.do(ctx, http.MethodGet, "faults", nil, &out)
	return out.Faults, err
}

// AddFault adds a fault and returns it with its id. When several match a
// call, the one added first applies.
func (c *Client) AddFault(ctx context.Context, f Fault) (Fault, error) {
	var out Fault
	err := c.do(ctx, http.MethodPost, "faults", f, &out)
	return out, err
}

// RemoveFault removes one fault; an empty id removes all.
func (c *Client) RemoveFault(ctx context.Context, id string) error {
	path := "faults"
	if id != "" {
		path += "?id=" + url.QueryEscape(id)
	}
	return c.do(ctx, http.MethodDelete, path, nil, nil)
}

// Keys returns the access keys that were added or given a policy.
func (c *Client) Keys(ctx context.Context) ([]Key, error) {
	var out Keys
	err := c.do(ctx, http.MethodGet, "keys", nil, &out)
	return out.Keys, err
}

// PutKey adds an access key, or gives an existing one a policy.
func (c *Client) PutKey(ctx context.Context, k Key) error {
	return c.do(ctx, http.MethodPut, "keys", k, nil)
}

// RemoveKey removes an access key, or the policy of a fixed one.
func (c *Client) RemoveKey(ctx context.Context, accessKey string) error {
	return c.do(ctx, http.MethodDelete, "keys?accessKey="+url.QueryEscape(accessKey), nil, nil)
}

// Snapshot decodes the state of all services into out, for example a
// *map[string]json.RawMessage keyed by service.
func (c *Client) Snapshot(ctx context.Context, out any) error {
	return c.do(ctx, http.MethodGet, "snapshot", nil, out)
}

func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode %s /_local/%s: %w", method, path, err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.endpoint+"/_local/"+path, body)
	if err != nil {
		return fmt.Errorf("local AWS endpoint %q: %w", c.endpoint, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("local AWS control endpoint: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("%s /_local/%s: read answer: %w", method, path, err)
	}
	if res.StatusCode >= 300 {
		var f Failure
		if json.Unmarshal(b, &f) != nil || f.Error == "" {
			f.Error = string(b)
		}
		return fmt.Errorf("%s /_local/%s: %s: %s", method, path, res.Status, f.Error)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("%s /_local/%s: decode answer: %w", method, path, err)
	}
	return nil
}
