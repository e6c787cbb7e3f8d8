// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// bodySchema is a model's JSON schema (draft 4), compiled.
type bodySchema struct{ schema *jsonschema.Schema }

// modelURL is how models refer to each other (aws-facts C2).
func modelURL(apiID, name string) string {
	return "https://apigateway.amazonaws.com/restapis/" + apiID + "/models/" + name
}

// compileModel compiles a model with all the models it may refer to.
func compileModel(s *model.Snapshot, name string) (*bodySchema, error) {
	if s.Models[name] == nil {
		return nil, fmt.Errorf("model %q does not exist", name)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.UseLoader(noLoader{})
	c.UseRegexpEngine(compileECMA)
	for n, m := range s.Models {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(m.Schema))
		if err != nil {
			if n == name {
				return nil, fmt.Errorf("schema of model %q is no JSON: %w", n, err)
			}
			continue
		}
		if err := c.AddResource(modelURL(s.API.ID, n), doc); err != nil {
			return nil, fmt.Errorf("model %q: %w", n, err)
		}
	}
	schema, err := c.Compile(modelURL(s.API.ID, name))
	if err != nil {
		return nil, fmt.Errorf("schema of model %q: %w", name, err)
	}
	return &bodySchema{schema}, nil
}

// noLoader refuses references out of the API: nothing here fetches.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s is no model of this API", url)
}

// unicodeEscape is ECMA 262's \uXXXX, which Go's regexp spells \x{XXXX}.
var unicodeEscape = regexp.MustCompile(`(\\\\)|\\u([0-9A-Fa-f]{4})`)

func compileECMA(pattern string) (jsonschema.Regexp, error) {
	translated := unicodeEscape.ReplaceAllStringFunc(pattern, func(found string) string {
		if found == `\\` {
			return found
		}
		return `\x{` + found[2:] + `}`
	})
	re, err := regexp.Compile(translated)
	if err != nil {
		return nil, err
	}
	return ecmaPattern{re, pattern}, nil
}

// ecmaPattern reports the pattern as its author wrote it.
type ecmaPattern struct {
	*regexp.Regexp
	source string
}

func (p ecmaPattern) String() string { return p.source }

// validate returns what is wrong with a body, in the wording of AWS's
// validator; nothing when it is valid. An empty body never is.
func (s *bodySchema) validate(body []byte) []string {
	if len(bytes.TrimSpace(body)) == 0 {
		return []string{"null request body"}
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return []string{"Unable to parse the request body as JSON: " + err.Error()}
	}
	err = s.schema.Validate(doc)
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return []string{err.Error()}
	}
	return describe(invalid, nil)
}
