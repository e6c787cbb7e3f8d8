// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/cache"
)

// testProbes asks what the kubelet asks.
func (w *world) testProbes(t *testing.T) {
	for _, path := range []string{"/healthz", "/readyz"} {
		w.eventually(t, "200 at "+path, func() bool {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+w.probes+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				return false
			}
			_ = response.Body.Close()
			return response.StatusCode == http.StatusOK
		})
	}
}

// unread is a cache that is read when the test says so.
type unread struct {
	cache.Cache
	done chan struct{}
}

func (u unread) WaitForCacheSync(ctx context.Context) bool {
	select {
	case <-u.done:
		return true
	case <-ctx.Done():
		return false
	}
}

// TestNotReadyBeforeTheClusterIsRead: a rolling update would otherwise end the
// old replica while the new one knows nothing yet. Leading is no part of it.
func TestNotReadyBeforeTheClusterIsRead(t *testing.T) {
	u := unread{done: make(chan struct{})}
	r := &readiness{cache: u}
	if r.NeedLeaderElection() {
		t.Error("who doesn't lead would never be ready")
	}
	ended := make(chan error, 1)
	go func() { ended <- r.Start(t.Context()) }()
	if r.check(nil) == nil {
		t.Error("ready before anything was read")
	}
	close(u.done)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := r.check(nil); err != nil {
		t.Errorf("not ready after everything was read: %v", err)
	}
}
