// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// answer is what a server answered.
type answer struct {
	status int
	body   []byte
}

// replay performs a scenario on both servers, step by step.
func replay(ctx context.Context, r *report, s scenario, ours, theirs string) error {
	for i, st := range s.Steps {
		for op, body := range st {
			if op == "raw" {
				var raw struct{ Op, Text string }
				if err := json.Unmarshal(body, &raw); err != nil {
					return fmt.Errorf("step %d: %w", i+1, err)
				}
				op, body = raw.Op, []byte(raw.Text)
			}
			a, err := send(ctx, ours, op, body)
			if err != nil {
				return err
			}
			b, err := send(ctx, theirs, op, body)
			if err != nil {
				return err
			}
			if i < len(s.Tables) && (a.status != http.StatusOK || b.status != http.StatusOK) {
				return fmt.Errorf("the table %s can't be made, so nothing would be compared: %s / %s", s.Tables[i], a.body, b.body)
			}
			r.add(fmt.Sprintf("%s/%d", s.Name, i+1), op, body, a, b)
			if err := settle(ctx, theirs, op, body); err != nil {
				return err
			}
		}
	}
	return nil
}

// send performs one request, with headers that look signed: neither server
// checks the signature.
func send(ctx context.Context, url, op string, body []byte) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+op)
	req.Header.Set("X-Amz-Date", "20260101T000000Z")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260101/"+region+"/dynamodb/aws4_request, SignedHeaders=host, Signature=b")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	out, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, out}, err
}

// settle waits until a table that a request may have changed is through with
// it. Dynalite takes a moment even when told to take none.
func settle(ctx context.Context, url, op string, body []byte) error {
	if op != "CreateTable" && op != "UpdateTable" && op != "DeleteTable" {
		return nil
	}
	var in struct{ TableName string }
	if json.Unmarshal(body, &in) != nil || in.TableName == "" {
		return nil
	}
	ask, err := json.Marshal(in)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, 10*time.Second, fmt.Errorf("table %s does not get ACTIVE in dynalite", in.TableName))
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		a, err := send(ctx, url, "DescribeTable", ask)
		if err != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		var out struct{ Table struct{ TableStatus string } }
		if json.Unmarshal(a.body, &out) != nil || a.status != http.StatusOK || out.Table.TableStatus == "ACTIVE" {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
