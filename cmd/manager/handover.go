// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordinationclient "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/commentsapi/operator/internal/awscloud"
)

// usageAnnotation of the lease holds what the leader that gave it back had used
// up of AWS's quotas.
const usageAnnotation = "commentsapi.io/quota-usage"

// mostNote bounds the note, in bytes: the API server refuses more than 256 KiB of
// annotations, and with them the lease's return.
const mostNote = 64 << 10

// handover passes on what was used up of AWS's quotas, with the write that gives
// the lease back and the one that takes it. Without it a leader takes
// everything for used up, and its first deletion waits for 30 seconds.
type handover struct {
	coordinationclient.LeasesGetter
	// usage is what was used up, if it is known. It is asked when nothing is
	// sent any more.
	usage func() (awscloud.Usage, bool)

	mu       sync.Mutex
	known    bool
	received awscloud.Usage
	since    time.Time
}

// bequest is what the annotation holds.
type bequest struct {
	// Transitions is the lease's number of changes of leaders at that time: what
	// was left to a leader that crashed is not for the one after it.
	Transitions int32          `json:"transitions"`
	Usage       awscloud.Usage `json:"usage"`
}

// through makes a lock read and write its lease by way of the handover.
func (h *handover) through(lock resourcelock.Interface) error {
	lease, ok := lock.(*resourcelock.LeaseLock)
	if !ok {
		return fmt.Errorf("the leader's lock is a %T and no lease", lock)
	}
	h.LeasesGetter, lease.Client = lease.Client, h
	return nil
}

// inherited implements awscloud.Config's Inherited.
func (h *handover) inherited() (awscloud.Usage, time.Time, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.received, h.since, h.known
}

// Leases implements coordinationclient.LeasesGetter.
func (h *handover) Leases(namespace string) coordinationclient.LeaseInterface {
	return passing{h.LeasesGetter.Leases(namespace), h}
}

type passing struct {
	coordinationclient.LeaseInterface
	*handover
}

// Create implements coordinationclient.LeaseInterface.
func (p passing) Create(ctx context.Context, lease *coordinationv1.Lease, o metav1.CreateOptions) (*coordinationv1.Lease, error) {
	now := time.Now()
	written, err := p.LeaseInterface.Create(ctx, lease, o)
	if err == nil {
		p.receive(written, now)
	}
	return written, err
}

// Update implements coordinationclient.LeaseInterface.
func (p passing) Update(ctx context.Context, lease *coordinationv1.Lease, o metav1.UpdateOptions) (*coordinationv1.Lease, error) {
	_, since, _ := p.inherited()
	if !since.IsZero() { // it was read, and is not to be sent with every renewal
		delete(lease.Annotations, usageAnnotation)
	}
	if lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity == "" {
		p.bequeath(lease)
		return p.LeaseInterface.Update(ctx, lease, o)
	}
	now := time.Now()
	written, err := p.LeaseInterface.Update(ctx, lease, o)
	if err == nil {
		p.receive(written, now)
	}
	return written, err
}

// bequeath writes the note. A successor without one waits.
func (h *handover) bequeath(lease *coordinationv1.Lease) {
	usage, known := h.usage()
	if !known {
		return
	}
	text, err := json.Marshal(bequest{Transitions: transitions(lease), Usage: usage})
	if err != nil || len(text) > mostNote {
		return
	}
	metav1.SetMetaDataAnnotation(&lease.ObjectMeta, usageAnnotation, string(text))
}

// receive reads what the predecessor left, at the first write that holds the
// lease: from then on only this process calls.
func (h *handover) receive(lease *coordinationv1.Lease, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.since.IsZero() {
		return
	}
	h.since = now
	left := bequest{}
	text, ok := lease.Annotations[usageAnnotation]
	if !ok || json.Unmarshal([]byte(text), &left) != nil || left.Transitions+1 != transitions(lease) {
		return
	}
	h.received, h.known = left.Usage, true
}

func transitions(lease *coordinationv1.Lease) int32 {
	if lease.Spec.LeaseTransitions == nil {
		return 0
	}
	return *lease.Spec.LeaseTransitions
}
