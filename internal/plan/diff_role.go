// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"github.com/commentsapi/operator/internal/stack"
)

// diffRole plans one of the roles. A policy that is not ours on it is drift: a
// role may do what its calls need and nothing else (design rule 5.7).
func diffRole(resource Resource, want stack.Role, have *stack.ObservedRole) []Step {
	if have == nil {
		return []Step{{Op: CreateRole, Resource: resource, Target: want.Name, Serving: true,
			Changes: []Change{{Resource: resource, Action: Create, To: want.Name}}}}
	}
	var steps []Step
	step := func(op Op, target string, serving bool, compare func(d *differ)) {
		d := differ{resource: resource}
		compare(&d)
		if len(d.changes) > 0 {
			steps = append(steps, Step{Op: op, Resource: resource, Target: target, Serving: serving, Changes: d.changes})
		}
	}
	step(TagRole, "", false, func(d *differ) { d.tags(have.Tags, want.Tags) })
	step(UpdateRoleDescription, "", false, func(d *differ) { d.text("description", have.Description, want.Description) })
	step(UpdateTrust, "", true, func(d *differ) { d.document("trustPolicy", have.TrustPolicy, want.TrustPolicy) })
	step(UpdateBoundary, "", true, func(d *differ) {
		d.text("permissionsBoundary", have.PermissionsBoundary, want.PermissionsBoundary)
	})
	for _, name := range sorted(want.InlinePolicies) {
		step(PutRolePolicy, name, true, func(d *differ) {
			if document, ok := have.InlinePolicies[name]; ok {
				d.document("inlinePolicies."+name, document, want.InlinePolicies[name])
			} else {
				d.add(Create, "inlinePolicies."+name, "", want.InlinePolicies[name])
			}
		})
	}
	for _, name := range sorted(have.InlinePolicies) {
		if _, ok := want.InlinePolicies[name]; !ok {
			step(DeleteRolePolicy, name, false, func(d *differ) {
				d.add(Delete, "inlinePolicies."+name, have.InlinePolicies[name], "")
			})
		}
	}
	attached := slices.Clone(have.AttachedPolicies)
	slices.Sort(attached)
	for _, arn := range attached {
		if !slices.Contains(want.AttachedPolicies, arn) {
			step(DetachRolePolicy, arn, false, func(d *differ) { d.add(Delete, "attachedPolicies", arn, "") })
		}
	}
	return steps
}
