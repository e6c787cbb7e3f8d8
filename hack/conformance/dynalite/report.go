// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// report counts agreements and prints differences.
type report struct {
	known   *differences
	verbose bool

	compared, agreed int
	expected         []string
	reasons          map[string]int
	bad              int
}

// add compares the answers to one request.
func (r *report) add(name, op string, body []byte, ours, theirs answer) {
	a, b := r.normalise(op, ours), r.normalise(op, theirs)
	diff := cmp.Diff(b, a)
	reason := r.known.reason(name)
	if r.verbose {
		fmt.Printf("%s %s %s\n  ours   %d %s\n  theirs %d %s\n", name, op, shorten(body), ours.status, shorten(ours.body), theirs.status, shorten(theirs.body))
	}
	switch {
	case reason != "":
		r.expected = append(r.expected, name)
		r.reasons[reason]++
		if diff == "" {
			r.bad++
			fmt.Printf("%s: agrees, though differences.yaml lists it (%s); remove the entry\n", name, reason)
		}
	case diff == "":
		r.compared++
		r.agreed++
	default:
		r.compared++
		r.bad++
		fmt.Printf("%s: %s %s\n(-dynalite +local AWS)\n%s\n", name, op, shorten(body), diff)
	}
}

// summary prints the result. complete says that the whole corpus was
// replayed, so that known differences that were not met are stale.
func (r *report) summary(complete bool) bool {
	if complete {
		for _, d := range r.known.Steps {
			if !slices.Contains(r.expected, d.Step) {
				r.bad++
				fmt.Printf("differences.yaml lists %q, which is no request of the corpus\n", d.Step)
			}
		}
	}
	fmt.Printf("conformance: %d requests differ as expected, because\n", len(r.expected))
	for _, reason := range slices.Sorted(maps.Keys(r.reasons)) {
		fmt.Printf("  %3d x %s\n", r.reasons[reason], reason)
	}
	for _, m := range r.known.Members {
		fmt.Printf("conformance: %s is not compared: %s\n", m.Name, m.Reason)
	}
	for _, m := range r.known.Messages {
		fmt.Printf("conformance: texts are not compared where they match %s: %s\n", m.Pattern, m.Reason)
	}
	fmt.Printf("conformance: dynalite %d/%d\n", r.agreed, r.compared)
	return r.bad == 0
}

// essence is an answer without what may differ.
type essence struct {
	Status int
	Code   string
	Body   any
}

func (r *report) normalise(op string, a answer) essence {
	c := essence{Status: a.status}
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	var body any
	if err := d.Decode(&body); err != nil {
		c.Body = string(a.body)
		return c
	}
	if m, ok := body.(map[string]any); ok {
		if kind, ok := m["__type"].(string); ok {
			c.Code = kind
			delete(m, "__type")
			for _, k := range []string{"message", "Message"} {
				if text, ok := m[k].(string); ok {
					m[k] = r.message(text)
				}
			}
		}
	}
	c.Body = r.clean(op, body, "")
	return c
}

// message cuts the parts of a text that are known to differ, and sorts what
// AWS reports in no defined order.
func (r *report) message(text string) string {
	for _, m := range r.known.Messages {
		text = m.re.ReplaceAllString(text, "...")
	}
	if head, list, ok := strings.Cut(text, " detected: "); ok {
		errors := strings.Split(list, "; ")
		slices.Sort(errors)
		text = head + " detected: " + strings.Join(errors, "; ")
	}
	return text
}

// unordered are the lists whose order means nothing.
var unordered = map[string]bool{
	"AttributeDefinitions": true, "GlobalSecondaryIndexes": true, "LocalSecondaryIndexes": true, "NonKeyAttributes": true,
	"SS": true, "NS": true, "BS": true, "ConsumedCapacity": true, "Tags": true,
}

func (r *report) clean(op string, v any, name string) any {
	switch v := v.(type) {
	case map[string]any:
		for _, m := range r.known.Members {
			delete(v, m.Name)
		}
		for k, e := range v {
			v[k] = r.clean(op, e, k)
			if n, ok := e.(json.Number); ok && strings.HasSuffix(k, "DateTime") {
				v[k] = "a time (" + fmt.Sprint(n != "0") + ")"
			}
		}
		return v
	case []any:
		for i, e := range v {
			v[i] = r.clean(op, e, name)
		}
		if unordered[name] || name == "Items" && op == "Scan" || op == "BatchGetItem" {
			slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		return v
	}
	return v
}

func shorten(b []byte) string {
	s := string(b)
	if len(s) > 600 {
		s = s[:600] + "..."
	}
	return s
}
