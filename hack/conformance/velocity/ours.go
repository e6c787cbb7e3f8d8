// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
	"github.com/commentsapi/operator/internal/localaws/velocity"
)

// ours runs a case with the engine of the local AWS.
func ours(c testCase) result {
	text, err := renderOurs(c)
	if err != nil {
		return result{Text: err.Error()}
	}
	return result{OK: true, Text: text}
}

func renderOurs(c testCase) (string, error) {
	doc, err := velocity.ParseJSON(string(c.Data))
	if err != nil {
		return "", fmt.Errorf("data: %w", err)
	}
	data, ok := doc.(*velocity.Map)
	if !ok {
		return "", fmt.Errorf("data must be an object")
	}
	if c.Mode == "aws" {
		return renderAWS(c, data)
	}
	t, err := velocity.Parse(c.Name, c.Template)
	if err != nil {
		return "", err
	}
	vars := map[string]any{}
	if m := child(data, "vars"); m != nil {
		for _, e := range m.Entries() {
			vars[e.Key.(string)] = e.Value
		}
	}
	return t.Render(vars, velocity.Options{})
}

func renderAWS(c testCase, data *velocity.Map) (string, error) {
	t, err := mapping.Compile(c.Template)
	if err != nil {
		return "", err
	}
	in := mapping.Input{
		Path: stringMap(data, "path"), Query: stringMap(data, "query"), Header: stringMap(data, "header"),
		StageVariables: stringMap(data, "stageVariables"), Context: map[string]any{},
	}
	if body, ok := data.Get("body"); ok {
		in.Body = []byte(body.(string))
	}
	if m := child(data, "context"); m != nil {
		for _, e := range m.Entries() {
			in.Context[e.Key.(string)] = e.Value
		}
	}
	out, err := mapping.Render(t, in)
	if err != nil {
		return "", err
	}
	return out.Body + describe(out), nil
}

func child(m *velocity.Map, key string) *velocity.Map {
	v, _ := m.Get(key)
	c, _ := v.(*velocity.Map)
	return c
}

func stringMap(m *velocity.Map, key string) map[string]string {
	out := map[string]string{}
	if c := child(m, key); c != nil {
		for _, e := range c.Entries() {
			out[e.Key.(string)] = e.Value.(string)
		}
	}
	return out
}

// describe lists the overrides as the oracle does.
func describe(o mapping.Output) string {
	var lines []string
	add := func(prefix string, m map[string]string) {
		for k, v := range m {
			lines = append(lines, prefix+k+"="+v)
		}
	}
	add("requestOverride.header.", o.RequestHeaders)
	add("requestOverride.path.", o.RequestPath)
	add("requestOverride.querystring.", o.RequestQuery)
	add("responseOverride.header.", o.ResponseHeaders)
	if o.ResponseStatus != 0 {
		lines = append(lines, "responseOverride.status="+strconv.Itoa(o.ResponseStatus))
	}
	sort.Strings(lines)
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("\n@" + l)
	}
	return b.String()
}

// encode is the case as a line for the oracle.
func (c testCase) encode() ([]byte, error) { return json.Marshal(c) }
