// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// recordedFile holds Velocity's results, so that the engine is held to them
// also where there is no Java. The long cases of hostile.txt and the shipped
// templates, whose text changes, are not in it.
const recordedFile = "testdata/recorded.jsonl"

// recorded is a line of the file.
type recorded struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Text string `json:"text,omitempty"` // the output; errors are not recorded
}

func isRecorded(c testCase) bool {
	return !strings.HasPrefix(c.Name, "hostile/") && !strings.HasPrefix(c.Name, "shipped/")
}

func writeRecorded(path string, cases []testCase, results []result) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for i, c := range cases {
		if !isRecorded(c) {
			continue
		}
		r := recorded{Name: c.Name, OK: results[i].OK}
		if r.OK {
			r.Text = results[i].Text
		}
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

func readRecorded(path string) (map[string]result, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	all := map[string]result{}
	for dec := json.NewDecoder(bytes.NewReader(src)); dec.More(); {
		var r recorded
		if err := dec.Decode(&r); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all[r.Name] = result{OK: r.OK, Text: r.Text}
	}
	return all, nil
}
