// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// workers is how many objects are worked on at once. A reconcile waits for AWS
// most of its time, in several accounts, and the pacer, not this number, bounds
// the calls.
const workers = 64

// The rights below are all that the operator uses of them: it never writes a
// spec and creates nothing but events. patch is for the finalizer; namespaces
// are read for their uids and for what cluster admins allow by annotation.
//
// +kubebuilder:rbac:groups=commentsapi.io,resources=commentsapis,verbs=list;watch;patch
// +kubebuilder:rbac:groups=commentsapi.io,resources=commentsapis/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetupWithManager watches CommentsAPI objects. Changes of status don't wake
// the reconciler, since it makes them itself; changes of spec, of annotations
// and deletion do.
func (r *Reconciler) SetupWithManager(m ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(m).
		For(&v1alpha1.CommentsAPI{}, builder.WithPredicates(
			predicate.NewPredicateFuncs(r.Options.Shard.Has),
			predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: workers,
			// A replica that waits for the lease knows all objects already.
			EnableWarmup: new(true),
			// Errors that reach the queue are Kubernetes'; the default begins at
			// 5 ms, and each try asks AWS anew.
			RateLimiter: workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](conflictDelay, repeatMost),
		}).
		Complete(r)
}
