// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/config"
	"github.com/commentsapi/operator/internal/testcluster"
)

func TestMain(m *testing.M) { testcluster.Run(m) }

// install creates everything once per API server; strict, so that a misspelt
// field fails.
func install(t *testing.T, c client.Client) []*unstructured.Unstructured {
	t.Helper()
	objects, err := config.Installation()
	if err != nil {
		t.Fatal(err)
	}
	strict := &client.CreateOptions{Raw: &metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict}}
	for _, obj := range objects {
		if err := c.Create(context.Background(), obj, strict); err != nil {
			t.Fatalf("%s %s: %v", obj.GetKind(), obj.GetName(), err)
		}
	}
	return objects
}

// One test, since the names are fixed and the server is shared.
func TestInstallation(t *testing.T) {
	c := testcluster.Client(t)
	objects := install(t, c)

	t.Run("the deployment runs as the account that the rights are given to", func(t *testing.T) {
		for _, obj := range objects {
			if obj.GetKind() != "Deployment" {
				continue
			}
			deployment := &appsv1.Deployment{}
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(obj.Object, deployment); err != nil {
				t.Fatal(err)
			}
			if got := deployment.Spec.Template.Spec.ServiceAccountName; got != config.ServiceAccount || deployment.Namespace != config.Namespace {
				t.Errorf("runs as %s/%s, want %s/%s", deployment.Namespace, got, config.Namespace, config.ServiceAccount)
			}
			return
		}
		t.Error("there is no Deployment")
	})

	t.Run("nothing else has to be installed", func(t *testing.T) {
		for _, obj := range objects {
			if group := obj.GroupVersionKind().Group; group == "admissionregistration.k8s.io" || strings.HasSuffix(group, "cert-manager.io") {
				t.Errorf("%s %s is for a webhook", obj.GetKind(), obj.GetName())
			}
			if strategy, found, _ := unstructured.NestedString(obj.Object, "spec", "conversion", "strategy"); found && strategy != "None" {
				t.Errorf("%s %s is converted by a %s", obj.GetKind(), obj.GetName(), strategy)
			}
		}
	})

	rights := []struct {
		group, resource, subresource, namespace string
		allowed, denied                         []string
	}{
		{"commentsapi.io", "commentsapis", "", "default", []string{"list", "watch", "patch"}, []string{"create", "update", "delete"}},
		{"commentsapi.io", "commentsapis", "status", "default", []string{"patch"}, []string{"update"}},
		{"", "namespaces", "", "", []string{"get", "list", "watch"}, []string{"patch", "delete"}},
		{"events.k8s.io", "events", "", "default", []string{"create", "patch"}, nil},
		{"coordination.k8s.io", "leases", "", config.Namespace, []string{"create"}, nil},
		{"authentication.k8s.io", "tokenreviews", "", "", []string{"create"}, nil},
		{"authorization.k8s.io", "subjectaccessreviews", "", "", []string{"create"}, nil},
		{"", "secrets", "", "default", nil, []string{"get", "list"}},
		{"", "configmaps", "", config.Namespace, nil, []string{"get", "list", "create"}},
	}
	for _, r := range rights {
		for _, verb := range slices.Concat(r.allowed, r.denied) {
			name := "the operator and " + verb + " " + r.resource + "/" + r.subresource
			t.Run(name, func(t *testing.T) {
				review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
					User: "system:serviceaccount:" + config.Namespace + ":" + config.ServiceAccount,
					ResourceAttributes: &authorizationv1.ResourceAttributes{
						Namespace: r.namespace, Verb: verb, Group: r.group, Resource: r.resource, Subresource: r.subresource,
					},
				}}
				if err := c.Create(context.Background(), review); err != nil {
					t.Fatal(err)
				}
				if want := slices.Contains(r.allowed, verb); review.Status.Allowed != want {
					t.Errorf("allowed: %v, want %v", review.Status.Allowed, want)
				}
			})
		}
	}
}

// kubectl apply -k installs every file that is there.
func TestKustomizationsNameEveryFile(t *testing.T) {
	for _, dir := range []string{"crd", "rbac", "manager", "prometheus", "samples"} {
		text, err := os.ReadFile(filepath.Join(dir, "kustomization.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var kustomization struct {
			Resources []string `json:"resources"`
		}
		if err := yaml.Unmarshal(text, &kustomization); err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var present []string
		for _, path := range paths {
			if name := filepath.Base(path); name != "kustomization.yaml" {
				present = append(present, name)
			}
		}
		slices.Sort(kustomization.Resources)
		if diff := cmp.Diff(present, kustomization.Resources); diff != "" {
			t.Errorf("%s (-files +named):\n%s", dir, diff)
		}
	}
}
