// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/config"
	"github.com/commentsapi/operator/internal/testcluster"
)

// documented returns the blocks of commands of a page that follow the mark of a
// test.
func documented(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, after := range strings.Split(string(text), "<!-- a test runs these commands -->\n```sh\n")[1:] {
		commands, _, _ := strings.Cut(after, "```")
		blocks = append(blocks, commands)
	}
	return blocks
}

// TestRemovingTheOperatorLeavesAWS: the commands of docs/upgrade.md remove the
// operator with its CRD and objects, and nothing in AWS changes; the same
// objects pick their stacks up again later.
func TestRemovingTheOperatorLeavesAWS(t *testing.T) {
	d, plane := upgradeDriverOn(t)
	dir := t.TempDir()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "config"), filepath.Join(dir, "config")); err != nil {
		t.Fatal(err)
	}
	commands := documented(t, "upgrade.md")
	if len(commands) != 2 {
		t.Fatalf("docs/upgrade.md has %d blocks of commands for the test; want how to upgrade and how to remove", len(commands))
	}
	shell := func(commands string) {
		t.Helper()
		if out, err := testcluster.Shell(d.ctx, t, plane.Kubeconfig(), dir, commands); err != nil {
			t.Fatalf("%v:\n%s", err, out)
		}
	}
	shell(commands[0])
	blog := d.ready(d.create(d.object("blog")))
	other := d.ready(d.create(d.object("other")))
	if status, answer := d.post(blog, map[string]string{"pageId": "p", "userName": "Ann", "message": "still here"}); status != 201 {
		t.Fatalf("POST answers %d %v", status, answer)
	}
	before := d.inventory()

	shell(commands[1])
	crd := &unstructured.Unstructured{}
	crd.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"})
	if err := d.k8s.Get(d.ctx, client.ObjectKey{Name: "commentsapis.commentsapi.io"}, crd); client.IgnoreNotFound(err) != nil || err == nil {
		t.Errorf("the CRD is still there: %v", err)
	}
	if diff := gocmp.Diff(before, d.inventory()); diff != "" {
		t.Errorf("AWS (-before +after):\n%s", diff)
	}

	crd = &unstructured.Unstructured{}
	if err := yaml.Unmarshal(config.CRD, &crd.Object); err != nil {
		t.Fatal(err)
	}
	if err := d.k8s.Create(d.ctx, crd); err != nil {
		t.Fatal(err)
	}
	backup, err := os.ReadFile(filepath.Join(dir, "commentsapis-backup.yaml"))
	if err != nil || !strings.Contains(string(backup), "name: other") {
		t.Errorf("the backup is %q, %v", backup, err)
	}
	seen := ""
	d.poll("the CRD to be served again", func() bool {
		err := d.k8s.Create(d.ctx, d.object("blog"))
		if err != nil {
			seen = err.Error()
		}
		return err == nil
	}, func() string { return seen })
	d.restart()
	again := d.ready(d.object("blog"))
	if again.Status.InvokeURL != blog.Status.InvokeURL {
		t.Errorf("the invoke URL was %s and is %s", blog.Status.InvokeURL, again.Status.InvokeURL)
	}
	if status, comments := d.list(again, "p"); status != 200 || len(comments) != 1 || comments[0]["message"] != "still here" {
		t.Errorf("a list answers %d %v", status, comments)
	}
	if status, _ := d.list(other, "p"); status != 200 {
		t.Errorf("an API whose object is gone answers %d", status)
	}
}
