// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"time"

	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

// pollHeld is the rhythm of trying a change again that AWS allows seldom: an
// hour apart, or a few times a day.
const pollHeld = 10 * time.Minute

// busy names what AWS is changing already, if it would refuse the step because
// of that: it changes a table one thing at a time, one index at a time, and no
// capacity of an index that is being made (aws-facts H3).
func (r *Run) busy(step plan.Step) string {
	if !step.IdleTable {
		return ""
	}
	if r.tableBusy {
		return "table " + r.Desired.Table.Name
	}
	if step.Op != plan.CreateIndex && step.Op != plan.DeleteIndex && step.Op != plan.UpdateBilling {
		return ""
	}
	for _, index := range r.Observed.Table.Indexes {
		if r.Observed.Table.IndexStatus[index.Name] != stack.IndexActive {
			return "index " + index.Name
		}
	}
	return ""
}

// held recognises a refusal that only time ends and that keeps nothing else
// from going on: what to say about it, and when to try again. A step that
// clients wait for is never held; its failure ends the plan.
func (r *Run) held(step plan.Step, err error) (message string, after time.Duration, ok bool) {
	failure := awscloud.Classify(err)
	switch {
	case failure == nil || step.Serving:
		return "", 0, false
	case step.Op == plan.UpdateTTL && failure.Code == "ValidationException":
		return "DynamoDB allows one change of a table's expiry an hour, and there was one; it is tried again every 10 minutes", pollHeld, true
	case step.Op == plan.UpdateBilling && failure.Code == "LimitExceededException":
		return "DynamoDB allows a few switches to on-demand billing, and a few decreases of capacity, a day; the change is tried again every 10 minutes", pollHeld, true
	case failure.Class == awscloud.Busy:
		return failure.Message, r.tablePoll(), true
	}
	return "", 0, false
}
