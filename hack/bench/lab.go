// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/controlplane"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// lab is a real API server and the manager's binary, shared by all parts that
// need them.
type lab struct {
	dir        string
	manager    string
	kubeconfig string
	cluster    *controlplane.ControlPlane
	k8s        client.WithWatch
}

// openLab builds the manager as a release does and starts the API server.
func openLab(ctx context.Context, r *report) (_ *lab, err error) {
	dir, err := os.MkdirTemp("", "commentsapi-bench-")
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir, manager: filepath.Join(dir, "manager"), kubeconfig: filepath.Join(dir, "kubeconfig")}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	r.progress("building the manager, starting etcd and kube-apiserver")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", l.manager, "./cmd/manager")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the manager (run this from the repository's root): %w: %s", err, text)
	}
	assets := ""
	if os.Getenv(controlplane.AssetsVariable) == "" {
		text, err := exec.CommandContext(ctx, "hack/control-plane.sh").Output()
		if err != nil {
			return nil, fmt.Errorf("get etcd and kube-apiserver with hack/control-plane.sh: %w", err)
		}
		assets = strings.TrimSpace(string(text))
	}
	if l.cluster, err = controlplane.Start(ctx, controlplane.Options{Assets: assets}); err != nil {
		return nil, err
	}
	if err := os.WriteFile(l.kubeconfig, l.cluster.Kubeconfig(), 0o600); err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	config := l.cluster.Config()
	config.QPS = -1
	if l.k8s, err = client.NewWithWatch(config, client.Options{Scheme: scheme}); err != nil {
		return nil, err
	}
	// The first request for a new kind of object takes two seconds.
	first := &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "first"},
		Spec: v1alpha1.CommentsAPISpec{TableName: "first", Region: region, Stage: "prod"}}
	return l, l.k8s.Create(ctx, first, client.DryRunAll)
}

func (l *lab) close() {
	if l.cluster != nil {
		_ = l.cluster.Stop()
	}
	_ = os.RemoveAll(l.dir)
}

// scene is one namespace, one local AWS and the managers that serve both.
type scene struct {
	*lab
	namespace string
	local     *localaws.Server
	managers  []*manager
	// leader is who held the lease last.
	leader string
	// seen is the last call to AWS that was counted.
	seen int64
}

// scene starts a local AWS of that nature and makes a namespace.
func (l *lab) scene(ctx context.Context, nature core.Nature) (*scene, error) {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "bench-"}}
	if err := l.k8s.Create(ctx, ns); err != nil {
		return nil, err
	}
	local, err := localaws.New(localaws.Options{Nature: nature})
	if err != nil {
		return nil, err
	}
	return &scene{lab: l, namespace: ns.Name, local: local}, local.Start(ctx)
}

// close ends the managers, then the local AWS.
func (s *scene) close() {
	for _, m := range s.managers {
		_ = m.stop()
	}
	_ = s.local.Close()
}

// calls returns what was sent to AWS since the last time this was asked.
func (s *scene) calls() []control.Request {
	log := s.local.Requests(s.seen)
	s.seen = log.Last
	return log.Requests
}
