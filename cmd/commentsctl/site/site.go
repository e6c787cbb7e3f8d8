// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package site holds the comments section for websites, the web component
// <page-comments>, with a sample site around it, and serves both.
package site

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
)

//go:embed assets
var embedded embed.FS

// Component is the file that a website needs; the others are the sample's.
const Component = "page-comments.js"

// PlaceholderAPI stands in exported pages when no API is named.
const PlaceholderAPI = "https://API-ID.execute-api.REGION.amazonaws.com/STAGE"

// types are fixed, since a host's table of types may lack some.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
}

// Files are the site's files by name, with the API's URL in the pages. The
// error says why the URL can't be one of an API.
func Files(api string) (map[string][]byte, error) {
	api = strings.TrimRight(api, "/")
	if _, err := origin(api); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(embedded, "assets")
	if err != nil {
		return nil, fmt.Errorf("list the site's files: %w", err)
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		name := entry.Name()
		text, err := embedded.ReadFile("assets/" + name)
		if err != nil {
			return nil, fmt.Errorf("read the site's file %s: %w", name, err)
		}
		if path.Ext(name) == ".html" {
			if text, err = fill(name, text, api); err != nil {
				return nil, err
			}
		}
		files[name] = text
	}
	return files, nil
}

// fill puts the API's URL into a page.
func fill(name string, text []byte, api string) ([]byte, error) {
	page, err := template.New(name).Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("parse the page %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, struct{ API string }{api}); err != nil {
		return nil, fmt.Errorf("fill the page %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// origin returns the origin of an API's URL.
func origin(api string) (string, error) {
	u, err := url.Parse(api)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("%q is not the URL of an API; take status.invokeURL of the object, like %s", api, PlaceholderAPI)
	}
	return u.Scheme + "://" + u.Host, nil
}

// Policy is the Content-Security-Policy that the site is served under. Nothing
// but its own files and the API may be reached, no style or script is inline,
// and no text can become HTML.
func Policy(api string) (string, error) {
	o, err := origin(api)
	if err != nil {
		return "", err
	}
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src " + o,
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'", "trusted-types 'none'",
	}, "; "), nil
}

// Handler serves the site for the API at a URL.
func Handler(api string) (http.Handler, error) {
	files, err := Files(api)
	if err != nil {
		return nil, err
	}
	policy, err := Policy(api)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" {
			name = "index.html"
		}
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-cache")
		text, ok := files[name]
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			header.Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		case !ok:
			http.Error(w, "no such page", http.StatusNotFound)
		default:
			header.Set("Content-Type", types[path.Ext(name)])
			_, _ = w.Write(text) // the client is gone
		}
	}), nil
}

// Export writes the site's files into a directory, which is made if it isn't
// there. Files that are there already and differ are an error, unless force is
// set: they may be edited ones.
func Export(dir, api string, force bool) ([]string, error) {
	files, err := Files(api)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("--export %s: %w", dir, err)
	}
	names := sortedNames(files)
	if !force {
		for _, name := range names {
			there, err := os.ReadFile(filepath.Join(dir, name))
			if err == nil && !bytes.Equal(there, files[name]) {
				return nil, fmt.Errorf("--export %s: %s is there already and differs; export to another directory, or overwrite it with --force", dir, name)
			}
		}
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), files[name], 0o644); err != nil {
			return nil, fmt.Errorf("--export %s: %w", dir, err)
		}
	}
	return names, nil
}
