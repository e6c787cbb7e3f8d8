// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/stack"
)

// tenant is what an object's Namespace decides for it, and what ties AWS
// resources to the object.
type tenant struct {
	check.Tenant
	claim stack.Claim
}

// tenant reads the object's Namespace.
func (r *Reconciler) tenant(ctx context.Context, obj *v1alpha1.CommentsAPI) (tenant, error) {
	namespace := &corev1.Namespace{}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: obj.Namespace}, namespace); err != nil {
		return tenant{}, err
	}
	return tenant{
		Tenant: check.TenantOf(obj.Namespace, namespace.Annotations, obj.Spec.Region, r.Options.RequireNamespaceRole),
		claim: stack.Claim{
			ClusterID:    r.Options.ClusterID,
			Namespace:    obj.Namespace,
			NamespaceUID: string(namespace.UID),
			Name:         obj.Name,
			UID:          string(obj.UID),
		},
	}, nil
}

// living reports whether the object behind a claim of this cluster exists. An
// object that can't be looked up, because the operator does not watch its
// namespace, is taken for living.
func (r *Reconciler) living(ctx context.Context, holder stack.Claim) (bool, error) {
	if w := r.Options.WatchNamespaces; len(w) > 0 && !slices.Contains(w, holder.Namespace) {
		return true, nil
	}
	key := client.ObjectKey{Namespace: holder.Namespace, Name: holder.Name}
	if err := r.Client.Get(ctx, key, &v1alpha1.CommentsAPI{}); err != nil {
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		return true, &clusterError{fmt.Errorf("looking for the object %s: %w", key, err)}
	}
	namespace := &corev1.Namespace{}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: holder.Namespace}, namespace); err != nil {
		return true, &clusterError{fmt.Errorf("looking for the namespace %s: %w", holder.Namespace, err)}
	}
	// Another uid: the object lives in a later namespace of the name, and the
	// claim is not its own.
	return string(namespace.UID) == holder.NamespaceUID, nil
}
