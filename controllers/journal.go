// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/plan"
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

// confirm makes sure, before anything is written to AWS, that obj is the object
// as the API server has it now. A cache may be behind, after a restart even by
// an object's whole life, and AWS has no conditional writes for these
// resources: what an old copy asks for would be done to the stack of today. The
// patch holds nothing but the resource version, so that it changes nothing, and
// the server refuses it as a conflict if that is not the latest. Unlike a read
// past the cache it needs no further right.
func (r *Reconciler) confirm(ctx context.Context, obj *v1alpha1.CommentsAPI) error {
	patch := client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"metadata":{"resourceVersion":%q}}`, obj.ResourceVersion))
	if err := r.Client.Patch(ctx, obj, patch); err != nil {
		return &clusterError{fmt.Errorf("making sure that the object is the latest: %w", err)}
	}
	return nil
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
	return j.begin(ctx, func(s *v1alpha1.CommentsAPIStatus) {
		s.Intent = &v1alpha1.Intent{Nonce: nonce, Time: metav1.NewTime(at)}
	})
}

// Created implements provision.Journal. The intent stays: until the API was
// seen to serve, a reading that does not find it may just be an old one.
func (j *journal) Created(ctx context.Context, apiID string) error {
	return j.conclude(ctx, func(s *v1alpha1.CommentsAPIStatus) {
		s.RestAPI = &v1alpha1.RestAPIStatus{ID: apiID}
	})
}

// Forgo implements provision.Journal.
func (j *journal) Forgo(ctx context.Context) error {
	return j.conclude(ctx, func(s *v1alpha1.CommentsAPIStatus) { s.Intent = nil })
}

func (j *journal) write(ctx context.Context, change func(*v1alpha1.CommentsAPIStatus)) error {
	if err := patchStatus(ctx, j.client, j.obj, change); err != nil {
		return &clusterError{fmt.Errorf("writing the status: %w", err)}
	}
	return nil
}

// concludePatience is how long an operator that is told to end still tries to
// write down what an intent led to.
const concludePatience = 5 * time.Second

// conclude writes down what an intent led to, even while the operator ends: the
// next one would have to wait for a minute to find it out (design rule 5.4).
func (j *journal) conclude(ctx context.Context, change func(*v1alpha1.CommentsAPIStatus)) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), concludePatience)
	defer cancel()
	return j.write(ctx, change)
}

// begin writes an intent down, or nothing: a write that is given up half-way
// may stand, and nobody would take it back.
func (j *journal) begin(ctx context.Context, change func(*v1alpha1.CommentsAPIStatus)) error {
	if err := ctx.Err(); err != nil {
		return &clusterError{fmt.Errorf("writing the status: %w", err)}
	}
	return j.conclude(ctx, change)
}

// IntendKey implements provision.KeyJournal.
func (j *journal) IntendKey(ctx context.Context, resource plan.Resource, nonce string, at time.Time) error {
	return j.begin(ctx, func(s *v1alpha1.CommentsAPIStatus) {
		*keyRecord(s, resource).intent = &v1alpha1.Intent{Nonce: nonce, Time: metav1.NewTime(at)}
	})
}

// CreatedKey implements provision.KeyJournal. The intent stays until the key
// was seen to admit clients.
func (j *journal) CreatedKey(ctx context.Context, resource plan.Resource, id string) error {
	return j.conclude(ctx, func(s *v1alpha1.CommentsAPIStatus) { *keyRecord(s, resource).id = id })
}

// ForgoKey implements provision.KeyJournal.
func (j *journal) ForgoKey(ctx context.Context, resource plan.Resource) error {
	return j.conclude(ctx, func(s *v1alpha1.CommentsAPIStatus) { *keyRecord(s, resource).intent = nil })
}

// record is what status holds of an API key or a usage plan.
type record struct {
	id     *string
	intent **v1alpha1.Intent
}

// keyRecord returns the record of either, made where there is none.
func keyRecord(s *v1alpha1.CommentsAPIStatus, resource plan.Resource) record {
	if resource == plan.UsagePlan {
		if s.UsagePlan == nil {
			s.UsagePlan = &v1alpha1.UsagePlanStatus{}
		}
		return record{&s.UsagePlan.ID, &s.UsagePlan.Intent}
	}
	if s.APIKey == nil {
		s.APIKey = &v1alpha1.APIKeyStatus{}
	}
	return record{&s.APIKey.ID, &s.APIKey.Intent}
}

// keyIntents are what the journal holds of API keys and usage plans.
func keyIntents(s *v1alpha1.CommentsAPIStatus) map[plan.Resource]*provision.Intent {
	all := map[plan.Resource]*provision.Intent{}
	if s.APIKey != nil && s.APIKey.Intent != nil {
		all[plan.APIKey] = &provision.Intent{Nonce: s.APIKey.Intent.Nonce, Time: s.APIKey.Intent.Time.Time}
	}
	if s.UsagePlan != nil && s.UsagePlan.Intent != nil {
		all[plan.UsagePlan] = &provision.Intent{Nonce: s.UsagePlan.Intent.Nonce, Time: s.UsagePlan.Intent.Time.Time}
	}
	return all
}

// intent is what the journal holds.
func intent(obj *v1alpha1.CommentsAPI) *provision.Intent {
	if obj.Status.Intent == nil {
		return nil
	}
	return &provision.Intent{Nonce: obj.Status.Intent.Nonce, Time: obj.Status.Intent.Time.Time}
}
