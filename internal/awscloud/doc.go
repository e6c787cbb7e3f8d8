// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package awscloud is the operator's way to AWS: clients per account and
// region, pacing to AWS's request quotas, one vocabulary for everything that
// can go wrong, and metrics of the calls made.
//
// A Factory hands out Accounts. All Accounts of one process that lead to the
// same AWS account and region share one pacer, so that the quotas of aws-facts
// A1 hold for the sum of all objects. The pacer sits inside the SDK's retry
// loop: retries count too.
//
// Waits of more than a moment are never slept away here. They come back as a
// Failure of class Paced with the time to come again, and the caller's turn is
// kept for it when its context carries a key (WithKey).
//
// The package knows nothing of Kubernetes.
package awscloud
