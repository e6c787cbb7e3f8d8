// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

const (
	maxAttempts = 3
	// maxBackoff keeps a reconcile from sleeping inside a call: two retries
	// take at most two of these.
	maxBackoff = time.Second
)

// newRetryer is the SDK's standard retryer with a shorter backoff (aws-facts
// J2). One per client, so that its retry budget means something.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.MaxBackoff = maxBackoff
	})
}

// NoRetryAPIGateway is an option for one call that must not be sent twice:
// CreateRestApi and CreateDeployment have no idempotency token (aws-facts A4,
// D1), so a retry after a lost answer would make a second one.
func NoRetryAPIGateway(o *apigateway.Options) { o.Retryer = aws.NopRetryer{} }

// NoRetryDynamoDB is the same for one call to DynamoDB.
func NoRetryDynamoDB(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// NoRetryIAM is the same for one call to IAM.
func NoRetryIAM(o *iam.Options) { o.Retryer = aws.NopRetryer{} }
