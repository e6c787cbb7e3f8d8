// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package render turns a spec and the facts about where it lives into the
// desired stack: table, role, REST API and stage, and the OpenAPI document
// that carries the API to AWS. It is a function: the same spec and facts give
// the same bytes, on any machine, without a network.
//
// The API's definition exists once, as stack.Definition in the form AWS
// reports it; the document is generated from it.
package render

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

// Render returns the stack that spec and facts ask for. Absent settings get
// the defaults of the CRD's schema, so that a spec that never met an API
// server renders the same. The error joins everything that is wrong with the
// input, each naming field, value and remedy; whoever gets one must not retry
// with the same input.
func Render(spec v1alpha1.CommentsAPISpec, facts stack.Facts) (stack.Desired, error) {
	whole, err := renderStack(withDefaults(spec), facts)
	if err != nil {
		return stack.Desired{}, err
	}
	document, err := OpenAPI(whole.API)
	if err != nil {
		return stack.Desired{}, err
	}
	sum := sha256.Sum256(document)
	return stack.Desired{Stack: whole, Document: document, DefinitionSHA256: hex.EncodeToString(sum[:])}, nil
}

// renderStack renders everything but the document, from a spec that has its
// defaults.
func renderStack(spec v1alpha1.CommentsAPISpec, facts stack.Facts) (stack.Stack, error) {
	if err := check(spec, facts); err != nil {
		return stack.Stack{}, err
	}
	api, err := restAPI(spec, facts)
	if err != nil {
		return stack.Stack{}, err
	}
	role, err := role(spec, facts)
	if err != nil {
		return stack.Stack{}, err
	}
	moderator, err := moderatorRole(spec, facts)
	if err != nil {
		return stack.Stack{}, err
	}
	return stack.Stack{
		Table:         table(spec, facts),
		Role:          role,
		ModeratorRole: moderator,
		API:           api,
		Stage:         stage(spec, facts),
		Key:           apiKey(spec, facts),
		UsagePlan:     usagePlan(spec, facts),
	}, nil
}

// arns names resources where the spec and the facts put them.
func arns(spec v1alpha1.CommentsAPISpec, facts stack.Facts) stack.ARN {
	return stack.ARN{Partition: facts.Partition, Region: spec.Region, AccountID: facts.AccountID}
}

// tags returns a fresh map of the user's tags, a note of which they are, and
// the claim; the claim wins.
func tags(spec v1alpha1.CommentsAPISpec, facts stack.Facts) map[string]string {
	all := make(map[string]string, len(spec.Tags)+6)
	for _, t := range spec.Tags {
		all[t.Key] = t.Value
	}
	if len(all) > 0 {
		all[stack.TagOwn] = stack.OwnTags(all)
	}
	for key, value := range facts.Claim.Tags() {
		all[key] = value
	}
	return all
}
