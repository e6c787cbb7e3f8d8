// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package openapi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

const schemaPrefix = "#/components/schemas/"

var modelName = regexp.MustCompile(`^[a-zA-Z0-9]+$`)

// ValidModelName reports whether the name is alphanumeric (aws-facts B3).
func ValidModelName(name string) bool { return modelName.MatchString(name) }

// schemas turns components.schemas into models.
func (p *parser) schemas() {
	all := p.root.object("components").object("schemas")
	for _, name := range all.keys() {
		if !ValidModelName(name) {
			p.errorf("Unable to create model for '%s': Model name must be alphanumeric: %s", name, name)
			continue
		}
		p.model(name, all.object(name))
	}
}

func (p *parser) model(name string, schema object) {
	p.references(name, map[string]any(schema))
	encoded, err := encodeIndented(map[string]any(schema))
	if err != nil || len(schema) == 0 {
		p.errorf("Unable to create model for '%s': Model schema must have at least 1 property or array items defined", name)
		return
	}
	p.def.Models[name] = &model.Model{
		Name: name, ContentType: "application/json", Schema: encoded,
	}
}

// references checks that every reference inside a schema names a schema of
// the document.
func (p *parser) references(name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			target, local := strings.CutPrefix(ref, schemaPrefix)
			if !local || !p.root.object("components").object("schemas").has(target) {
				p.errorf("Unable to create model for '%s': Invalid model reference specified: %s", name, ref)
			}
		}
		for _, member := range v {
			p.references(name, member)
		}
	case []any:
		for _, member := range v {
			p.references(name, member)
		}
	}
}

// contentModels maps the content types of a request body or a response to
// models. A schema written in place becomes a model of its own, with a
// generated name.
func (p *parser) contentModels(at, of string, o object) map[string]string {
	content := o.object("content")
	out := map[string]string{}
	for _, contentType := range content.keys() {
		schema := content.object(contentType).object("schema")
		if schema == nil {
			continue
		}
		if ref := schema.text("$ref"); ref != "" {
			name, local := strings.CutPrefix(ref, schemaPrefix)
			if !local || !p.root.object("components").object("schemas").has(name) {
				p.warnf("Parse issue: attribute %s of the %s of '%s' is missing", ref, of, at)
				continue
			}
			out[contentType] = name
			continue
		}
		encoded, err := encode(map[string]any(schema))
		if err != nil {
			continue
		}
		sum := sha256.Sum256([]byte(encoded))
		name := "MODEL" + hex.EncodeToString(sum[:3])
		p.model(name, schema)
		out[contentType] = name
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// RewriteReferences replaces references to #/components/schemas/ in a schema
// by the URLs that API Gateway stores (aws-facts C2).
func RewriteReferences(schema, apiID string) string {
	return rewrite(schema, schemaPrefix, "https://apigateway.amazonaws.com/restapis/"+apiID+"/models/")
}

// localReferences is the inverse of RewriteReferences.
func localReferences(schema, apiID string) string {
	return rewrite(schema, "https://apigateway.amazonaws.com/restapis/"+apiID+"/models/", schemaPrefix)
}

func rewrite(schema, from, to string) string {
	dec := json.NewDecoder(strings.NewReader(schema))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil || !rewriteIn(v, from, to) {
		return schema
	}
	out, err := encodeIndented(v)
	if err != nil {
		return schema
	}
	return out
}

func rewriteIn(v any, from, to string) bool {
	changed := false
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			if name, found := strings.CutPrefix(ref, from); found {
				v["$ref"] = to + name
				changed = true
			}
		}
		for _, member := range v {
			changed = rewriteIn(member, from, to) || changed
		}
	case []any:
		for _, member := range v {
			changed = rewriteIn(member, from, to) || changed
		}
	}
	return changed
}
