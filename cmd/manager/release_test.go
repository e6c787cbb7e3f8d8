// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/config"
)

// testHandOver ends the manager: an update of the operator must not wait until
// a lease runs out that nobody holds any more.
func (w *world) testHandOver(t *testing.T) {
	key, lease := client.ObjectKey{Namespace: config.Namespace, Name: leaseName}, &coordinationv1.Lease{}
	if err := w.k8s.Get(t.Context(), key, lease); err != nil {
		t.Fatal(err)
	}
	if holder := lease.Spec.HolderIdentity; holder == nil || *holder == "" {
		t.Fatal("nobody leads")
	}
	w.stop()
	select {
	case <-w.gone:
	case <-time.After(patience):
		t.Fatal("the manager does not end")
	}
	if err := w.k8s.Get(t.Context(), key, lease); err != nil {
		t.Fatal(err)
	}
	if holder := lease.Spec.HolderIdentity; holder != nil && *holder != "" {
		t.Errorf("the lease is still held by %s; others wait for its end", *holder)
	}
	left := bequest{Transitions: -1}
	if err := json.Unmarshal([]byte(lease.Annotations[usageAnnotation]), &left); err != nil || left.Transitions != transitions(lease) {
		t.Errorf("the lease says %q of the quotas that were used: %v", lease.Annotations[usageAnnotation], err)
	}
}
