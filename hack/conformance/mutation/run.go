// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// patience bounds one run of a runner: a fault may make it wait for ever.
const patience = 3 * time.Minute

// verdict is what a runner's last line says.
type verdict struct {
	passed bool
	counts string // "N/M"
	output string
}

// job is a part of a runner's corpus.
type job struct {
	runner, run string
	first       int
}

func (f fault) job() job { return job{f.Runner, f.Run, f.First} }

// args are the runner's flags.
func (j job) args() []string {
	var args []string
	if j.run != "" {
		args = append(args, "-run", j.run)
	}
	if j.first > 0 {
		args = append(args, "-first", strconv.Itoa(j.first))
	}
	if j.runner == "awscli" {
		args = append(args, "-failfast", "-parallel", "1") // a command takes a second
	}
	return args
}

// try builds the runner, with a fault if there is one, and runs it.
func try(ctx context.Context, root string, j job, f *fault) (verdict, error) {
	dir, err := os.MkdirTemp("", "mutation")
	if err != nil {
		return verdict{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := build(ctx, root, dir, j.runner, f)
	if err != nil {
		return verdict{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, j.args()...)
	cmd.Dir = root
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return verdict{}, fmt.Errorf("run %s: %w", j.runner, err)
	}
	return judge(j.runner, string(out), err == nil)
}

// judge reads a runner's output. A runner that broke before it could compare
// has no such line and doesn't count as having noticed anything.
func judge(runner, output string, succeeded bool) (verdict, error) {
	line := regexp.MustCompile(`(?m)^conformance: ` + regexp.QuoteMeta(runner) + ` (\d+/\d+)$`)
	m := line.FindStringSubmatch(output)
	if m == nil {
		return verdict{}, fmt.Errorf("%s gave no verdict:\n%s", runner, lastLines(output, 12))
	}
	return verdict{passed: succeeded, counts: m[1], output: output}, nil
}

// lastLines cuts an output that is too long to show.
func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// firstLines cuts an output that is too long to show.
func firstLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[:min(n, len(lines))], "\n")
}
