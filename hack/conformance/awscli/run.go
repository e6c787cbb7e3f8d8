// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws"
)

// commandTimeout bounds one command; a waiter of the CLI polls every 20 s.
const commandTimeout = 90 * time.Second

type result struct {
	total, passed int
	failures      []string
}

// runGroup runs the cases of a group in order against a local AWS of its own.
func runGroup(ctx context.Context, cli string, g group, o options) (result, error) {
	server, err := localaws.New(localaws.Options{Report: func(m string) { fmt.Println(m) }})
	if err != nil {
		return result{}, err
	}
	if err := server.Start(ctx); err != nil {
		return result{}, err
	}
	defer func() { _ = server.Close() }()
	dir, err := os.MkdirTemp("", "awscli")
	if err != nil {
		return result{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	saved := map[string]string{"dir": dir}
	var r result
	for i, s := range g.Cases {
		if o.first > 0 && i == o.first || o.failFast && len(r.failures) > 0 {
			break
		}
		r.total++
		command := substitute(s.Run, saved)
		problem := runStep(ctx, cli, server.Endpoint(), command, s, saved)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		if problem == "" {
			r.passed++
			if o.verbose {
				fmt.Printf("ok   %s %d: aws %s\n", g.Name, i+1, command)
			}
			continue
		}
		r.failures = append(r.failures, fmt.Sprintf("FAIL %s %d: aws %s\n     %s", g.Name, i+1, command, problem))
	}
	return r, nil
}

// runStep runs one command and says what is wrong with its outcome.
func runStep(ctx context.Context, cli, endpoint, command string, s step, saved map[string]string) string {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	args := append(split(command), "--endpoint-url", endpoint, "--output", "json", "--no-cli-pager")
	if s.Query != "" {
		args = append(args, "--query", s.Query)
	}
	cmd := exec.CommandContext(ctx, cli, args...)
	cmd.Env = []string{
		"PATH=/usr/bin:/bin", "HOME=" + saved["dir"], "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_DEFAULT_REGION=eu-west-1", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "PYTHONDONTWRITEBYTECODE=1",
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	said := strings.TrimSpace(stderr.String())
	if s.Error != "" {
		if err == nil || !strings.Contains(said, "("+s.Error+")") {
			return fmt.Sprintf("want the error %s, have %q (%v)", s.Error, said, err)
		}
		return ""
	}
	if err != nil {
		return fmt.Sprintf("%v: %s", err, said)
	}
	if s.Query == "" {
		return ""
	}
	var have any
	if err := json.Unmarshal(stdout.Bytes(), &have); err != nil {
		return fmt.Sprintf("the CLI's output is no JSON: %v: %s", err, stdout.String())
	}
	if err := keep(s.Save, have, saved); err != nil {
		return err.Error()
	}
	if s.Want != nil && !matches(s.Want, have, saved) {
		want, err := json.Marshal(s.Want)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("want %s, have %s", want, compact(stdout.Bytes()))
	}
	return ""
}

func compact(b []byte) string {
	var out bytes.Buffer
	if json.Compact(&out, b) != nil {
		return string(b)
	}
	return out.String()
}

// keep saves fields of a result for later commands.
func keep(save map[string]string, have any, saved map[string]string) error {
	if len(save) == 0 {
		return nil
	}
	fields, ok := have.(map[string]any)
	if !ok {
		return errors.New("save needs a query that gives an object")
	}
	for name, field := range save {
		value, ok := fields[field].(string)
		if !ok {
			return fmt.Errorf("save: the result has no text in %q", field)
		}
		saved[name] = value
	}
	return nil
}
