// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
)

// naming finds what differs between partitions: ARNs, and the names of hosts
// and services.
var naming = regexp.MustCompile(`arn:[^"\\\s]+|[a-z0-9.-]*\.(amazonaws\.[a-z.]+|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)`)

// TestPartitions: with every option that names something of AWS, all names are
// those of the region's own partition. The golden files list them.
func TestPartitions(t *testing.T) {
	for _, region := range []string{"eu-west-1", "cn-northwest-1", "us-gov-east-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1"} {
		spec, facts := someSpec(), someFacts()
		facts.Partition, facts.DNSSuffix = awscloud.PartitionOf(region)
		arn := "arn:" + facts.Partition
		facts.PermissionsBoundary = arn + ":iam::123456789012:policy/boundary"
		facts.RetiringIndexes = []string{"pageId-index-0badcafe"}
		spec.Region = region
		spec.Table.KMSKeyARN = arn + ":kms:" + region + ":123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
		spec.API.AccessLogs = &v1alpha1.AccessLogsSpec{DestinationARN: arn + ":logs:" + region + ":123456789012:log-group:comments"}
		spec.Comments.Count = v1alpha1.Enabled
		t.Run(facts.Partition, func(t *testing.T) {
			desired, err := Render(spec, facts)
			if err != nil {
				t.Fatal(err)
			}
			// Edge-optimized APIs are not to be had in every partition.
			if desired.API.EndpointType != "REGIONAL" {
				t.Errorf("the endpoint is %s", desired.API.EndpointType)
			}
			text, err := json.Marshal(desired)
			if err != nil {
				t.Fatal(err)
			}
			names := naming.FindAllString(string(text)+string(desired.Document), -1)
			slices.Sort(names)
			names = slices.Compact(names)
			for _, name := range names {
				if strings.HasPrefix(name, "arn:") && !strings.HasPrefix(name, arn+":") {
					t.Errorf("%s is of another partition than %s", name, facts.Partition)
				}
			}
			got := strings.Join(names, "\n") + "\n"
			path := filepath.Join("testdata", "partitions", facts.Partition+".golden")
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-golden +got):\n%s", diff)
			}
		})
	}
}
