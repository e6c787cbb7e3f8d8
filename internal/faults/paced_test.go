// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"slices"
)

// pacedToo are the workloads that have a second form, in which the operator
// keeps within a part of AWS's quotas: those that make calls of which AWS
// allows few. A turn that is far off ends a reconcile half-way there, takes an
// intent back that was not sent, and keeps a place or gives it up, each of
// which has to go together with every fault.
var pacedToo = []string{"create", "change-comments", "index-replaced", "delete-table", "delete-during-create", "recreate",
	"finalizer-forced", "drift-api-gone", "drift-deployment", "create-keyed", "key-off", "stage-rename-keyed", "delete-keyed"}

// pacedSuffix marks the second form.
const pacedSuffix = "-paced"

// allWorkloads are all, in both forms; under the race detector, which makes
// learning them slow, one second form stands for the others.
func allWorkloads() []workload {
	too := pacedToo
	if underDetector {
		too = too[:1]
	}
	out := slices.Clone(workloads)
	for _, wl := range workloads {
		if slices.Contains(too, wl.name) {
			wl.name, wl.paced = wl.name+pacedSuffix, true
			out = append(out, wl)
		}
	}
	return out
}
