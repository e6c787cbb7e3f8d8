// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// stopPatience is how long a manager may take to end by itself.
const stopPatience = 40 * time.Second

// manager is a running operator: its own process, met through the API server
// and AWS only.
type manager struct {
	cmd     *exec.Cmd
	log     string
	started time.Time
	gone    chan struct{}
}

// operate starts the manager's binary for the scene's namespace.
func (s *scene) operate(flags ...string) (*manager, error) {
	m := &manager{log: filepath.Join(s.dir, fmt.Sprintf("%s-%d.log", s.namespace, len(s.managers))), gone: make(chan struct{})}
	log, err := os.Create(m.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	endpoint := s.local.Endpoint()
	m.cmd = exec.Command(s.manager, append([]string{
		"--kubeconfig=" + s.kubeconfig, "--cluster-id=bench", "--watch-namespaces=" + s.namespace,
		"--invoke-url-template=" + endpoint + "/execute-api/{apiId}/{stage}",
		"--metrics-bind-address=0", "--health-probe-bind-address=0", "--leader-elect", "--leader-election-namespace=" + s.namespace,
	}, flags...)...)
	own := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
	m.cmd.Env = append(own, "AWS_ENDPOINT_URL="+endpoint, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_REGION="+region)
	m.cmd.Stdout, m.cmd.Stderr = log, log
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	m.started = time.Now()
	if err := m.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = m.cmd.Wait()
		close(m.gone)
	}()
	s.managers = append(s.managers, m)
	return m, nil
}

// lead waits until some manager of the scene holds its lease, and no longer
// the holder named; it returns the new holder.
func (s *scene) lead(ctx context.Context, m *manager, not string) (string, error) {
	lease := &coordinationv1.LeaseList{}
	for {
		if err := s.k8s.List(ctx, lease, client.InNamespace(s.namespace)); err != nil {
			return "", err
		}
		for _, l := range lease.Items {
			if holder := l.Spec.HolderIdentity; holder != nil && *holder != "" && *holder != not {
				return *holder, nil
			}
		}
		if err := m.pause(ctx, 10*time.Millisecond); err != nil {
			return "", err
		}
	}
}

// pause waits, unless the manager ends meanwhile.
func (m *manager) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-m.gone:
		text, _ := os.ReadFile(m.log)
		return fmt.Errorf("the manager ended by itself: %s", text[max(0, len(text)-2000):])
	}
}

// stop asks the manager to end, and kills it if it does not.
func (m *manager) stop() error {
	_ = m.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.NewTimer(stopPatience)
	defer timer.Stop()
	select {
	case <-m.gone:
		return nil
	case <-timer.C:
		m.kill()
		return errors.New("the manager did not end by itself")
	}
}

// kill ends the manager as a crash does.
func (m *manager) kill() {
	_ = m.cmd.Process.Kill()
	<-m.gone
}

// resident is a figure of the manager's memory in MiB: VmRSS is what is
// resident now, VmHWM the most that ever was.
func (m *manager) resident(field string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the manager's memory, which needs Linux: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("/proc says nothing of %s", field)
}

// ticks is the unit of processor times in /proc, on all of Linux's platforms.
const ticks = 100

// cpu is the processor time that the manager has used, with the kernel's part.
func (m *manager) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the manager's processor time, which needs Linux: %w", err)
	}
	// The second field is the command's name, which may have spaces.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	used := 0
	for _, field := range fields[11:13] { // utime and stime, the 14th and 15th
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, fmt.Errorf("read the manager's processor time: %w", err)
		}
		used += n
	}
	return time.Duration(used) * time.Second / ticks, nil
}
