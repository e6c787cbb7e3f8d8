// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"cmp"
	"maps"
	"slices"
)

// ByPath returns the resource with the path ("/" is the root), or nil.
func (s *Snapshot) ByPath(path string) *Resource {
	for _, r := range s.Resources {
		if r.Path == path {
			return r
		}
	}
	return nil
}

// Children returns the resource's direct children in path order.
func (s *Snapshot) Children(id string) []*Resource {
	var found []*Resource
	for _, r := range s.Resources {
		if r.ParentID == id {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *Resource) int { return cmp.Compare(a.Path, b.Path) })
	return found
}

// SortedResources returns all resources ordered by path.
func (s *Snapshot) SortedResources() []*Resource {
	return slices.SortedFunc(maps.Values(s.Resources), func(a, b *Resource) int { return cmp.Compare(a.Path, b.Path) })
}

// ValidatorByName returns the request validator with the name, or nil.
func (s *Snapshot) ValidatorByName(name string) *RequestValidator {
	for _, v := range s.Validators {
		if v.Name == name {
			return v
		}
	}
	return nil
}
