// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// partition is what the operator needs to know of an AWS partition. Source:
// aws-facts I; the isolated partitions are as in the SDK's own partition table.
type partition struct {
	name      string
	dnsSuffix string
	// home is a region that exists in every account of the partition. It
	// answers when the question is whether another region is to blame.
	home     string
	prefixes []string
}

var partitions = []partition{
	{"aws-cn", "amazonaws.com.cn", "cn-north-1", []string{"cn-"}},
	{"aws-us-gov", "amazonaws.com", "us-gov-west-1", []string{"us-gov-"}},
	{"aws-eusc", "amazonaws.eu", "eusc-de-east-1", []string{"eusc-"}},
	{"aws-iso", "c2s.ic.gov", "us-iso-east-1", []string{"us-iso-"}},
	{"aws-iso-b", "sc2s.sgov.gov", "us-isob-east-1", []string{"us-isob-"}},
	{"aws-iso-e", "cloud.adc-e.uk", "eu-isoe-west-1", []string{"eu-isoe-"}},
	{"aws-iso-f", "csp.hci.ic.gov", "us-isof-south-1", []string{"us-isof-"}},
	{"aws", "amazonaws.com", "us-east-1", nil},
}

// partitionOf prefers what AWS says about the caller (the partition of its
// ARN) and falls back to the shape of the region's name.
func partitionOf(callerARN, region string) partition {
	if parsed, err := arn.Parse(callerARN); err == nil {
		for _, p := range partitions {
			if p.name == parsed.Partition {
				return p
			}
		}
	}
	for _, p := range partitions {
		for _, prefix := range p.prefixes {
			if strings.HasPrefix(region, prefix) {
				return p
			}
		}
	}
	return partitions[len(partitions)-1]
}

// regionPattern is what a region's name looks like; anything else would become
// part of a host name.
var regionPattern = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+){1,5}$`)

// principalName makes a caller's ARN readable and stable: session names of
// assumed roles change with every session and are left out.
func principalName(callerARN string) string {
	parsed, err := arn.Parse(callerARN)
	if err != nil {
		return ""
	}
	account := " in account " + parsed.AccountID
	parts := strings.Split(parsed.Resource, "/")
	switch {
	case parsed.Resource == "root":
		return "the root user of account " + parsed.AccountID
	case parts[0] == "assumed-role" && len(parts) >= 2:
		return "role " + parts[1] + account
	case parts[0] == "user" && len(parts) >= 2:
		return "user " + parts[len(parts)-1] + account
	}
	return parsed.Resource + account
}
