// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import "strings"

// The partitions of the local AWS (aws-facts I).
const (
	partitionAWS      = "aws"
	partitionChina    = "aws-cn"
	partitionGovCloud = "aws-us-gov"
)

// regions are the Regions of those partitions as the AWS SDK's endpoint rules
// list them; a signature scoped to any other is refused.
var regions = []string{
	"af-south-1",
	"ap-east-1", "ap-east-2",
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
	"ap-south-1", "ap-south-2",
	"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
	"ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
	"ca-central-1", "ca-west-1",
	"eu-central-1", "eu-central-2",
	"eu-north-1",
	"eu-south-1", "eu-south-2",
	"eu-west-1", "eu-west-2", "eu-west-3",
	"il-central-1",
	"me-central-1", "me-south-1",
	"mx-central-1",
	"sa-east-1",
	"us-east-1", "us-east-2", "us-west-1", "us-west-2",
	"cn-north-1", "cn-northwest-1",
	"us-gov-east-1", "us-gov-west-1",
}

var knownRegions = func() map[string]bool {
	known := make(map[string]bool, len(regions))
	for _, r := range regions {
		known[r] = true
	}
	return known
}()

// Regions returns the names of all Regions the local AWS has.
func Regions() []string { return append([]string(nil), regions...) }

// Partition is the partition of a Region, by its prefix.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return partitionChina
	case strings.HasPrefix(region, "us-gov-"):
		return partitionGovCloud
	}
	return partitionAWS
}
