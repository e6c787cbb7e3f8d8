// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package controllers is the Kubernetes half of the operator: it watches
// CommentsAPI objects, has their stacks checked and corrected, and reports.
package controllers

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
)

// Options are the operator's settings, the same for every object.
type Options struct {
	// ClusterID tells clusters apart that share an AWS account.
	ClusterID string
	// RolePath is the IAM path of new roles; it begins and ends with a slash.
	RolePath string
	// PermissionsBoundary is the ARN of the policy roles are bounded by.
	PermissionsBoundary string
	// TableNamePrefix begins the names of tables; {namespace} in it stands for
	// the object's.
	TableNamePrefix string
	// RequireNamespaceRole refuses objects whose Namespace names no role.
	RequireNamespaceRole bool
	// WatchNamespaces are the namespaces that the operator sees; empty is all.
	WatchNamespaces []string
	// InvokeURLTemplate is the shape of invoke URLs, with {apiId}, {region},
	// {dnsSuffix} and {stage}.
	InvokeURLTemplate string
	// Probe calls a new definition before it is deployed.
	Probe bool
	// Shard is the part of the objects that is served here.
	Shard Shard
	// Delays are the pauses between looks at objects in trouble.
	Delays Delays
}

// Clouds gives the AWS account and region behind some credentials.
type Clouds interface {
	Account(ctx context.Context, target awscloud.Target) (*awscloud.Account, error)
}

// Reconciler keeps the stacks of CommentsAPI objects as declared.
type Reconciler struct {
	Client   client.Client
	Recorder events.EventRecorder
	Clouds   Clouds
	Options  Options
	// Metrics counts corrections; nil counts nothing.
	Metrics *Metrics
	// Now is the clock; nil is the system's.
	Now func() time.Time

	backoff  backoff
	memories memories
	load     load
}

// Reconcile checks one object's stack and brings it a step closer to what the
// object asks for. It never sleeps: whatever takes time is looked at again
// after RequeueAfter. Failures end in conditions, with a growing delay.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	obj := &v1alpha1.CommentsAPI{}
	if err := r.Client.Get(ctx, req.NamespacedName, obj); err != nil {
		r.backoff.forget(req.NamespacedName)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !r.Options.Shard.Has(obj) {
		return ctrl.Result{}, nil
	}
	ctx = awscloud.WithKey(ctx, string(obj.UID))
	if !obj.DeletionTimestamp.IsZero() {
		return settle(r.finalize(ctx, obj))
	}
	if paused(obj) {
		return settle(ctrl.Result{}, r.writeStatus(ctx, obj, func(s *v1alpha1.CommentsAPIStatus) { markPaused(s, obj.Generation) }))
	}
	if err := r.ensureFinalizer(ctx, obj); err != nil {
		return settle(ctrl.Result{}, err)
	}
	if wait, ok := r.spread(obj); ok {
		return ctrl.Result{RequeueAfter: wait}, nil
	}
	tenant, err := r.tenant(ctx, obj)
	if err != nil {
		return ctrl.Result{}, err
	}
	before := obj.Status.DeepCopy()
	found := r.check(ctx, obj, tenant)
	r.announceSteps(ctx, obj, before, found)
	if found.cluster != nil {
		return settle(ctrl.Result{}, found.cluster)
	}
	if !postponed(before, obj.Generation, found) {
		err = r.writeStatus(ctx, obj, func(s *v1alpha1.CommentsAPIStatus) { r.summarise(s, obj, found) })
		if err != nil {
			return settle(ctrl.Result{}, err)
		}
		r.announceState(ctx, obj, before, found)
	}
	return ctrl.Result{RequeueAfter: r.nextLook(obj, found)}, nil
}

// settle turns a lost race for the object into another look: somebody changed
// it, and what they wrote counts.
func settle(result ctrl.Result, err error) (ctrl.Result, error) {
	if apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: conflictDelay}, nil
	}
	return result, client.IgnoreNotFound(err)
}

// postponed reports a check of a settled object that did not take place,
// because AWS's request quota leaves no room for it now. Nothing was learned,
// so nothing is reported: a crowd of objects would flap otherwise.
func postponed(before *v1alpha1.CommentsAPIStatus, generation int64, f findings) bool {
	synced := conditionOf(before, v1alpha1.ConditionSynced)
	return f.failure != nil && f.failure.Class == awscloud.Paced && !f.seen &&
		synced != nil && synced.Status == metav1.ConditionTrue && synced.ObservedGeneration == generation
}

func paused(obj *v1alpha1.CommentsAPI) bool {
	_, ok := obj.Annotations[v1alpha1.AnnotationPaused]
	return ok
}

// ensureFinalizer makes sure that the object can't vanish without its stack,
// before anything is written to AWS.
func (r *Reconciler) ensureFinalizer(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	base := obj.DeepCopy()
	if !controllerutil.AddFinalizer(obj, v1alpha1.Finalizer) {
		return nil
	}
	return r.Client.Patch(ctx, obj, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{}))
}

func (r *Reconciler) now() time.Time {
	if r.Now == nil {
		return time.Now()
	}
	return r.Now()
}
