// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/internal/testcluster"
)

func TestMain(m *testing.M) { testcluster.Run(m) }

// restricted makes a namespace that enforces the restricted Pod Security
// Standard, under the name the manifests use if there is none yet.
func restricted(t *testing.T, c client.Client) string {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "restricted-",
		Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}}}
	if err := c.Create(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	return ns.Name
}

// into moves namespaced objects to another namespace; the Namespace itself
// stays behind.
func into(ns string, objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	var out []*unstructured.Unstructured
	for _, obj := range objects {
		if obj.GetKind() == "Namespace" {
			continue
		}
		if obj.GetNamespace() != "" {
			obj.SetNamespace(ns)
		}
		out = append(out, obj)
	}
	return out
}

// dryRun asks the API server what it would say: strict about fields, writing
// nothing.
func dryRun(t *testing.T, c client.Client, objects []*unstructured.Unstructured) {
	t.Helper()
	for _, obj := range objects {
		//nolint:staticcheck // Unstructured objects have no apply configurations.
		err := c.Patch(t.Context(), obj.DeepCopy(), client.Apply, client.DryRunAll, client.ForceOwnership, client.FieldOwner("dry-run"),
			&client.PatchOptions{Raw: &metav1.PatchOptions{FieldValidation: metav1.FieldValidationStrict}})
		if err != nil {
			t.Errorf("%s %s: %v", obj.GetKind(), obj.GetName(), err)
		}
	}
}

// podOf is the pod that the ReplicaSet controller would make.
func podOf(t *testing.T, objects []*unstructured.Unstructured, ns string) *corev1.Pod {
	t.Helper()
	deployment := &appsv1.Deployment{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(find(t, objects, "Deployment", "commentsapi-operator").Object, deployment); err != nil {
		t.Fatal(err)
	}
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: ns, GenerateName: "operator-", Labels: deployment.Spec.Template.Labels},
		Spec: deployment.Spec.Template.Spec}
}

func TestTheAPIServerTakesEveryInstallation(t *testing.T) {
	c := testcluster.Client(t)
	ns := restricted(t, c)
	sources := map[string]func(t *testing.T) []*unstructured.Unstructured{
		"kustomize": func(t *testing.T) []*unstructured.Unstructured {
			text, err := Kustomize(defaultDir, "registry.example.com/commentsapi-operator:v1")
			if err != nil {
				t.Fatal(err)
			}
			return parse(t, text)
		},
		"install.yaml": func(t *testing.T) []*unstructured.Unstructured {
			file := filepath.Join(t.TempDir(), "dist", "install.yaml")
			build := exec.CommandContext(t.Context(), "go", "run", "./build-installer", "-dir", defaultDir, "-image", "registry.example.com/commentsapi-operator:v1", "-out", file)
			build.Env = append(os.Environ(), "GOWORK=off")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			return parse(t, text)
		},
		"chart": func(t *testing.T) []*unstructured.Unstructured { return mustTemplate(t, nil) },
		"chart with every value": func(t *testing.T) []*unstructured.Unstructured {
			return mustTemplate(t, everything())
		},
	}
	prometheusOperator(t, c)
	class := find(t, mustTemplate(t, nil), "PriorityClass", "commentsapi-operator")
	if err := c.Create(t.Context(), class); err != nil {
		t.Fatal(err)
	}
	for name, objects := range sources {
		t.Run(name, func(t *testing.T) {
			all := into(ns, objects(t))
			if len(all) < 10 {
				t.Fatalf("%d objects only", len(all))
			}
			dryRun(t, c, all)
			pod := podOf(t, all, ns)
			if err := c.Create(t.Context(), pod, client.DryRunAll); err != nil {
				t.Errorf("a namespace that enforces the restricted standard refuses the pod: %v", err)
			}
		})
	}
}

