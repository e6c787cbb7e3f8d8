// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"context"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// TestInvokeRequest is what TestInvokeMethod sends through a method of the
// working copy (aws-facts C1).
type TestInvokeRequest struct {
	// ResourceID and HTTPMethod name the method; both exist in the snapshot.
	ResourceID string
	HTTPMethod string
	// PathWithQueryString is the request target, for example
	// /comments/p1?limit=5; empty stands for the resource's own path.
	PathWithQueryString string
	Body                string
	// Headers holds every header of the request, single and multi value.
	Headers        map[string][]string
	StageVariables map[string]string
}

// TestInvokeResult is the answer of TestInvokeMethod.
type TestInvokeResult struct {
	Status  int
	Body    string
	Headers map[string][]string
	// Log is the execution log as the console shows it.
	Log string
	// LatencyMillis is the time the invocation took, in milliseconds.
	LatencyMillis int64
}

// Tester runs a method of a working copy: the data plane implements it.
// An error is a fault of the local AWS itself; whatever the method answers,
// failures included, is a TestInvokeResult.
type Tester interface {
	TestInvoke(ctx context.Context, caller core.Caller, api *Snapshot, req TestInvokeRequest) (TestInvokeResult, error)
}
