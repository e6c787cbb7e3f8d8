// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/hack/rig"
)

// namespace is where the objects live. There is no other.
const namespace = "default"

// world is a cluster of its own with the operator, against somebody's AWS.
type world struct {
	settings
	cloud *cloud
	out   io.Writer
	dir   string
	plane *rig.Cluster
	kube  client.Client

	operator *rig.Manager
}

func newWorld(ctx context.Context, s settings, c *cloud, out io.Writer) (_ *world, err error) {
	w := &world{settings: s, cloud: c, out: out}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.stop())
		}
	}()
	w.say("starting etcd, kube-apiserver and the operator")
	if w.dir, err = os.MkdirTemp("", "commentsapi-e2e-"); err != nil {
		return nil, err
	}
	if w.plane, err = rig.Open(ctx, s.assets, w.dir); err != nil {
		return nil, err
	}
	w.kube = w.plane.Client
	return w, w.operate()
}

// operate starts the operator with the credentials of this process.
func (w *world) operate() (err error) {
	args := []string{"--kubeconfig=" + w.plane.Kubeconfig, "--cluster-id=" + w.prefix, "--role-path=" + w.cloud.rolePath(), "--leader-elect=false"}
	if w.invokeURLs != "" {
		args = append(args, "--invoke-url-template="+w.invokeURLs)
	}
	w.operator, err = rig.Start(w.manager, filepath.Join(w.dir, "manager.log"), os.Environ(), args...)
	if err != nil {
		return fmt.Errorf("%w; build it with `make build`, or name it with -manager", err)
	}
	return nil
}

// stop ends the operator before the API server under it.
func (w *world) stop() error {
	var errs []error
	if w.operator != nil {
		errs = append(errs, w.operator.Stop())
	}
	if w.plane != nil {
		errs = append(errs, w.plane.Close())
	}
	if w.dir != "" {
		errs = append(errs, os.RemoveAll(w.dir))
	}
	return errors.Join(errs...)
}

func (w *world) say(format string, args ...any) {
	_, _ = fmt.Fprintf(w.out, time.Now().UTC().Format("15:04:05")+"  "+format+"\n", args...)
}

// heartbeat is how often a wait says that it goes on.
const heartbeat = 30 * time.Second

// until calls done every second until it is; what is for the person who waits.
func (w *world) until(ctx context.Context, what string, done func() (bool, string, error)) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	began, said := time.Now(), time.Now()
	for {
		ok, state, err := done()
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", what, err)
		case ok:
			w.say("%s: yes, after %.0f s", what, time.Since(began).Seconds())
			return nil
		case time.Since(said) > heartbeat:
			said = time.Now()
			w.say("%s: not yet; %s", what, state)
		}
		select {
		case <-ticker.C:
		case <-w.operator.Gone:
			return fmt.Errorf("%s: the operator ended by itself; its last words: %s", what, w.operator.LastWords())
		case <-ctx.Done():
			return fmt.Errorf("%s: not in time; %s; the operator's last words: %s", what, state, w.operator.LastWords())
		}
	}
}

// waitFor reads the object until done.
func (w *world) waitFor(ctx context.Context, obj *v1alpha1.CommentsAPI, what string, done func(*v1alpha1.CommentsAPI) bool) error {
	return w.until(ctx, obj.Name+" "+what, func() (bool, string, error) {
		if err := w.kube.Get(ctx, client.ObjectKeyFromObject(obj), obj); err != nil {
			return false, "", err
		}
		return done(obj), conditions(obj), nil
	})
}

func (w *world) waitGone(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	return w.until(ctx, obj.Name+" is gone", func() (bool, string, error) {
		err := w.kube.Get(ctx, client.ObjectKeyFromObject(obj), obj)
		if apierrors.IsNotFound(err) {
			return true, "", nil
		}
		return false, conditions(obj), err
	})
}

func conditions(obj *v1alpha1.CommentsAPI) string {
	text := ""
	for _, c := range obj.Status.Conditions {
		text += fmt.Sprintf("%s=%s (%s) ", c.Type, c.Status, c.Reason)
	}
	return text
}
