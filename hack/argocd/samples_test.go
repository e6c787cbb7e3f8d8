// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package argocd

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	sourcev1 "github.com/fluxcd/source-controller/api/v1"
	"sigs.k8s.io/yaml"
)

const samples = "../../config/samples"

// documents splits a file into its YAML documents.
func documents(t *testing.T, path string) [][]byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(samples, path))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(text, []byte("\n---\n"))
}

func strictly(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatal(err)
	}
}

// kustomization checks that a path within the repository leads to one.
func kustomization(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join("../..", path, "kustomization.yaml")); err != nil {
		t.Errorf("the sample leads nowhere: %v", err)
	}
}

// TestSampleApplication: Argo CD's own type takes the sample, strictly, and
// its path exists.
func TestSampleApplication(t *testing.T) {
	application := &appv1.Application{}
	strictly(t, documents(t, "argocd/application.yaml")[0], application)
	kustomization(t, application.Spec.Source.Path)
	if len(application.Finalizers) != 0 {
		t.Errorf("deleting the application would delete the API: finalizers %v", application.Finalizers)
	}
}

// TestSampleFluxKustomization: Flux's own types take the sample, strictly; it
// waits for the API, and its path and source exist.
func TestSampleFluxKustomization(t *testing.T) {
	parts := documents(t, "flux/blog-comments.yaml")
	source, applied := &sourcev1.GitRepository{}, &kustomizev1.Kustomization{}
	strictly(t, parts[0], source)
	strictly(t, parts[1], applied)
	kustomization(t, applied.Spec.Path)
	if applied.Spec.SourceRef.Kind != source.Kind || applied.Spec.SourceRef.Name != source.Name {
		t.Errorf("the source is %+v; want %s %s", applied.Spec.SourceRef, source.Kind, source.Name)
	}
	if !applied.Spec.Wait || applied.Spec.Timeout == nil {
		t.Error("Flux does not wait until the API serves")
	}
}
