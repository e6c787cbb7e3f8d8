// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"time"

	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
)

// pollHeld is the rhythm of trying a change again that AWS allows seldom: an
// hour apart, or a few times a day.
const pollHeld = 10 * time.Minute

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
