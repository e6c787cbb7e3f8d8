// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sbom holds what hack/release.sh makes to what it promises.
package sbom

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestARelease makes one for this machine's platform, of the last commit, and
// reads what came out. The script itself fails where the second build of a
// binary differs from the first.
func TestARelease(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	chart, err := os.ReadFile(filepath.Join(root, "config", "chart", "Chart.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`(?m)^appVersion: (v\S+)$`).FindSubmatch(chart)
	if match == nil {
		t.Fatal("config/chart/Chart.yaml has no appVersion")
	}
	version := string(match[1])
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dist := t.TempDir()
	platform := runtime.GOOS + "-" + runtime.GOARCH
	cmd := exec.CommandContext(t.Context(), filepath.Join(root, "hack", "release.sh"), version, "registry.example.com/commentsapi-operator:"+version)
	cmd.Env = append(os.Environ(), "RELEASE_UNCOMMITTED=1", "RELEASE_PLATFORMS="+runtime.GOOS+"/"+runtime.GOARCH,
		"RELEASE_OUT="+dist, "RELEASE_CACHE="+filepath.Join(cache, "commentsapi", "release"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}

	sums := checksums(t, dist)
	for _, name := range []string{"manager-" + platform, "commentsctl-" + platform} {
		program, _, _ := strings.Cut(name, "-")
		if program == "manager" && runtime.GOOS != "linux" {
			continue
		}
		out, err := exec.CommandContext(t.Context(), filepath.Join(dist, name), "--version").CombinedOutput()
		if err != nil || !strings.Contains(string(out), version) {
			t.Errorf("%s --version prints %q (%v); want %s in it", name, out, err, version)
		}
		listed(t, filepath.Join(dist, name))
		sums.want(t, name, name+".cdx.json")
	}
	sums.want(t, "install.yaml", "commentsapi-operator-"+strings.TrimPrefix(version, "v")+".tgz")
	for name := range sums {
		t.Errorf("SHA256SUMS names %s, which nobody expects", name)
	}
	installer, err := os.ReadFile(filepath.Join(dist, "install.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if image := []byte("image: registry.example.com/commentsapi-operator:" + version + "\n"); !bytes.Contains(installer, image) {
		t.Errorf("install.yaml has no %q", image)
	}
}

// listed fails where the bill of materials beside a binary leaves out a module
// that the linker put into it.
func listed(t *testing.T, binary string) {
	t.Helper()
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(binary + ".cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	var bill struct {
		BOMFormat  string
		Metadata   struct{ Component struct{ Name string } }
		Components []struct{ Name, Version, Purl string }
	}
	if err := json.Unmarshal(text, &bill); err != nil {
		t.Fatalf("%s.cdx.json: %v", filepath.Base(binary), err)
	}
	if bill.BOMFormat != "CycloneDX" || bill.Metadata.Component.Name != info.Main.Path {
		t.Errorf("%s.cdx.json is a %s of %s; want CycloneDX of %s", filepath.Base(binary), bill.BOMFormat, bill.Metadata.Component.Name, info.Main.Path)
	}
	named := map[string]bool{}
	for _, c := range bill.Components {
		named[c.Name+" "+c.Version] = strings.HasPrefix(c.Purl, "pkg:golang/")
	}
	if len(info.Deps) < 10 {
		t.Fatalf("only %d modules are in %s", len(info.Deps), filepath.Base(binary))
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		if !named[m.Path+" "+m.Version] {
			t.Errorf("%s.cdx.json doesn't name %s %s", filepath.Base(binary), m.Path, m.Version)
		}
	}
}

// sums are what SHA256SUMS says, by file.
type sums map[string]string

// checksums reads SHA256SUMS and holds every line to its file.
func checksums(t *testing.T, dist string) sums {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dist, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	out := sums{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok {
			t.Fatalf("SHA256SUMS has the line %q", lines.Text())
		}
		content, err := os.ReadFile(filepath.Join(dist, name))
		if err != nil {
			t.Fatal(err)
		}
		if is := sha256.Sum256(content); hex.EncodeToString(is[:]) != sum {
			t.Errorf("SHA256SUMS is wrong for %s", name)
		}
		out[name] = sum
	}
	return out
}

// want fails where a file has no checksum, and takes it off the list.
func (s sums) want(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if s[name] == "" {
			t.Errorf("SHA256SUMS doesn't name %s", name)
		}
		delete(s, name)
	}
}
