// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

//go:embed corpus
var corpus embed.FS

// scenario is a sequence of requests with tables of its own.
type scenario struct {
	Name string `json:"name"`
	// Tables are fixtures from tables.yaml, made before the first step. In
	// steps, $name stands for the name of the fixture's table.
	Tables []string `json:"tables"`
	Steps  []step   `json:"steps"`
}

// step is one request: {Operation: body}. If the operation is "raw", the body
// is {op, text} and text is sent as it is.
type step map[string]json.RawMessage

// difference is something dynalite is known to do differently from AWS.
type difference struct {
	// Step is scenario/number, counted from 1.
	Step   string `json:"step"`
	Reason string `json:"reason"`
}

// differences is the content of differences.yaml.
type differences struct {
	// Steps differ as a whole.
	Steps []difference `json:"steps"`
	// Members are left out of both bodies before they are compared.
	Members []struct {
		Name   string `json:"name"`
		Reason string `json:"reason"`
	} `json:"members"`
	// Messages are patterns that are cut from both messages.
	Messages []struct {
		Pattern string `json:"pattern"`
		Reason  string `json:"reason"`
		re      *regexp.Regexp
	} `json:"messages"`
}

func (d *differences) reason(step string) string {
	for _, s := range d.Steps {
		if s.Step == step {
			return s.Reason
		}
	}
	return ""
}

// load reads the corpus and the known differences.
func load(match *regexp.Regexp) ([]scenario, *differences, error) {
	files, err := fs.Glob(corpus, "corpus/*.yaml")
	if err != nil {
		return nil, nil, err
	}
	known := &differences{}
	if err := read("corpus/differences.yaml", known); err != nil {
		return nil, nil, err
	}
	for i := range known.Messages {
		m := &known.Messages[i]
		if m.re, err = regexp.Compile(m.Pattern); err != nil {
			return nil, nil, fmt.Errorf("differences.yaml: message pattern %q: %w", m.Pattern, err)
		}
	}
	fixtures := map[string]json.RawMessage{}
	if err := read("corpus/tables.yaml", &fixtures); err != nil {
		return nil, nil, err
	}
	var out []scenario
	seen := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f, "/differences.yaml") || strings.HasSuffix(f, "/tables.yaml") {
			continue
		}
		var list []scenario
		if err := read(f, &list); err != nil {
			return nil, nil, err
		}
		for _, s := range list {
			if seen[s.Name] {
				return nil, nil, fmt.Errorf("%s: two scenarios are called %q", f, s.Name)
			}
			seen[s.Name] = true
			if err := s.expand(fixtures, len(seen)); err != nil {
				return nil, nil, fmt.Errorf("%s: scenario %q: %w", f, s.Name, err)
			}
			if match.MatchString(s.Name) {
				out = append(out, s)
			}
		}
	}
	return out, known, nil
}

func read(name string, into any) error {
	b, err := corpus.ReadFile(name)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalStrict(b, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

var repeatPattern = regexp.MustCompile(`\$repeat\((\d+)\)`)

// expand puts the creation of the fixtures before the steps, gives the tables
// names of their own, and writes out $repeat(n), a text of n bytes.
func (s *scenario) expand(fixtures map[string]json.RawMessage, number int) error {
	var setup []step
	var pairs []string
	for _, f := range s.Tables {
		body, ok := fixtures[f]
		if !ok {
			return fmt.Errorf("no table %q in tables.yaml", f)
		}
		setup = append(setup, step{"CreateTable": body})
		pairs = append(pairs, "$"+f, "s"+strconv.Itoa(number)+"-"+f)
	}
	// The longest name first, so that $hash doesn't eat the start of $hashrange.
	order := make([]int, len(s.Tables))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return len(s.Tables[b]) - len(s.Tables[a]) })
	var sorted []string
	for _, i := range order {
		sorted = append(sorted, pairs[2*i], pairs[2*i+1])
	}
	names := strings.NewReplacer(sorted...)
	s.Steps = append(setup, s.Steps...)
	for i, st := range s.Steps {
		if len(st) != 1 {
			return fmt.Errorf("step %d: want exactly one operation, have %d", i+1, len(st))
		}
		for op, body := range st {
			text := names.Replace(string(body))
			text = repeatPattern.ReplaceAllStringFunc(text, func(m string) string {
				n, _ := strconv.Atoi(repeatPattern.FindStringSubmatch(m)[1])
				return strings.Repeat("x", n)
			})
			s.Steps[i] = step{op: json.RawMessage(text)}
		}
	}
	return nil
}
