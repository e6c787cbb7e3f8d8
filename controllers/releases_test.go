// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/config"
	"github.com/commentsapi/operator/internal/controlplane"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/testcluster"
)

// releases are the versions that people may come from. For each of them the
// CRD, objects as they were stored and the requests that made their stacks are
// kept in testdata/releases. The last one is not out yet: -update records it
// anew. With its release, add the next.
var releases = []string{"v0.1.0"}

// releaseNamespace is fixed, since names and definitions depend on it.
const releaseNamespace = "release"

// release is what is kept of one.
type release struct {
	CRD      []byte
	Objects  []unstructured.Unstructured
	Requests []sent
}

func releasePath(version, file string) string {
	return filepath.Join("testdata", "releases", version, file)
}

// upgradeDriver is a driver with an API server of its own, whose CRD it can
// change.
func upgradeDriver(t *testing.T) *driver {
	t.Helper()
	d, _ := upgradeDriverOn(t)
	return d
}

func upgradeDriverOn(t *testing.T) (*driver, *controlplane.ControlPlane) {
	t.Helper()
	plane, err := controlplane.Start(context.Background(), controlplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	d := newDriver(t, core.Nature{})
	if d.k8s, err = client.NewWithWatch(plane.Config(), client.Options{Scheme: testcluster.Scheme(t)}); err != nil {
		t.Fatal(err)
	}
	// These servers have the CRD of another release and no rights of ours.
	d.operator = d.k8s
	d.namespace = releaseNamespace
	if err := d.k8s.Create(d.ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: releaseNamespace}}); err != nil {
		t.Fatal(err)
	}
	d.restart()
	return d, plane
}

