// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/hack/rig"
	"github.com/commentsapi/operator/internal/localaws"
)

// manager is a running operator that is measured.
type manager struct{ *rig.Manager }

// operate starts the manager's binary for the scene's namespace.
func (s *scene) operate(flags ...string) (*manager, error) {
	endpoint := s.local.Endpoint()
	log := filepath.Join(s.dir, fmt.Sprintf("%s-%d.log", s.namespace, len(s.managers)))
	process, err := rig.Start(s.manager, log, rig.Local(endpoint, "local", "local", region), append([]string{
		"--kubeconfig=" + s.kubeconfig, "--cluster-id=bench", "--watch-namespaces=" + s.namespace,
		"--invoke-url-template=" + endpoint + localaws.InvokeURLTemplate,
		"--leader-elect", "--leader-election-namespace=" + s.namespace,
	}, flags...)...)
	if err != nil {
		return nil, err
	}
	m := &manager{process}
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
		if err := m.Pause(ctx, 10*time.Millisecond); err != nil {
			return "", err
		}
	}
}

// resident is a figure of the manager's memory in MiB: VmRSS is what is
// resident now, VmHWM the most that ever was.
func (m *manager) resident(field string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.Process.Pid))
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
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.Process.Pid))
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
