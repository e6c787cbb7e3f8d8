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
	attrUserName  = "userName"
	attrMessage   = "message"
	attrParentID  = "parentId"
)

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

// ChooseIndex chooses the index that lists comments: an existing one that has
// the wanted keys and at least what the spec shows (the one with the base name,
// else the first by name), or the name and shape a new one takes. A name that
// is being deleted counts as free: the new index is created once the old one is
// gone.
func ChooseIndex(spec v1alpha1.CommentsAPISpec, existing []ExistingIndex) stack.Index {
	wanted, needed := IndexShape(spec), neededShape(spec)
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
			if isBase := a.Name == stack.IndexBaseName; isBase != (b.Name == stack.IndexBaseName) {
				if isBase {
					return -1
				}
				return 1
			}
			return strings.Compare(a.Name, b.Name)
		})
	}
	return stack.Index{Name: freeName(wanted, taken), Shape: wanted}
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
func freeName(want stack.IndexShape, taken map[string]bool) string {
	if !taken[stack.IndexBaseName] {
		return stack.IndexBaseName
	}
	name := stack.IndexBaseName + "-" + want.Hash()
	for n := 1; taken[name]; n++ {
		// An index of another shape sits on the name: somebody made it by
		// hand. It is theirs, so the next name is tried.
		sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%d", want.Hash(), strings.Join(want.Projected, ","), n))
		name = stack.IndexBaseName + "-" + hex.EncodeToString(sum[:4])
	}
	return name
}
