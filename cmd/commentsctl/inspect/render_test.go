// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

const blog = `apiVersion: v1
kind: ConfigMap
metadata: {name: ignored}
---
apiVersion: commentsapi.io/v1alpha1
kind: CommentsAPI
metadata: {name: blog}
spec:
  tableName: blog-comments
  region: cn-north-1
  stage: prod
`

// runRender runs the command with the manifest as standard input.
func runRender(t *testing.T, manifest string, args ...string) (string, error) {
	t.Helper()
	cmd := RenderCommand()
	var out bytes.Buffer
	cmd.SetIn(strings.NewReader(manifest))
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(append([]string{"-f", "-"}, args...))
	cmd.SilenceUsage = true
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestRenderPrintsAValidOpenAPIDocument(t *testing.T) {
	out, err := runRender(t, blog, "--only", "openapi")
	if err != nil {
		t.Fatal(err)
	}
	if short, err := runRender(t, blog, "--openapi"); err != nil || short != out {
		t.Errorf("--openapi prints something else than --only openapi: %v\n%s", err, short)
	}
	if _, err := runRender(t, blog, "--openapi", "--only", "table"); err == nil || !strings.Contains(err.Error(), "--only table") {
		t.Errorf("--openapi with --only table: %v", err)
	}
	document, err := openapi3.NewLoader().LoadFromData([]byte(out))
	if err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if err := document.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if !strings.Contains(out, "arn:aws-cn:apigateway:cn-north-1:dynamodb:action/PutItem") {
		t.Error("the integration's URI is not of the region's partition")
	}
}

func TestRenderPrintsEachPart(t *testing.T) {
	for part, want := range map[string]string{
		"table":     `"blog-comments"`,
		"role":      `"dynamodb:PutItem"`,
		"api":       `"default/blog"`,
		"stage":     `"prod"`,
		"templates": "POST /comments, request",
	} {
		out, err := runRender(t, blog, "--only", part, "-o", "json", "--account", "123456789012")
		if err != nil {
			t.Fatalf("%s: %v", part, err)
		}
		if !strings.Contains(out, want) {
			t.Errorf("%s: %s is missing in\n%s", part, want, out)
		}
		if part != "templates" && !json.Valid([]byte(out)) {
			t.Errorf("%s is not JSON:\n%s", part, out)
		}
	}
}

func TestRenderRefusesWhatTheAPIServerWould(t *testing.T) {
	for name, c := range map[string]struct{ manifest, want string }{
		"bad name":      {strings.Replace(blog, "blog-comments", "a/b/c", 1), "spec.tableName"},
		"unknown field": {blog + "  colour: red\n", `unknown field "colour"`},
		"missing field": {strings.Replace(blog, "  stage: prod\n", "", 1), "spec.stage: Required value"},
		"no name":       {strings.Replace(blog, "metadata: {name: blog}", "metadata: {}", 1), "metadata.name"},
		"no object":     {"kind: ConfigMap\napiVersion: v1\n", "no object of kind CommentsAPI"},
	} {
		t.Run(name, func(t *testing.T) {
			if out, err := runRender(t, c.manifest); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, output %q; want an error that says %q", err, out, c.want)
			}
		})
	}
}

func TestRenderNamesTheWrongFlag(t *testing.T) {
	for _, args := range [][]string{{"--only", "soup"}, {"-o", "xml"}} {
		if _, err := runRender(t, blog, args...); err == nil || !strings.Contains(err.Error(), args[1]) {
			t.Errorf("%v: error %v; want one that names the value", args, err)
		}
	}
}
