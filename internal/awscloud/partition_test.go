// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// TestPartitionsAreTheSDKs holds the table of partitions to the rules by which
// the SDK itself finds endpoints: for regions that exist, and for ones that may
// come.
func TestPartitionsAreTheSDKs(t *testing.T) {
	for partition, regions := range map[string][]string{
		"aws":        {"us-east-1", "eu-west-1", "mx-central-1", "il-central-1", "ap-southeast-7", "sa-new-9"},
		"aws-cn":     {"cn-north-1", "cn-northwest-1", "cn-south-2"},
		"aws-us-gov": {"us-gov-west-1", "us-gov-east-1", "us-gov-north-2"},
		"aws-eusc":   {"eusc-de-east-1", "eusc-de-west-2"},
		"aws-iso":    {"us-iso-east-1", "us-iso-west-1", "us-iso-north-3"},
		"aws-iso-b":  {"us-isob-east-1", "us-isob-west-1"},
		"aws-iso-e":  {"eu-isoe-west-1"},
		"aws-iso-f":  {"us-isof-south-1", "us-isof-east-1"},
	} {
		for _, region := range regions {
			name, suffix := PartitionOf(region)
			if name != partition {
				t.Errorf("%s is in %s; want %s", region, name, partition)
			}
			api, err := apigateway.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), apigateway.EndpointParameters{Region: aws.String(region)})
			if err != nil {
				t.Fatal(err)
			}
			table, err := dynamodb.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), dynamodb.EndpointParameters{Region: aws.String(region)})
			if err != nil {
				t.Fatal(err)
			}
			for service, host := range map[string]string{"apigateway": api.URI.Host, "dynamodb": table.URI.Host} {
				sdk, found := strings.CutPrefix(host, service+"."+region+".")
				if !found || sdk != suffix {
					t.Errorf("%s: the SDK calls %s, and the table says %s", region, host, suffix)
				}
			}
		}
	}
}
