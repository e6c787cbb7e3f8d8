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
	requireKubectl(t)
	env := environment(t, Kubeconfig(t))
	return func(ctx context.Context, stdin string, args ...string) (string, error) {
		return run(ctx, env, "", stdin, "kubectl", args...)
	}
}

// Shell runs commands of the docs in a directory, with kubectl leading to the
// server of the kubeconfig; it stops at the first that fails. Where there is no
// kubectl the test is skipped.
func Shell(ctx context.Context, t testing.TB, kubeconfig []byte, dir, commands string) (string, error) {
	t.Helper()
	requireKubectl(t)
	return run(ctx, environment(t, kubeconfig), dir, commands, "sh", "-eux", "-s")
}

func requireKubectl(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("kubectl"); err == nil {
		return
	}
	if os.Getenv(RequireKubectl) != "" {
		t.Fatalf("kubectl is not installed and %s is set", RequireKubectl)
	}
	t.Skip("kubectl is not installed; this test runs the commands of the docs with it")
}

func environment(t testing.TB, kubeconfig []byte) []string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "kubeconfig")
	if err := os.WriteFile(path, kubeconfig, 0o600); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "KUBECONFIG="+path, "HOME="+dir)
}

func run(ctx context.Context, env []string, dir, stdin, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Dir, cmd.Stdin = env, dir, strings.NewReader(stdin)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}
