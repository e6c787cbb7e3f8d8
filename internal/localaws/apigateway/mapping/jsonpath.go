// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/ohler55/ojg/jp"

	"github.com/commentsapi/operator/internal/localaws/velocity"
)

// find evaluates a JSONPath as Jayway's library does, which API Gateway's
// documentation links: a definite path gives the node, or nothing when it is
// missing; any other gives the list of all nodes found. A path may leave out
// the leading "$.".
func find(doc any, path string) (any, error) {
	path = strings.TrimSpace(path)
	if !strings.HasPrefix(path, "$") {
		path = "$." + path
	}
	x, err := jp.ParseString(quoteNames(path))
	if err != nil {
		return nil, fmt.Errorf("JSONPath %q: %w", path, err)
	}
	if !definite(x) {
		list := &velocity.List{Kind: velocity.JSONArray}
		for _, v := range x.Get(wrap(doc)) {
			list.Items = append(list.Items, unwrap(v))
		}
		return list, nil
	}
	v := doc
	for _, f := range x {
		switch f := f.(type) {
		case jp.Child:
			m, _ := v.(*velocity.Map)
			if m == nil {
				return nil, nil
			}
			v, _ = m.Get(string(f))
		case jp.Nth:
			l, _ := v.(*velocity.List)
			n := int(f)
			if l != nil && n < 0 {
				n += len(l.Items)
			}
			if l == nil || n < 0 || n >= len(l.Items) {
				return nil, nil
			}
			v = l.Items[n]
		}
	}
	return v, nil
}

// dottedName is a name after a dot with characters that the JSONPath library
// wants in ['...'] and Jayway's takes as they are, such as a hyphen.
var dottedName = regexp.MustCompile(`^\.[^.\[\]()'"*?@\s]*[^\w.\[\]()'"*?@\s][^.\[\]()'"*?@\s]*`)

// quoteNames puts such names into brackets, outside of [ ].
func quoteNames(path string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(path); i++ {
		switch path[i] {
		case '[':
			depth++
		case ']':
			depth--
		case '.':
			if name := dottedName.FindString(path[i:]); depth == 0 && name != "" {
				b.WriteString("['" + name[1:] + "']")
				i += len(name) - 1
				continue
			}
		}
		b.WriteByte(path[i])
	}
	return b.String()
}

// definite reports whether a path can lead to one node only.
func definite(x jp.Expr) bool {
	for _, f := range x {
		switch f.(type) {
		case jp.Root, jp.At, jp.Bracket, jp.Child, jp.Nth:
		default:
			return false
		}
	}
	return true
}

// keyed and indexed show template values to the JSONPath library, which
// otherwise would see no order of keys.
type (
	keyed   struct{ *velocity.Map }
	indexed struct{ *velocity.List }
)

func wrap(v any) any {
	switch v := v.(type) {
	case *velocity.Map:
		return keyed{v}
	case *velocity.List:
		return indexed{v}
	case velocity.Decimal:
		return v.Value
	}
	return v
}

func unwrap(v any) any {
	switch v := v.(type) {
	case keyed:
		return v.Map
	case indexed:
		return v.List
	}
	return velocity.From(v)
}

// ValueForKey is part of jp.Keyed.
func (k keyed) ValueForKey(key string) (any, bool) {
	v, ok := k.Get(key)
	return wrap(v), ok
}

// SetValueForKey is part of jp.Keyed; paths are only read here.
func (keyed) SetValueForKey(string, any) {}

// RemoveValueForKey is part of jp.Keyed; paths are only read here.
func (keyed) RemoveValueForKey(string) {}

// Keys is part of jp.Keyed.
func (k keyed) Keys() []string {
	keys := make([]string, 0, k.Len())
	for _, e := range k.Entries() {
		if key, ok := e.Key.(string); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// ValueAtIndex is part of jp.Indexed.
func (x indexed) ValueAtIndex(i int) any {
	if i < 0 || i >= len(x.Items) {
		return nil
	}
	return wrap(x.Items[i])
}

// SetValueAtIndex is part of jp.Indexed; paths are only read here.
func (indexed) SetValueAtIndex(int, any) {}

// Size is part of jp.Indexed.
func (x indexed) Size() int { return len(x.Items) }
