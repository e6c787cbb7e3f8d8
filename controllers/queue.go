// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/check"
)

// queue lines an object up for the call to AWS that its work will wait for
// longest, before anything is read: of a crowd of objects, all but the few
// whose turn is near would otherwise read everything in vain, and take the
// calls from those whose turn it is. A look that is sent away half-way begins
// again, so that a crowd of looks without turns might never come to an end.
func (r *Reconciler) queue(ctx context.Context, obj *v1alpha1.CommentsAPI, account *awscloud.Account, in tenant) error {
	waited := priority(obj) == awscloud.User && obj.Spec.Mode != v1alpha1.ModeObserve
	if turn := unfinished(obj); waited && turn != "" && r.memories.first(obj.UID) {
		return account.Reserve(ctx, turn)
	}
	switch {
	case obj.Status.AccountID == "" && obj.Spec.Adopt != nil && obj.Spec.Adopt.RestAPIID != "":
		return nil // it has its REST API already
	case waited && obj.Status.AccountID == "":
		return account.Reserve(ctx, awscloud.TurnCreate)
	case waited && obj.Status.Table != nil && check.Redeploys(account, r.settings(), r.subject(obj, in), obj.Status.Table.IndexName):
		return account.Reserve(ctx, awscloud.TurnDeploy)
	case priority(obj) == awscloud.Background:
		return account.Begin(ctx)
	case obj.Status.RestAPI != nil:
		return account.Reserve(ctx, awscloud.TurnCheck)
	}
	return nil
}

// unfinished is the turn that the first rollout of an object is still to take,
// empty if it is none of these. An operator that starts in the middle of a
// crowd's rollouts lines them up by it, once: later on a look knows better, and
// its own steps reserve what they need. After an intent there may be a REST API
// to be found, which takes no turn.
func unfinished(obj *v1alpha1.CommentsAPI) awscloud.Turn {
	switch api := obj.Status.RestAPI; {
	case obj.Status.AccountID == "" || obj.Spec.Adopt != nil:
		return ""
	case api == nil && obj.Status.Intent == nil:
		return awscloud.TurnCreate
	case api != nil && api.DefinitionSHA256 == "":
		return awscloud.TurnDeploy
	}
	return ""
}

// release gives back turns that were kept for nothing: all is done, or trouble
// keeps the object from using them.
func release(ctx context.Context, account *awscloud.Account, f findings) {
	paced := f.failure != nil && f.failure.Class == awscloud.Paced
	under := f.failure == nil && f.plan.Block == nil && len(f.outcome.Left) > 0
	if !paced && !under {
		account.Release(ctx)
	}
}
