// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rig is what the long suites run the operator on: a real API server,
// and the manager's own binary as a process beside it.
package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/controlplane"
)

// Build writes the manager to a file, built as a release builds it. root is the
// repository's directory.
func Build(ctx context.Context, root, file string) error {
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, "./cmd/manager")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the manager in the repository %q: %w: %s", root, err, text)
	}
	return nil
}

// Assets is the directory with etcd and kube-apiserver: the one that the
// environment names, or else what hack/control-plane.sh below root makes.
func Assets(ctx context.Context, root string) (string, error) {
	if dir := os.Getenv(controlplane.AssetsVariable); dir != "" {
		return dir, nil
	}
	get := exec.CommandContext(ctx, "hack/control-plane.sh")
	get.Dir = root
	text, err := get.Output()
	if err != nil {
		return "", fmt.Errorf("get etcd and kube-apiserver with hack/control-plane.sh: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// Cluster is a running API server. Close it.
type Cluster struct {
	// Kubeconfig is the path of a file with all rights.
	Kubeconfig string
	// Client has all rights, no cache and no limit of its own.
	Client client.WithWatch
	plane  *controlplane.ControlPlane
}

// Open starts etcd and kube-apiserver from assets; dir receives the kubeconfig.
func Open(ctx context.Context, assets, dir string) (_ *Cluster, err error) {
	c := &Cluster{Kubeconfig: filepath.Join(dir, "kubeconfig")}
	if c.plane, err = controlplane.Start(ctx, controlplane.Options{Assets: assets}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if err := os.WriteFile(c.Kubeconfig, c.plane.Kubeconfig(), 0o600); err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	config := c.plane.Config()
	config.QPS = -1
	c.Client, err = client.NewWithWatch(config, client.Options{Scheme: scheme})
	return c, err
}

// Close ends the API server. Managers that use it end first.
func (c *Cluster) Close() error { return c.plane.Stop() }
