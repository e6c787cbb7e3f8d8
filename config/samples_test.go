// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/testcluster"
)

// TestSamplesApply: every kustomization of the samples builds, and the API
// server takes what comes out, strictly.
func TestSamplesApply(t *testing.T) {
	kubectl := testcluster.Kubectl(t)
	for dir, want := range map[string]v1alpha1.CommentsAPISpec{
		"samples": {TableName: "blog-comments", Stage: "prod",
			DeletionPolicy: v1alpha1.DeletionPolicy{Table: v1alpha1.TableRetain}},
		"samples/stages/staging": {TableName: "blog-comments-staging", Stage: "staging",
			DeletionPolicy: v1alpha1.DeletionPolicy{Table: v1alpha1.TableDelete}},
		"samples/stages/production": {TableName: "blog-comments", Stage: "prod",
			DeletionPolicy: v1alpha1.DeletionPolicy{Table: v1alpha1.TableRetain}},
	} {
		t.Run(dir, func(t *testing.T) {
			out, err := kubectl(context.Background(), "", "apply", "--dry-run=server", "--validate=strict", "-o", "yaml", "-k", dir)
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			made := &v1alpha1.CommentsAPI{}
			if err := yaml.UnmarshalStrict([]byte(out), made); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			got := v1alpha1.CommentsAPISpec{TableName: made.Spec.TableName, Stage: made.Spec.Stage, DeletionPolicy: made.Spec.DeletionPolicy}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestArgoCDLearnsTheHealth: both ways of docs/gitops.md put health.lua under
// the key that Argo CD reads, and leave its other settings alone.
func TestArgoCDLearnsTheHealth(t *testing.T) {
	kubectl := testcluster.Kubectl(t)
	const key = "resource.customizations.health.commentsapi.io_CommentsAPI"
	script := readFile(t, "argocd/health.lua")
	base := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm, namespace: %s, labels: {app.kubernetes.io/part-of: argocd}}\ndata: {url: https://argocd.example.com}\n"
	check := func(t *testing.T, text string) {
		t.Helper()
		var made struct {
			Metadata struct {
				Name   string            `json:"name"`
				Labels map[string]string `json:"labels"`
			} `json:"metadata"`
			Data map[string]string `json:"data"`
		}
		if err := yaml.Unmarshal([]byte(text), &made); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"url": "https://argocd.example.com", key: script}
		if diff := cmp.Diff(want, made.Data); made.Metadata.Name != "argocd-cm" || made.Metadata.Labels["app.kubernetes.io/part-of"] != "argocd" || diff != "" {
			t.Errorf("%+v (-want +got):\n%s", made.Metadata, diff)
		}
	}
	run := func(t *testing.T, stdin string, args ...string) string {
		t.Helper()
		out, err := kubectl(context.Background(), stdin, args...)
		if err != nil {
			t.Fatalf("kubectl %v: %v: %s", args, err, out)
		}
		return out
	}
	t.Run("as a component", func(t *testing.T) {
		check(t, run(t, "", "kustomize", "testdata/argocd"))
	})
	t.Run("in a running installation", func(t *testing.T) {
		namespace := testcluster.Namespace(t)
		run(t, fmt.Sprintf(base, namespace), "apply", "-f", "-")
		patch := run(t, "", "create", "configmap", "argocd-cm", "-n", namespace, "--dry-run=client", "-o", "yaml", "--from-file="+key+"=argocd/health.lua")
		run(t, patch, "patch", "configmap", "argocd-cm", "-n", namespace, "--type=merge", "--patch-file=/dev/stdin")
		check(t, run(t, "", "get", "configmap", "argocd-cm", "-n", namespace, "-o", "yaml"))
	})
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
