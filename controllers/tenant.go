// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

// tenant is what an object's Namespace decides for it. Everything in it comes
// from the Namespace, which cluster admins write, and nothing from the object.
type tenant struct {
	// claim ties AWS resources to the object.
	claim stack.Claim
	// target is where and as whom to call AWS.
	target awscloud.Target
	// allowed are the ARNs of what the object may adopt.
	allowed []string
	// block says why the object can't be served in its Namespace.
	block *plan.Block
}

// Forms of the annotations (aws-facts G1, and STS for the external id).
var (
	roleARN    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,512}$`)
	externalID = regexp.MustCompile(`^[A-Za-z0-9_+=,.@:/-]{2,}$`)
)

// maxExternalID is STS's limit.
const maxExternalID = 1224

// tenant reads the object's Namespace.
func (r *Reconciler) tenant(ctx context.Context, obj *v1alpha1.CommentsAPI) (tenant, error) {
	namespace := &corev1.Namespace{}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: obj.Namespace}, namespace); err != nil {
		return tenant{}, err
	}
	t := tenant{
		claim: stack.Claim{
			ClusterID:    r.Options.ClusterID,
			Namespace:    obj.Namespace,
			NamespaceUID: string(namespace.UID),
			Name:         obj.Name,
			UID:          string(obj.UID),
		},
		target: awscloud.Target{
			Region:     obj.Spec.Region,
			RoleARN:    namespace.Annotations[v1alpha1.AnnotationRoleARN],
			ExternalID: namespace.Annotations[v1alpha1.AnnotationExternalID],
		},
		allowed: strings.FieldsFunc(namespace.Annotations[v1alpha1.AnnotationAllowAdopt], func(c rune) bool {
			return c == ',' || c == ' ' || c == '\n' || c == '\t'
		}),
	}
	t.block = r.unserved(t.target, obj.Namespace)
	return t, nil
}

// unserved says why the Namespace's role can't be used.
func (r *Reconciler) unserved(target awscloud.Target, namespace string) *plan.Block {
	invalid := func(key, value, remedy string) *plan.Block {
		return &plan.Block{Reason: v1alpha1.ReasonNamespaceRoleInvalid, Message: fmt.Sprintf(
			"the annotation %s of the Namespace %s is %q: %s; nothing is sent to AWS until a cluster admin corrects it", key, namespace, value, remedy)}
	}
	switch {
	case target.RoleARN == "" && r.Options.RequireNamespaceRole:
		return &plan.Block{Reason: v1alpha1.ReasonNamespaceRoleRequired, Message: fmt.Sprintf(
			"the operator runs with --require-namespace-role and the Namespace %s names no AWS role; a cluster admin sets its annotation %s",
			namespace, v1alpha1.AnnotationRoleARN)}
	case target.RoleARN != "" && !roleARN.MatchString(target.RoleARN):
		return invalid(v1alpha1.AnnotationRoleARN, target.RoleARN, "it must be the ARN of an IAM role, like arn:aws:iam::123456789012:role/comments")
	case target.ExternalID != "" && (len(target.ExternalID) > maxExternalID || !externalID.MatchString(target.ExternalID)):
		return invalid(v1alpha1.AnnotationExternalID, target.ExternalID, "it must have 2 to 1224 letters, digits and _ + = , . @ : / -")
	case target.ExternalID != "" && target.RoleARN == "":
		return invalid(v1alpha1.AnnotationExternalID, target.ExternalID, "it goes with "+v1alpha1.AnnotationRoleARN+", which is missing")
	}
	return nil
}

// misnamed says why the object may not have a table of that name here. It
// concerns what is made, not what is removed.
func (r *Reconciler) misnamed(obj *v1alpha1.CommentsAPI) *plan.Block {
	prefix := strings.ReplaceAll(r.Options.TableNamePrefix, "{namespace}", obj.Namespace)
	if strings.HasPrefix(obj.Spec.TableName, prefix) {
		return nil
	}
	return &plan.Block{Reason: v1alpha1.ReasonTableNameNotAllowed, Resource: plan.Table, Message: fmt.Sprintf(
		"spec.tableName is %q, and in this namespace the names of tables begin with %q (--table-name-prefix); delete the object and create it with such a name",
		obj.Spec.TableName, prefix)}
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
