// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package local runs a whole installation on one machine: a real API server,
// the local AWS and the operator as a process of its own, on loopback only.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"

	"github.com/commentsapi/operator/cmd/commentsctl/site"
	"github.com/commentsapi/operator/config"
	"github.com/commentsapi/operator/internal/controlplane"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// What the local AWS knows callers by.
const (
	AccessKey = "local"
	SecretKey = "local"
	AccountID = "123456789012"
)

// defaultRegion is the region for clients when no object names one.
const defaultRegion = "eu-west-1"

// stopTimeout bounds the end of everything.
const stopTimeout = time.Minute

// Part is a part of the installation.
type Part string

// The parts that can be started on their own.
const (
	PartAll     Part = ""
	PartAWS     Part = "aws"
	PartCluster Part = "cluster"
)

// Options say what to run and where.
type Options struct {
	// Only starts one part; PartAll starts everything.
	Only Part
	// Assets is the directory with etcd and kube-apiserver; when empty, the
	// environment variable KUBEBUILDER_ASSETS names it.
	Assets string
	// Manager is the path of the operator's binary; when empty, the one
	// beside this program.
	Manager string
	// ManagerArgs are further arguments of the operator.
	ManagerArgs []string
	// APIPort and AWSPort are ports on 127.0.0.1; 0 takes free ones.
	APIPort, AWSPort int
	// Nature is how AWS-like the local AWS behaves from the start.
	Nature core.Nature
	// Faults make chosen calls to the local AWS fail.
	Faults []control.Fault
	// Objects are CommentsAPIs as YAML to apply once all is up; nil applies
	// the sample, an empty list nothing.
	Objects [][]byte
	// Site serves the sample site for the first object, on an origin of its own.
	Site bool
	// SitePort is the site's port on 127.0.0.1; 0 takes a free one.
	SitePort int
	// StateFile receives State as JSON once all is up; empty writes none.
	StateFile string
	// Timeout bounds the way until the objects serve.
	Timeout time.Duration
	// Progress receives lines for a person.
	Progress io.Writer
	// ServerOutput receives what etcd and kube-apiserver print; nil drops it.
	ServerOutput io.Writer
}

// Environment is a running installation. Stop it.
type Environment struct {
	// State says where everything is.
	State State

	progress *progress
	dir      string
	aws      *localaws.Server
	plane    *controlplane.ControlPlane
	site     *site.Server
	manager  *manager
	// brokenPipes is never read; see Start.
	brokenPipes chan os.Signal
}

// Start starts what opts ask for, applies the objects and returns when they
// serve. When it fails, or ctx ends meanwhile, everything is stopped again.
func Start(ctx context.Context, opts Options) (_ *Environment, err error) {
	switch opts.Only {
	case PartAll, PartAWS, PartCluster:
	default:
		return nil, fmt.Errorf("--only %q: there are the parts %q and %q", opts.Only, PartAWS, PartCluster)
	}
	if len(opts.Objects) > 0 && opts.Only != PartAll {
		return nil, fmt.Errorf("--filename with --only %s: without the operator nothing would come of the objects; leave out one of the two", opts.Only)
	}
	objects := opts.Objects
	if objects == nil && opts.Only == PartAll {
		objects = [][]byte{config.Sample}
	}
	samples, err := decode(objects)
	if err != nil {
		return nil, err
	}
	// Found out before anything is started: a missing binary is the likeliest
	// mistake.
	if opts.Only == PartAll {
		if opts.Manager, err = findManager(opts.Manager); err != nil {
			return nil, err
		}
	}
	if opts.Only != PartAWS {
		if opts.Assets, err = controlplane.FindAssets(opts.Assets); err != nil {
			return nil, err
		}
	}
	e := &Environment{
		State:       State{AccountID: AccountID, Region: defaultRegion},
		progress:    &progress{out: opts.Progress, every: heartbeat},
		brokenPipes: make(chan os.Signal, 1),
	}
	if len(samples) > 0 {
		if region, _, _ := unstructured.NestedString(samples[0].Object, "spec", "region"); region != "" {
			e.State.Region = region
		}
	}
	// Ctrl-C ends who reads the output first (commentsctl local | tee log). What
	// is written then must not end this process before the ones it minds.
	signal.Notify(e.brokenPipes, syscall.SIGPIPE)
	defer func() {
		if err != nil {
			err = errors.Join(err, e.Stop())
		}
	}()
	if opts.Site && len(samples) > 0 {
		if err := e.listenForSite(opts, samples[0]); err != nil {
			return nil, err
		}
	}
	if e.dir, err = os.MkdirTemp("", "commentsctl-"); err != nil {
		return nil, fmt.Errorf("make a directory for the kubeconfig: %w", err)
	}

	if opts.Only != PartCluster {
		if err := e.startAWS(ctx, opts); err != nil {
			return nil, err
		}
	}
	if opts.Only != PartAWS {
		if err := e.startCluster(ctx, opts); err != nil {
			return nil, err
		}
	}
	if opts.Only == PartAll {
		if err := e.startOperator(ctx, opts); err != nil {
			return nil, err
		}
		if err := e.apply(ctx, samples, opts.Timeout); err != nil {
			return nil, err
		}
		if err := e.serveSite(); err != nil {
			return nil, err
		}
	}
	if opts.StateFile != "" {
		if err := e.State.write(opts.StateFile); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// findManager returns the operator's binary: the named one, else the one
// beside this program.
func findManager(path string) (string, error) {
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("find this program's own path: %w; name the operator's binary with --manager", err)
		}
		path = filepath.Join(filepath.Dir(self), "manager")
	}
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return "", fmt.Errorf("no operator binary at %s: build it with `make build`, or name it with --manager", path)
	}
	return path, nil
}

