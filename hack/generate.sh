#!/bin/sh
# Copyright The CommentsAPI Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Writes the generated files below the given directory: "." for the work tree,
# another one to compare with.
set -eu

to=${1:?usage: hack/generate.sh DIRECTORY}
to=$(CDPATH='' cd -- "$to" && pwd)
cd "$(dirname -- "$0")/.."

mkdir -p "$to/api/v1alpha1" "$to/config/crd" "$to/config/rbac" "$to/config/chart/files"
go tool controller-gen \
	object:headerFile=hack/boilerplate.go.txt crd:maxDescLen=1024 paths=./api/... \
	output:object:dir="$to/api/v1alpha1" output:crd:dir="$to/config/crd"

# Both name the same account; the chart has its own role template, which its
# tests hold to this one.
go tool controller-gen rbac:roleName=commentsapi-operator paths=./controllers/... paths=./cmd/manager/... \
	output:rbac:dir="$to/config/rbac"

# Helm packs no files from outside a chart, and Flux follows no links.
cp "$to/config/crd/commentsapi.io_commentsapis.yaml" "$to/config/chart/files/crd.yaml"
cp config/prometheus/rules.yaml config/grafana/dashboard.json "$to/config/chart/files/"

mkdir -p "$to/docs"
go run ./hack/reference "$to/config/crd/commentsapi.io_commentsapis.yaml" api/v1alpha1/conditions.go >"$to/docs/reference.md"
