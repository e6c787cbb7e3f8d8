// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package openapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// object is a JSON object whose numbers are json.Number. Its accessors are
// lenient about types: what isn't there, or is of another type, is empty.
type object map[string]any

func (o object) object(key string) object {
	m, _ := o[key].(map[string]any)
	return m
}

func (o object) has(key string) bool { return o[key] != nil }

// text returns a string member; numbers and booleans count as their text,
// because AWS takes an integer statusCode (aws-facts B4).
func (o object) text(key string) string { return text(o[key]) }

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func (o object) bool(key string) bool {
	switch v := o[key].(type) {
	case bool:
		return v
	case string:
		return v == "true"
	}
	return false
}

func (o object) list(key string) []any {
	l, _ := o[key].([]any)
	return l
}

func (o object) texts(key string) []string {
	var out []string
	for _, v := range o.list(key) {
		out = append(out, text(v))
	}
	return out
}

// textMap returns an object of strings; nil when absent or empty.
func (o object) textMap(key string) map[string]string {
	m := o.object(key)
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = text(v)
	}
	return out
}

func (o object) keys() []string { return slices.Sorted(maps.Keys(o)) }

func (o object) int(key string) (int, bool) {
	n, err := strconv.Atoi(o.text(key))
	return n, err == nil
}

// encode writes v as compact JSON without escaping HTML characters.
func encode(v any) (string, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return string(bytes.TrimSpace(buf.Bytes())), nil
}

// encodeIndented writes v over several lines, the way schemas come back.
func encodeIndented(v any) (string, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return string(bytes.TrimSpace(buf.Bytes())), nil
}
