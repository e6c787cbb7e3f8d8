// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/commentsapi/operator/internal/stack"
)

// documentVersion becomes the API's version, which nothing else uses.
const documentVersion = "1"

// OpenAPI is the document that makes PutRestApi, in mode overwrite, turn an
// API into the given one (aws-facts B). Everything that an overwrite would
// otherwise reset is in it (aws-facts B2); tags and the endpoint type can't be.
// It is deterministic: sorted keys, indented, LF, ASCII only. An error means
// that the API can't be carried by a document.
func OpenAPI(api stack.API) ([]byte, error) {
	paths, err := pathItems(api.Definition)
	if err != nil {
		return nil, err
	}
	doc := object{
		"openapi": "3.0.1",
		"info":    object{"title": api.Name, "version": documentVersion},
		"paths":   paths,
	}
	if api.Description != "" {
		// An empty description is refused (aws-facts A4).
		doc["info"].(object)["description"] = api.Description
	}
	if err := apiAttributes(doc, api); err != nil {
		return nil, err
	}
	if err := components(doc, api.Definition); err != nil {
		return nil, err
	}
	return encode(doc)
}

// apiKeyScheme names the security scheme of methods that require an API key.
const apiKeyScheme = "apiKey"

// object is a JSON object; encoding/json sorts its keys.
type object = map[string]any

// apiAttributes adds the API's own attributes, those that aren't defaults.
func apiAttributes(doc object, api stack.API) error {
	if api.KeySource != "" {
		doc["x-amazon-apigateway-api-key-source"] = api.KeySource
	}
	if len(api.BinaryMediaTypes) > 0 {
		doc["x-amazon-apigateway-binary-media-types"] = slices.Sorted(slices.Values(api.BinaryMediaTypes))
	}
	if api.MinimumCompressionSize >= 0 {
		doc["x-amazon-apigateway-minimum-compression-size"] = api.MinimumCompressionSize
	}
	if api.Policy != "" {
		policy, err := parseJSON(api.Policy)
		if err != nil {
			return fmt.Errorf("the API's resource policy is not JSON: %w", err)
		}
		doc["x-amazon-apigateway-policy"] = policy
	}
	if api.DefaultEndpointDisabled {
		doc["servers"] = []any{object{
			"url": "/",
			"x-amazon-apigateway-endpoint-configuration": object{"disableExecuteApiEndpoint": true},
		}}
	}
	return nil
}

// components adds models, validators and gateway responses.
func components(doc object, def stack.Definition) error {
	parts := object{}
	schemas := object{}
	for _, name := range sortedKeys(def.Models) {
		if def.Models[name].ContentType != contentJSON {
			return fmt.Errorf("model %s is of content type %q: a document carries models of %s only", name, def.Models[name].ContentType, contentJSON)
		}
		schema, err := parseJSON(def.Models[name].Schema)
		if err != nil {
			return fmt.Errorf("the schema of model %s is not JSON: %w", name, err)
		}
		schemas[name] = schema
	}
	putMap(parts, "schemas", schemas)
	for _, m := range def.Methods {
		if m.APIKeyRequired {
			parts["securitySchemes"] = object{apiKeyScheme: object{"type": "apiKey", "name": "x-api-key", "in": "header"}}
		}
	}
	putMap(doc, "components", parts)
	validators := object{}
	for name, v := range def.Validators {
		validators[name] = object{"validateRequestBody": v.Body, "validateRequestParameters": v.Parameters}
	}
	putMap(doc, "x-amazon-apigateway-request-validators", validators)
	responses := object{}
	for kind, r := range def.GatewayResponses {
		response := object{}
		put(response, "statusCode", r.StatusCode)
		putMap(response, "responseParameters", r.Parameters)
		putMap(response, "responseTemplates", r.Templates)
		responses[kind] = response
	}
	putMap(doc, "x-amazon-apigateway-gateway-responses", responses)
	return nil
}

func put(o object, key, value string) {
	if value != "" {
		o[key] = value
	}
}

func putMap[V any](o object, key string, value map[string]V) {
	if len(value) > 0 {
		o[key] = value
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// parseJSON keeps numbers as they are written.
func parseJSON(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("there is more than one value")
	}
	return value, nil
}

// importVariable begins what AWS substitutes in documents on import (aws-facts
// B2); what is sent would not be what is stored.
const importVariable = "${AWS::"

// encode writes the document. Every check makes it, for its hash, so that it
// is written into memory of the right size.
func encode(doc object) ([]byte, error) {
	var compact bytes.Buffer
	e := json.NewEncoder(&compact)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		return nil, fmt.Errorf("encode the OpenAPI document: %w", err)
	}
	if i := bytes.Index(compact.Bytes(), []byte(importVariable)); i >= 0 {
		return nil, fmt.Errorf("the OpenAPI document holds %q at byte %d: AWS would replace it on import; take it out", importVariable, i)
	}
	var indented bytes.Buffer
	indented.Grow(2 * compact.Len())
	if err := json.Indent(&indented, escaped(compact.Bytes()), "", "  "); err != nil {
		return nil, fmt.Errorf("indent the OpenAPI document: %w", err)
	}
	return indented.Bytes(), nil
}

// escaped writes characters beyond ASCII as JSON's escapes, since AWS's
// fidelity for them is not known (aws-facts C2).
func escaped(text []byte) []byte {
	plain := bytes.IndexFunc(text, func(r rune) bool { return r >= 0x80 })
	if plain < 0 {
		return text
	}
	ascii := bytes.NewBuffer(text[:plain:plain])
	for _, r := range string(text[plain:]) {
		switch {
		case r < 0x80:
			ascii.WriteByte(byte(r))
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(ascii, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(ascii, `\u%04x`, r)
		}
	}
	return ascii.Bytes()
}
