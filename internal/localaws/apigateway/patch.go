// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// patchOp is one operation of an Update call; values are always text
// (aws-facts D2).
type patchOp struct {
	Op    string  `json:"op"`
	Path  string  `json:"path"`
	Value *string `json:"value"`
	From  string  `json:"from"`
}

func (o *patchOp) text() string {
	if o.Value == nil {
		return ""
	}
	return *o.Value
}

func (o *patchOp) bool() bool { return strings.EqualFold(o.text(), "true") }

// number parses the value as an integer within bounds.
func (o *patchOp) number(lowest, highest int) (int, error) {
	n, err := strconv.Atoi(o.text())
	if err != nil || n < lowest || n > highest {
		return 0, badRequest("Invalid value '%s' for %s: use a whole number from %d to %d", o.text(), o.Path, lowest, highest)
	}
	return n, nil
}

// patches decodes the patch operations of an Update call. Unknown ops are a
// ValidationException that counts them all.
func (q *request) patches() ([]patchOp, error) {
	var in struct {
		PatchOperations []patchOp `json:"patchOperations"`
	}
	if err := q.input(&in); err != nil {
		return nil, err
	}
	var v validation
	for i, op := range in.PatchOperations {
		at := fmt.Sprintf("%sInput.patchOperations.%d.member.op", lowerFirst(q.op), i+1)
		v.enum(op.Op, at, "add", "remove", "move", "test", "replace", "copy")
	}
	return in.PatchOperations, v.err()
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// replacesOnly refuses every op but replace, and every path but those given,
// with the texts AWS uses for resources, models and validators.
func (o *patchOp) replacesOnly(paths ...string) error {
	if o.Op != "replace" {
		return badRequest("Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", o.Path, o.Op)
	}
	if !slices.Contains(paths, o.Path) {
		return badRequest("Invalid patch path  '%s' specified for op '%s'. Must be one of: [%s]", o.Path, o.Op, strings.Join(paths, ", "))
	}
	return nil
}

// replaces refuses every op but replace, with the text AWS uses for APIs and
// methods.
func (o *patchOp) replaces() error {
	if o.Op != "replace" {
		return badRequest("Invalid patch operation specified. Must be one of: [replace]")
	}
	return nil
}

// under splits a path of the form prefix/{key} and unescapes the key.
func (o *patchOp) under(prefix string) (key string, ok bool) {
	rest, ok := strings.CutPrefix(o.Path, prefix+"/")
	if !ok || rest == "" || strings.Contains(rest, "/") {
		return "", false
	}
	return unescapePointer(rest), true
}

// unescapePointer undoes the escapes of JSON Pointer: ~1 is / and ~0 is ~.
func unescapePointer(s string) string { return strings.NewReplacer("~1", "/", "~0", "~").Replace(s) }

func errPatchPath(path string) error {
	if path == "" {
		path = "null"
	}
	return badRequest("Invalid patch path %s", path)
}
