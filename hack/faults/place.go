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
	"strings"
	"syscall"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/controlplane"
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
	dir, binary, kubeconfig string
	cluster                 *controlplane.ControlPlane
	k8s                     client.Client
	local                   *localaws.Server
	managers                []*manager
	counted                 int64
}

// manager is the operator as its own process.
type manager struct {
	cmd       *exec.Cmd
	log, user string
	gone      chan struct{}
}

func newPlace(ctx context.Context, root, dir string) (_ *place, err error) {
	p := &place{dir: dir, binary: filepath.Join(dir, "manager"), kubeconfig: filepath.Join(dir, "kubeconfig")}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	build := exec.CommandContext(ctx, "go", "build", "-o", p.binary, "./cmd/manager")
	build.Dir = root
	if text, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the manager: %w\n%s", err, text)
	}
	assets := ""
	if os.Getenv(controlplane.AssetsVariable) == "" {
		get := exec.CommandContext(ctx, filepath.Join(root, "hack", "control-plane.sh"))
		get.Dir = root
		text, err := get.Output()
		if err != nil {
			return nil, fmt.Errorf("getting etcd and kube-apiserver with hack/control-plane.sh: %w", err)
		}
		assets = strings.TrimSpace(string(text))
	}
	if p.cluster, err = controlplane.Start(ctx, controlplane.Options{Assets: assets}); err != nil {
		return nil, err
	}
	if err := os.WriteFile(p.kubeconfig, p.cluster.Kubeconfig(), 0o600); err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	config := p.cluster.Config()
	config.QPS = -1
	if p.k8s, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return nil, err
	}
	if err := p.k8s.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
		return nil, err
	}
	var keys []sts.Key
	for n := range mostManagers {
		keys = append(keys, sts.Key{AccessKey: accessKey(n), Secret: "secret", AccountID: sts.LocalAccount, User: user(n)})
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
		_ = p.cluster.Stop()
	}
}

func (p *place) closeManagers() {
	for _, m := range p.managers {
		m.kill()
	}
}

// operate starts a manager.
func (p *place) operate() (*manager, error) {
	n := len(p.managers)
	if n == mostManagers {
		return nil, errors.New("too many managers; ask for fewer rounds")
	}
	m := &manager{log: filepath.Join(p.dir, fmt.Sprintf("manager-%d.log", n)), user: user(n), gone: make(chan struct{})}
	log, err := os.Create(m.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	endpoint := p.local.Endpoint()
	m.cmd = exec.Command(p.binary, "--kubeconfig="+p.kubeconfig, "--cluster-id="+cluster,
		"--invoke-url-template="+endpoint+localaws.InvokeURLTemplate, "--quota-scale=20",
		"--metrics-bind-address=0", "--health-probe-bind-address=0",
		"--leader-elect", "--leader-election-namespace=default", fmt.Sprintf("--leader-election-lease-duration=%ds", leaseSeconds))
	own := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
	m.cmd.Env = append(own, "AWS_ENDPOINT_URL="+endpoint, "AWS_ACCESS_KEY_ID="+accessKey(n), "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION="+region)
	m.cmd.Stdout, m.cmd.Stderr = log, log
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := m.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = m.cmd.Wait()
		close(m.gone)
	}()
	p.managers = append(p.managers, m)
	return m, nil
}

func (m *manager) kill() {
	_ = m.cmd.Process.Kill()
	<-m.gone
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
		select {
		case <-m.gone:
			text, _ := os.ReadFile(m.log)
			return fmt.Errorf("a manager ended by itself: %s", text[max(0, len(text)-2000):])
		default:
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
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
