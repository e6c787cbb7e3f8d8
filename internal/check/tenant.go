// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
)

// Tenant is what an object's Namespace decides for it, by annotations that
// cluster admins write. Nothing in it comes from the object but the region.
type Tenant struct {
	// Target is where and as whom to call AWS.
	Target awscloud.Target
	// Allowed are the ARNs of what the object may adopt.
	Allowed []string
	// Block says why the object can't be served in its Namespace.
	Block *plan.Block
}

// Forms of the annotations (aws-facts G1, and STS for the external id).
var (
	roleARN    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,512}$`)
	externalID = regexp.MustCompile(`^[A-Za-z0-9_+=,.@:/-]{2,}$`)
)

// maxExternalID is STS's limit.
const maxExternalID = 1224

// TenantOf reads the annotations of a Namespace. roleRequired is the operator's
// --require-namespace-role.
func TenantOf(namespace string, annotations map[string]string, region string, roleRequired bool) Tenant {
	t := Tenant{
		Target: awscloud.Target{
			Region:     region,
			RoleARN:    annotations[v1alpha1.AnnotationRoleARN],
			ExternalID: annotations[v1alpha1.AnnotationExternalID],
		},
		Allowed: strings.FieldsFunc(annotations[v1alpha1.AnnotationAllowAdopt], func(c rune) bool {
			return c == ',' || c == ' ' || c == '\n' || c == '\t'
		}),
	}
	t.Block = unserved(t.Target, namespace, roleRequired)
	return t
}

// unserved says why the Namespace's role can't be used.
func unserved(target awscloud.Target, namespace string, roleRequired bool) *plan.Block {
	invalid := func(key, value, remedy string) *plan.Block {
		return &plan.Block{Reason: v1alpha1.ReasonNamespaceRoleInvalid, Message: fmt.Sprintf(
			"the annotation %s of the Namespace %s is %q: %s; nothing is sent to AWS until a cluster admin corrects it", key, namespace, value, remedy)}
	}
	switch {
	case target.RoleARN == "" && roleRequired:
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

// Misnamed says why an object may not have a table of its name in its
// namespace; tablePrefix is the operator's --table-name-prefix. It concerns
// what is made, not what is removed.
func Misnamed(namespace, tableName, tablePrefix string) *plan.Block {
	prefix := strings.ReplaceAll(tablePrefix, "{namespace}", namespace)
	if strings.HasPrefix(tableName, prefix) {
		return nil
	}
	return &plan.Block{Reason: v1alpha1.ReasonTableNameNotAllowed, Resource: plan.Table, Message: fmt.Sprintf(
		"spec.tableName is %q, and in this namespace the names of tables begin with %q (--table-name-prefix); delete the object and create it with such a name",
		tableName, prefix)}
}
