// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/hack/rig"
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
	cluster    *rig.Cluster
	k8s        client.WithWatch
}

// openLab builds the manager as a release does and starts the API server.
func openLab(ctx context.Context, r *report) (_ *lab, err error) {
	dir, err := os.MkdirTemp("", "commentsapi-bench-")
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir, manager: filepath.Join(dir, "manager")}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	r.progress("building the manager, starting etcd and kube-apiserver")
	if err := rig.Build(ctx, ".", l.manager); err != nil {
		return nil, err
	}
	assets, err := rig.Assets(ctx, ".")
	if err != nil {
		return nil, err
	}
	if l.cluster, err = rig.Open(ctx, assets, dir); err != nil {
		return nil, err
	}
	l.kubeconfig, l.k8s = l.cluster.Kubeconfig, l.cluster.Client
	// The first request for a new kind of object takes two seconds.
	first := &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "first"},
		Spec: v1alpha1.CommentsAPISpec{TableName: "first", Region: region, Stage: "prod"}}
	return l, l.k8s.Create(ctx, first, client.DryRunAll)
}

func (l *lab) close() {
	if l.cluster != nil {
		_ = l.cluster.Close()
	}
	_ = os.RemoveAll(l.dir)
}

// scene is one local AWS, namespaces and the managers that serve both.
type scene struct {
	*lab
	// namespaces hold the objects in turn. The first holds the leader's lease,
	// too.
	namespaces []string
	local      *localaws.Server
	managers   []*manager
	// leader is who held the lease last.
	leader string
	// seen is the last call to AWS that was counted.
	seen int64
}

// scene starts a local AWS of that nature and makes a namespace.
func (l *lab) scene(ctx context.Context, nature core.Nature) (*scene, error) {
	local, err := localaws.New(localaws.Options{Nature: nature})
	if err != nil {
		return nil, err
	}
	s := &scene{lab: l, local: local}
	return s, errors.Join(s.namespace(ctx, ""), local.Start(ctx))
}

// namespace adds one; its objects live in the account of a role, or in the
// operator's own.
func (s *scene) namespace(ctx context.Context, role string) error {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "bench-"}}
	if role != "" {
		ns.Annotations = map[string]string{v1alpha1.AnnotationRoleARN: role}
	}
	if err := s.k8s.Create(ctx, ns); err != nil {
		return err
	}
	s.namespaces = append(s.namespaces, ns.Name)
	return nil
}

// close ends the managers, then the local AWS, and leaves no object to the
// scene that follows.
func (s *scene) close() {
	for _, m := range s.managers {
		_ = m.Stop()
	}
	_ = s.local.Close()
	list := &v1alpha1.CommentsAPIList{}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if s.k8s.List(ctx, list) != nil {
		return
	}
	for i := range list.Items {
		_ = s.k8s.Patch(ctx, &list.Items[i], client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))
		_ = client.IgnoreNotFound(s.k8s.Delete(ctx, &list.Items[i]))
	}
}

// calls returns what was sent to AWS since the last time this was asked.
func (s *scene) calls() []control.Request {
	log := s.local.Requests(s.seen)
	s.seen = log.Last
	return log.Requests
}
