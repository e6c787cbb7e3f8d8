// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"slices"
	"strconv"

	"github.com/commentsapi/operator/internal/stack"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// diffAPI plans the REST API itself and what PutRestApi can't change: tags and
// the endpoint type (aws-facts B2). Clients notice neither: the endpoint is
// turned off by a deployment only (aws-facts D1).
func diffAPI(want stack.API, observed stack.Observed) []Step {
	var steps []Step
	for _, d := range observed.DuplicateAPIs {
		if d.Stages == 0 {
			steps = append(steps, Step{Op: DeleteDuplicateAPI, Resource: RestAPI, Target: d.ID,
				Changes: []Change{{Resource: RestAPI, Action: Delete, Field: "duplicate", From: d.ID}}})
		}
	}
	have := observed.API
	if have == nil {
		return append(steps, Step{Op: CreateAPI, Resource: RestAPI, Serving: true,
			Changes: []Change{{Resource: RestAPI, Action: Create, To: want.Name}}})
	}
	tags := differ{resource: RestAPI}
	tags.tags(have.Tags, want.Tags)
	if len(tags.changes) > 0 {
		steps = append(steps, Step{Op: TagAPI, Resource: RestAPI, Changes: tags.changes})
	}
	own := differ{resource: RestAPI}
	own.text("endpointType", have.EndpointType, want.EndpointType)
	own.boolean("defaultEndpointDisabled", have.DefaultEndpointDisabled, want.DefaultEndpointDisabled)
	if len(own.changes) > 0 {
		steps = append(steps, Step{Op: UpdateAPI, Resource: RestAPI, Changes: own.changes})
	}
	return steps
}

// WorkingCopyAsDesired reports whether the working copy of an API that was read
// completely is as desired, so that it may be deployed.
func WorkingCopyAsDesired(want stack.API, have *stack.ObservedAPI) bool {
	return len(workingCopy(want, have, stack.AllParts)) == 0
}

// workingCopy compares everything that PutRestApi in overwrite mode sets.
func workingCopy(want stack.API, have *stack.ObservedAPI, parts stack.Parts) []Change {
	d := differ{resource: RestAPI}
	d.text("name", have.Name, want.Name)
	d.text("description", have.Description, want.Description)
	d.text("keySource", have.KeySource, want.KeySource)
	d.set("binaryMediaTypes", have.BinaryMediaTypes, want.BinaryMediaTypes)
	d.number("minimumCompressionSize", int64(have.MinimumCompressionSize), int64(want.MinimumCompressionSize))
	d.document("policy", have.Policy, want.Policy)
	diffDefinitionOf(&d, want.Definition, have.Definition, parts)
	return d.changes
}

func diffDefinitionOf(d *differ, want, have stack.Definition, parts stack.Parts) {
	d.set("paths", have.Paths, want.Paths)
	for _, key := range union(have.Methods, want.Methods) {
		old, had := have.Methods[key]
		wanted, needed := want.Methods[key]
		field := "methods." + key
		switch {
		case !had:
			d.add(Create, field, "", key)
		case !needed:
			d.add(Delete, field, key, "")
		default:
			diffMethod(d, field, old, wanted)
		}
	}
	if parts.Has(stack.PartModels) {
		table(d, "models", have.Models, want.Models, func(a, b stack.Model) bool {
			return a.ContentType == b.ContentType && SameSchema(a.Schema, b.Schema)
		}, func(m stack.Model) string { return m.Schema })
	}
	if parts.Has(stack.PartValidators) {
		table(d, "validators", have.Validators, want.Validators, func(a, b stack.Validator) bool { return a == b },
			func(v stack.Validator) string {
				return "body " + strconv.FormatBool(v.Body) + ", parameters " + strconv.FormatBool(v.Parameters)
			})
	}
	if parts.Has(stack.PartGatewayResponses) {
		for _, key := range union(have.GatewayResponses, want.GatewayResponses) {
			old, had := have.GatewayResponses[key]
			wanted, needed := want.GatewayResponses[key]
			field := "gatewayResponses." + key
			if presence(d, field, had, needed) {
				d.text(field+".statusCode", old.StatusCode, wanted.StatusCode)
				d.strings(field+".parameters", old.Parameters, wanted.Parameters)
				d.strings(field+".templates", old.Templates, wanted.Templates)
			}
		}
	}
}

func diffMethod(d *differ, field string, have, want stack.Method) {
	d.text(field+".authorization", have.Authorization, want.Authorization)
	d.boolean(field+".apiKeyRequired", have.APIKeyRequired, want.APIKeyRequired)
	d.text(field+".validator", have.Validator, want.Validator)
	d.text(field+".operationName", have.OperationName, want.OperationName)
	table(d, field+".requestParameters", have.RequestParameters, want.RequestParameters, sameBool, strconv.FormatBool)
	d.strings(field+".requestModels", have.RequestModels, want.RequestModels)
	for _, status := range union(have.Responses, want.Responses) {
		old, had := have.Responses[status]
		wanted, needed := want.Responses[status]
		name := field + ".responses." + status
		if presence(d, name, had, needed) {
			table(d, name+".parameters", old.Parameters, wanted.Parameters, sameBool, strconv.FormatBool)
			d.strings(name+".models", old.Models, wanted.Models)
		}
	}
	diffIntegration(d, field+".integration", have.Integration, want.Integration)
}

func diffIntegration(d *differ, field string, have, want stack.Integration) {
	d.text(field+".type", have.Type, want.Type)
	d.text(field+".httpMethod", have.HTTPMethod, want.HTTPMethod)
	d.text(field+".uri", have.URI, want.URI)
	d.text(field+".credentials", have.Credentials, want.Credentials)
	d.text(field+".passthrough", have.Passthrough, want.Passthrough)
	d.text(field+".contentHandling", have.ContentHandling, want.ContentHandling)
	d.number(field+".timeoutMillis", int64(have.TimeoutMillis), int64(want.TimeoutMillis))
	d.set(field+".cacheKeyParameters", have.CacheKeyParameters, want.CacheKeyParameters)
	d.strings(field+".requestParameters", have.RequestParameters, want.RequestParameters)
	d.strings(field+".requestTemplates", have.RequestTemplates, want.RequestTemplates)
	for _, status := range union(have.Responses, want.Responses) {
		old, had := have.Responses[status]
		wanted, needed := want.Responses[status]
		name := field + ".responses." + status
		if presence(d, name, had, needed) {
			d.text(name+".selectionPattern", old.SelectionPattern, wanted.SelectionPattern)
			d.text(name+".contentHandling", old.ContentHandling, wanted.ContentHandling)
			d.strings(name+".parameters", old.Parameters, wanted.Parameters)
			d.strings(name+".templates", old.Templates, wanted.Templates)
		}
	}
}

// presence records an entry that is on one side only, and reports whether it
// is on both.
func presence(d *differ, field string, had, needed bool) bool {
	switch {
	case had && needed:
		return true
	case needed:
		d.add(Create, field, "", "")
	case had:
		d.add(Delete, field, "", "")
	}
	return false
}

func sameBool(a, b bool) bool { return a == b }

// union returns the keys of both maps, sorted.
func union[V any](a, b map[string]V) []string {
	keys := sorted(a)
	for key := range b {
		if _, ok := a[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
