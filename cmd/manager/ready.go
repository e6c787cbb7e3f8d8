// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
)

// readiness is ready once the process has read what the cluster holds, so that
// it can lead at once. Replicas that wait for the lease are ready too: an
// update of the Deployment goes on only when the new one could take over.
type readiness struct {
	cache cache.Cache
	read  atomic.Bool
}

// addReadiness gives a manager its readiness probe.
func addReadiness(m ctrl.Manager) error {
	r := &readiness{cache: m.GetCache()}
	if err := m.Add(r); err != nil {
		return err
	}
	return m.AddReadyzCheck("caches", r.check)
}

// NeedLeaderElection implements manager.LeaderElectionRunnable.
func (r *readiness) NeedLeaderElection() bool { return false }

// Start implements manager.Runnable.
func (r *readiness) Start(ctx context.Context) error {
	if r.cache.WaitForCacheSync(ctx) {
		r.read.Store(true)
	}
	return nil
}

func (r *readiness) check(*http.Request) error {
	if !r.read.Load() {
		return errors.New("the objects of the cluster are still being read; if that takes long, the API server can't be reached or refuses it")
	}
	return nil
}
