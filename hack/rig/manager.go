// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/commentsapi/operator/hack/child"
)

// patience is how long a manager may take to end by itself.
const patience = 40 * time.Second

// Manager is a running operator: its own process, met through the API server
// and AWS only. Stop or Kill it.
type Manager struct {
	// Started is when its process was.
	Started time.Time
	// Gone is closed when the process has ended.
	Gone <-chan struct{}
	// Process is for signals and for what the system knows of it.
	Process *os.Process
	log     string
}

// Local is this process's environment with AWS at an endpoint, and without the
// user's own AWS settings: these must never mix with it.
func Local(endpoint, accessKey, secret, region string) []string {
	own := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
	return append(own, "AWS_ENDPOINT_URL="+endpoint, "AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secret, "AWS_REGION="+region)
}

// Start runs the manager's binary. It serves no metrics and no probes, so that
// several can run beside each other; what it prints goes to the file log.
func Start(binary, log string, env []string, args ...string) (*Manager, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }()
	cmd := exec.Command(binary, append([]string{"--metrics-bind-address=0", "--health-probe-bind-address=0"}, args...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, out, out
	// Ctrl-C is for this process, which then ends the manager; if this process
	// is killed, so is the manager.
	cmd.SysProcAttr = child.Group()
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the operator: %w", err)
	}
	gone := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(gone)
	}()
	return &Manager{Started: started, Gone: gone, Process: cmd.Process, log: log}, nil
}

// LastWords are the end of what it printed.
func (m *Manager) LastWords() string {
	text, _ := os.ReadFile(m.log)
	return string(text[max(0, len(text)-2000):])
}

// Pause waits, unless the manager ends meanwhile: that is an error with its
// last words.
func (m *Manager) Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-m.Gone:
		return fmt.Errorf("the manager ended by itself: %s", m.LastWords())
	}
}

// Stop asks the manager to end, and kills it if it does not; that is an error.
func (m *Manager) Stop() error {
	_ = m.Process.Signal(syscall.SIGTERM)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-m.Gone:
		return nil
	case <-timer.C:
		m.Kill()
		return errors.New("the manager did not end by itself and was killed")
	}
}

// Kill ends the manager as a crash does.
func (m *Manager) Kill() {
	_ = m.Process.Kill()
	<-m.Gone
}
