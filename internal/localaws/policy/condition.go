// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// quantifier is a set operator prefix of a condition.
type quantifier int

const (
	// single compares a key with one value; several values count as "any".
	single quantifier = iota
	forAnyValue
	forAllValues
)

// Condition is one operator applied to one key.
type Condition struct {
	Operator string // base name, for example StringEquals
	Key      string
	Values   []string

	quantifier quantifier
	ifExists   bool
	test       func(want, have string) bool
	negated    bool
}

// operators maps base names to the positive comparison and whether the name
// negates it.
var operators = map[string]struct {
	test    func(want, have string) bool
	negated bool
}{
	"StringEquals":              {eq, false},
	"StringNotEquals":           {eq, true},
	"StringEqualsIgnoreCase":    {strings.EqualFold, false},
	"StringNotEqualsIgnoreCase": {strings.EqualFold, true},
	"StringLike":                {Glob, false},
	"StringNotLike":             {Glob, true},
	"ArnEquals":                 {MatchARN, false},
	"ArnNotEquals":              {MatchARN, true},
	"ArnLike":                   {MatchARN, false},
	"ArnNotLike":                {MatchARN, true},
	"NumericEquals":             {number(func(c int) bool { return c == 0 }), false},
	"NumericNotEquals":          {number(func(c int) bool { return c == 0 }), true},
	"NumericLessThan":           {number(func(c int) bool { return c < 0 }), false},
	"NumericLessThanEquals":     {number(func(c int) bool { return c <= 0 }), false},
	"NumericGreaterThan":        {number(func(c int) bool { return c > 0 }), false},
	"NumericGreaterThanEquals":  {number(func(c int) bool { return c >= 0 }), false},
	"DateEquals":                {date(func(c int) bool { return c == 0 }), false},
	"DateNotEquals":             {date(func(c int) bool { return c == 0 }), true},
	"DateLessThan":              {date(func(c int) bool { return c < 0 }), false},
	"DateLessThanEquals":        {date(func(c int) bool { return c <= 0 }), false},
	"DateGreaterThan":           {date(func(c int) bool { return c > 0 }), false},
	"DateGreaterThanEquals":     {date(func(c int) bool { return c >= 0 }), false},
	"Bool":                      {strings.EqualFold, false},
	"BinaryEquals":              {eq, false},
	"IpAddress":                 {inNetwork, false},
	"NotIpAddress":              {inNetwork, true},
	"Null":                      {nil, false},
}

func eq(want, have string) bool { return want == have }

// number compares have with want.
func number(ok func(int) bool) func(want, have string) bool {
	return func(want, have string) bool {
		w, err1 := strconv.ParseFloat(want, 64)
		h, err2 := strconv.ParseFloat(have, 64)
		if err1 != nil || err2 != nil {
			return false
		}
		switch {
		case h < w:
			return ok(-1)
		case h > w:
			return ok(1)
		}
		return ok(0)
	}
}

func date(ok func(int) bool) func(want, have string) bool {
	return func(want, have string) bool {
		w, err1 := parseDate(want)
		h, err2 := parseDate(have)
		return err1 == nil && err2 == nil && ok(h.Compare(w))
	}
}

func parseDate(s string) (time.Time, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Unix(n, 0), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("date %q: use RFC 3339 or epoch seconds", s)
}

func inNetwork(want, have string) bool {
	addr, err := netip.ParseAddr(have)
	if err != nil {
		return false
	}
	if !strings.Contains(want, "/") {
		single, err := netip.ParseAddr(want)
		return err == nil && single.Unmap() == addr.Unmap()
	}
	prefix, err := netip.ParsePrefix(want)
	return err == nil && prefix.Contains(addr.Unmap())
}

func parseConditions(raw json.RawMessage) ([]Condition, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var block map[string]map[string]json.RawMessage
	if err := json.Unmarshal(raw, &block); err != nil {
		return nil, syntaxf("Syntax errors in policy.")
	}
	var out []Condition
	for op, keys := range block {
		for key, value := range keys {
			c, err := newCondition(op, key, value)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	// A map has no order; errors and traces should have one.
	slices.SortFunc(out, func(a, b Condition) int {
		return strings.Compare(a.Operator+a.Key, b.Operator+b.Key)
	})
	return out, nil
}

func newCondition(op, key string, value json.RawMessage) (Condition, error) {
	c := Condition{Key: key}
	name := op
	if rest, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
		c.quantifier, name = forAnyValue, rest
	} else if rest, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
		c.quantifier, name = forAllValues, rest
	}
	if rest, ok := strings.CutSuffix(name, "IfExists"); ok && rest != "Null" {
		c.ifExists, name = true, rest
	}
	known, ok := operators[name]
	if !ok {
		return c, syntaxf("Invalid Condition type : %s", op)
	}
	c.Operator, c.test, c.negated = name, known.test, known.negated
	values, err := scalars(value)
	if err != nil {
		return c, err
	}
	c.Values = values
	if name == "IpAddress" || name == "NotIpAddress" {
		for _, v := range values {
			if _, err := netip.ParsePrefix(v); err != nil {
				if _, err := netip.ParseAddr(v); err != nil {
					return c, syntaxf("Invalid value %q for condition operator %s: an IP address or a CIDR block is needed", v, op)
				}
			}
		}
	}
	return c, nil
}

// scalars accepts a string, number or boolean, or a list of them.
func scalars(raw json.RawMessage) ([]string, error) {
	var many []any
	if err := json.Unmarshal(raw, &many); err != nil {
		var one any
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, syntaxf("Syntax errors in policy.")
		}
		many = []any{one}
	}
	out := make([]string, 0, len(many))
	for _, v := range many {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case bool:
			out = append(out, strconv.FormatBool(v))
		case float64:
			out = append(out, strconv.FormatFloat(v, 'f', -1, 64))
		default:
			return nil, syntaxf("Syntax errors in policy.")
		}
	}
	return out, nil
}

// holds decides the condition. A key that isn't there fails a positive
// comparison and satisfies a negated one and IfExists.
func (c Condition) holds(ctx context, expand func(string) string) bool {
	have, present := ctx[strings.ToLower(c.Key)]
	present = present && len(have) > 0
	if c.Operator == "Null" {
		return len(c.Values) > 0 && strings.EqualFold(c.Values[0], "true") != present
	}
	if !present {
		return c.quantifier == forAllValues || c.ifExists ||
			c.negated && c.quantifier == single
	}
	if c.quantifier == forAllValues {
		for _, h := range have {
			if !c.one(h, expand) {
				return false
			}
		}
		return true
	}
	if c.quantifier == single && c.negated {
		// "not equal" to a multivalued key means: none of them is equal.
		for _, h := range have {
			if !c.one(h, expand) {
				return false
			}
		}
		return true
	}
	for _, h := range have {
		if c.one(h, expand) {
			return true
		}
	}
	return false
}

// one compares a single context value with all wanted ones.
func (c Condition) one(have string, expand func(string) string) bool {
	for _, want := range c.Values {
		if c.test(expand(want), have) {
			return !c.negated
		}
	}
	return c.negated
}
