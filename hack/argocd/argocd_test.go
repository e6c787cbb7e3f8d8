// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package argocd holds config/argocd and recorded CommentsAPI objects to Argo
// CD's own code: its Lua runner and its diff. The objects are recorded, and
// kept up to date, by the tests of package controllers.
package argocd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/health"
	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo/diff"
	"github.com/argoproj/argo-cd/v3/util/argo/normalizers"
	"github.com/argoproj/argo-cd/v3/util/lua"
	openapi "github.com/google/gnostic-models/openapiv2"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/kube-openapi/pkg/util/proto"
	"sigs.k8s.io/yaml"
)

const (
	group   = "commentsapi.io/CommentsAPI"
	manager = "argocd-controller"
)

func read(t *testing.T, path string) *unstructured.Unstructured {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", path))
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(asJSON); err != nil {
		t.Fatal(err)
	}
	return u
}

// customizations is what Argo CD reads from argocd-cm with the patch that the
// docs give: the key by group and kind, and the script.
func customizations(t *testing.T) map[string]appv1.ResourceOverride {
	t.Helper()
	script, err := os.ReadFile("../../config/argocd/health.lua")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]appv1.ResourceOverride{group: {HealthLua: string(script)}}
}

// TestHealth: every recorded moment of an object has the right health.
func TestHealth(t *testing.T) {
	for moment, want := range map[string]struct {
		status  health.HealthStatusCode
		message string
	}{
		"new":           {health.HealthStatusProgressing, "not looked at this version"},
		"rolling-out":   {health.HealthStatusProgressing, "RollingOut: "},
		"serving":       {health.HealthStatusHealthy, "Available: the API serves"},
		"changed":       {health.HealthStatusProgressing, "not looked at this version"},
		"access-denied": {health.HealthStatusDegraded, "AccessDenied: AWS denies dynamodb:DescribeTable"},
		"paused":        {health.HealthStatusSuspended, "Paused: "},
		"retrying":      {health.HealthStatusProgressing, "CredentialsInvalid: "},
		"deleting":      {health.HealthStatusProgressing, "AccessDenied: deletion waits"},
		"observing":     {health.HealthStatusHealthy, "ObserveOnly: "},
	} {
		t.Run(moment, func(t *testing.T) {
			got, err := lua.ResourceHealthOverrides(customizations(t)).GetResourceHealth(read(t, "health/"+moment+".yaml"))
			if err != nil {
				t.Fatal(err)
			}
			if got == nil || got.Status != want.status || !strings.Contains(got.Message, want.message) {
				t.Errorf("health is %+v; want %s, %q", got, want.status, want.message)
			}
		})
	}
	recorded, err := filepath.Glob("testdata/health/*.yaml")
	if err != nil || len(recorded) != 9 {
		t.Errorf("%d moments are recorded, %v; each needs its line here", len(recorded), err)
	}
}

// predicted answers for the API server what it would make of an apply.
type predicted struct{ text []byte }

func (p predicted) Run(context.Context, *unstructured.Unstructured, string) (string, error) {
	return string(p.text), nil
}

// TestNoDifference: an applied manifest is in sync by each of Argo CD's ways
// to compare, whatever the server and the operator added; and a changed
// manifest is not.
func TestNoDifference(t *testing.T) {
	parser := schema(t)
	for _, name := range []string{"required-client", "required-server", "options-client", "options-server"} {
		manifest, live := read(t, "diff/"+name+"-manifest.yaml"), read(t, "diff/"+name+"-live.yaml")
		after := read(t, "diff/"+name+"-predicted.yaml")
		for way, set := range map[string]func(*diff.DiffConfigBuilder, *unstructured.Unstructured){
			"three-way":  func(*diff.DiffConfigBuilder, *unstructured.Unstructured) {},
			"structured": func(b *diff.DiffConfigBuilder, _ *unstructured.Unstructured) { b.WithStructuredMergeDiff(true) },
			"server-side": func(b *diff.DiffConfigBuilder, after *unstructured.Unstructured) {
				text, err := json.Marshal(after)
				if err != nil {
					t.Fatal(err)
				}
				b.WithServerSideDiff(true).WithServerSideDryRunner(predicted{text})
			},
		} {
			compare := func(t *testing.T, manifest, after *unstructured.Unstructured) (bool, string) {
				t.Helper()
				b := diff.NewDiffConfigBuilder().
					WithDiffSettings([]appv1.ResourceIgnoreDifferences{}, customizations(t), false, normalizers.IgnoreNormalizerOpts{}).
					WithTracking("app.kubernetes.io/instance", "annotation").WithNoCache().WithGVKParser(parser).WithManager(manager)
				set(b, after)
				config, err := b.Build()
				if err != nil {
					t.Fatal(err)
				}
				result, err := diff.StateDiff(live, manifest, config)
				if err != nil {
					t.Fatal(err)
				}
				return result.Modified, fmt.Sprintf("live: %s\nwanted: %s", result.NormalizedLive, result.PredictedLive)
			}
			t.Run(name+"/"+way, func(t *testing.T) {
				if modified, text := compare(t, manifest, after); modified {
					t.Errorf("an applied manifest is out of sync:\n%s", text)
				}
				changed, changedAfter := manifest.DeepCopy(), after.DeepCopy()
				for _, o := range []*unstructured.Unstructured{changed, changedAfter} {
					if err := unstructured.SetNestedField(o.Object, "next", "spec", "stage"); err != nil {
						t.Fatal(err)
					}
				}
				if modified, _ := compare(t, changed, changedAfter); !modified {
					t.Error("a changed manifest is in sync")
				}
			})
		}
	}
}

// schema is what the API server publishes of the type.
func schema(t *testing.T) *managedfields.GvkParser {
	t.Helper()
	text, err := os.ReadFile("testdata/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	document, err := openapi.ParseDocument(bytes.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	models, err := proto.NewOpenAPIData(document)
	if err != nil {
		t.Fatal(err)
	}
	parser, err := managedfields.NewGVKParser(models, false)
	if err != nil {
		t.Fatal(err)
	}
	return parser
}
