// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"strings"
	"time"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
)

// nearTurn is what a status does not name a time for: it would be over before
// anybody read it.
const nearTurn = time.Minute

// expected adds to what an object says that waits for its turn within AWS's
// request quota when that comes. The time is written once for each wait: a
// status that moved with the line would be written at every look.
func (r *Reconciler) expected(s *v1alpha1.CommentsAPIStatus, generation int64, failure *awscloud.Failure) *awscloud.Failure {
	if failure == nil || failure.Class != awscloud.Paced {
		return failure
	}
	now := *failure
	if was := conditionOf(s, v1alpha1.ConditionReconciling); was != nil && was.ObservedGeneration == generation {
		if _, said, ok := strings.Cut(was.Message, failure.Message); ok && said != "" {
			now.Message += said
			return &now
		}
	}
	if failure.Turn >= nearTurn {
		now.Message += " Its turn is expected at " + r.now().Add(failure.Turn).UTC().Truncate(time.Minute).Format("2006-01-02 15:04 UTC") + "."
	}
	return &now
}
