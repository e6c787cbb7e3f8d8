// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/commentsapi/operator/controllers"
)

// leaseName is the lease that replicas compete for.
const leaseName = "commentsapi-operator.commentsapi.io"

// podNamespaceFile names the pod's namespace inside a cluster.
const podNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

// lease is the leader's lease, and remembers how long it is certainly still
// this process's. A process that was stopped for longer than that (its node
// hung, its virtual machine was moved) may go on in the middle of a reconcile
// before it hears that another one leads: it must call nobody then.
type lease struct {
	resourcelock.Interface
	lasts  time.Duration
	events *announcer
	quotas *handover

	mu sync.Mutex
	// renewed is when the last renewal was sent; nobody counts the lease's
	// duration from an earlier moment.
	renewed time.Time
	// holder is who held the lease when it was last read.
	holder string
	now    func() time.Time
}

// leaseOf is the lease of one shard's replicas.
func leaseOf(shard controllers.Shard) string {
	if shard.Count == 0 {
		return leaseName
	}
	return fmt.Sprintf("commentsapi-operator-%d-of-%d.commentsapi.io", shard.Index, shard.Count)
}

// newLease makes the lock in a namespace, or in the pod's own.
func newLease(config *rest.Config, namespace, name string, lasts time.Duration) (*lease, error) {
	if namespace == "" {
		text, err := os.ReadFile(podNamespaceFile)
		if err != nil {
			return nil, fmt.Errorf("finding the namespace of the leader's lease: %w; outside a cluster give --leader-election-namespace", err)
		}
		namespace = strings.TrimSpace(string(text))
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("naming this process for the leader's lease: %w", err)
	}
	events := &announcer{}
	lock, err := resourcelock.NewFromKubeconfig(resourcelock.LeasesResourceLock, namespace, name, resourcelock.ResourceLockConfig{
		Identity: host + "_" + string(uuid.NewUUID()), EventRecorder: events}, config, renewDeadline(lasts))
	if err != nil {
		return nil, fmt.Errorf("preparing the leader's lease: %w", err)
	}
	quotas := &handover{}
	if err := quotas.through(lock); err != nil {
		return nil, err
	}
	return &lease{Interface: lock, lasts: lasts, events: events, quotas: quotas, now: time.Now}, nil
}

// announcer records who leads, once there is a manager to record it with.
type announcer struct{ recorder record.EventRecorder }

// Eventf implements resourcelock.EventRecorder.
func (a *announcer) Eventf(about runtime.Object, kind, reason, message string, args ...any) {
	if a.recorder != nil {
		a.recorder.Eventf(about, kind, reason, message, args...)
	}
}

// elect lets a manager lead only while it holds the lease.
func (l *lease) elect(o *ctrl.Options) {
	renew, retry := renewDeadline(l.lasts), retryPeriod(l.lasts)
	o.LeaderElection, o.LeaderElectionResourceLockInterface = true, l
	o.LeaseDuration, o.RenewDeadline, o.RetryPeriod = &l.lasts, &renew, &retry
}

// renewDeadline is how long a leader tries to renew its lease before it gives
// up, and ends.
func renewDeadline(lasts time.Duration) time.Duration { return lasts * 2 / 3 }

// retryPeriod is the rhythm of renewals and of attempts to take the lease.
func retryPeriod(lasts time.Duration) time.Duration { return lasts * 2 / 15 }

// Get implements resourcelock.Interface.
func (l *lease) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	r, raw, err := l.Interface.Get(ctx)
	if err == nil {
		l.mu.Lock()
		l.holder = r.HolderIdentity
		l.mu.Unlock()
	}
	return r, raw, err
}

// Create implements resourcelock.Interface.
func (l *lease) Create(ctx context.Context, r resourcelock.LeaderElectionRecord) error {
	return l.write(r, func() error { return l.Interface.Create(ctx, r) })
}

// Update implements resourcelock.Interface.
func (l *lease) Update(ctx context.Context, r resourcelock.LeaderElectionRecord) error {
	return l.write(r, func() error { return l.Interface.Update(ctx, r) })
}

func (l *lease) write(r resourcelock.LeaderElectionRecord, write func() error) error {
	sent := l.now()
	if r.HolderIdentity != l.Identity() { // to be given back: nothing is sent any more
		sent = time.Time{}
		l.hold(sent)
		if !l.mine() { // client-go goes by what it saw last, and would end another's lead
			return errNotHeld
		}
	}
	if err := write(); err != nil {
		return err
	}
	l.hold(sent)
	return nil
}

var errNotHeld = errors.New("the lease is not this process's any more, and is not given back")

// mine reports whether the lease was this process's when it was last read:
// client-go reads it right before it gives it back, and a write after that
// conflicts.
func (l *lease) mine() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.holder == l.Identity()
}

func (l *lease) hold(since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewed = since
}

// errLeaseOver ends what a process does that may no longer be the leader.
var errLeaseOver = errors.New("the leader's lease was not renewed in time, so another process may lead now; nothing is sent")

// held is nil while nobody else can hold the lease. Both of the machine's
// clocks are asked: the one that only counts may stand still while a virtual
// machine sleeps.
func (l *lease) held() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Sub(l.renewed) >= l.lasts || now.Round(0).Sub(l.renewed.Round(0)) >= l.lasts {
		return errLeaseOver
	}
	return nil
}
