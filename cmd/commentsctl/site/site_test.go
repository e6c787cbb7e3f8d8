// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const api = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"

// maxComponent is what the component may weigh on the wire, in bytes.
const maxComponent = 5000

func TestTheComponentIsSmall(t *testing.T) {
	files, err := Files(api)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(files[Component]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d bytes, %d gzipped", Component, len(files[Component]), packed.Len())
	if packed.Len() > maxComponent {
		t.Errorf("%s is %d bytes gzipped, at most %d are promised; make it shorter", Component, packed.Len(), maxComponent)
	}
}

// What puts text into a document as HTML, runs text, or is kept beyond the page.
var forbidden = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTMLUnsafe|parseHTML|DOMParser|eval\(|new Function|\.cookie|sessionStorage|indexedDB|import\(|@import|createHTML`)

func TestTheComponentMakesNoHTMLFromText(t *testing.T) {
	files, err := Files(api)
	if err != nil {
		t.Fatal(err)
	}
	if found := forbidden.FindAll(files[Component], -1); found != nil {
		t.Errorf("%s contains %q", Component, found)
	}
}

var inline = regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script[^>]*>[^<]|javascript:`)

func TestPagesHaveNothingInlineAndNameTheAPI(t *testing.T) {
	files, err := Files(api + "/")
	if err != nil {
		t.Fatal(err)
	}
	sections := 0
	for name, text := range files {
		if filepath.Ext(name) != ".html" {
			continue
		}
		if found := inline.FindAll(text, -1); found != nil {
			t.Errorf("%s has something inline, which the policy forbids: %q", name, found)
		}
		sections += strings.Count(string(text), `<page-comments api="`+api+`" page-id="`)
	}
	if sections < 2 {
		t.Errorf("%d comments sections name the API, want one under each of at least two articles", sections)
	}
}

func TestHandler(t *testing.T) {
	h, err := Handler(api)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path string
		status       int
		kind         string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/hello-world.html", 200, "text/html; charset=utf-8"},
		{"HEAD", "/page-comments.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/site.css", 200, "text/css; charset=utf-8"},
		{"GET", "/icon.svg", 200, "image/svg+xml"},
		{"GET", "/nothing", 404, "text/plain; charset=utf-8"},
		{"GET", "/../site.go", 404, "text/plain; charset=utf-8"},
		{"POST", "/", 405, "text/plain; charset=utf-8"},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(c.method, "/", nil)
		r.URL.Path = c.path
		h.ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("Content-Type") != c.kind {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, w.Code, w.Header().Get("Content-Type"), c.status, c.kind)
		}
		policy := w.Header().Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'", "trusted-types 'none'",
			"connect-src https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com;"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s %s: the policy %q lacks %q", c.method, c.path, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: headers %v", c.method, c.path, w.Header())
		}
	}
}

func TestOnlyURLsOfAPIsAreTaken(t *testing.T) {
	for _, url := range []string{"", "/prod", "example.com/prod", "javascript:alert(1)", "https:///prod", "https://u:p@example.com/prod", "https://example.com/prod?x=1", "https://example.com/prod#x", "https://exa mple.com"} {
		if _, err := Handler(url); err == nil || !strings.Contains(err.Error(), "status.invokeURL") {
			t.Errorf("%q: error %v; want one that says where the URL is found", url, err)
		}
	}
}

func TestExport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "site")
	names, err := Export(dir, api, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 5 {
		t.Errorf("only %q were written", names)
	}
	page := filepath.Join(dir, "hello-world.html")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(api)) {
		t.Errorf("%s does not name the API", page)
	}
	if _, err := Export(dir, api, false); err != nil {
		t.Errorf("writing the same again: %v", err)
	}

	edited := []byte("edited")
	if err := os.WriteFile(page, edited, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Export(dir, api, false); err == nil || !strings.Contains(err.Error(), "hello-world.html") || !strings.Contains(err.Error(), "--force") {
		t.Errorf("an edited file: error %v; want one that names it and --force", err)
	}
	if text, _ := os.ReadFile(page); !bytes.Equal(text, edited) {
		t.Error("the edited file was overwritten")
	}
	if _, err := Export(dir, api, true); err != nil {
		t.Error(err)
	}
	if text, _ := os.ReadFile(page); bytes.Equal(text, edited) {
		t.Error("--force did not overwrite the edited file")
	}
}

func TestTheOriginIsKnownBeforeTheAPI(t *testing.T) {
	s, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	status := func() int {
		t.Helper()
		answer, err := http.Get(s.Origin() + "/")
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	if got := status(); got != http.StatusServiceUnavailable {
		t.Errorf("without an API: %d, want 503", got)
	}
	if err := s.Serve(api); err != nil {
		t.Fatal(err)
	}
	if got := status(); got != http.StatusOK {
		t.Errorf("with an API: %d, want 200", got)
	}
	if err := s.Close(context.Background()); err != nil {
		t.Errorf("close: %v", err)
	}
	if answer, err := http.Get(s.Origin()); err == nil {
		_ = answer.Body.Close()
		t.Error("it still answers after Close")
	}
}

func TestCommandNeedsAnAPIOrADirectory(t *testing.T) {
	cmd := Command()
	cmd.SetArgs(nil)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), "--api") || !strings.Contains(err.Error(), "--export") {
		t.Errorf("error %v; want one that names --api and --export", err)
	}

	var out bytes.Buffer
	cmd = Command()
	cmd.SetArgs([]string{"--export", t.TempDir()})
	cmd.SetOut(&out)
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{Component + "\n", "replace " + PlaceholderAPI, "Content-Security-Policy: default-src 'none'"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("what is printed lacks %q:\n%s", part, out.String())
		}
	}
}
