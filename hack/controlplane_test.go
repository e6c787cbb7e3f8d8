// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package hack_test tests the scripts that people start with.
package hack_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fakeGo takes the place of the go command: it notes each call, refuses the
// download, and "builds" executables unless it is told to fail.
const fakeGo = `#!/bin/sh
echo "$*" >>"$FAKE_GO_CALLS"
case $1 in
run) [ -n "$FAKE_GO_DOWNLOADS" ] || { echo "unable to fetch: no route to host" >&2; exit 2; }
	while [ "$1" != --bin-dir ]; do shift; done
	mkdir -p "$2/k8s/x" && touch "$2/k8s/x/etcd" "$2/k8s/x/kube-apiserver"
	chmod +x "$2/k8s/x"/* && chmod a-w "$2/k8s/x" && printf %s "$2/k8s/x" ;;
build) [ -z "$FAKE_GO_FAILS" ] || { echo "undefined: everything" >&2; exit 1; }
	while [ "$1" != -o ]; do shift; done
	touch "$2" && chmod +x "$2" ;;
esac
`

// bench is a machine without etcd and kube-apiserver.
type bench struct {
	t          *testing.T
	dir, cache string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte(fakeGo), 0o700); err != nil {
		t.Fatal(err)
	}
	return &bench{t: t, dir: dir, cache: filepath.Join(dir, "cache", "commentsapi", "control-plane")}
}

// run runs the script; code is its exit status.
func (b *bench) run(env ...string) (stdout, stderr string, code int) {
	cmd := exec.Command("sh", "control-plane.sh")
	cmd.Env = append([]string{"PATH=" + b.dir + ":" + os.Getenv("PATH"), "HOME=" + b.dir,
		"XDG_CACHE_HOME=" + filepath.Join(b.dir, "cache"), "FAKE_GO_CALLS=" + filepath.Join(b.dir, "calls")}, env...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		b.t.Errorf("run the script: %v", err)
	}
	return out.String(), said.String(), cmd.ProcessState.ExitCode()
}

// calls counts the calls of go that begin with a word.
func (b *bench) calls(word string) int {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, "calls"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		b.t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, word+" ") {
			n++
		}
	}
	return n
}

// holds checks that the script printed a directory with both servers, and
// nothing else.
func (b *bench) holds(stdout string) {
	b.t.Helper()
	dir, ok := strings.CutSuffix(stdout, "\n")
	for _, name := range []string{"etcd", "kube-apiserver"} {
		if info, err := os.Stat(filepath.Join(dir, name)); !ok || err != nil || info.Mode()&0o111 == 0 {
			b.t.Errorf("printed %q, which is not a directory with an executable %s", stdout, name)
		}
	}
}

// tidy checks that the cache holds nothing half done.
func (b *bench) tidy() {
	b.t.Helper()
	entries, err := os.ReadDir(b.cache)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") || strings.HasSuffix(entry.Name(), ".lock") {
			b.t.Errorf("%s was left in the cache", entry.Name())
		}
	}
}

func TestControlPlaneIsBuiltOnceWhereItCannotBeDownloaded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stdout, stderr, code := b.run()
	if code != 0 {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	b.holds(stdout)
	b.tidy()
	for _, words := range []string{"no route to host", "building etcd", "building kube-apiserver"} {
		if !strings.Contains(stderr, words) {
			t.Errorf("a person isn't told %q: %s", words, stderr)
		}
	}
	again, stderr, _ := b.run()
	if again != stdout || stderr != "" || b.calls("build") != 2 {
		t.Errorf("the second run printed %q and %q after %d builds; want the same directory, no words, 2 builds", again, stderr, b.calls("build"))
	}
}

func TestControlPlaneIsDownloadedWherePossible(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stdout, stderr, code := b.run("FAKE_GO_DOWNLOADS=1")
	if code != 0 || b.calls("build") != 0 {
		t.Fatalf("exit status %d, %d builds: %s", code, b.calls("build"), stderr)
	}
	b.holds(stdout)
	b.tidy()
}

func TestControlPlaneIsPreparedByOneOfManyCallers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			stdout, stderr, code := b.run("COMMENTSAPI_CONTROL_PLANE=build")
			if code != 0 {
				t.Errorf("exit status %d: %s", code, stderr)
			}
			b.holds(stdout)
		})
	}
	callers.Wait()
	b.tidy()
	if n := b.calls("build"); n != 2 {
		t.Errorf("%d builds, want one each of etcd and kube-apiserver", n)
	}
}

func TestControlPlaneFailsWithTheCompilersWords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stdout, stderr, code := b.run("COMMENTSAPI_CONTROL_PLANE=build", "FAKE_GO_FAILS=1")
	if code != 1 || stdout != "" || !strings.Contains(stderr, "undefined: everything") {
		t.Errorf("exit status %d, printed %q and %q; want 1, nothing, and the compiler's words", code, stdout, stderr)
	}
	b.tidy()
	if stdout, stderr, code = b.run("COMMENTSAPI_CONTROL_PLANE=build"); code != 0 {
		t.Fatalf("a later run fails too: %s", stderr)
	}
	b.holds(stdout)
}

func TestControlPlaneForgetsTheLockOfADeadRun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	stdout, _, _ := b.run("COMMENTSAPI_CONTROL_PLANE=build")
	assets := strings.TrimSpace(stdout)
	if err := os.RemoveAll(assets); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(assets+".lock", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(assets+".lock", "pid"), []byte(strconv.Itoa(dead.Process.Pid)), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := b.run("COMMENTSAPI_CONTROL_PLANE=build")
	if code != 0 {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	b.holds(stdout)
	b.tidy()
}

func TestControlPlaneUsesWhatItIsGiven(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	given := t.TempDir()
	_, stderr, code := b.run("KUBEBUILDER_ASSETS=" + given)
	if code != 1 || !strings.Contains(stderr, "KUBEBUILDER_ASSETS="+given+" holds no executable etcd and kube-apiserver") {
		t.Errorf("exit status %d, %q; want 1 and what is wrong with the directory", code, stderr)
	}
	for _, name := range []string{"etcd", "kube-apiserver"} {
		if err := os.WriteFile(filepath.Join(given, name), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	stdout, stderr, code := b.run("KUBEBUILDER_ASSETS=" + given)
	if code != 0 || stdout != given+"\n" || stderr != "" {
		t.Errorf("exit status %d, printed %q and %q; want the directory alone", code, stdout, stderr)
	}
	if n := b.calls("run") + b.calls("build"); n != 0 {
		t.Errorf("%d downloads and builds, want none", n)
	}
}
