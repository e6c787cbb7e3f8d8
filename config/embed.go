// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package config holds the manifests that are installed in clusters, so that
// commands and tests install exactly the files people apply.
package config

import _ "embed"

// CRD is the CustomResourceDefinition of CommentsAPI, as YAML; generated from
// api/v1alpha1.
//
//go:embed crd/commentsapi.io_commentsapis.yaml
var CRD []byte

// Sample is the CommentsAPI that the README starts with, as YAML.
//
//go:embed samples/blog.yaml
var Sample []byte
