// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/testcluster"
)

var update = flag.Bool("update", false, "write the recorded objects that hack/argocd reads")

// recordings are live objects, read by the tests in hack/argocd. They are
// recorded here because Argo CD's code and this module's don't fit into one
// binary; these tests fail as soon as a live object looks different.
const recordings = "../hack/argocd/testdata"

// volatile are the parts of a live object that differ from run to run.
var volatile = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "00000000-0000-4000-8000-000000000000"},
	{regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z`), "2026-11-22T10:00:00Z"},
	{regexp.MustCompile(`resourceVersion: "[0-9]+"`), `resourceVersion: "1"`},
	{regexp.MustCompile(`[0-9a-f]{64}`), strings.Repeat("a", 64)},
	{regexp.MustCompile(`nonce: "?[0-9a-f]{32}"?`), "nonce: " + strings.Repeat("a", 32)},
	{regexp.MustCompile(`(from|to): "?[0-9a-f]{12}"?\n`), "$1: aaaaaaaaaaaa\n"},
	{regexp.MustCompile(`(role/commentsapi/commentsapi-[a-z-]+)-[0-9a-f]{8}`), "$1-00000000"},
	{regexp.MustCompile(`commentsapi-[a-z-]+-[0-9a-f]{8}\b`), "commentsapi-team-blog-00000000"},
	{regexp.MustCompile(`controllers\.test`), "commentsapi-operator"},
	{regexp.MustCompile(`(reconcile-at|lastHandledReconcileAt): "?[0-9a-f]+"?`), `$1: "1"`},
}

// record compares an object with its recording, or with -update writes it.
func (d *driver) record(name string, object any) {
	d.t.Helper()
	text, err := yaml.Marshal(object)
	if err != nil {
		d.t.Fatal(err)
	}
	said := strings.ReplaceAll(string(text), d.namespace, "team")
	for _, pattern := range []string{`restAPI:\n(?:.*\n)*?    id: ([a-z0-9]+)`, `deploymentID: ([a-z0-9]+)`} {
		if id := regexp.MustCompile(pattern).FindStringSubmatch(said); id != nil {
			said = strings.ReplaceAll(said, id[1], strings.Repeat("x", len(id[1])))
		}
	}
	for _, v := range volatile {
		said = v.pattern.ReplaceAllString(said, v.instead)
	}
	path := filepath.Join(recordings, name+".yaml")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			d.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(said), 0o644); err != nil {
			d.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), said); diff != "" {
		d.t.Errorf("%s is not what live objects look like any more; go test ./controllers -run TestRecorded -update, then go test in hack/argocd (-recorded +live):\n%s", path, diff)
	}
}

// raw is the live object as the API server tells it.
func (d *driver) raw(o *v1alpha1.CommentsAPI) map[string]any {
	d.t.Helper()
	u := unstructuredOf("CommentsAPI")
	if err := d.k8s.Get(d.ctx, client.ObjectKeyFromObject(o), u); err != nil {
		d.t.Fatal(err)
	}
	inOrder(u)
	return u.Object
}

// inOrder sorts field managers, which the server sorts by time.
func inOrder(u *unstructured.Unstructured) {
	managers := u.GetManagedFields()
	slices.SortFunc(managers, func(a, b metav1.ManagedFieldsEntry) int {
		return strings.Compare(a.Manager+string(a.Operation)+a.Subresource, b.Manager+string(b.Operation)+b.Subresource)
	})
	u.SetManagedFields(managers)
}

func unstructuredOf(kind string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	return u
}

// recorder of Argo CD's view: URLs as in AWS, so that they stay the same.
func newRecordingDriver(t *testing.T) *driver {
	d := newDriver(t, core.Nature{})
	d.options.InvokeURLTemplate = "https://{apiId}.execute-api.{region}.{dnsSuffix}/{stage}"
	d.restart()
	return d
}

// TestRecordedMoments records an object at every moment that Argo CD tells
// apart.
func TestRecordedMoments(t *testing.T) {
	parallel(t)
	d := newRecordingDriver(t)
	o := d.create(d.object("blog"))
	moment := func(name string) {
		t.Helper()
		live := d.raw(o)
		unstructured.RemoveNestedField(live, "metadata", "managedFields")
		d.record("health/"+name, live)
	}
	moment("new")
	if err := d.step(o); err != nil {
		t.Fatal(err)
	}
	moment("rolling-out")
	d.ready(o)
	moment("serving")
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.PageSize = 50 })
	moment("changed")
	d.ready(o)

	end := d.deny("dynamodb:DescribeTable")
	annotateAndStep(d, o, "1")
	moment("access-denied")
	d.change(o, func(o *v1alpha1.CommentsAPI) { annotate(o, v1alpha1.AnnotationPaused, "true") })
	_ = d.step(o)
	moment("paused")
	d.change(o, func(o *v1alpha1.CommentsAPI) { delete(o.Annotations, v1alpha1.AnnotationPaused) })
	end()
	d.force(o)

	d.meet(access{endpoint: d.endpoint})
	annotateAndStep(d, o, "2")
	moment("retrying")

	d.access = access{d.endpoint, "local", "local"}
	d.restart()
	d.force(o)
	end = d.deny("apigateway:DELETE")
	if err := d.k8s.Delete(d.ctx, o); err != nil {
		t.Fatal(err)
	}
	_ = d.step(o)
	moment("deleting")
	end()
	d.until(o, "the end of the object", gone)

	o = d.create(d.object("watched", func(o *v1alpha1.CommentsAPI) { o.Spec.Mode = v1alpha1.ModeObserve }))
	d.until(o, "ObserveOnly", reasonIs(v1alpha1.ConditionReady, "True", v1alpha1.ReasonObserveOnly))
	moment("observing")
}

// annotateAndStep asks for a check and lets it happen.
func annotateAndStep(d *driver, o *v1alpha1.CommentsAPI, token string) {
	d.t.Helper()
	d.change(o, func(o *v1alpha1.CommentsAPI) { annotate(o, v1alpha1.AnnotationReconcileAt, token) })
	_ = d.step(o)
}

// manifests are what people keep in git.
var manifests = map[string]string{
	"required": `
spec:
  tableName: blog-comments
  region: eu-west-1
  stage: prod
`,
	"options": `
spec:
  tableName: blog-comments
  region: eu-west-1
  stage: prod
  table:
    billing: {mode: Provisioned, provisioned: {readUnits: 5, writeUnits: 5}}
    pointInTimeRecovery: Disabled
  api:
    throttling: {rate: 20, burst: 40}
    cors: {allowedOrigins: ["https://b.example", "https://a.example"]}
    authorization: {post: IAM}
  comments: {order: NewestFirst, replies: Enabled, limits: {message: 500}}
  tags:
  - {key: team, value: web}
  - {key: cost, value: "1"}
  deletionPolicy: {table: Delete}
  driftCheckInterval: 30m
`,
}

// TestRecordedManifests records manifests, what becomes of them in the cluster
// when they are applied on the client's or the server's side, and what the
// server would make of applying them again.
func TestRecordedManifests(t *testing.T) {
	parallel(t)
	for name, spec := range manifests {
		t.Run(name, func(t *testing.T) {
			parallel(t)
			for _, side := range []string{"client", "server"} {
				d := newRecordingDriver(t)
				manifest := unstructuredOf("CommentsAPI")
				if err := yaml.Unmarshal([]byte(spec), &manifest.Object); err != nil {
					t.Fatal(err)
				}
				manifest.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("CommentsAPI"))
				manifest.SetNamespace(d.namespace)
				manifest.SetName("blog")
				d.record("diff/"+name+"-"+side+"-manifest", manifest.Object)
				if side == "client" {
					d.applyFromClient(manifest)
				} else {
					d.applyOnServer(manifest)
				}
				o := d.ready(d.object("blog"))
				d.record("diff/"+name+"-"+side+"-live", d.raw(o))
				predicted := manifest.DeepCopy()
				if err := d.k8s.Apply(d.ctx, client.ApplyConfigurationFromUnstructured(predicted), argoCD, client.ForceOwnership, client.DryRunAll); err != nil {
					t.Fatal(err)
				}
				inOrder(predicted)
				d.record("diff/"+name+"-"+side+"-predicted", predicted.Object)
			}
		})
	}
}

// argoCD is the field manager that Argo CD applies as.
const argoCD = client.FieldOwner("argocd-controller")

// applyFromClient creates an object as kubectl apply does.
func (d *driver) applyFromClient(manifest *unstructured.Unstructured) {
	d.t.Helper()
	applied := manifest.DeepCopy()
	metadata := applied.Object["metadata"].(map[string]any)
	metadata["annotations"] = map[string]any{}
	text, err := json.Marshal(applied.Object)
	if err != nil {
		d.t.Fatal(err)
	}
	applied.SetAnnotations(map[string]string{"kubectl.kubernetes.io/last-applied-configuration": string(text) + "\n"})
	if err := d.k8s.Create(d.ctx, applied, client.FieldOwner("kubectl-client-side-apply")); err != nil {
		d.t.Fatal(err)
	}
}

func (d *driver) applyOnServer(manifest *unstructured.Unstructured) {
	d.t.Helper()
	if err := d.k8s.Apply(d.ctx, client.ApplyConfigurationFromUnstructured(manifest.DeepCopy()), argoCD, client.ForceOwnership); err != nil {
		d.t.Fatal(err)
	}
}

// TestRecordedSchema records what the API server publishes of the type, which
// Argo CD's structured diff goes by.
func TestRecordedSchema(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	published, err := discovery.NewDiscoveryClientForConfigOrDie(testcluster.Config(t)).RESTClient().Get().AbsPath("/openapi/v2").
		SetHeader("Accept", "application/json").Do(d.ctx).Raw()
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Definitions map[string]json.RawMessage `json:"definitions"`
	}
	if err := json.Unmarshal(published, &document); err != nil {
		t.Fatal(err)
	}
	kept := map[string]any{}
	wanted := []string{"io.commentsapi.v1alpha1.CommentsAPI"}
	references := regexp.MustCompile(`"#/definitions/([^"]+)"`)
	for len(wanted) > 0 {
		name := wanted[0]
		wanted = wanted[1:]
		if _, done := kept[name]; done {
			continue
		}
		var definition map[string]any
		if err := json.NewDecoder(bytes.NewReader(document.Definitions[name])).Decode(&definition); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		kept[name] = withoutProse(definition)
		for _, reference := range references.FindAllStringSubmatch(string(document.Definitions[name]), -1) {
			wanted = append(wanted, reference[1])
		}
	}
	d.record("openapi", map[string]any{"swagger": "2.0", "info": map[string]any{"title": "Kubernetes", "version": "v1"},
		"paths": map[string]any{}, "definitions": kept})
}

// withoutProse drops descriptions, which the diff does not read, and rules,
// which it does not know.
func withoutProse(definition any) any {
	switch v := definition.(type) {
	case map[string]any:
		for key, value := range v {
			if _, isText := value.(string); key == "description" && isText || key == "x-kubernetes-validations" {
				delete(v, key)
				continue
			}
			v[key] = withoutProse(value)
		}
	case []any:
		for i := range v {
			v[i] = withoutProse(v[i])
		}
	}
	return definition
}
