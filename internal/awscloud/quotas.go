// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// Quota is one limit on the rate of calls to a service of one account and
// region.
type Quota struct {
	// Service is the SDK's service id, such as "API Gateway".
	Service string
	// Operation is the operation limited; empty for all of the service.
	Operation string
	// Count calls are allowed in any span of Per.
	Count int
	Per   time.Duration
	// Burst, for a quota on all operations, is how many calls may come at
	// once after a pause; Count in Per is then the sustained rate.
	Burst int
}

// String is the quota as messages name it.
func (q Quota) String() string {
	what := operationOf(q.Operation)
	if what == "" {
		what = "call"
		if q.Count != 1 {
			what = "calls"
		}
	}
	return fmt.Sprintf("%d %s in %s", q.Count, what, q.Per)
}

const (
	serviceAPIGateway = "API Gateway"
	serviceDynamoDB   = "DynamoDB"
	serviceIAM        = "IAM"

	edgeSuffix = " (edge)"

	// checkBucket is for whole checks; it is no operation of AWS.
	checkBucket = "check"
)

// defaultQuotas is what AWS allows, as far as this operator calls it.
//
//   - API Gateway: aws-facts A1; fixed per account. AWS's burst for all
//     operations together is 40; calls that leave in one order can arrive
//     closer together, so a quarter of it is left as a margin.
//   - DynamoDB: DescribeContinuousBackups, ListTagsOfResource, TagResource and
//     UntagResource as the SDK's documentation of these operations says. The
//     total is far below the 2,500 calls a second of aws-facts H6.
//   - IAM: no rates are published (aws-facts G3). The total is our own choice
//     of gentleness, well below what is reported to be refused.
var defaultQuotas = []Quota{
	{Service: serviceAPIGateway, Count: 10, Per: time.Second, Burst: 30},
	// No quota of AWS's: checks that nobody waits for take turns, so that each
	// is finished with the seven calls it may take before more begin.
	{Service: serviceAPIGateway, Operation: checkBucket, Count: 7, Per: 5 * time.Second},
	{Service: serviceAPIGateway, Operation: "CreateRestApi", Count: 1, Per: 3 * time.Second},
	{Service: serviceAPIGateway, Operation: "CreateRestApi" + edgeSuffix, Count: 1, Per: 30 * time.Second},
	{Service: serviceAPIGateway, Operation: "ImportRestApi", Count: 1, Per: 3 * time.Second},
	{Service: serviceAPIGateway, Operation: "ImportRestApi" + edgeSuffix, Count: 1, Per: 30 * time.Second},
	{Service: serviceAPIGateway, Operation: "PutRestApi", Count: 1, Per: time.Second},
	{Service: serviceAPIGateway, Operation: "DeleteRestApi", Count: 1, Per: 30 * time.Second},
	{Service: serviceAPIGateway, Operation: "CreateDeployment", Count: 1, Per: 5 * time.Second},
	{Service: serviceAPIGateway, Operation: "GetResources", Count: 5, Per: 2 * time.Second},
	{Service: serviceAPIGateway, Operation: "CreateResource", Count: 5, Per: time.Second},
	{Service: serviceAPIGateway, Operation: "DeleteResource", Count: 5, Per: time.Second},
	{Service: serviceAPIGateway, Operation: "CreateApiKey", Count: 5, Per: time.Second},
	{Service: serviceAPIGateway, Operation: "DeleteApiKey", Count: 5, Per: time.Second},
	{Service: serviceAPIGateway, Operation: "UpdateAccount", Count: 1, Per: 20 * time.Second},
	{Service: serviceAPIGateway, Operation: "UpdateUsagePlan", Count: 1, Per: 20 * time.Second},

	{Service: serviceDynamoDB, Count: 50, Per: time.Second, Burst: 50},
	{Service: serviceDynamoDB, Operation: "DescribeContinuousBackups", Count: 10, Per: time.Second},
	{Service: serviceDynamoDB, Operation: "ListTagsOfResource", Count: 10, Per: time.Second},
	{Service: serviceDynamoDB, Operation: "TagResource", Count: 5, Per: time.Second},
	{Service: serviceDynamoDB, Operation: "UntagResource", Count: 5, Per: time.Second},

	{Service: serviceIAM, Count: 10, Per: time.Second, Burst: 20},
}

// DefaultQuotas returns a copy of the table of AWS's quotas.
func DefaultQuotas() []Quota { return slices.Clone(defaultQuotas) }

// ScaleQuotas returns quotas that are factor times as generous, for endpoints
// that are not AWS and for tests.
func ScaleQuotas(quotas []Quota, factor float64) []Quota {
	scaled := slices.Clone(quotas)
	for i := range scaled {
		scaled[i].Per = time.Duration(float64(scaled[i].Per) / factor)
	}
	return scaled
}

// take is the part of a quota that a share of it leaves, rounded down: shares
// that add up to one never exceed the quota together.
func (q Quota) take(share float64) Quota {
	if share <= 0 || share >= 1 {
		return q
	}
	if q.Operation == "" {
		q.Per = time.Duration(float64(q.Per) / share)
		q.Burst = max(1, int(float64(q.Burst)*share))
		return q
	}
	part := float64(q.Count) * share
	q.Count = max(1, int(part))
	if part < 1 {
		q.Per = time.Duration(float64(q.Per) / part)
	}
	return q
}

// operationOf is the operation a bucket is for.
func operationOf(bucket string) string { return strings.TrimSuffix(bucket, edgeSuffix) }

// bucketName is the operation a call counts as: edge-optimised APIs have a
// slower quota, and are what AWS makes when no endpoint type is given
// (aws-facts A1, A5).
func bucketName(operation string, input any) string {
	switch in := input.(type) {
	case *apigateway.CreateRestApiInput:
		if in.EndpointConfiguration == nil || len(in.EndpointConfiguration.Types) == 0 ||
			slices.Contains(in.EndpointConfiguration.Types, types.EndpointTypeEdge) {
			return operation + edgeSuffix
		}
	case *apigateway.ImportRestApiInput:
		configured := in.Parameters["endpointConfigurationTypes"]
		if configured == "" || strings.Contains(configured, string(types.EndpointTypeEdge)) {
			return operation + edgeSuffix
		}
	}
	return operation
}
