// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package inspect shows what the operator would do: what a manifest asks for
// (render) and how AWS differs from it (plan).
package inspect

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/config"
)

// readManifest reads the CommentsAPI objects of a file, "-" for standard input,
// and treats them as the API server would: unknown fields are refused, defaults
// filled in, the schema's rules checked. Documents of other kinds are skipped.
func readManifest(ctx context.Context, file string, stdin io.Reader) ([]*v1alpha1.CommentsAPI, error) {
	data, err := readFile(file, stdin)
	if err != nil {
		return nil, err
	}
	schema, err := loadSchema()
	if err != nil {
		return nil, fmt.Errorf("loading the CommentsAPI schema: %w", err)
	}
	var found []*v1alpha1.CommentsAPI
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		obj, err := schema.read(ctx, document)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if obj != nil {
			found = append(found, obj)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: there is no object of kind CommentsAPI (apiVersion %s) in it", file, v1alpha1.GroupVersion)
	}
	return found, nil
}

func readFile(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(file)
}

// schema is the CRD's, ready to default and validate.
type schema struct {
	structural *structuralschema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

func loadSchema() (*schema, error) {
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(config.CRD, &crd); err != nil {
		return nil, err
	}
	internal := &apiextensions.CustomResourceDefinition{}
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&crd, internal, nil); err != nil {
		return nil, err
	}
	properties := internal.Spec.Versions[0].Schema
	if properties == nil {
		properties = internal.Spec.Validation
	}
	structural, err := structuralschema.NewStructural(properties.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	validator, _, err := validation.NewSchemaValidator(properties.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	return &schema{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit)}, nil
}

// read returns the object of a document; nil for another kind.
func (s *schema) read(ctx context.Context, document []byte) (*v1alpha1.CommentsAPI, error) {
	var raw map[string]any
	if err := yaml.Unmarshal(document, &raw); err != nil {
		return nil, err
	}
	if raw["kind"] != "CommentsAPI" || raw["apiVersion"] != v1alpha1.GroupVersion.String() {
		return nil, nil
	}
	defaulting.Default(raw, s.structural)
	var root *field.Path
	problems := validation.ValidateCustomResource(root, raw, s.validator)
	rules, _ := s.rules.Validate(ctx, root, s.structural, raw, nil, celconfig.RuntimeCELCostBudget)
	if problems = append(problems, rules...); len(problems) > 0 {
		lines := make([]string, len(problems))
		for i, problem := range problems {
			lines[i] = problem.Error()
		}
		return nil, errors.New(strings.Join(lines, "\n"))
	}
	b, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	obj := &v1alpha1.CommentsAPI{}
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(obj); err != nil {
		return nil, err
	}
	if obj.Name == "" {
		return nil, errors.New("metadata.name is missing: the role and the API are named by it")
	}
	return obj, nil
}
