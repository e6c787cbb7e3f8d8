// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/provision"
	"github.com/commentsapi/operator/internal/stack"
)

// finalize removes the stack of an object that is being deleted and then lets
// the object go. In mode Observe nothing of AWS is touched.
func (r *Reconciler) finalize(ctx context.Context, obj *v1alpha1.CommentsAPI) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(obj, v1alpha1.Finalizer) {
		return ctrl.Result{}, nil
	}
	// An account is recorded before the first write: without it there is
	// nothing to remove, and credentials that never worked don't hold the
	// object back.
	if obj.Spec.Mode == v1alpha1.ModeObserve || obj.Status.AccountID == "" {
		return r.release(ctx, obj)
	}
	wait, failure, err := r.tearDown(ctx, obj)
	switch {
	case err != nil:
		return ctrl.Result{}, err
	case failure != nil:
		r.announceDeletion(ctx, obj, &obj.Status, failure)
		return ctrl.Result{RequeueAfter: r.afterTrouble(obj, failure, needsPerson(failure.Class))}, r.writeStatus(ctx, obj, func(s *v1alpha1.CommentsAPIStatus) {
			markDeleting(s, obj.Generation, failure.Reason, "deletion waits: "+r.expected(s, obj.Generation, failure).Message)
		})
	case wait != nil:
		return ctrl.Result{RequeueAfter: max(wait.After, rereadDelay)}, r.writeStatus(ctx, obj, func(s *v1alpha1.CommentsAPIStatus) {
			markDeleting(s, obj.Generation, wait.Reason, wait.Message)
		})
	default:
		return r.release(ctx, obj)
	}
}

// tearDown makes one pass at removing the stack. The error is Kubernetes', the
// failure AWS's.
func (r *Reconciler) tearDown(ctx context.Context, obj *v1alpha1.CommentsAPI) (*provision.Wait, *awscloud.Failure, error) {
	ctx = awscloud.WithPriority(ctx, awscloud.User)
	in, err := r.tenant(ctx, obj)
	if err != nil {
		return nil, nil, err
	}
	if in.Block != nil {
		return nil, &awscloud.Failure{Reason: in.Block.Reason, Message: in.Block.Message}, nil
	}
	account, err := r.Clouds.Account(ctx, in.Target)
	if err != nil {
		return nil, awscloud.Classify(err), nil
	}
	if block := check.Accounted(account, obj.Status.AccountID); block != nil {
		return nil, &awscloud.Failure{Reason: block.Reason, Message: block.Message}, nil
	}
	// Once the REST API is gone, what is left to wait for takes no turn.
	waiting := conditionOf(&obj.Status, v1alpha1.ConditionReconciling)
	if obj.Status.RestAPI != nil && (waiting == nil || waiting.Reason != v1alpha1.ReasonDeleting) {
		if err := account.Reserve(ctx, awscloud.TurnDelete); err != nil {
			return nil, awscloud.Classify(err), nil
		}
	}
	if err := r.confirm(ctx, obj); err != nil {
		return nil, nil, err
	}
	pass := provision.Teardown{
		Cloud: provision.CloudOf(account),
		Identity: provision.Identity{
			ARN:       stack.ARN{Partition: account.Partition, Region: obj.Spec.Region, AccountID: account.ID},
			Claim:     in.claim,
			TableName: obj.Spec.TableName,
			RoleName:  stack.RoleName(in.claim, obj.Spec.Region),

			ModeratorRoleName: stack.ModeratorRoleName(in.claim, obj.Spec.Region),

			Keyed: obj.Spec.API.APIKey != nil || obj.Status.APIKey != nil || obj.Status.UsagePlan != nil,

			Recorded: check.Recorded(&obj.Status),
		},
		Journal:     &journal{client: r.Client, obj: obj},
		Intent:      intent(obj),
		Keys:        &journal{client: r.Client, obj: obj},
		KeyIntents:  keyIntents(&obj.Status),
		Moderated:   obj.Status.ModeratorRole != nil,
		DeleteTable: obj.Spec.DeletionPolicy.Table == v1alpha1.TableDelete,
		Born:        obj.CreationTimestamp.Time,
		Now:         r.now,
	}
	wait, err := pass.Pass(ctx)
	for _, id := range pass.Left {
		r.event(ctx, obj, corev1.EventTypeWarning, eventAPILeft, "Delete",
			"REST API "+id+" was adopted and has stages that are not this object's; it was left with them, without this object's stage and claim")
	}
	release(ctx, account, findings{failure: awscloud.Classify(err)})
	if cluster := (*clusterError)(nil); errors.As(err, &cluster) {
		return nil, nil, cluster
	}
	return wait, awscloud.Classify(err), nil
}

// release lets the object go.
func (r *Reconciler) release(ctx context.Context, obj *v1alpha1.CommentsAPI) (ctrl.Result, error) {
	base := obj.DeepCopy()
	controllerutil.RemoveFinalizer(obj, v1alpha1.Finalizer)
	r.backoff.forget(types.NamespacedName{Namespace: obj.Namespace, Name: obj.Name})
	r.memories.forget(obj.UID)
	if at, empty := r.load.forget(obj.UID); empty {
		r.Metrics.emptied(at)
	}
	return ctrl.Result{}, r.Client.Patch(ctx, obj, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{}))
}

// markDeleting reports why the object is still there.
func markDeleting(s *v1alpha1.CommentsAPIStatus, generation int64, reason, message string) {
	s.ObservedGeneration = generation
	s.Plan = nil
	set(s, generation, v1alpha1.ConditionReady, state{metav1.ConditionFalse, v1alpha1.ReasonDeleting, message})
	meta.RemoveStatusCondition(&s.Conditions, v1alpha1.ConditionStalled)
	set(s, generation, v1alpha1.ConditionReconciling, state{metav1.ConditionTrue, reason, message})
}
