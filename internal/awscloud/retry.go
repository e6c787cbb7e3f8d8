// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

const (
	maxAttempts = 3
	// firstBackoff doubles from try to try, up to maxBackoff, which keeps a
	// reconcile from sleeping inside a call.
	firstBackoff = 250 * time.Millisecond
	maxBackoff   = time.Second
)

// newRetryer is the SDK's standard retryer (aws-facts J2) with a backoff of
// its own: the SDK's loses its jitter when bounded to a second. One retryer
// per client, so that its retry budget means something.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.Backoff = retry.BackoffDelayerFunc(backoff)
	})
}

// backoff is the wait after a failed attempt, which counts from 1, or from 0
// with AWS_NEW_RETRIES_2026.
func backoff(attempt int, _ error) (time.Duration, error) {
	bound := min(firstBackoff<<min(max(attempt-1, 0), 10), maxBackoff)
	return bound/2 + rand.N(bound/2), nil
}

// NoRetryAPIGateway is an option for one call that must not be sent twice:
// CreateRestApi and CreateDeployment have no idempotency token (aws-facts A4,
// D1), so a retry after a lost answer would make a second one.
func NoRetryAPIGateway(o *apigateway.Options) { o.Retryer = aws.NopRetryer{} }

// NoRetryDynamoDB is the same for one call to DynamoDB.
func NoRetryDynamoDB(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// NoRetryIAM is the same for one call to IAM.
func NoRetryIAM(o *iam.Options) { o.Retryer = aws.NopRetryer{} }
