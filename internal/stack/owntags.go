// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// TagOwn is the tag in which the operator writes down the keys of the user's
// tags it put on a resource, so that a tag that leaves the spec leaves the
// resource too, while tags of others stay. The resource itself remembers, not
// the object's status: a retained table may be picked up by a later life of
// the object.
const TagOwn = TagPrefix + "tags"

// ownDigits is how much of a key's hash TagOwn holds: 40 keys fit a tag's
// value of 256 characters (aws-facts C4, G1).
const ownDigits = 6

// OwnTags is the value of TagOwn for user tags; empty without any.
func OwnTags(tags map[string]string) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		b.WriteString(ownHash(key))
	}
	return b.String()
}

// StaleTags returns, sorted, the keys on a resource that the operator put
// there for an earlier spec and that are not wanted any more.
func StaleTags(have, want map[string]string) []string {
	marker := have[TagOwn]
	own := map[string]bool{}
	for ; len(marker) >= ownDigits; marker = marker[ownDigits:] {
		own[marker[:ownDigits]] = true
	}
	var stale []string
	for key := range have {
		_, wanted := want[key]
		if !wanted && (key == TagOwn || own[ownHash(key)] && !strings.HasPrefix(key, TagPrefix)) {
			stale = append(stale, key)
		}
	}
	slices.Sort(stale)
	return stale
}

func ownHash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])[:ownDigits]
}
