// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/hack/rig"
	"github.com/commentsapi/operator/internal/localaws"
)

// manager is a running operator that is measured.
type manager struct {
	*rig.Manager
	// metrics is where it tells them; empty where it does not.
	metrics string
}

// operate starts the manager's binary for the scene's local AWS. It watches all
// namespaces, as most people run it, so that no other scene's objects may be
// left.
func (s *scene) operate(flags ...string) (*manager, error) {
	endpoint := s.local.Endpoint()
	log := filepath.Join(s.dir, fmt.Sprintf("%s-%d.log", s.namespaces[0], len(s.managers)))
	process, err := rig.Start(s.manager, log, rig.Local(endpoint, "local", "local", region), append([]string{
		"--kubeconfig=" + s.kubeconfig, "--cluster-id=bench",
		"--invoke-url-template=" + endpoint + localaws.InvokeURLTemplate,
		"--leader-elect", "--leader-election-namespace=" + s.namespaces[0],
	}, flags...)...)
	if err != nil {
		return nil, err
	}
	m := &manager{Manager: process}
	s.managers = append(s.managers, m)
	return m, nil
}

// while gives a context that ends when the manager does, for that reason.
func (m *manager) while(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-m.Gone:
			cancel(fmt.Errorf("the manager ended by itself: %s", m.LastWords()))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// lead waits until some manager of the scene holds its lease, and no longer
// the holder named; it returns the new holder.
func (s *scene) lead(ctx context.Context, m *manager, not string) (string, error) {
	lease := &coordinationv1.LeaseList{}
	for {
		if err := s.k8s.List(ctx, lease, client.InNamespace(s.namespaces[0])); err != nil {
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
