// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// stopPatience is how long the manager may take to end by itself.
const stopPatience = 15 * time.Second

// manager is the operator as a child process, as in a cluster: its own
// binary, its own memory, met only through the two APIs.
type manager struct {
	cmd *exec.Cmd
	// log is the path of what it prints.
	log string
	// patience is how long it may take to end by itself.
	patience time.Duration
	// gone is closed when the process has ended; err is set before that.
	gone chan struct{}
	err  error
}

// managerOptions say how to run the manager.
type managerOptions struct {
	binary      string
	kubeconfig  string
	awsEndpoint string
	region      string
	log         string
	extraArgs   []string
}

// startManager starts the process and returns without waiting for it.
func startManager(opts managerOptions) (*manager, error) {
	log, err := os.OpenFile(opts.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the manager's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	args := append([]string{
		"--kubeconfig=" + opts.kubeconfig,
		"--invoke-url-template=" + opts.awsEndpoint + "/execute-api/{apiId}/{stage}",
		"--metrics-bind-address=0",
		"--health-probe-bind-address=0",
		"--leader-elect=false",
	}, opts.extraArgs...)
	// Not bound to a context: stop ends it, after it has been asked nicely.
	cmd := exec.Command(opts.binary, args...)
	cmd.Env = append(withoutAWS(os.Environ()),
		"AWS_ENDPOINT_URL="+opts.awsEndpoint,
		"AWS_ACCESS_KEY_ID="+AccessKey,
		"AWS_SECRET_ACCESS_KEY="+SecretKey,
		"AWS_REGION="+opts.region,
	)
	cmd.Stdout, cmd.Stderr = log, log
	// A group of its own: Ctrl-C reaches commentsctl alone, which then ends
	// the manager before the API server under it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the manager %s: %w; build it with `make build`, or name it with --manager", opts.binary, err)
	}
	m := &manager{cmd: cmd, log: opts.log, patience: stopPatience, gone: make(chan struct{})}
	go func() {
		m.err = cmd.Wait()
		close(m.gone)
	}()
	return m, nil
}

// withoutAWS drops the user's own AWS settings: a profile or a real endpoint
// must never mix with the local AWS.
func withoutAWS(env []string) []string {
	var kept []string
	for _, entry := range env {
		if !strings.HasPrefix(entry, "AWS_") {
			kept = append(kept, entry)
		}
	}
	return kept
}

// died describes an end that nobody asked for, with the last words.
func (m *manager) died() error {
	return fmt.Errorf("the manager ended by itself (%v); its last words:\n%s", endOf(m.err), lastLines(m.log, 20))
}

// endOf puts a process's end in words.
func endOf(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// lastLines returns the end of a file, indented.
func lastLines(path string, n int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "  (" + err.Error() + ")"
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	lines = lines[max(0, len(lines)-n):]
	return "  " + strings.Join(lines, "\n  ")
}

// stop ends the process: asked first, killed when it doesn't listen.
func (m *manager) stop(ctx context.Context) error {
	select {
	case <-m.gone:
		return nil
	default:
	}
	if err := m.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("ask the manager to end: %w", err)
	}
	patience := time.NewTimer(m.patience)
	defer patience.Stop()
	select {
	case <-m.gone:
		return nil
	case <-ctx.Done():
	case <-patience.C:
	}
	if err := m.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill the manager: %w", err)
	}
	<-m.gone
	return fmt.Errorf("the manager did not end within %s of SIGTERM and was killed", m.patience)
}