// TestRecordedRelease records the version that is not out yet, with -update.
// The recording of a version that is out never changes.
func TestRecordedRelease(t *testing.T) {
	version := releases[len(releases)-1]
	if !*update {
		for _, file := range []string{"crd.yaml", "objects.yaml", "requests.json"} {
			if _, err := os.Stat(releasePath(version, file)); err != nil {
				t.Errorf("%v; go test ./controllers -run TestRecordedRelease -update", err)
			}
		}
		return
	}
	d := upgradeDriver(t)
	tap := d.tap(t)
	kept := release{CRD: config.CRD}
	namespace := &corev1.Namespace{}
	if err := d.k8s.Get(d.ctx, client.ObjectKey{Name: releaseNamespace}, namespace); err != nil {
		t.Fatal(err)
	}
	words := map[string]string{string(namespace.UID): "NAMESPACE-UID", d.endpoint: "ENDPOINT"}
	for _, name := range slices.Sorted(maps.Keys(manifests)) {
		o := d.manifest(manifests[name], name)
		o.SetFinalizers([]string{v1alpha1.Finalizer})
		if err := d.k8s.Create(d.ctx, o); err != nil {
			t.Fatal(err)
		}
		live := d.ready(d.object(name))
		words[string(live.UID)] = "UID-" + name
		u := unstructured.Unstructured{Object: d.raw(live)}
		for _, field := range []string{"managedFields", "resourceVersion", "creationTimestamp", "generation"} {
			unstructured.RemoveNestedField(u.Object, "metadata", field)
		}
		kept.Objects = append(kept.Objects, u)
	}
	kept.Requests = tap.all
	objects, err := yaml.Marshal(kept.Objects)
	if err != nil {
		t.Fatal(err)
	}
	requests, err := json.MarshalIndent(kept.Requests, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(releasePath(version, ""), 0o755); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{"crd.yaml": string(kept.CRD), "objects.yaml": replaceWords(string(objects), words),
		"requests.json": replaceWords(string(requests), words) + "\n"} {
		if err := os.WriteFile(releasePath(version, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// manifest is an object as written by hand, with a table of its own.
func (d *driver) manifest(spec, name string) *unstructured.Unstructured {
	d.t.Helper()
	o := unstructuredOf("CommentsAPI")
	if err := yaml.Unmarshal([]byte(strings.Replace(spec, "blog-comments", name+"-comments", 1)), &o.Object); err != nil {
		d.t.Fatal(err)
	}
	o.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("CommentsAPI"))
	o.SetNamespace(d.namespace)
	o.SetName(name)
	return o
}

func readRelease(t *testing.T, version string) release {
	t.Helper()
	var r release
	files := map[string]any{"objects.yaml": &r.Objects, "requests.json": &r.Requests}
	for file, into := range files {
		text, err := os.ReadFile(releasePath(version, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if r.CRD, err = os.ReadFile(releasePath(version, "crd.yaml")); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestUpgradeFromEachRelease: objects that an earlier release stored, with the
// stacks it made, are read, get the defaults of what is new, and are taken up
// without a write to AWS; or, where a newer definition is rolled out, with the
// reason Upgrade and a line in the changelog.
func TestUpgradeFromEachRelease(t *testing.T) {
	testcluster.Config(t)
	for _, version := range releases {
		t.Run(version, func(t *testing.T) {
			d, kept := upgradeDriver(t), readRelease(t, version)
			d.useCRD(kept.CRD, version)
			words := d.store(kept)
			d.useCRD(config.CRD, "now")
			d.restart()
			_, _, since := d.calls(0)
			for _, was := range kept.Objects {
				o := d.object(was.GetName())
				reasons := map[string]bool{}
				d.until(o, "a settled object", func(o *v1alpha1.CommentsAPI) bool {
					for _, c := range o.Status.Conditions {
						reasons[c.Type+" "+string(c.Status)+" "+c.Reason] = true
					}
					return settled(o)
				})
				o = d.force(o)
				if o.Status.InvokeURL == "" || o.Status.InvokeURL != replaceWords(nested(t, was, "status", "invokeURL"), words) {
					t.Errorf("%s: the invoke URL is %q", o.Name, o.Status.InvokeURL)
				}
				if status, _ := d.list(o, "p"); status != 200 && o.Name == "required" {
					t.Errorf("%s: a list answers %d", o.Name, status)
				}
				live := d.raw(o)
				within(t, o.Name+" spec", was.Object["spec"], live["spec"])
				for reason := range reasons {
					if strings.HasPrefix(reason, "Ready") && reason != "Ready True Available" || strings.HasPrefix(reason, "Reconciling") && reason != "Reconciling True Upgrade" {
						t.Errorf("%s: %s", o.Name, reason)
					}
				}
			}
			writes, _, _ := d.calls(since)
			for _, write := range writes {
				switch strings.Fields(write)[1] {
				case "PutRestApi", "CreateDeployment", "UpdateStage", "DeleteDeployment":
				default:
					t.Errorf("an upgrade writes %s", write)
				}
			}
			if len(writes) > 0 && !strings.Contains(newestChanges(t), "made anew") {
				t.Errorf("the newest part of CHANGELOG.md has to say that definitions are made anew (while %s is not out, record it again: "+
					"go test ./controllers -run TestRecordedRelease -update): its objects get\n%s", version, strings.Join(writes, "\n"))
			}
		})
	}
}

// newestChanges is the changelog's first section.
func newestChanges(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := strings.SplitN(string(text), "\n## ", 3)
	if len(sections) < 2 {
		t.Fatal("CHANGELOG.md has no section")
	}
	return sections[1]
}

// store brings a release's objects into the cluster, and their stacks into AWS.
func (d *driver) store(kept release) map[string]string {
	d.t.Helper()
	namespace := &corev1.Namespace{}
	if err := d.k8s.Get(d.ctx, client.ObjectKey{Name: releaseNamespace}, namespace); err != nil {
		d.t.Fatal(err)
	}
	words := map[string]string{"NAMESPACE-UID": string(namespace.UID), "ENDPOINT": d.endpoint}
	made := map[string]*unstructured.Unstructured{}
	for _, was := range kept.Objects {
		o := was.DeepCopy()
		o.SetUID("")
		unstructured.RemoveNestedField(o.Object, "status")
		if err := d.k8s.Create(d.ctx, o); err != nil {
			d.t.Fatal(err)
		}
		words["UID-"+o.GetName()], made[o.GetName()] = string(o.GetUID()), o
	}
	words = d.replay(kept.Requests, words)
	for _, was := range kept.Objects {
		o := made[was.GetName()]
		text, err := json.Marshal(was.Object["status"])
		if err != nil {
			d.t.Fatal(err)
		}
		var status map[string]any
		if err := json.Unmarshal([]byte(replaceWords(string(text), words)), &status); err != nil {
			d.t.Fatal(err)
		}
		o.Object["status"] = status
		if err := d.k8s.Status().Update(d.ctx, o); err != nil {
			d.t.Fatal(err)
		}
	}
	return words
}

// useCRD replaces the CRD and waits until the API server goes by it: a marker
// in the schema tells.
func (d *driver) useCRD(text []byte, marker string) {
	d.t.Helper()
	next := map[string]any{}
	if err := yaml.Unmarshal(text, &next); err != nil {
		d.t.Fatal(err)
	}
	version := next["spec"].(map[string]any)["versions"].([]any)[0].(map[string]any)
	properties, _, err := unstructured.NestedFieldNoCopy(version, "schema", "openAPIV3Schema", "properties", "spec", "properties")
	if err != nil {
		d.t.Fatal(err)
	}
	properties.(map[string]any)["schemaMarker"] = map[string]any{"type": "string", "default": marker}
	crd := &unstructured.Unstructured{}
	crd.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"})
	if err := d.k8s.Get(d.ctx, client.ObjectKey{Name: "commentsapis.commentsapi.io"}, crd); err != nil {
		d.t.Fatal(err)
	}
	crd.Object["spec"] = next["spec"]
	if err := d.k8s.Update(d.ctx, crd); err != nil {
		d.t.Fatal(err)
	}
	seen := ""
	d.poll("the schema of "+marker, func() bool {
		trial := d.manifest(manifests["required"], "trial")
		if err := d.k8s.Create(d.ctx, trial, client.DryRunAll); err != nil {
			seen = err.Error()
			return false
		}
		seen = nested(d.t, *trial, "spec", "schemaMarker")
		return seen == marker
	}, func() string { return seen })
}

func nested(t *testing.T, u unstructured.Unstructured, path ...string) string {
	t.Helper()
	text, _, err := unstructured.NestedString(u.Object, path...)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// within checks that everything that was stored is still there as it was.
func within(t *testing.T, where string, was, is any) {
	t.Helper()
	switch old := was.(type) {
	case map[string]any:
		now, _ := is.(map[string]any)
		for key, value := range old {
			within(t, where+"."+key, value, now[key])
		}
	case []any:
		now, _ := is.([]any)
		if len(now) != len(old) {
			t.Errorf("%s was %v and is %v", where, was, is)
			return
		}
		for i, value := range old {
			within(t, where, value, now[i])
		}
	default:
		a, _ := json.Marshal(was)
		b, _ := json.Marshal(is)
		if string(a) != string(b) {
			t.Errorf("%s was %s and is %s", where, a, b)
		}
	}
}
