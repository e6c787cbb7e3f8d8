// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package expr_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
	"github.com/commentsapi/operator/internal/localaws/dynamodb/expr"
)

func num(s string) attr.Value { return attr.Value{Kind: attr.N, Str: s} }

func placeholders(t testing.TB, names map[string]string, values attr.Item) *expr.Placeholders {
	t.Helper()
	p, err := expr.NewPlaceholders(names, values)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSyntaxErrorsNameTheTokenAndItsNeighbours(t *testing.T) {
	for in, want := range map[string]string{
		"a = ":                    `Syntax error; token: "<EOF>", near: "= "`,
		"a == :b":                 `Syntax error; token: "=", near: "== :b"`,
		"a = b c":                 `Syntax error; token: "c", near: "b c"`,
		"a ? b":                   `Syntax error; token: "?", near: "a ?"`,
		"a = :b AND":              `Syntax error; token: "<EOF>", near: "AND"`,
		"a BETWEEN b c":           `Syntax error; token: "c", near: "b c"`,
		"a IN b":                  `Syntax error; token: "b", near: "IN b"`,
		"a[x] = b":                `Syntax error; token: "x", near: "[x]"`,
		"a = # b":                 `Syntax error; token: "#", near: "= #"`,
		"":                        "The expression can not be empty;",
		strings.Repeat("a", 4097): "Expression size has exceeded the maximum allowed size; expression size: 4097",
	} {
		_, err := expr.ParseCondition(in, placeholders(t, nil, nil))
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", in, err, want)
		}
	}
}

func TestConditionsBind(t *testing.T) {
	item := attr.Item{"a": num("1"), "b": num("2"), "comment": attr.String("x"), "#odd": num("3")}
	names := map[string]string{"#c": "comment", "#o": "#odd"}
	values := attr.Item{":one": num("1"), ":two": num("2"), ":x": attr.String("x")}
	for in, want := range map[string]bool{
		"a = :one OR a = :two AND b = :one":        true, // AND binds tighter
		"(a = :one OR a = :two) AND b = :one":      false,
		"NOT a = :two AND b = :two":                true, // NOT binds tightest
		"NOT (a = :one AND b = :two)":              false,
		"a BETWEEN :one AND :two AND b = :two":     true,
		"not a in (:two) and #c = :x":              true, // keywords have no case
		"#o = :one":                                false,
		"attribute_exists(#o) AND size(#c) = :one": true,
		"a < b AND b >= a AND a <> b AND b > a":    true,
		"absent < :one OR absent = absent2":        false,
	} {
		c, err := expr.ParseCondition(in, placeholders(t, names, values))
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := c.Matches(item); got != want {
			t.Errorf("%s = %t; want %t", in, got, want)
		}
	}
}

func TestConditionLimits(t *testing.T) {
	values := attr.Item{":a": num("1")}
	in := "a IN (:a" + strings.Repeat(",:a", 100) + ")"
	if _, err := expr.ParseCondition(in, placeholders(t, nil, values)); err == nil || !strings.Contains(err.Error(), "number of operands") {
		t.Errorf("IN with 101 operands: %v; want a refusal", err)
	}
	long := "a=:a" + strings.Repeat(" OR a=:a", 200)
	if _, err := expr.ParseCondition(long, placeholders(t, nil, values)); err == nil || !strings.Contains(err.Error(), "too many operators") {
		t.Errorf("400 operators: %v; want a refusal", err)
	}
}

func TestUpdateSeesTheOldItem(t *testing.T) {
	old := attr.Item{"id": attr.String("1"), "a": num("1"), "b": num("2"),
		"l": {Kind: attr.L, List: []attr.Value{num("0"), num("1"), num("2")}}}
	u, err := expr.ParseUpdate("SET a = b, b = a, l[0] = l[2], l[9] = :x, l[7] = a REMOVE l[1]", placeholders(t, nil, attr.Item{":x": attr.String("x")}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := u.Apply(old)
	if err != nil {
		t.Fatal(err)
	}
	want := attr.Item{"id": attr.String("1"), "a": num("2"), "b": num("1"),
		"l": {Kind: attr.L, List: []attr.Value{num("2"), num("2"), num("1"), attr.String("x")}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(old["l"].List) != 3 || old["a"].Str != "1" {
		t.Errorf("the old item changed: %v", old)
	}
}

func TestProjectionSquashesLists(t *testing.T) {
	item := attr.Item{"m": {Kind: attr.M, Map: attr.Item{"l": {Kind: attr.L, List: []attr.Value{num("0"), num("1"), num("2")}}, "x": num("9")}}}
	p, err := expr.ParseProjection("m.l[2], m.l[0], absent", placeholders(t, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := attr.Item{"m": {Kind: attr.M, Map: attr.Item{"l": {Kind: attr.L, List: []attr.Value{num("0"), num("2")}}}}}
	if diff := cmp.Diff(want, p.Apply(item)); diff != "" {
		t.Error(diff)
	}
}

func TestReservedWords(t *testing.T) {
	for _, word := range []string{"comment", "Name", "STATUS", "user", "timestamp", "counter"} {
		_, err := expr.ParseProjection(word, placeholders(t, nil, nil))
		if err == nil || err.Error() != "Attribute name is a reserved keyword; reserved keyword: "+word {
			t.Errorf("%s: %v; want a refusal", word, err)
		}
	}
	for _, word := range []string{"pageId", "userName", "message", "createdAt", "commentId", "parentId"} {
		if _, err := expr.ParseProjection(word, placeholders(t, nil, nil)); err != nil {
			t.Errorf("%s: %v; want it to be a plain name", word, err)
		}
	}
}

// FuzzExpressions: whatever the text, the parsers return and never panic, and
// what they accept can be evaluated.
func FuzzExpressions(f *testing.F) {
	for _, s := range []string{
		"attribute_not_exists(commentId)", "pageId = :p AND createdAt BETWEEN :n AND :n", "SET a.b[1] = if_not_exists(#a, :p) + :n REMOVE c ADD d :n DELETE e :s",
		"a, b.c[0], #a", "size(a) > :n OR NOT (contains(a, :p))", "((a))", "a IN (:p,", "begins_with(a)", "size(a)", "a[99999999999999999999]", "SET a = list_append(:p)",
	} {
		f.Add(s)
	}
	item := attr.Item{"a": {Kind: attr.M, Map: attr.Item{"b": {Kind: attr.L, List: []attr.Value{num("1")}}}}, "c": attr.String("x")}
	values := attr.Item{":p": attr.String("p"), ":n": num("1"), ":s": {Kind: attr.SS, Set: []string{"x"}}}
	f.Fuzz(func(t *testing.T, s string) {
		names := map[string]string{"#a": "a"}
		if c, err := expr.ParseCondition(s, placeholders(t, names, values)); err == nil {
			c.Matches(item)
			c.Matches(nil)
			if keys, err := c.KeyConditions(); err == nil {
				for _, k := range keys {
					k.Matches(num("1"))
				}
			}
		}
		if p, err := expr.ParseProjection(s, placeholders(t, names, values)); err == nil {
			p.Apply(item)
		}
		if u, err := expr.ParseUpdate(s, placeholders(t, names, values)); err == nil {
			if after, err := u.Apply(item); err == nil {
				u.Changed().Apply(after)
			}
		}
	})
}
