// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package install turns config/ into what people install, and holds the ways
// of installing to one another: kustomize, the Helm chart and the one file of
// a release. It is a module of its own, so that Helm's and kustomize's
// libraries stay out of the operator's.
package install
