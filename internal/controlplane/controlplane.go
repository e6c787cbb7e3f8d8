// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package controlplane runs a real etcd and kube-apiserver on loopback with
// the CommentsAPI definition installed. It serves `commentsctl local` and,
// through package testcluster, the tests; the operator never imports it.
package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/config"
)

// AssetsVariable names the environment variable with the directory that holds
// etcd and kube-apiserver. It is envtest's own, so that one setting serves all.
const AssetsVariable = "KUBEBUILDER_ASSETS"

// startTimeout bounds the start of each server. The usual start takes four
// seconds; a loaded machine with two cores takes several times that.
const startTimeout = time.Minute

// Options say how to run the servers.
type Options struct {
	// Assets is the directory that holds etcd and kube-apiserver; when empty,
	// the environment variable KUBEBUILDER_ASSETS names it.
	Assets string
	// Port of kube-apiserver on 127.0.0.1; 0 takes a free one.
	Port int
	// Output receives what the servers print; nil discards it.
	Output io.Writer
}

// ControlPlane is a running etcd and kube-apiserver. Stop it.
type ControlPlane struct {
	env *envtest.Environment
}

// FindAssets returns the directory with executable etcd and kube-apiserver:
// dir, or when dir is empty the one that KUBEBUILDER_ASSETS names. The error
// says how to get them.
func FindAssets(dir string) (string, error) {
	from := "the assets directory"
	if dir == "" {
		from = AssetsVariable
		dir = os.Getenv(AssetsVariable)
	}
	const remedy = "run `make test` or `make local`, which set it, or `export " + AssetsVariable + "=\"$(hack/control-plane.sh)\"`"
	if dir == "" {
		return "", fmt.Errorf("%s is not set, so there is no etcd and no kube-apiserver to start: %s", AssetsVariable, remedy)
	}
	for _, name := range []string{"etcd", "kube-apiserver"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return "", fmt.Errorf("%s %q holds no executable %s: %s", from, dir, name, remedy)
		}
	}
	return dir, nil
}

// Start starts both servers and installs the definition of CommentsAPI. It
// returns when the API is served, usually after four seconds. When ctx ends
// meanwhile, what was started is stopped again and ctx's error returned.
func Start(ctx context.Context, opts Options) (*ControlPlane, error) {
	assets, err := FindAssets(opts.Assets)
	if err != nil {
		return nil, err
	}
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(config.CRD, crd); err != nil {
		return nil, fmt.Errorf("read the embedded CustomResourceDefinition: %w", err)
	}
	env := &envtest.Environment{
		CRDs:                     []*apiextensionsv1.CustomResourceDefinition{crd},
		ControlPlaneStartTimeout: startTimeout,
		ControlPlaneStopTimeout:  startTimeout,
	}
	// Paths set here win over the environment variable inside envtest.
	server := env.ControlPlane.GetAPIServer()
	server.Path = filepath.Join(assets, "kube-apiserver")
	env.ControlPlane.Etcd = &envtest.Etcd{Path: filepath.Join(assets, "etcd")}
	if opts.Port != 0 {
		server.SecureServing.Address = "127.0.0.1"
		server.SecureServing.Port = strconv.Itoa(opts.Port)
	}
	if opts.Output != nil {
		server.Out, server.Err = opts.Output, opts.Output
		env.ControlPlane.Etcd.Out, env.ControlPlane.Etcd.Err = opts.Output, opts.Output
	}

	_, err = env.Start()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start etcd and kube-apiserver from %s: %w", assets, err), env.Stop())
	}
	return &ControlPlane{env: env}, nil
}

// Config returns a fresh configuration of a client with all rights.
func (c *ControlPlane) Config() *rest.Config { return rest.CopyConfig(c.env.Config) }

// Kubeconfig returns a kubeconfig file with all rights, for kubectl and for
// the manager.
func (c *ControlPlane) Kubeconfig() []byte { return c.env.KubeConfig }

// KubeconfigFor returns a kubeconfig file of a user that has only the rights
// that RBAC gives to it and its groups.
func (c *ControlPlane) KubeconfigFor(user string, groups ...string) ([]byte, error) {
	added, err := c.env.AddUser(envtest.User{Name: user, Groups: groups}, nil)
	if err != nil {
		return nil, fmt.Errorf("add the user %s to the API server: %w", user, err)
	}
	file, err := added.KubeConfig()
	if err != nil {
		return nil, fmt.Errorf("write a kubeconfig for the user %s: %w", user, err)
	}
	return file, nil
}

// Stop ends both servers and removes their data.
func (c *ControlPlane) Stop() error {
	if err := c.env.Stop(); err != nil {
		return fmt.Errorf("stop etcd and kube-apiserver: %w", err)
	}
	return nil
}
