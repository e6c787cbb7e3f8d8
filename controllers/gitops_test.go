// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/testcluster"
)

// TestTwoFieldManagers: Flux applies an object and a person edits it with
// kubectl; each keeps the fields that are theirs, and the operator owns
// nothing of the spec.
func TestTwoFieldManagers(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	flux := client.FieldOwner("kustomize-controller")
	manifest := unstructuredOf("CommentsAPI")
	if err := yaml.Unmarshal([]byte(manifests["required"]), &manifest.Object); err != nil {
		t.Fatal(err)
	}
	manifest.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("CommentsAPI"))
	manifest.SetNamespace(d.namespace)
	manifest.SetName("blog")
	apply := func() {
		t.Helper()
		if err := d.k8s.Apply(d.ctx, client.ApplyConfigurationFromUnstructured(manifest.DeepCopy()), flux, client.ForceOwnership); err != nil {
			t.Fatal(err)
		}
	}
	apply()
	o := d.ready(d.object("blog"))
	base := o.DeepCopy()
	o.Spec.Comments.PageSize = 25
	if err := d.k8s.Patch(d.ctx, o, client.MergeFrom(base), client.FieldOwner("kubectl-edit")); err != nil {
		t.Fatal(err)
	}
	o = d.ready(o)
	generation := o.Generation
	apply()
	if o = d.ready(o); o.Spec.Comments.PageSize != 25 || o.Generation != generation {
		t.Errorf("pageSize is %d, generation %d; Flux's next apply took the person's edit back", o.Spec.Comments.PageSize, o.Generation)
	}
	if err := unstructured.SetNestedField(manifest.Object, "next", "spec", "stage"); err != nil {
		t.Fatal(err)
	}
	apply()
	if o = d.ready(o); o.Spec.Stage != "next" || o.Spec.Comments.PageSize != 25 || o.Status.Stage.Name != "next" {
		t.Errorf("stage %s (serving %s), pageSize %d; want next, next, 25", o.Spec.Stage, o.Status.Stage.Name, o.Spec.Comments.PageSize)
	}
	var managers []string
	for _, entry := range o.ManagedFields {
		managers = append(managers, entry.Manager+" "+string(entry.Operation)+" "+entry.Subresource)
		theirs := entry.Manager == "kustomize-controller" || entry.Manager == "kubectl-edit"
		if !theirs && strings.Contains(entry.FieldsV1.GetRawString(), "f:spec") {
			t.Errorf("%s owns fields of the spec: %s", entry.Manager, entry.FieldsV1.GetRawString())
		}
		if entry.Manager == "kustomize-controller" && entry.Operation != metav1.ManagedFieldsOperationApply {
			t.Errorf("Flux owns fields by %s", entry.Operation)
		}
	}
	if !slices.Contains(managers, "kustomize-controller Apply ") || !slices.Contains(managers, "kubectl-edit Update ") {
		t.Errorf("field managers are %q", managers)
	}
}

// TestKubectlWaits: the commands of docs/gitops.md that wait, with the real
// kubectl, through the life of an object.
func TestKubectlWaits(t *testing.T) {
	kubectl := testcluster.Kubectl(t)
	parallel(t)
	w := newWorld(t, core.Nature{})
	run := func(stdin string, args ...string) string {
		t.Helper()
		out, err := kubectl(w.ctx, stdin, append([]string{"-n", w.namespace}, args...)...)
		if err != nil {
			t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return out
	}
	manifest := "apiVersion: commentsapi.io/v1alpha1\nkind: CommentsAPI\nmetadata: {name: blog}" + manifests["required"]
	run(manifest, "apply", "-f", "-")
	run("", "wait", "--for=condition=Ready", "--timeout=60s", "commentsapi/blog")
	o := w.eventually(w.object("blog"), "anything", func(*v1alpha1.CommentsAPI) bool { return true })
	if status, answer := w.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": "Hello"}); status != 201 {
		t.Errorf("after wait a POST answers %d %v", status, answer)
	}

	// The same manifest again changes nothing, whoever set the defaults.
	if out := run(manifest, "diff", "-f", "-"); out != "" {
		t.Errorf("kubectl diff of an applied manifest says:\n%s", out)
	}
	if out := run(manifest, "apply", "-f", "-"); !strings.Contains(out, "unchanged") {
		t.Errorf("a second apply says %q", out)
	}

	// Ready of the generation before does not count.
	run(strings.Replace(manifest, "stage: prod", "stage: next", 1), "apply", "-f", "-")
	run("", "wait", "--for=condition=Ready", "--timeout=60s", "commentsapi/blog")
	if o = w.eventually(o, "anything", func(*v1alpha1.CommentsAPI) bool { return true }); o.Status.Stage.Name != "next" {
		t.Errorf("after wait the stage is %s", o.Status.Stage.Name)
	}

	foreign := fmt.Sprintf("apiVersion: commentsapi.io/v1alpha1\nkind: CommentsAPI\nmetadata: {name: second}%s", manifests["required"])
	run(foreign, "apply", "-f", "-")
	run("", "wait", "--for=condition=Stalled", "--timeout=60s", "commentsapi/second")
	if out, err := kubectl(w.ctx, "", "-n", w.namespace, "wait", "--for=condition=Ready", "--timeout=1s", "commentsapi/second"); err == nil {
		t.Errorf("an object in conflict is taken for ready: %s", out)
	}
	for _, name := range []string{"second", "blog"} {
		run("", "delete", "commentsapi", name, "--wait=false")
		run("", "wait", "--for=delete", "--timeout=60s", "commentsapi/"+name)
	}
	if ids := w.restAPIs(); len(ids) != 0 {
		t.Errorf("after wait --for=delete there are still REST APIs %v", ids)
	}
}
