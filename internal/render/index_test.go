// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

func shapeOf(order v1alpha1.CommentOrder) stack.IndexShape {
	spec := someSpec()
	spec.Comments.Order = order
	return IndexShape(spec)
}

func TestIndexShape(t *testing.T) {
	ordered := stack.IndexShape{HashKey: "pageId", RangeKey: "createdAt", Projected: []string{"message", "parentId", "userName"}}
	unordered := ordered
	unordered.RangeKey = ""
	for order, want := range map[v1alpha1.CommentOrder]stack.IndexShape{
		"":                   ordered,
		v1alpha1.OldestFirst: ordered,
		v1alpha1.NewestFirst: ordered,
		v1alpha1.Unordered:   unordered,
	} {
		if diff := cmp.Diff(want, shapeOf(order)); diff != "" {
			t.Errorf("order %q (-want +got):\n%s", order, diff)
		}
	}
}

func TestChooseIndex(t *testing.T) {
	ordered, unordered := shapeOf(v1alpha1.OldestFirst), shapeOf(v1alpha1.Unordered)
	all := ordered
	all.Projected, all.ProjectAll = nil, true
	narrow := ordered
	narrow.Projected = []string{"message"}
	hashed := "pageId-index-" + ordered.Hash()

	for name, c := range map[string]struct {
		existing []ExistingIndex
		want     string
	}{
		"no index":                     {nil, "pageId-index"},
		"it exists":                    {[]ExistingIndex{{Name: "pageId-index", Shape: ordered}}, "pageId-index"},
		"a wider one serves":           {[]ExistingIndex{{Name: "comments", Shape: all}}, "comments"},
		"base name before others":      {[]ExistingIndex{{Name: "a-comments", Shape: all}, {Name: "pageId-index", Shape: ordered}}, "pageId-index"},
		"then sorted":                  {[]ExistingIndex{{Name: "z", Shape: all}, {Name: "c", Shape: ordered}}, "c"},
		"other keys":                   {[]ExistingIndex{{Name: "pageId-index", Shape: unordered}}, hashed},
		"too narrow":                   {[]ExistingIndex{{Name: "pageId-index", Shape: narrow}}, hashed},
		"the new one is there already": {[]ExistingIndex{{Name: "pageId-index", Shape: unordered}, {Name: hashed, Shape: ordered}}, hashed},
		"foreign index beside":         {[]ExistingIndex{{Name: "userName-index", Shape: stack.IndexShape{HashKey: "userName"}}}, "pageId-index"},
		"old one going":                {[]ExistingIndex{{Name: "pageId-index", Shape: unordered, Deleting: true}}, "pageId-index"},
		"right one going":              {[]ExistingIndex{{Name: "pageId-index", Shape: ordered, Deleting: true}}, "pageId-index"},
		"right one going, other stays": {[]ExistingIndex{{Name: hashed, Shape: ordered, Deleting: true}, {Name: "pageId-index", Shape: unordered}}, hashed},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ChooseIndex(someSpec(), c.existing).Name; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestANewIndexTakesAFreeName: even with somebody else's index on every name that
// was tried, the name is one the operator recognises as its own.
func TestANewIndexTakesAFreeName(t *testing.T) {
	other := shapeOf(v1alpha1.Unordered)
	var existing []ExistingIndex
	seen := map[string]bool{}
	for range 5 {
		name := ChooseIndex(someSpec(), existing).Name
		if seen[name] {
			t.Fatalf("%s is taken by an index of another shape", name)
		}
		if !stack.OwnIndexName(name) {
			t.Fatalf("%s isn't a name of the operator's", name)
		}
		seen[name] = true
		existing = append(existing, ExistingIndex{Name: name, Shape: other})
	}
}

// TestTheArticlesIndexServes: a table made by following the article has an
// index without a sort key and without parentId, and needs no other one.
func TestTheArticlesIndexServes(t *testing.T) {
	spec := someSpec()
	spec.Comments.Order = v1alpha1.Unordered
	articles := stack.IndexShape{HashKey: "pageId", Projected: []string{"message", "userName"}}
	got := ChooseIndex(spec, []ExistingIndex{{Name: "pageId-index", Shape: articles}})
	if diff := cmp.Diff(stack.Index{Name: "pageId-index", Shape: articles}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
