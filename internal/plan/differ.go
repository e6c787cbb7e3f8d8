// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/stack"
)

// differ collects the differences of one resource's fields.
type differ struct {
	resource Resource
	changes  []Change
}

// add records a difference between printed values.
func (d *differ) add(action Action, field, from, to string) {
	d.changes = append(d.changes, Change{Resource: d.resource, Action: action, Field: field, From: from, To: to})
}

// text compares two strings.
func (d *differ) text(field, from, to string) {
	if from != to {
		d.add(Update, field, from, to)
	}
}

func (d *differ) boolean(field string, from, to bool) {
	d.text(field, strconv.FormatBool(from), strconv.FormatBool(to))
}

func (d *differ) number(field string, from, to int64) {
	d.text(field, strconv.FormatInt(from, 10), strconv.FormatInt(to, 10))
}

// document compares two IAM policies by meaning.
func (d *differ) document(field, from, to string) {
	if !SamePolicy(from, to) {
		d.add(Update, field, from, to)
	}
}

// table compares two maps key by key. Keys only in from are deleted.
func table[V any](d *differ, field string, from, to map[string]V, same func(a, b V) bool, show func(V) string) {
	keys := slices.Sorted(maps.Keys(to))
	for key := range from {
		if _, ok := to[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		name := field + "." + key
		old, had := from[key]
		wanted, want := to[key]
		switch {
		case !had:
			d.add(Create, name, "", show(wanted))
		case !want:
			d.add(Delete, name, show(old), "")
		case !same(old, wanted):
			d.add(Update, name, show(old), show(wanted))
		}
	}
}

func sameText(a, b string) bool { return a == b }

func showText(s string) string { return s }

// strings compares two maps of strings.
func (d *differ) strings(field string, from, to map[string]string) {
	table(d, field, from, to, sameText, showText)
}

// set compares two lists without regard to order and repetition.
func (d *differ) set(field string, from, to []string) {
	table(d, field, asSet(from), asSet(to), func(bool, bool) bool { return true }, func(bool) string { return "" })
}

func asSet(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, s := range list {
		set[s] = true
	}
	return set
}

// tags compares the wanted tags, the claim's among them, and those that this
// operator put there earlier: others on the resource are somebody else's and
// stay.
func (d *differ) tags(from, to map[string]string) {
	mine := make(map[string]string, len(to))
	for _, key := range stack.StaleTags(from, to) {
		mine[key] = from[key]
	}
	for key := range to {
		if value, ok := from[key]; ok {
			mine[key] = value
		}
	}
	d.strings("tags", mine, to)
}

// describe prints an index for people.
func describe(i stack.Index) string {
	keys := i.Shape.HashKey
	if i.Shape.RangeKey != "" {
		keys += ", " + i.Shape.RangeKey
	}
	projected := "all attributes"
	if !i.Shape.ProjectAll {
		projected = strings.Join(i.Shape.Projected, ", ")
	}
	return "(" + keys + ") with " + projected
}
