// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
	"github.com/commentsapi/operator/internal/localaws/dynamodb/expr"
	"github.com/commentsapi/operator/internal/localaws/dynamodb/ordered"
)

// maxPage is how many bytes one Query or Scan reads, before filters
// (aws-facts H7).
const maxPage = 1 << 20

// span is a range of positions: from <= position < before; an empty before is
// the end.
type span struct {
	from, before string
	backwards    bool
}

type pageOutput struct {
	Items            *[]attr.Item `json:",omitempty"`
	Count            int
	ScannedCount     int
	LastEvaluatedKey attr.Item         `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

// after is the first position that doesn't begin with the prefix.
func after(prefix []byte) string {
	b := append([]byte(nil), prefix...)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] != 0xff {
			b[i]++
			return string(b[:i+1])
		}
	}
	return ""
}

// span is the range of positions that key conditions select.
func (s *source) span(conditions map[string]expr.KeyCondition) span {
	base := partition(conditions[s.keys[0].name].Values[0])
	all := span{from: string(base), before: after(base)}
	if len(s.keys) == 1 {
		return all
	}
	cond, ok := conditions[s.keys[1].name]
	if !ok {
		return all
	}
	bound := func(i int) []byte { return attr.AppendKey(append([]byte(nil), base...), cond.Values[i]) }
	switch cond.Operator {
	case "=":
		return span{from: string(bound(0)), before: after(bound(0))}
	case "<":
		all.before = string(bound(0))
	case "<=":
		all.before = after(bound(0))
	case ">":
		all.from = after(bound(0))
	case ">=":
		all.from = string(bound(0))
	case "BETWEEN":
		return span{from: string(bound(0)), before: after(bound(1))}
	case "begins_with":
		prefix := attr.AppendKeyPrefix(append([]byte(nil), base...), cond.Values[0])
		return span{from: string(prefix), before: after(prefix)}
	}
	return all
}

// start is the position a starting key stands for.
func (s *source) start(key attr.Item) string {
	if s.index != nil {
		return s.index.data.position(key)
	}
	return string(s.keys.position(key))
}

// page reads one page. Everything was checked before.
func (c *call) page(s *source, item *itemInput, in *readInput, e *expressions, r span) pageOutput {
	if in.ExclusiveStartKey != nil {
		start := s.start(in.ExclusiveStartKey)
		if r.backwards && (r.before == "" || start < r.before) {
			r.before = start
		}
		if next := start + "\x00"; !r.backwards && next > r.from {
			r.from = next
		}
	}
	read, bytes, more := c.read(s, in, r)
	out := pageOutput{ScannedCount: len(read)}
	if more {
		names := make([]string, len(s.position))
		for i, k := range s.position {
			names[i] = k.name
		}
		out.LastEvaluatedKey = read[len(read)-1].item.Pick(names...)
	}
	items := make([]attr.Item, 0, len(read))
	for _, st := range read {
		if e.filter != nil && !e.filter.Matches(st.item) {
			continue
		}
		picked := st.item
		if e.projection != nil {
			picked = e.projection.Apply(picked)
		}
		items = append(items, picked)
	}
	out.Count = len(items)
	if deref(in.Select) != "COUNT" {
		out.Items = &items
	}
	out.ConsumedCapacity = s.table.read(item.ReturnConsumedCapacity, s.index, bytes, deref(in.ConsistentRead))
	return out
}

// read collects the items of a page, the bytes it took, and whether the page
// was cut short: by Limit, even if nothing follows, or by its size.
func (c *call) read(s *source, in *readInput, r span) (items []*stored, bytes int, more bool) {
	d := s.table.data
	from := &d.items
	if s.index != nil {
		d.settle(s.index.data, c.now)
		from = &s.index.data.items
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	full := s.index != nil && s.index.local && (deref(in.Select) == "ALL_ATTRIBUTES" || in.ProjectionExpression != nil)
	walk(from, r, func(st *stored) bool {
		if more {
			return false
		}
		bytes += st.size
		if full { // a local index fetches what it doesn't hold
			st, _ = d.items.Get(string(d.keys.position(st.item)))
		}
		items = append(items, st)
		more = bytes >= maxPage || in.Limit != nil && len(items) >= int(*in.Limit)
		return true
	})
	return items, bytes, more
}

func walk(l *ordered.List[*stored], r span, yield func(*stored) bool) {
	if r.backwards {
		before := r.before
		if before == "" {
			before = "\xff\xff\xff\xff\xff\xff" // above every position
		}
		l.Descend(before, func(position string, st *stored) bool { return position >= r.from && yield(st) })
		return
	}
	l.Ascend(r.from, func(position string, st *stored) bool {
		return (r.before == "" || position < r.before) && yield(st)
	})
}
