// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command build-installer writes one file with everything that has to be
// applied to install the operator.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/commentsapi/operator/hack/install"
)

func main() {
	dir := flag.String("dir", "config/default", "kustomization to build")
	image := flag.String("image", "", "the operator's image, NAME:TAG or NAME@DIGEST (default: as the kustomization says)")
	out := flag.String("out", "dist/install.yaml", "file to write")
	flag.Parse()
	if err := build(*dir, *image, *out); err != nil {
		fmt.Fprintln(os.Stderr, "build-installer:", err)
		os.Exit(1)
	}
}

func build(dir, image, out string) error {
	text, err := install.Kustomize(dir, image)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	return os.WriteFile(out, text, 0o644)
}
