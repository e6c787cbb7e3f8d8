// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// build compiles a runner into dir; with a fault, the faulty file is an
// overlay.
func build(ctx context.Context, root, dir, runner string, f *fault) (binary string, err error) {
	binary = filepath.Join(dir, "runner")
	args := []string{"build", "-ldflags=-s -w", "-o", binary}
	if f != nil {
		overlay, err := writeOverlay(root, dir, *f)
		if err != nil {
			return "", err
		}
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "./hack/conformance/"+runner)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", runner, err, out)
	}
	return binary, nil
}

// writeOverlay writes the faulty file and the JSON that go build -overlay
// takes, and returns the latter's path.
func writeOverlay(root, dir string, f fault) (string, error) {
	text, err := f.apply(root)
	if err != nil {
		return "", err
	}
	original, err := filepath.Abs(filepath.Join(root, f.path()))
	if err != nil {
		return "", err
	}
	faulty := filepath.Join(dir, "faulty.go")
	if err := os.WriteFile(faulty, []byte(text), 0o600); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: faulty}})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, overlay, 0o600)
}
