// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/dynamodb"
)

const (
	version = "4.0.0"
	account = "000000000000"
	region  = "us-east-1"

	// tableDelay is how long dynalite's tables take to change, in
	// milliseconds: long enough that an answer never shows the end state.
	tableDelay = "30"
)

// startOurs serves the local AWS's DynamoDB without delays.
func startOurs() (url string, stop func()) {
	service := dynamodb.New(core.NewEnv(nil, core.Nature{}))
	caller := core.Caller{AccountID: account, Region: region, Partition: "aws", ARN: "arn:aws:iam::" + account + ":user/conformance"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		service.ServeHTTP(w, r.WithContext(core.WithCaller(r.Context(), caller)))
	}))
	return server.URL, server.Close
}

// startDynalite installs dynalite when it isn't there and starts it on a free
// port. stop ends it and waits for its end.
func startDynalite(ctx context.Context) (url string, stop func(), err error) {
	dir, err := install(ctx)
	if err != nil {
		return "", nil, err
	}
	port, err := freePort()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, "node", filepath.Join(dir, "node_modules", "dynalite", "cli.js"), "--host", "127.0.0.1",
		"--port", strconv.Itoa(port), "--createTableMs", tableDelay, "--updateTableMs", tableDelay, "--deleteTableMs", tableDelay)
	cmd.Env = append(os.Environ(), "AWS_REGION="+region, "AWS_ACCOUNT_ID="+account)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("start dynalite: %w; install Node.js 20 or later", err)
	}
	stop = func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()         // always an error after a kill
	}
	ready := make(chan bool, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadString('\n')
		ready <- strings.Contains(line, "listening")
	}()
	select {
	case ok := <-ready:
		if ok {
			return "http://127.0.0.1:" + strconv.Itoa(port), stop, nil
		}
	case <-time.After(30 * time.Second):
	case <-ctx.Done():
	}
	stop()
	return "", nil, fmt.Errorf("dynalite did not come up on port %d", port)
}

// install puts dynalite into the user's cache with npm, once.
func install(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache directory: %w; set XDG_CACHE_HOME", err)
	}
	dir := filepath.Join(cache, "commentsapi", "dynalite-"+version)
	if _, err := os.Stat(filepath.Join(dir, "installed")); err == nil {
		return dir, nil
	}
	fmt.Printf("conformance: installing dynalite %s into %s\n", version, dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", dir, "dynalite@"+version)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm install dynalite@%s: %w\n%s", version, err, out)
	}
	return dir, os.WriteFile(filepath.Join(dir, "installed"), []byte(version+"\n"), 0o644)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
