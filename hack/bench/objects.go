// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
)

const (
	region = "eu-west-1"
	// hands is how many requests to the API server the bench makes at once.
	hands = 8
)

// object is the n-th object of a scene, with the default spec.
func (s *scene) object(n int) *v1alpha1.CommentsAPI {
	name := fmt.Sprintf("blog-%04d", n)
	return &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespaces[n%len(s.namespaces)], Name: name},
		Spec: v1alpha1.CommentsAPISpec{TableName: name, Region: region, Stage: "prod"}}
}

// each does something to objects 0 to n-1, several at once.
func (s *scene) each(ctx context.Context, n int, do func(context.Context, *v1alpha1.CommentsAPI) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(hands)
	for i := range n {
		group.Go(func() error { return do(ctx, s.object(i)) })
	}
	return group.Wait()
}

func (s *scene) create(ctx context.Context, o *v1alpha1.CommentsAPI) error {
	return s.k8s.Create(ctx, o)
}

func (s *scene) remove(ctx context.Context, o *v1alpha1.CommentsAPI) error {
	return s.k8s.Delete(ctx, o)
}

// resize is a change of the spec that takes a new deployment: the page size is
// part of a mapping template.
func (s *scene) resize(pageSize int) func(context.Context, *v1alpha1.CommentsAPI) error {
	return func(ctx context.Context, o *v1alpha1.CommentsAPI) error {
		patch := fmt.Sprintf(`{"spec":{"comments":{"pageSize":%d}}}`, pageSize)
		return s.k8s.Patch(ctx, o, client.RawPatch("application/merge-patch+json", []byte(patch)))
	}
}

// settled is Ready and Synced for the object's own generation.
func settled(o *v1alpha1.CommentsAPI) bool {
	for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced} {
		c := meta.FindStatusCondition(o.Status.Conditions, kind)
		if c == nil || c.Status != metav1.ConditionTrue || c.ObservedGeneration != o.Generation {
			return false
		}
	}
	return o.DeletionTimestamp.IsZero()
}

// errWatchEnded: the API server ends watches, the sooner the busier it is.
var errWatchEnded = errors.New("the watch of the objects ended")

// until watches the scene's objects until n of them are as wanted; nil stands
// for one that is gone.
func (s *scene) until(ctx context.Context, n int, wanted func(name string, o *v1alpha1.CommentsAPI) bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("not all of %d objects are done after %s", n, patience))
	defer cancel()
	for {
		if err := s.watch(ctx, n, wanted); !errors.Is(err, errWatchEnded) {
			return err
		}
	}
}

// watch lists the objects and hears of every change from then on.
func (s *scene) watch(ctx context.Context, n int, wanted func(name string, o *v1alpha1.CommentsAPI) bool) error {
	list := &v1alpha1.CommentsAPIList{}
	if err := s.k8s.List(ctx, list); err != nil {
		return err
	}
	good, there := map[string]bool{}, map[string]bool{}
	look := func(name string, o *v1alpha1.CommentsAPI) {
		if good[name] = wanted(name, o); !good[name] {
			delete(good, name)
		}
	}
	for i := range list.Items {
		there[list.Items[i].Name] = true
		look(list.Items[i].Name, &list.Items[i])
	}
	for i := range n {
		if name := s.object(i).Name; !there[name] {
			look(name, nil)
		}
	}
	w, err := s.k8s.Watch(ctx, list, &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: list.ResourceVersion}})
	if err != nil {
		return err
	}
	defer w.Stop()
	for len(good) < n {
		select {
		case e, open := <-w.ResultChan():
			o, ok := e.Object.(*v1alpha1.CommentsAPI)
			switch {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case !open || !ok:
				return errWatchEnded
			case e.Type == watch.Deleted:
				look(o.Name, nil)
			default:
				look(o.Name, o)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func isSettled(_ string, o *v1alpha1.CommentsAPI) bool { return o != nil && settled(o) }

func isGone(_ string, o *v1alpha1.CommentsAPI) bool { return o == nil }

// versions are the objects' resource versions by name: each write moves one.
func (s *scene) versions(ctx context.Context) (map[string]string, error) {
	list := &v1alpha1.CommentsAPIList{}
	if err := s.k8s.List(ctx, list); err != nil {
		return nil, err
	}
	versions := map[string]string{}
	for i := range list.Items {
		versions[list.Items[i].Name] = list.Items[i].ResourceVersion
	}
	return versions, nil
}
