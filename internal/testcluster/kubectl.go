// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package testcluster

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// RequireKubectl is the variable that makes tests fail where kubectl is
// missing, instead of being skipped: CI sets it.
const RequireKubectl = "REQUIRE_KUBECTL"

// Kubectl returns a function that runs the machine's own kubectl against the
// server with all rights; its result is what was printed on both outputs. A
// test that needs it is skipped where there is no kubectl: people must be able
// to run the tests with Go alone.
func Kubectl(t testing.TB) func(ctx context.Context, stdin string, args ...string) (string, error) {
	t.Helper()
	program, err := exec.LookPath("kubectl")
	if err != nil {
		if os.Getenv(RequireKubectl) != "" {
			t.Fatalf("kubectl is not installed and %s is set", RequireKubectl)
		}
		t.Skip("kubectl is not installed; this test runs the commands of the docs with it")
	}
	dir := t.TempDir()
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := os.WriteFile(kubeconfig, Kubeconfig(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, stdin string, args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "HOME="+dir)
		cmd.Stdin = strings.NewReader(stdin)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		err := cmd.Run()
		return out.String(), err
	}
}