// The standard is really enforced here, so that the test above means something.
func TestARestrictedNamespaceRefusesLess(t *testing.T) {
	c := testcluster.Client(t)
	ns := restricted(t, c)
	for name, weaken := range map[string]func(*corev1.PodSpec){
		"runAsNonRoot":             func(s *corev1.PodSpec) { s.SecurityContext.RunAsNonRoot = nil },
		"seccompProfile":           func(s *corev1.PodSpec) { s.SecurityContext.SeccompProfile = nil },
		"allowPrivilegeEscalation": func(s *corev1.PodSpec) { s.Containers[0].SecurityContext.AllowPrivilegeEscalation = nil },
		"unrestricted capabilities": func(s *corev1.PodSpec) {
			s.Containers[0].SecurityContext.Capabilities = nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			pod := podOf(t, mustTemplate(t, values{"priorityClass": values{"create": false, "name": ""}}), ns)
			weaken(&pod.Spec)
			if err := c.Create(t.Context(), pod, client.DryRunAll); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("error %v; want a refusal that names %s", err, name)
			}
		})
	}
}

// prometheusOperator installs the definitions of ServiceMonitor and
// PrometheusRule, as a cluster with the Prometheus Operator has them.
func prometheusOperator(t *testing.T, c client.Client) {
	t.Helper()
	for _, name := range []string{"servicemonitors", "prometheusrules"} {
		text, err := os.ReadFile(filepath.Join("testdata", "prometheus-operator", "monitoring.coreos.com_"+name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		crd := parse(t, text)[0]
		if err := c.Create(t.Context(), crd); client.IgnoreAlreadyExists(err) != nil {
			t.Fatal(err)
		}
		established := func() bool {
			if err := c.Get(t.Context(), client.ObjectKeyFromObject(crd), crd); err != nil {
				t.Fatal(err)
			}
			conditions, _, _ := unstructured.NestedSlice(crd.Object, "status", "conditions")
			return slices.ContainsFunc(conditions, func(condition any) bool {
				is := condition.(map[string]any)
				return is["type"] == "Established" && is["status"] == "True"
			})
		}
		for deadline := time.Now().Add(time.Minute); !established(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the API server doesn't take %s up", name)
			}
		}
	}
}

// What watches the operator is what the Prometheus Operator knows.
func TestThePrometheusOperatorTakesTheMonitoring(t *testing.T) {
	c := testcluster.Client(t)
	prometheusOperator(t, c)
	text, err := Kustomize("../../config/prometheus", "")
	if err != nil {
		t.Fatal(err)
	}
	objects := into(restricted(t, c), parse(t, text))
	if len(objects) != 2 {
		t.Fatalf("config/prometheus has %d objects, want 2", len(objects))
	}
	dryRun(t, c, objects)
	for _, obj := range objects {
		// Its definition is really asked.
		wrong := obj.DeepCopy()
		if err := unstructured.SetNestedField(wrong.Object, "often", "spec", "mood"); err != nil {
			t.Fatal(err)
		}
		//nolint:staticcheck // Unstructured objects have no apply configurations.
		err := c.Patch(t.Context(), wrong, client.Apply, client.DryRunAll, client.ForceOwnership, client.FieldOwner("dry-run"),
			&client.PatchOptions{Raw: &metav1.PatchOptions{FieldValidation: metav1.FieldValidationStrict}})
		if err == nil || !strings.Contains(err.Error(), "mood") {
			t.Errorf("%s with spec.mood: error %v; want one that names the field", obj.GetKind(), err)
		}
	}
}

func TestImagesAreSplitWhereTheyShouldBe(t *testing.T) {
	for image, want := range map[string]string{
		"registry.example.com:5000/a/b:v1": "registry.example.com:5000/a/b:v1",
		"registry.example.com:5000/a/b":    "registry.example.com:5000/a/b:v0.1.0",
		"a@sha256:0123":                    "a@sha256:0123",
	} {
		text, err := Kustomize(defaultDir, image)
		if err != nil {
			t.Fatal(err)
		}
		containers, _, _ := unstructured.NestedSlice(find(t, parse(t, text), "Deployment", "commentsapi-operator").Object, "spec", "template", "spec", "containers")
		if got := containers[0].(map[string]any)["image"]; got != want {
			t.Errorf("%s becomes %v, want %s", image, got, want)
		}
	}
	if _, err := Kustomize(defaultDir, " "); err == nil {
		t.Error("an image that is a space is taken")
	}
}
