// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

// PartitionOf tells a region's partition and its DNS suffix by the region's
// name, without asking AWS: for what is rendered offline.
func PartitionOf(region string) (name, dnsSuffix string) {
	p := partitionOf("", region)
	return p.name, p.dnsSuffix
}
