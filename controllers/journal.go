// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/provision"
)

// patchStatus changes an object's status and writes it if that changed
// anything. The write carries the resource version the change was made upon:
// whoever works with an old copy of the object loses, and looks again.
func patchStatus(ctx context.Context, c client.Client, obj *v1alpha1.CommentsAPI, change func(*v1alpha1.CommentsAPIStatus)) error {
	base := obj.DeepCopy()
	change(&obj.Status)
	if equality.Semantic.DeepEqual(base.Status, obj.Status) {
		return nil
	}
	return c.Status().Patch(ctx, obj, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{}))
}

func (r *Reconciler) writeStatus(ctx context.Context, obj *v1alpha1.CommentsAPI, change func(*v1alpha1.CommentsAPIStatus)) error {
	return patchStatus(ctx, r.Client, obj, change)
}

// clusterError is a failure of Kubernetes, not of AWS, in the middle of work
// on AWS. It is no trouble of the stack: the work is taken up again.
type clusterError struct{ err error }

func (e *clusterError) Error() string { return e.err.Error() }
func (e *clusterError) Unwrap() error { return e.err }

// journal keeps in the object's status what must survive a crash of the
// operator while it creates a REST API.
type journal struct {
	client client.Client
	obj    *v1alpha1.CommentsAPI
}

// Intend implements provision.Journal.
func (j *journal) Intend(ctx context.Context, nonce string, at time.Time) error {
	return j.write(ctx, func(s *v1alpha1.CommentsAPIStatus) {
		s.Intent = &v1alpha1.Intent{Nonce: nonce, Time: metav1.NewTime(at)}
	})
}

// Created implements provision.Journal. The intent stays: until the API was
// seen to serve, a reading that does not find it may just be an old one.
func (j *journal) Created(ctx context.Context, apiID string) error {
	return j.write(ctx, func(s *v1alpha1.CommentsAPIStatus) {
		s.RestAPI = &v1alpha1.RestAPIStatus{ID: apiID}
	})
}

// Forgo implements provision.Journal.
func (j *journal) Forgo(ctx context.Context) error {
	return j.write(ctx, func(s *v1alpha1.CommentsAPIStatus) { s.Intent = nil })
}

func (j *journal) write(ctx context.Context, change func(*v1alpha1.CommentsAPIStatus)) error {
	if err := patchStatus(ctx, j.client, j.obj, change); err != nil {
		return &clusterError{fmt.Errorf("writing the status: %w", err)}
	}
	return nil
}

// intent is what the journal holds.
func intent(obj *v1alpha1.CommentsAPI) *provision.Intent {
	if obj.Status.Intent == nil {
		return nil
	}
	return &provision.Intent{Nonce: obj.Status.Intent.Nonce, Time: obj.Status.Intent.Time.Time}
}
