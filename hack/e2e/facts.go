// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// fact is something that AWS's documentation leaves open, and that one run
// against an account can settle. Nothing in the operator relies on any.
type fact struct {
	// point is where the collection of open points has it (aws-facts K).
	point, name string
	// look returns what was seen, in words.
	look func(context.Context) (string, error)
}

// openPoints are all that are looked at; docs/e2e-aws.md lists them.
func (w *world) openPoints(l *lab) []fact {
	return slices.Concat(l.templateFacts(), l.patternFacts(), l.definitionFacts(), l.stageFacts(), w.tableFacts(), l.roleFacts())
}

// observeFacts looks at all of them and writes them down. What one call
// answers is an observation, even a refusal; it never fails the run.
func (w *world) observeFacts(ctx context.Context) error {
	w.say("looking at what the documentation leaves open")
	lab, err := w.newLab(ctx)
	if err != nil {
		return err
	}
	seen := map[string]string{}
	for _, f := range w.openPoints(lab) {
		text, err := f.look(ctx)
		if err != nil {
			text = "refused: " + answer(err)
		}
		text = strings.ReplaceAll(text, lab.id, "{apiId}")
		seen[f.name] = text
		w.say("%s: %s", f.name, text)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if w.facts == "" {
		return nil
	}
	text, err := json.MarshalIndent(seen, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(w.facts, append(text, '\n'), 0o644)
}

// answer is how a call ended, without the request's id: that differs from run
// to run.
func answer(err error) string {
	var refusal smithy.APIError
	switch {
	case err == nil:
		return "accepted"
	case errors.As(err, &refusal):
		return refusal.ErrorCode() + ": " + refusal.ErrorMessage()
	}
	return err.Error()
}
