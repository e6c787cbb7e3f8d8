// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// SamePolicy reports whether two IAM policies mean the same, whatever form AWS
// reports them in: the order of keys and lists does not count, nor whether a
// single value stands in a list (aws-facts G2), nor how an account is named
// as a principal (aws-facts C2). Texts that are not JSON are compared as they
// are.
func SamePolicy(a, b string) bool {
	return same(a, b, func(v any) any { return policy(v, "") })
}

// SameSchema reports whether two JSON schemas mean the same: the order of keys,
// of required properties and of enumerations does not count. Other lists are
// in order: the items of a tuple are.
func SameSchema(a, b string) bool {
	return same(a, b, func(v any) any { return schema(v, "") })
}

func same(a, b string, canonical func(any) any) bool {
	if a == b {
		return true
	}
	left, right := parse(a), parse(b)
	return left != nil && right != nil && reflect.DeepEqual(canonical(left), canonical(right))
}

// parse keeps numbers as they are written; nil is not JSON.
func parse(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || d.More() {
		return nil
	}
	return v
}

var accountRoot = regexp.MustCompile(`^arn:aws[a-z-]*:iam::([0-9]{12}):root$`)

// policy brings a policy, or what is under a key of it, into one form.
func policy(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		if aws, only := v["AWS"]; only && len(v) == 1 && isPrincipal(key) && policy(aws, "AWS") == "*" {
			return "*"
		}
		out := make(map[string]any, len(v))
		for k, value := range v {
			out[k] = policy(value, k)
		}
		return out
	case []any:
		// All lists in policies are sets.
		out := set(v, func(e any) any { return policy(e, key) })
		if len(out) == 1 {
			return out[0]
		}
		return out
	case string:
		if m := accountRoot.FindStringSubmatch(v); m != nil && key == "AWS" {
			return m[1]
		}
		return v
	case nil:
		return nil
	default: // numbers and truth values of conditions, which IAM takes as text too
		return fmt.Sprint(v)
	}
}

func isPrincipal(key string) bool { return key == "Principal" || key == "NotPrincipal" }

// schema brings a JSON schema, or what is under a key of it, into one form.
func schema(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, value := range v {
			out[k] = schema(value, k)
		}
		return out
	case []any:
		each := func(e any) any { return schema(e, "") }
		if key == "required" || key == "enum" {
			return set(v, each)
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = each(e)
		}
		return out
	default:
		return v
	}
}

// set returns the elements in one form, sorted and once each.
func set(list []any, each func(any) any) []any {
	text := func(v any) string {
		b, _ := json.Marshal(v) // what was JSON is JSON again
		return string(b)
	}
	out := make([]any, len(list))
	for i, e := range list {
		out[i] = each(e)
	}
	slices.SortFunc(out, func(a, b any) int { return strings.Compare(text(a), text(b)) })
	return slices.CompactFunc(out, func(a, b any) bool { return text(a) == text(b) })
}
