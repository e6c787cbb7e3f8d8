// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

// The attributes of an item.
const (
	attrCommentID = "commentId"
	attrPageID    = "pageId"
	attrCreatedAt = "createdAt"
	// attrExpiresAt is in seconds since 1970, as DynamoDB's expiry wants it.
	// Nobody else's items have an attribute of this name, so that in a table
	// that was taken over none of them expires.
	attrExpiresAt = "commentsapiExpiresAt"
	attrUserName  = "userName"
	attrMessage   = "message"
	attrParentID  = "parentId"

	// A comment that waits for a moderator has its page here instead of in
	// pageId, the key of the index that lists comments: it can't be listed.
	attrPendingPageID = "pendingPageId"
	// attrModeration is there only while a comment waits, so the index on it
	// holds nothing else.
	attrModeration = "moderation"
)

// pendingModeration is the value of attrModeration.
const pendingModeration = "Pending"

// IndexShape is the shape of an index that is made for the spec: it finds a
// page's comments, in the order of their creation unless it is Unordered.
// parentId is projected even if replies are off, because a projection can't be
// widened later without building another index (aws-facts H3).
func IndexShape(spec v1alpha1.CommentsAPISpec) stack.IndexShape {
	shape := stack.IndexShape{
		HashKey:   attrPageID,
		Projected: []string{attrMessage, attrParentID, attrUserName},
	}
	if withDefaults(spec).Comments.Order != v1alpha1.Unordered {
		shape.RangeKey = attrCreatedAt
	}
	return shape
}

// ExistingIndex is an index that the table has.
type ExistingIndex struct {
	Name  string
	Shape stack.IndexShape
	// Deleting says that AWS is removing it; it can't be queried any more.
	Deleting bool
}

// PendingIndexShape is the shape of the index that finds what waits for a
// moderator, oldest first.
func PendingIndexShape() stack.IndexShape {
	return stack.IndexShape{
		HashKey:   attrModeration,
		RangeKey:  attrCreatedAt,
		Projected: []string{attrMessage, attrParentID, attrPendingPageID, attrUserName},
	}
}

// ChooseIndex chooses the index that lists comments: an existing one that has
// the wanted keys and at least what the spec shows (the one with the base name,
// else the first by name), or the name and shape a new one takes. A name that
// is being deleted counts as free: the new index is created once the old one is
// gone.
func ChooseIndex(spec v1alpha1.CommentsAPISpec, existing []ExistingIndex) stack.Index {
	return choose(stack.IndexBaseName, IndexShape(spec), neededShape(spec), existing)
}

// ChoosePendingIndex chooses the index that lists what waits for a moderator in
// the same way.
func ChoosePendingIndex(existing []ExistingIndex) stack.Index {
	return choose(stack.PendingIndexBaseName, PendingIndexShape(), PendingIndexShape(), existing)
}

func choose(base string, wanted, needed stack.IndexShape, existing []ExistingIndex) stack.Index {
	taken := map[string]bool{}
	var serving []stack.Index
	for _, index := range existing {
		if index.Deleting {
			continue
		}
		taken[index.Name] = true
		if index.Shape.Serves(needed) {
			serving = append(serving, stack.Index{Name: index.Name, Shape: index.Shape})
		}
	}
	if len(serving) > 0 {
		return slices.MinFunc(serving, func(a, b stack.Index) int {
			if isBase := a.Name == base; isBase != (b.Name == base) {
				if isBase {
					return -1
				}
				return 1
			}
			return strings.Compare(a.Name, b.Name)
		})
	}
	return stack.Index{Name: freeName(base, wanted, taken), Shape: wanted}
}

// neededShape is the least an index must have: what answers show.
func neededShape(spec v1alpha1.CommentsAPISpec) stack.IndexShape {
	shape := IndexShape(spec)
	shape.Projected = []string{attrMessage, attrUserName}
	if spec.Comments.Replies == v1alpha1.Enabled {
		shape.Projected = []string{attrMessage, attrParentID, attrUserName}
	}
	return shape
}

// freeName is the name a new index takes.
func freeName(base string, want stack.IndexShape, taken map[string]bool) string {
	if !taken[base] {
		return base
	}
	name := base + "-" + want.Hash()
	for n := 1; taken[name]; n++ {
		// An index of another shape sits on the name: somebody made it by
		// hand. It is theirs, so the next name is tried.
		sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%d", want.Hash(), strings.Join(want.Projected, ","), n))
		name = base + "-" + hex.EncodeToString(sum[:4])
	}
	return name
}
