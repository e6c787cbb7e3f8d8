// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package dockerfile_test holds the Dockerfile to BuildKit's own parser and
// linter, and to the source that it builds. Nothing is built: that takes a
// container engine.
package dockerfile_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

const root = "../.."

// stages are what BuildKit makes of the Dockerfile; a warning of its linter
// fails the test.
func stages(t *testing.T) []instructions.Stage {
	t.Helper()
	f, err := os.Open(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	parsed, err := parser.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range parsed.Warnings {
		t.Errorf("%s %v", w.Short, w.Location)
	}
	lint := linter.New(&linter.Config{Warn: func(rule, _, url, message string, at []parser.Range) {
		t.Errorf("%s: %s %v, see %s", rule, message, at, url)
	}})
	all, _, err := instructions.Parse(parsed.AST, lint)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 {
		t.Fatalf("%d stages, want one that builds and one that runs", len(all))
	}
	return all
}

// one is the only command of its kind in a stage.
func one[C any](t *testing.T, s instructions.Stage) C {
	t.Helper()
	var found []C
	for _, c := range s.Commands {
		if c, ok := c.(C); ok {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		t.Fatalf("stage %q has %d commands %T, want one", s.BaseName, len(found), *new(C))
	}
	return found[0]
}

// All that the program imports is copied into the stage that builds it.
func TestTheBuildHasItsSource(t *testing.T) {
	var copied []string
	for _, c := range stages(t)[0].Commands {
		if c, ok := c.(*instructions.CopyCommand); ok {
			copied = append(copied, c.SourcePaths...)
		}
	}
	for _, path := range copied {
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Errorf("COPY %s: %v", path, err)
		}
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.Dir}}{{end}}{{end}}", "./cmd/manager")
	list.Dir, list.Env = root, append(os.Environ(), "GOWORK=off", "GOOS=linux")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	if len(packages) < 8 {
		t.Fatalf("the manager has the packages %q only", packages)
	}
	for _, dir := range packages {
		path, err := filepath.Rel(here, dir)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, c := range copied {
			found = found || path == c || strings.HasPrefix(path, c+"/")
		}
		if !found {
			t.Errorf("the manager needs %s, which is not copied", path)
		}
	}
}

// Caches are shared by all builds of a machine; none is in somebody's home.
func TestCachesAreNobodysHome(t *testing.T) {
	mounts := 0
	for _, c := range stages(t)[0].Commands {
		run, ok := c.(*instructions.RunCommand)
		if !ok {
			continue
		}
		if err := run.Expand(func(word string) (string, error) { return word, nil }); err != nil {
			t.Fatal(err)
		}
		for _, m := range instructions.GetMounts(run) {
			mounts++
			if m.Type != instructions.MountTypeCache || !strings.HasPrefix(m.Target, "/cache/") {
				t.Errorf("a mount of type %s at %s, want caches below /cache", m.Type, m.Target)
			}
		}
	}
	if mounts == 0 {
		t.Error("no cache is mounted")
	}
}

// What the manifests ask of the pod, the image has.
func TestTheImageRunsWithoutRights(t *testing.T) {
	run := stages(t)[1]
	if user := one[*instructions.UserCommand](t, run).User; user != "65532:65532" {
		t.Errorf("USER %s: by number, so that Kubernetes sees that it isn't root", user)
	}
	if e := one[*instructions.EntrypointCommand](t, run); e.PrependShell || len(e.CmdLine) != 1 {
		t.Errorf("ENTRYPOINT %q needs a shell, and the image has none", e.CmdLine)
	}
	if c := one[*instructions.CopyCommand](t, run); c.From != "build" || c.DestPath != one[*instructions.EntrypointCommand](t, run).CmdLine[0] {
		t.Errorf("COPY --from=%s %s", c.From, c.DestPath)
	}
}

// Building for another platform is a cross-compilation, by the Go that the
// module asks for.
func TestTheBuildRunsOnTheBuildersPlatform(t *testing.T) {
	build := stages(t)[0]
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, version, _ := strings.Cut(string(text), "\ngo ")
	version, _, _ = strings.Cut(version, "\n")
	minor := strings.Join(strings.Split(version, ".")[:2], ".")
	if build.Platform != "$BUILDPLATFORM" || !strings.HasPrefix(build.BaseName, "golang:"+minor) {
		t.Errorf("FROM --platform=%s %s, want $BUILDPLATFORM and golang:%s", build.Platform, build.BaseName, minor)
	}
}
