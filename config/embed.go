// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package config holds the manifests that are installed in clusters, so that
// commands and tests install exactly the files people apply.
package config

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// CRD is the CustomResourceDefinition of CommentsAPI, as YAML; generated from
// api/v1alpha1.
//
//go:embed crd/commentsapi.io_commentsapis.yaml
var CRD []byte

// Sample is the CommentsAPI that the README starts with, as YAML.
//
//go:embed samples/blog.yaml
var Sample []byte

//go:embed rbac/*.yaml manager/*.yaml
var files embed.FS

// The account that the operator runs as.
const (
	Namespace      = "commentsapi-system"
	ServiceAccount = "commentsapi-operator"
)

// Installation returns the objects of config/manager and config/rbac,
// namespaces first. It fails only when a file is not YAML.
func Installation() ([]*unstructured.Unstructured, error) {
	var namespaces, rest []*unstructured.Unstructured
	for _, dir := range []string{"manager", "rbac"} {
		entries, err := fs.ReadDir(files, dir)
		if err != nil {
			return nil, fmt.Errorf("config/%s: %w", dir, err)
		}
		for _, entry := range entries {
			if entry.Name() == "kustomization.yaml" {
				continue
			}
			objects, err := read(path.Join(dir, entry.Name()))
			if err != nil {
				return nil, err
			}
			for _, obj := range objects {
				if obj.GetKind() == "Namespace" {
					namespaces = append(namespaces, obj)
				} else {
					rest = append(rest, obj)
				}
			}
		}
	}
	return append(namespaces, rest...), nil
}

// read returns the objects of one file.
func read(name string) ([]*unstructured.Unstructured, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("config/%s: %w", name, err)
	}
	var objects []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), len(text))
	for {
		obj := &unstructured.Unstructured{}
		err := decoder.Decode(&obj.Object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("config/%s: %w", name, err)
		}
		if len(obj.Object) > 0 { // a comment alone makes an empty document
			objects = append(objects, obj)
		}
	}
}