func (e *Environment) startAWS(ctx context.Context, opts Options) error {
	server, err := localaws.New(localaws.Options{
		Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(opts.AWSPort)),
		Nature:  opts.Nature,
		Report:  func(message string) { e.progress.say("local AWS: %s", message) },
	})
	if err != nil {
		return err
	}
	e.progress.say("starting the local AWS")
	// Stop closes it, after the operator that calls it.
	if err := server.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	e.aws = server
	for _, fault := range opts.Faults {
		if _, err := control.New(server.Endpoint(), nil).AddFault(ctx, fault); err != nil {
			return fmt.Errorf("fault: %w", err)
		}
	}
	e.State.AWSEndpoint = server.Endpoint()
	return nil
}

func (e *Environment) startCluster(ctx context.Context, opts Options) error {
	err := e.progress.step(ctx, "starting etcd and kube-apiserver", nil, func(ctx context.Context) (err error) {
		e.plane, err = controlplane.Start(ctx, controlplane.Options{Assets: opts.Assets, Port: opts.APIPort, Output: opts.ServerOutput})
		return err
	})
	if err != nil {
		return err
	}
	e.State.Kubeconfig = filepath.Join(e.dir, "kubeconfig")
	if err := os.WriteFile(e.State.Kubeconfig, e.plane.Kubeconfig(), 0o600); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	return nil
}

func (e *Environment) startOperator(ctx context.Context, opts Options) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	kubeconfig, err := e.install(ctx)
	if err != nil {
		return err
	}
	log := filepath.Join(e.dir, "manager.log")
	e.progress.say("starting the operator, which logs to %s", log)
	e.manager, err = startManager(managerOptions{
		binary: opts.Manager, kubeconfig: kubeconfig, awsEndpoint: e.State.AWSEndpoint,
		region: e.State.Region, log: log, extraArgs: opts.ManagerArgs,
	})
	return err
}

// Config returns a configuration of a client with all rights on the cluster;
// nil with --only aws.
func (e *Environment) Config() *rest.Config {
	if e.plane == nil {
		return nil
	}
	return e.plane.Config()
}

// Wait returns nil when ctx is done, and an error when the operator ends
// before that.
func (e *Environment) Wait(ctx context.Context) error {
	if e.manager == nil {
		<-ctx.Done()
		return nil
	}
	select {
	case <-ctx.Done():
		return nil
	case <-e.manager.gone:
		return e.manager.died()
	}
}

// Stop ends everything, the operator first, and removes its files.
func (e *Environment) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var errs []error
	if e.site != nil {
		errs = append(errs, e.site.Close(ctx))
	}
	if e.manager != nil {
		errs = append(errs, e.manager.stop(ctx))
	}
	if e.plane != nil {
		errs = append(errs, e.plane.Stop())
	}
	if e.aws != nil {
		errs = append(errs, e.aws.Close())
	}
	if e.dir != "" {
		errs = append(errs, os.RemoveAll(e.dir))
	}
	return errors.Join(errs...)
}
