// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// testCase is one template with one set of data.
type testCase struct {
	Name     string          `json:"-"`
	Diff     string          `json:"-"` // why the results must differ
	Mode     string          `json:"mode"`
	Template string          `json:"template"`
	Data     json.RawMessage `json:"data"`
}

// section is a part of a corpus file.
type section struct {
	name string
	keys map[string]string
	text string
	line int
}

var (
	headerLine = regexp.MustCompile(`^-- (\S+)((?: [a-z]+=(?:"[^"]*"|\S+))*) --$`)
	headerKey  = regexp.MustCompile(`([a-z]+)=("[^"]*"|\S+)`)
)

// sections splits a corpus file.
func sections(file, src string) ([]section, error) {
	var all []section
	for i, line := range strings.Split(src, "\n") {
		if m := headerLine.FindStringSubmatch(line); m != nil {
			s := section{name: m[1], keys: map[string]string{}, line: i + 1}
			for _, k := range headerKey.FindAllStringSubmatch(m[2], -1) {
				s.keys[k[1]] = strings.Trim(k[2], `"`)
			}
			all = append(all, s)
			continue
		}
		if len(all) == 0 {
			if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
				continue
			}
			return nil, fmt.Errorf("%s:%d: text before the first section: start it with -- name --", file, i+1)
		}
		all[len(all)-1].text += line + "\n"
	}
	for i := range all {
		all[i].text = strings.TrimSuffix(all[i].text, "\n")
	}
	if n := len(all); n > 0 {
		all[n-1].text = strings.TrimSuffix(all[n-1].text, "\n")
	}
	return all, nil
}

// readCorpus reads the cases of a file, and the sets of data in it.
func readCorpus(path string) (cases []testCase, data []json.RawMessage, err error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	base := strings.TrimSuffix(filepath.Base(path), ".txt")
	parts, err := sections(path, string(src))
	if err != nil {
		return nil, nil, err
	}
	current := []json.RawMessage{[]byte("{}")}
	defaults := map[string]string{}
	for _, s := range parts {
		if s.name == "@data" {
			if current, err = dataSets(s.text); err != nil {
				return nil, nil, fmt.Errorf("%s:%d: %w", path, s.line, err)
			}
			data = append(data, current...)
			defaults = s.keys
			continue
		}
		c := testCase{Mode: "plain", Template: s.text, Name: base + "/" + s.name}
		for _, keys := range []map[string]string{defaults, s.keys} {
			for k, v := range keys {
				switch {
				case k == "mode":
					c.Mode = v
				case k == "diff":
					c.Diff = v
				case k == "escapes" && v == "on":
					c.Template = unescape(c.Template)
				default:
					return nil, nil, fmt.Errorf("%s:%d: unknown key %s=%s: see doc.go", path, s.line, k, v)
				}
			}
		}
		cases = append(cases, cross(c, current)...)
	}
	return cases, data, nil
}

// cross makes a case of each set of data.
func cross(c testCase, data []json.RawMessage) []testCase {
	var cases []testCase
	for i, d := range data {
		c.Data = d
		name := c.Name
		if len(data) > 1 {
			name += "#" + strconv.Itoa(i+1)
		}
		cases = append(cases, testCase{Name: name, Diff: c.Diff, Mode: c.Mode, Template: c.Template, Data: d})
	}
	return cases
}

func dataSets(text string) ([]json.RawMessage, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "[") {
		text = "[" + text + "]"
	}
	var sets []json.RawMessage
	if err := json.Unmarshal([]byte(text), &sets); err != nil {
		return nil, fmt.Errorf("the data is not JSON: %w", err)
	}
	return sets, nil
}

var escape = regexp.MustCompile(`\\(n|r|t|u[0-9a-fA-F]{4})`)

func unescape(s string) string {
	return escape.ReplaceAllStringFunc(s, func(m string) string {
		switch m[1] {
		case 'n':
			return "\n"
		case 'r':
			return "\r"
		case 't':
			return "\t"
		}
		n, _ := strconv.ParseUint(m[2:], 16, 16)
		return string(rune(n))
	})
}

// load reads the whole corpus: the files, and the shipped templates with the
// data of hostile.txt.
func load(dir, shipped string) ([]testCase, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, err
	}
	sort.Strings(files)
	var cases []testCase
	var hostile []json.RawMessage
	for _, f := range files {
		more, data, err := readCorpus(f)
		if err != nil {
			return nil, err
		}
		cases = append(cases, more...)
		if filepath.Base(f) == "hostile.txt" {
			hostile = data
		}
	}
	more, err := shippedCases(shipped, hostile)
	if err != nil {
		return nil, err
	}
	cases = append(cases, more...)
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.Name] {
			return nil, fmt.Errorf("two cases are named %s: rename one", c.Name)
		}
		seen[c.Name] = true
	}
	return cases, nil
}

// shippedCases are the operator's finished templates, each text once.
func shippedCases(dir string, data []json.RawMessage) ([]testCase, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.vtl.golden"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no finished mapping templates (*.vtl.golden) in %s", dir)
	}
	sort.Strings(files)
	var cases []testCase
	seen := map[string]bool{}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		if seen[string(src)] {
			continue
		}
		seen[string(src)] = true
		name, err := filepath.Rel(dir, f)
		if err != nil {
			return nil, err
		}
		c := testCase{Name: "shipped/" + strings.TrimSuffix(filepath.ToSlash(name), ".vtl.golden"), Mode: "aws", Template: string(src)}
		cases = append(cases, cross(c, data)...)
	}
	return cases, nil
}
