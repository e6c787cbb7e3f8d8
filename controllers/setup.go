// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
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
// spec and creates nothing but events. patch is for the finalizer, and to make
// sure of having the latest version (confirm); namespaces are read for their
// uids and for what cluster admins allow by annotation.
//
// +kubebuilder:rbac:groups=commentsapi.io,resources=commentsapis,verbs=list;watch;patch
// +kubebuilder:rbac:groups=commentsapi.io,resources=commentsapis/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetupWithManager watches CommentsAPI objects, and Namespaces for what cluster
// admins decide there, unless the operator sees only some of them. Changes of status don't wake
// the reconciler, since it makes them itself; changes of spec, of annotations
// and deletion do.
func (r *Reconciler) SetupWithManager(m ctrl.Manager) error {
	b := ctrl.NewControllerManagedBy(m).
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
		})
	if len(r.Options.WatchNamespaces) == 0 {
		b = b.Watches(&corev1.Namespace{}, handler.EnqueueRequestsFromMapFunc(r.tenantsOf), builder.WithPredicates(decrees{}))
	}
	return b.Complete(r)
}

// tenantsOf lists the objects of a Namespace, as far as they are this shard's.
func (r *Reconciler) tenantsOf(ctx context.Context, namespace client.Object) []reconcile.Request {
	list := &v1alpha1.CommentsAPIList{}
	if err := r.Client.List(ctx, list, client.InNamespace(namespace.GetName())); err != nil {
		// The cache serves this; the next drift check comes anyway.
		log.FromContext(ctx).Error(err, "listing the objects of a Namespace whose annotations changed", "namespace", namespace.GetName())
		return nil
	}
	requests := make([]reconcile.Request, 0, len(list.Items))
	for i := range list.Items {
		if r.Options.Shard.Has(&list.Items[i]) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return requests
}

// decrees lets through changes of the operator's annotations on a Namespace,
// and nothing else that happens to Namespaces.
type decrees struct{ predicate.Funcs }

// Create is no change: objects come with their own event.
func (decrees) Create(event.CreateEvent) bool { return false }

// Delete takes the objects with it.
func (decrees) Delete(event.DeleteEvent) bool { return false }

// Update compares the annotations that matter.
func (decrees) Update(e event.UpdateEvent) bool {
	before, after := e.ObjectOld.GetAnnotations(), e.ObjectNew.GetAnnotations()
	for _, key := range []string{v1alpha1.AnnotationRoleARN, v1alpha1.AnnotationExternalID, v1alpha1.AnnotationAllowAdopt} {
		if before[key] != after[key] {
			return true
		}
	}
	return false
}
