// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// need is a right that the operator uses in every namespace it watches.
type need struct{ group, resource, subresource, verb string }

var needs = []need{
	{"", "namespaces", "", "get"},
	{v1alpha1.GroupVersion.Group, "commentsapis", "", "list"},
	{v1alpha1.GroupVersion.Group, "commentsapis", "", "watch"},
	{v1alpha1.GroupVersion.Group, "commentsapis", "", "patch"},
	{v1alpha1.GroupVersion.Group, "commentsapis", "status", "patch"},
	{"events.k8s.io", "events", "", "create"},
	{"events.k8s.io", "events", "", "patch"},
}

func (n need) String() string {
	resource := n.resource
	if n.subresource != "" {
		resource += "/" + n.subresource
	}
	return n.verb + " " + resource
}

// checkRights refuses to start where a right is missing in a watched namespace.
// Without it the operator would wait for the objects there, and do nothing
// anywhere meanwhile.
func checkRights(ctx context.Context, c client.Client, namespaces []string) error {
	var lacking []string
	for _, namespace := range namespaces {
		var missing []string
		for _, n := range needs {
			attributes := &authorizationv1.ResourceAttributes{Namespace: namespace, Verb: n.verb,
				Group: n.group, Resource: n.resource, Subresource: n.subresource}
			if n.resource == "namespaces" {
				attributes.Name = namespace
			}
			review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: attributes}}
			if err := c.Create(ctx, review); err != nil {
				return fmt.Errorf("asking for the rights in the namespace %s: %w", namespace, err)
			}
			if !review.Status.Allowed {
				missing = append(missing, n.String())
			}
		}
		if len(missing) > 0 {
			lacking = append(lacking, fmt.Sprintf("%s (%s)", namespace, strings.Join(missing, ", ")))
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	return fmt.Errorf("--watch-namespaces names namespaces where the operator lacks rights: %s; bind the Role of config/components/watched there, or don't watch them",
		strings.Join(lacking, "; "))
}
