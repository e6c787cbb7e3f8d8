// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/hack/rig"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/sts"
)

const (
	region    = "eu-west-1"
	namespace = "crowd"
	cluster   = "faults"
	// mostManagers is how many managers a run may start: each has its own key,
	// so that AWS can tell who called.
	mostManagers = 200
)

// place is a real API server and a local AWS that is met over HTTP, with the
// managers that work there.
type place struct {
	dir, binary string
	cluster     *rig.Cluster
	k8s         client.Client
	local       *localaws.Server
	managers    []*manager
	counted     int64
}

// manager is the operator as its own process, with the name that AWS knows it by.
type manager struct {
	*rig.Manager
	user string
}

func newPlace(ctx context.Context, root, dir string) (_ *place, err error) {
	p := &place{dir: dir, binary: filepath.Join(dir, "manager")}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if err := rig.Build(ctx, root, p.binary); err != nil {
		return nil, err
	}
	assets, err := rig.Assets(ctx, root)
	if err != nil {
		return nil, err
	}
	if p.cluster, err = rig.Open(ctx, assets, dir); err != nil {
		return nil, err
	}
	p.k8s = p.cluster.Client
	if err := p.k8s.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
		return nil, err
	}
	var keys []sts.Key
	for n := range mostManagers {
		keys = append(keys, sts.Key{AccessKey: accessKey(n), Secret: secretCanary, AccountID: sts.LocalAccount, User: user(n)})
	}
	p.local, err = localaws.New(localaws.Options{Keys: keys, Nature: core.Nature{Delays: core.Delays{
		TableCreate: core.Duration(time.Second), TableUpdate: core.Duration(time.Second), TableDelete: core.Duration(time.Second),
		IndexCreate: core.Duration(time.Second), IndexDelete: core.Duration(time.Second), RoleAssumable: core.Duration(2 * time.Second)}}})
	if err != nil {
		return nil, err
	}
	return p, p.local.Start(ctx)
}

func accessKey(n int) string { return fmt.Sprintf("AKIAMANAGER%04d", n) }

func user(n int) string { return fmt.Sprintf("manager-%04d", n) }

func (p *place) close() {
	p.closeManagers()
	if p.local != nil {
		_ = p.local.Close()
	}
	if p.cluster != nil {
		_ = p.cluster.Close()
	}
}

func (p *place) closeManagers() {
	for _, m := range p.managers {
		m.Kill()
	}
}

// logOf is the file that a manager prints to.
func (p *place) logOf(n int) string { return filepath.Join(p.dir, fmt.Sprintf("manager-%d.log", n)) }

// operate starts a manager.
func (p *place) operate() (*manager, error) {
	n := len(p.managers)
	if n == mostManagers {
		return nil, errors.New("too many managers; ask for fewer rounds")
	}
	endpoint := p.local.Endpoint()
	process, err := rig.Start(p.binary, p.logOf(n),
		rig.Local(endpoint, accessKey(n), secretCanary, region),
		"--kubeconfig="+p.cluster.Kubeconfig, "--cluster-id="+cluster,
		"--invoke-url-template="+endpoint+localaws.InvokeURLTemplate, "--quota-scale=20", "--log-level=debug",
		"--leader-elect", "--leader-election-namespace=default", fmt.Sprintf("--leader-election-lease-duration=%ds", leaseSeconds))
	if err != nil {
		return nil, err
	}
	m := &manager{process, user(n)}
	p.managers = append(p.managers, m)
	return m, nil
}

// holder names who holds the lease; nobody is empty.
func (p *place) holder(ctx context.Context) (string, error) {
	leases := &coordinationv1.LeaseList{}
	if err := p.k8s.List(ctx, leases, client.InNamespace("default")); err != nil {
		return "", err
	}
	for _, l := range leases.Items {
		if h := l.Spec.HolderIdentity; h != nil {
			return *h, nil
		}
	}
	return "", nil
}

// leads waits until the lease has another holder than the one it was: of two
// managers only the one that is meant can be it.
func (p *place) leads(ctx context.Context, m *manager, was string) error {
	for {
		holder, err := p.holder(ctx)
		if err != nil || holder != "" && holder != was {
			return err
		}
		if err := m.Pause(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("nobody takes the lease over: %w", err)
		}
	}
}

func conflicted(err error) bool { return apierrors.IsConflict(err) }

// calls is how many calls AWS got since this was asked last.
func (p *place) calls() int64 {
	last := p.local.Requests(1 << 40).Last
	n := last - p.counted
	p.counted = last
	return n
}
