// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/commentsapi/operator/config"
)

// one decodes the only object of a kind that is installed.
func one[T any](t *testing.T, kind string) *T {
	t.Helper()
	objects, err := config.Installation()
	if err != nil {
		t.Fatal(err)
	}
	var found []*T
	for _, obj := range objects {
		if obj.GetKind() != kind {
			continue
		}
		out := new(T)
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(obj.Object, out); err != nil {
			t.Fatal(err)
		}
		found = append(found, out)
	}
	if len(found) != 1 {
		t.Fatalf("%d objects of kind %s are installed, want 1", len(found), kind)
	}
	return found[0]
}

// What stands beside the Deployment is about its pods: a selector that misses
// them protects nothing, and says nothing.
func TestWhatIsInstalledMeetsTheOperatorsPods(t *testing.T) {
	pod := one[appsv1.Deployment](t, "Deployment").Spec.Template
	service := one[corev1.Service](t, "Service")
	budget := one[policyv1.PodDisruptionBudget](t, "PodDisruptionBudget")
	selectors := map[string]*metav1.LabelSelector{
		"Service":             {MatchLabels: service.Spec.Selector},
		"PodDisruptionBudget": budget.Spec.Selector,
		"NetworkPolicy":       &one[networkingv1.NetworkPolicy](t, "NetworkPolicy").Spec.PodSelector,
	}
	spread := map[string]bool{}
	for _, c := range pod.Spec.TopologySpreadConstraints {
		spread[c.TopologyKey] = c.WhenUnsatisfiable == corev1.ScheduleAnyway
		selectors["topology spread over "+c.TopologyKey] = c.LabelSelector
	}
	for what, s := range selectors {
		selector, err := metav1.LabelSelectorAsSelector(s)
		if err != nil || selector.Empty() || !selector.Matches(labels.Set(pod.Labels)) {
			t.Errorf("%s: %v %v doesn't select pods with the labels %v", what, selector, err, pod.Labels)
		}
	}
	for _, key := range []string{corev1.LabelTopologyZone, corev1.LabelHostname} {
		if !spread[key] {
			t.Errorf("replicas don't keep apart by %s where there is room", key)
		}
	}
	if n := budget.Spec.MaxUnavailable; n == nil || n.IntValue() != 1 {
		t.Errorf("the budget lets %v pods go; a node with the one replica has to be drained too", n)
	}
	if class := one[schedulingv1.PriorityClass](t, "PriorityClass"); pod.Spec.PriorityClassName != class.Name || class.Value <= 0 {
		t.Errorf("the pods are of class %q; %q with priority %d is installed", pod.Spec.PriorityClassName, class.Name, class.Value)
	}
}

// The restricted Pod Security Standard asks for the rest; the API server holds
// the installation to that.
func TestTheOperatorsContainer(t *testing.T) {
	containers := one[appsv1.Deployment](t, "Deployment").Spec.Template.Spec.Containers
	if len(containers) != 1 {
		t.Fatalf("%d containers", len(containers))
	}
	c := containers[0]
	if s := c.SecurityContext; s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem {
		t.Error("the root file system can be written")
	}
	for path, probe := range map[string]*corev1.Probe{"/healthz": c.LivenessProbe, "/readyz": c.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != path ||
			!slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.Name == probe.HTTPGet.Port.StrVal }) {
			t.Errorf("no probe asks for %s on a port of the container", path)
		}
	}
	guide, err := os.ReadFile("../docs/install.md")
	if err != nil {
		t.Fatal(err)
	}
	mebibytes := func(r corev1.ResourceList) string { return strings.Replace(r.Memory().String(), "Mi", " MiB", 1) }
	if want := fmt.Sprintf("%s CPU and %s requested, %s at most", c.Resources.Requests.Cpu(), mebibytes(c.Resources.Requests), mebibytes(c.Resources.Limits)); !strings.Contains(string(guide), want) {
		t.Errorf("docs/install.md doesn't say %q, which is what is installed", want)
	}
}
