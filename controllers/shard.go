// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Shard is the part of all objects that one of several operators serves: those
// whose uid's hash, divided by Count, leaves Index-1. The zero value is all.
type Shard struct{ Index, Count int }

// ParseShard reads a shard like "2/3"; empty text is the zero value.
func ParseShard(text string) (Shard, error) {
	if text == "" {
		return Shard{}, nil
	}
	index, count, _ := strings.Cut(text, "/")
	i, err := strconv.Atoi(index)
	if err == nil {
		var n int
		if n, err = strconv.Atoi(count); err == nil && i >= 1 && i <= n && n <= 1000 {
			return Shard{i, n}, nil
		}
	}
	return Shard{}, fmt.Errorf("shard %q: give one of how many, like 1/3 for the first of three; at most 1000", text)
}

// String is the shard as ParseShard reads it.
func (s Shard) String() string {
	if s.Count == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}

// Share is the part of an account's request quotas that is left to the shard.
func (s Shard) Share() float64 { return 1 / float64(max(s.Count, 1)) }

// Has reports whether the shard serves an object.
func (s Shard) Has(o client.Object) bool {
	if s.Count <= 1 {
		return true
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(o.GetUID()))
	return h.Sum64()%uint64(s.Count) == uint64(s.Index-1)
}
