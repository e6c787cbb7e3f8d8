// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package faults holds the fault matrix: every external call of a workload,
// to AWS and to Kubernetes, met by every fault, with the promises of
// docs/faults.md checked after every write. It consists of tests; the command
// hack/faults runs them in full.
//
// Each run lives in a bubble of testing/synctest: its clock is fake, shared by
// the operator, the AWS SDK's retries and the local AWS, and jumps to the next
// timer as soon as everybody waits. So a run that takes hours by its own clock
// takes milliseconds, and two runs with the same arguments meet the same
// calls in the same order. The local AWS is called in process for the same
// reason, through an HTTP round tripper, and Kubernetes is
// controller-runtime's fake client: it has resource versions, the status
// subresource and finalizers, which is what the operator leans on, and an API
// server could not be started thousands of times.
package faults
