// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command reference prints docs/reference.md: every field of CommentsAPI with
// its type, default and rules, from the CRD; and every reason, condition and
// annotation with its meaning, from the constants of api/v1alpha1.
//
// Usage: reference CRD-FILE CONSTANTS-FILE
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: reference CRD-FILE CONSTANTS-FILE")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(text, crd); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	constants, err := readConstants(args[1])
	if err != nil {
		return err
	}
	page := &strings.Builder{}
	version := crd.Spec.Versions[0]
	fmt.Fprintf(page, preface, crd.Spec.Group, version.Name, crd.Spec.Names.Kind)
	root := version.Schema.OpenAPIV3Schema
	for _, part := range []string{"spec", "status"} {
		schema, ok := root.Properties[part]
		if !ok {
			return fmt.Errorf("%s has no %s", args[0], part)
		}
		if bare := undescribed(part, schema); len(bare) > 0 {
			return fmt.Errorf("fields without a description: %s", strings.Join(bare, ", "))
		}
		writeObject(page, part, schema)
	}
	writeConstants(page, constants)
	_, err = io.WriteString(out, strings.TrimRight(page.String(), "\n")+"\n")
	return err
}

const preface = `# Reference

<!-- Written by make generate; don't edit. -->

apiVersion: ` + "`%s/%s`" + `, kind: ` + "`%s`" + `. ` + "`kubectl explain commentsapi.spec`" + ` says the same.
A field is optional unless its rules say required; without it the default holds.
`

// writeObject writes a table of an object's fields, then the objects in them.
func writeObject(page *strings.Builder, path string, schema apiextensionsv1.JSONSchemaProps) {
	fmt.Fprintf(page, "\n## %s\n\n", path)
	if schema.Description != "" {
		fmt.Fprintf(page, "%s\n\n", oneLine(schema.Description))
	}
	for _, rule := range schema.XValidations {
		fmt.Fprintf(page, "- %s.\n", oneLine(rule.Message))
	}
	if len(schema.XValidations) > 0 {
		page.WriteString("\n")
	}
	page.WriteString("| field | type | default | rules | meaning |\n|---|---|---|---|---|\n")
	var nested []string
	for _, name := range names(schema.Properties) {
		field := schema.Properties[name]
		rules := rulesOf(field)
		if slices.Contains(schema.Required, name) {
			rules = append([]string{"required"}, rules...)
		}
		fmt.Fprintf(page, "| `%s` | %s | %s | %s | %s |\n", name, typeOf(field), defaultOf(field), cell(strings.Join(rules, "; ")), cell(oneLine(field.Description)))
		if len(inner(field).Properties) > 0 && name != "conditions" {
			nested = append(nested, name)
		}
	}
	for _, name := range nested {
		field := schema.Properties[name]
		into := path + "." + name
		if field.Type == "array" {
			into += "[]"
		}
		object := inner(field)
		object.Description = "" // told above
		writeObject(page, into, object)
	}
}

// undescribed lists fields that say nothing about themselves.
func undescribed(path string, schema apiextensionsv1.JSONSchemaProps) []string {
	var bare []string
	for _, name := range names(schema.Properties) {
		field := schema.Properties[name]
		if field.Description == "" {
			bare = append(bare, path+"."+name)
		}
		bare = append(bare, undescribed(path+"."+name, inner(field))...)
	}
	return bare
}

// inner is the object in a field, also in a list of objects.
func inner(field apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps {
	if field.Items != nil && field.Items.Schema != nil {
		return *field.Items.Schema
	}
	return field
}

// names puts what is required and what is plain before what is nested, each in
// alphabetical order, as a person would read it.
func names(properties map[string]apiextensionsv1.JSONSchemaProps) []string {
	var all []string
	for name := range properties {
		all = append(all, name)
	}
	slices.Sort(all)
	slices.SortStableFunc(all, func(a, b string) int {
		return nesting(properties[a]) - nesting(properties[b])
	})
	return all
}

func nesting(field apiextensionsv1.JSONSchemaProps) int {
	if len(inner(field).Properties) > 0 {
		return 1
	}
	return 0
}

func typeOf(field apiextensionsv1.JSONSchemaProps) string {
	switch {
	case field.Type == "array" && len(inner(field).Properties) > 0:
		return "list of objects"
	case field.Type == "array":
		return "list of " + inner(field).Type + "s"
	case field.Format == "date-time":
		return "time"
	default:
		return field.Type
	}
}

func defaultOf(field apiextensionsv1.JSONSchemaProps) string {
	if field.Default == nil || string(field.Default.Raw) == "{}" {
		return ""
	}
	return "`" + strings.Trim(string(field.Default.Raw), `"`) + "`"
}

// rulesOf says in words what the schema asks of a value.
func rulesOf(field apiextensionsv1.JSONSchemaProps) []string {
	var rules []string
	var choices []string
	for _, choice := range field.Enum {
		choices = append(choices, "`"+strings.Trim(string(choice.Raw), `"`)+"`")
	}
	if len(choices) > 0 {
		rules = append(rules, strings.Join(choices, ", "))
	}
	bounds := func(what string, least, most *int64) {
		switch {
		case least != nil && most != nil:
			rules = append(rules, fmt.Sprintf("%d to %d%s", *least, *most, what))
		case most != nil:
			rules = append(rules, fmt.Sprintf("at most %d%s", *most, what))
		case least != nil:
			rules = append(rules, fmt.Sprintf("at least %d%s", *least, what))
		}
	}
	bounds("", whole(field.Minimum), whole(field.Maximum))
	bounds(" characters", field.MinLength, field.MaxLength)
	bounds(" items", field.MinItems, field.MaxItems)
	if field.Pattern != "" {
		rules = append(rules, "matches `"+field.Pattern+"`")
	}
	if len(field.Properties) == 0 { // an object's own stand above its table
		for _, rule := range field.XValidations {
			rules = append(rules, rule.Message)
		}
	}
	if field.Items != nil && field.Items.Schema != nil && len(inner(field).Properties) == 0 {
		for _, rule := range rulesOf(*field.Items.Schema) {
			rules = append(rules, "each: "+rule)
		}
	}
	return rules
}

func whole(f *float64) *int64 {
	if f == nil {
		return nil
	}
	return new(int64(*f))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func sentence(text string) string {
	text = strings.TrimSuffix(oneLine(text), ".")
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// cell keeps a text from ending the cell of its table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
