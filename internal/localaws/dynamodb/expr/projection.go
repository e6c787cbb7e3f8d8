// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"slices"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

// Projection is a projection expression, or the paths of an update.
type Projection struct {
	paths []Path
	tree  *selection
}

// selection is a tree of what to keep.
type selection struct {
	all     bool
	names   map[string]*selection
	indexes map[int]*selection
}

// ParseProjection reads a projection expression.
func ParseProjection(s string, names *Placeholders) (*Projection, error) {
	p, err := newParser(s)
	if err != nil {
		return nil, err
	}
	var paths []Path
	for p.err == nil {
		paths = append(paths, p.path())
		if !p.accept(",") {
			break
		}
	}
	if p.peek().kind != tokEnd {
		p.fail()
	}
	if p.err != nil {
		return nil, p.err
	}
	for _, path := range paths {
		if err := reservedIn(path); err != nil {
			return nil, err
		}
	}
	for _, path := range paths {
		if err := names.resolvePath(path); err != nil {
			return nil, err
		}
	}
	if err := checkOverlap(paths); err != nil {
		return nil, err
	}
	return newProjection(paths), nil
}

func newProjection(paths []Path) *Projection {
	root := &selection{}
	for _, path := range paths {
		at := root
		for _, s := range path {
			at = at.child(s)
		}
		at.all = true
	}
	return &Projection{paths: paths, tree: root}
}

func (s *selection) child(step Step) *selection {
	if step.IsIndex {
		if s.indexes == nil {
			s.indexes = map[int]*selection{}
		}
		if s.indexes[step.Index] == nil {
			s.indexes[step.Index] = &selection{}
		}
		return s.indexes[step.Index]
	}
	if s.names == nil {
		s.names = map[string]*selection{}
	}
	if s.names[step.Name] == nil {
		s.names[step.Name] = &selection{}
	}
	return s.names[step.Name]
}

// Paths returns the document paths, in source order.
func (p *Projection) Paths() []Path { return p.paths }

// Apply returns the parts of the item that the projection names.
func (p *Projection) Apply(item attr.Item) attr.Item {
	return p.tree.pick(item)
}

func (s *selection) pick(item attr.Item) attr.Item {
	out := attr.Item{}
	for name, child := range s.names {
		if v, ok := item[name]; ok {
			if v, ok = child.apply(v); ok {
				out[name] = v
			}
		}
	}
	return out
}

func (s *selection) apply(v attr.Value) (attr.Value, bool) {
	switch {
	case s.all:
		return v, true
	case v.Kind == attr.M && len(s.names) > 0:
		m := s.pick(v.Map)
		return attr.Value{Kind: attr.M, Map: m}, len(m) > 0
	case v.Kind == attr.L && len(s.indexes) > 0:
		var list []attr.Value
		for i, e := range v.List {
			if child := s.indexes[i]; child != nil {
				if e, ok := child.apply(e); ok {
					list = append(list, e)
				}
			}
		}
		return attr.Value{Kind: attr.L, List: list}, len(list) > 0
	}
	return attr.Value{}, false
}

// checkOverlap refuses paths of which one contains the other, and paths that
// take the same attribute for a map and for a list.
func checkOverlap(paths []Path) error {
	describe := func(a, b Path) string {
		return "must remove or rewrite one of these paths; path one: " + a.String() + ", path two: " + b.String()
	}
	var conflict error
	for i, b := range paths {
		for _, a := range paths[:i] {
			n := min(len(a), len(b))
			same := 0
			for same < n && a[same] == b[same] {
				same++
			}
			switch {
			case same == n:
				return Error("Two document paths overlap with each other; " + describe(a, b))
			case a[same].IsIndex != b[same].IsIndex && conflict == nil:
				conflict = Error("Two document paths conflict with each other; " + describe(a, b))
			}
		}
	}
	return conflict
}

// NestedRoots returns the attributes that some path goes into.
func NestedRoots(paths []Path) []string {
	var roots []string
	for _, p := range paths {
		if p.Nested() && !slices.Contains(roots, p.Root()) {
			roots = append(roots, p.Root())
		}
	}
	return roots
}
