// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var (
	commentsctl = flag.String("commentsctl", "", "path of commentsctl, beside which the manager is")
	chromium    = flag.String("chromium", "chromium", "path of Chromium")
	axeFile     = flag.String("axe", "", "path of axe-core's axe.min.js")
	screenshots = flag.String("screenshots", "", "directory to write screenshots to")
)

// world is what all tests share: the real local run and one browser.
var world struct {
	SiteURL     string `json:"siteURL"`
	Kubeconfig  string `json:"kubeconfig"`
	AWSEndpoint string `json:"awsEndpoint"`
	Ready       []struct {
		InvokeURL string `json:"invokeURL"`
	} `json:"ready"`
	browser context.Context
}

func TestMain(m *testing.M) {
	flag.Parse()
	if *commentsctl == "" || *axeFile == "" {
		fmt.Fprintln(os.Stderr, "run these tests with: make browser")
		os.Exit(1)
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "browser-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	stop, err := startLocal(filepath.Join(dir, "state.json"))
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stop()) }()

	profile := filepath.Join(dir, "profile")
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(*chromium), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.NoFirstRun, chromedp.Headless, chromedp.DisableGPU,
		chromedp.WindowSize(1200, 900),
	}
	for _, name := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "no-proxy-server",
		"disable-background-timer-throttling", "disable-renderer-backgrounding", "disable-backgrounding-occluded-windows", "disable-dev-shm-usage", "hide-scrollbars"} {
		options = append(options, chromedp.Flag(name, true))
	}
	options = append(options, chromedp.Flag("lang", "en-US"))
	allocator, closeBrowser := chromedp.NewExecAllocator(context.Background(), options...)
	defer closeBrowser()
	browser, cancel := chromedp.NewContext(allocator)
	defer cancel()
	if err := chromedp.Do(browser); err != nil {
		return 1, fmt.Errorf("start %s: %w", *chromium, err)
	}
	defer func() { err = errors.Join(err, chromedp.Cancel(browser)) }()
	world.browser = browser
	return m.Run(), nil
}

// startLocal runs commentsctl local until stop.
func startLocal(state string) (stop func() error, err error) {
	var out bytes.Buffer
	cmd := exec.Command(*commentsctl, "local", "--state", state)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stop = func() error {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return fmt.Errorf("commentsctl local ended by itself: %w\n%s", <-ended, out.String())
		}
		return <-ended
	}
	deadline := time.After(3 * time.Minute)
	for {
		text, err := os.ReadFile(state)
		if err == nil {
			return stop, json.Unmarshal(text, &world)
		}
		select {
		case err := <-ended:
			return nil, fmt.Errorf("commentsctl local: %w\n%s", err, out.String())
		case <-deadline:
			return nil, errors.Join(errors.New("commentsctl local is not up after three minutes"), stop())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
