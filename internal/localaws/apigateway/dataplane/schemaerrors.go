// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// describe collects the leaves of a validation error. The wording is that of
// the Java validator whose texts show in $context.error.validationErrorString;
// only its general shape may be relied on.
func describe(e *jsonschema.ValidationError, found []string) []string {
	if len(e.Causes) == 0 {
		return append(found, describeOne(e))
	}
	for _, cause := range e.Causes {
		found = describe(cause, found)
	}
	return found
}

func describeOne(e *jsonschema.ValidationError) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return "object has missing required properties (" + quotedList(k.Missing) + ")"
	case *kind.AdditionalProperties:
		return "object instance has properties which are not allowed by the schema: " + quotedList(k.Properties)
	case *kind.Type:
		return fmt.Sprintf("instance type (%s) does not match any allowed primitive type (allowed: %s)", k.Got, quotedList(k.Want))
	case *kind.MinLength:
		return fmt.Sprintf("string is too short (length: %d, required minimum: %d)", k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("string is too long (length: %d, maximum allowed: %d)", k.Got, k.Want)
	case *kind.Pattern:
		return fmt.Sprintf("ECMA 262 regex %q does not match input string %s", k.Want, quoteJSON(k.Got))
	case *kind.Enum:
		return fmt.Sprintf("instance value (%s) not found in enum (possible values: %s)", asJSON(k.Got), asJSON(k.Want))
	case *kind.Minimum:
		return fmt.Sprintf("numeric instance is lower than the required minimum (minimum: %s, found: %s)", number(k.Want), number(k.Got))
	case *kind.Maximum:
		return fmt.Sprintf("numeric instance is greater than the required maximum (maximum: %s, found: %s)", number(k.Want), number(k.Got))
	}
	return "instance does not satisfy " + quoteJSON(strings.Join(e.ErrorKind.KeywordPath(), "/"))
}

// quotedList is a sorted JSON array without spaces.
func quotedList(names []string) string {
	names = slices.Sorted(slices.Values(names))
	for i, n := range names {
		names[i] = quoteJSON(n)
	}
	return "[" + strings.Join(names, ",") + "]"
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(10), "0")
}
