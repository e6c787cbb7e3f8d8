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

// IndexShape is the shape of the index the spec needs: it finds a page's
// comments, in the order of their creation unless the order is Unordered.
// parentId is projected although nothing shows it yet, because a projection
// can't be widened later without building another index (aws-facts H3).
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

// IndexName chooses the index that lists comments: an existing one that serves
// the wanted shape (the one with the base name, else the first by name), or
// the name a new one takes. A name that is being deleted counts as free: the
// new index is created once the old one is gone.
func IndexName(want stack.IndexShape, existing []ExistingIndex) string {
	taken := map[string]bool{}
	var serving []string
	for _, index := range existing {
		if index.Deleting {
			continue
		}
		taken[index.Name] = true
		if index.Shape.Serves(want) {
			serving = append(serving, index.Name)
		}
	}
	if slices.Contains(serving, stack.IndexBaseName) || len(serving) == 0 && !taken[stack.IndexBaseName] {
		return stack.IndexBaseName
	}
	if len(serving) > 0 {
		return slices.Min(serving)
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
