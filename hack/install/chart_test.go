// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

const (
	chartDir   = "../../config/chart"
	defaultDir = "../../config/default"
	namespace  = "commentsapi-system"
)

// values are what a user gives on top of the chart's own.
type values = map[string]any

// template renders the chart as `helm template` does.
func template(over values, namespace string) ([]byte, error) {
	chart, err := loader.LoadDir(chartDir)
	if err != nil {
		return nil, err
	}
	caps := chartutil.DefaultCapabilities.Copy()
	caps.KubeVersion = chartutil.KubeVersion{Version: "v1.37.2", Major: "1", Minor: "37"}
	all, err := chartutil.ToRenderValues(chart, over, chartutil.ReleaseOptions{Name: "comments", Namespace: namespace, IsInstall: true}, caps)
	if err != nil {
		return nil, err
	}
	files, err := engine.Engine{Strict: true}.Render(chart, all)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Ext(name) == ".yaml" {
			out.WriteString("\n---\n" + files[name])
		}
	}
	return out.Bytes(), nil
}

func mustTemplate(t *testing.T, over values) []*unstructured.Unstructured {
	t.Helper()
	text, err := template(over, namespace)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, text)
}

func parse(t *testing.T, text []byte) []*unstructured.Unstructured {
	t.Helper()
	var objects []*unstructured.Unstructured
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		doc, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects
		}
		if err != nil {
			t.Fatal(err)
		}
		asJSON, err := yaml.YAMLToJSONStrict(doc)
		if err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		if bytes.Equal(bytes.TrimSpace(asJSON), []byte("null")) {
			continue
		}
		obj := &unstructured.Unstructured{}
		if err := obj.UnmarshalJSON(asJSON); err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		objects = append(objects, obj)
	}
}

// comparable keys objects by what they are, without the labels and annotations
// that only say who manages them.
func comparable(objects []*unstructured.Unstructured) map[string]any {
	out := map[string]any{}
	for _, obj := range objects {
		obj = obj.DeepCopy()
		labels := obj.GetLabels()
		maps.DeleteFunc(labels, func(k, _ string) bool {
			return strings.HasPrefix(k, "app.kubernetes.io/") || k == "helm.sh/chart"
		})
		if len(labels) == 0 {
			labels = nil
		}
		obj.SetLabels(labels)
		annotations := obj.GetAnnotations()
		delete(annotations, "helm.sh/resource-policy")
		if len(annotations) == 0 {
			annotations = nil
		}
		obj.SetAnnotations(annotations)
		out[strings.Join([]string{obj.GetKind(), obj.GetNamespace(), obj.GetName()}, " ")] = obj.Object
	}
	return out
}

func TestTheChartIsWhatKustomizeInstalls(t *testing.T) {
	text, err := Kustomize(defaultDir, "")
	if err != nil {
		t.Fatal(err)
	}
	kustomized := comparable(parse(t, text))
	// Helm makes the namespace itself, with --create-namespace.
	delete(kustomized, "Namespace  "+namespace)
	charted := comparable(mustTemplate(t, nil))
	if len(charted) < 10 {
		t.Fatalf("the chart renders %d objects only", len(charted))
	}
	if diff := cmp.Diff(kustomized, charted); diff != "" {
		t.Errorf("config/default and config/chart differ (-kustomize +chart):\n%s", diff)
	}
}

func TestTheChartHasNoLintProblems(t *testing.T) {
	for name, over := range map[string]values{"defaults": nil, "everything": everything()} {
		t.Run(name, func(t *testing.T) {
			linter := lint.All(chartDir, over, namespace, true)
			for _, message := range linter.Messages {
				// An icon is a matter of taste.
				if message.Severity > support.InfoSev {
					t.Errorf("%s", message)
				}
			}
		})
	}
}

// everything sets every value the chart has, so that every branch is rendered.
func everything() values {
	return values{
		"replicas":         2,
		"image":            values{"repository": "registry.example.com/commentsapi-operator", "tag": "v9", "pullPolicy": "IfNotPresent"},
		"imagePullSecrets": []any{"registry"},
		"operator": values{
			"clusterID": "blue", "watchNamespaces": []any{"a", "b"}, "allowedRegions": []any{"eu-west-1", "us-gov-east-1"},
			"rolePath": "/sites/", "permissionsBoundary": "arn:aws:iam::123456789012:policy/boundary", "quotaShare": "0.5", "logLevel": "debug",
			"extraArgs": []any{"--probe=Off"}, "env": []any{values{"name": "AWS_REGION", "value": "eu-west-1"}},
			"envFrom": []any{values{"secretRef": values{"name": "aws"}}},
		},
		"extraVolumes":      []any{values{"name": "aws", "configMap": values{"name": "aws"}}},
		"extraVolumeMounts": []any{values{"name": "aws", "mountPath": "/aws", "readOnly": true}},
		"serviceAccount":    values{"name": "comments", "annotations": values{"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/comments"}},
		"podLabels":         values{"team": "web"}, "podAnnotations": values{"note": "1"}, "nodeSelector": values{"kubernetes.io/os": "linux"},
		"tolerations": []any{values{"operator": "Exists"}},
		"affinity":    values{"nodeAffinity": values{}},
		"networkPolicy": values{"metricsFrom": []any{values{"namespaceSelector": values{}}},
			"extraEgress": []any{values{"ports": []any{values{"protocol": "TCP", "port": 3128}}}}},
		"metrics": values{"certificateSecret": "metrics", "serviceMonitor": values{"enabled": true, "labels": values{"release": "prometheus"}},
			"prometheusRule": values{"enabled": true}, "dashboard": values{"enabled": true}},
	}
}

// find returns the one object of a kind and name.
func find(t *testing.T, objects []*unstructured.Unstructured, kind, name string) *unstructured.Unstructured {
	t.Helper()
	for _, obj := range objects {
		if obj.GetKind() == kind && obj.GetName() == name {
			return obj
		}
	}
	t.Fatalf("there is no %s %s", kind, name)
	return nil
}

func TestValuesReachTheOperator(t *testing.T) {
	objects := mustTemplate(t, everything())
	deployment := find(t, objects, "Deployment", "commentsapi-operator")
	containers, _, _ := unstructured.NestedSlice(deployment.Object, "spec", "template", "spec", "containers")
	container := containers[0].(map[string]any)
	want := []any{"--leader-elect", "--metrics-bind-address=:8443", "--health-probe-bind-address=:8081", "--cluster-id=blue",
		"--watch-namespaces=a,b", "--allowed-regions=eu-west-1,us-gov-east-1", "--role-path=/sites/",
		"--permissions-boundary=arn:aws:iam::123456789012:policy/boundary", "--quota-share=0.5", "--log-level=debug",
		"--metrics-cert-dir=/metrics-certificate", "--probe=Off"}
	if diff := cmp.Diff(want, container["args"]); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	if got := container["image"]; got != "registry.example.com/commentsapi-operator:v9" {
		t.Errorf("image %v", got)
	}
	mounts := []any{map[string]any{"name": "metrics-certificate", "mountPath": "/metrics-certificate", "readOnly": true},
		map[string]any{"name": "aws", "mountPath": "/aws", "readOnly": true}}
	if diff := cmp.Diff(mounts, container["volumeMounts"]); diff != "" {
		t.Errorf("mounts (-want +got):\n%s", diff)
	}
	volumes, _, _ := unstructured.NestedSlice(deployment.Object, "spec", "template", "spec", "volumes")
	if diff := cmp.Diff([]any{map[string]any{"name": "metrics-certificate", "secret": map[string]any{"secretName": "metrics"}},
		map[string]any{"name": "aws", "configMap": map[string]any{"name": "aws"}}}, volumes); diff != "" {
		t.Errorf("volumes (-want +got):\n%s", diff)
	}
	account := find(t, objects, "ServiceAccount", "comments")
	if got := account.GetAnnotations()["eks.amazonaws.com/role-arn"]; got != "arn:aws:iam::123456789012:role/comments" {
		t.Errorf("the service account's role is %q", got)
	}
	// Whoever the account is, the rights go to it.
	for _, obj := range objects {
		if subjects, found, _ := unstructured.NestedSlice(obj.Object, "subjects"); found {
			if got := subjects[0].(map[string]any)["name"]; got != "comments" {
				t.Errorf("%s %s gives rights to %v", obj.GetKind(), obj.GetName(), got)
			}
		}
	}
}

// TestShardsAreDeploymentsOfTheirOwn that between them serve everything, and
// whose leases the operator may take.
func TestShardsAreDeploymentsOfTheirOwn(t *testing.T) {
	objects := mustTemplate(t, values{"operator": values{"shards": 2, "quotaShare": "0.5"}})
	var deployments, leases []string
	for _, obj := range objects {
		switch obj.GetKind() {
		case "Deployment":
			deployments = append(deployments, obj.GetName())
		case "Role":
			rules, _, _ := unstructured.NestedSlice(obj.Object, "rules")
			for _, rule := range rules {
				names, _, _ := unstructured.NestedStringSlice(rule.(map[string]any), "resourceNames")
				leases = append(leases, names...)
			}
		}
	}
	want := []string{"commentsapi-operator-1-of-2", "commentsapi-operator-2-of-2"}
	if diff := cmp.Diff(want, deployments); diff != "" {
		t.Errorf("deployments (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{want[0] + ".commentsapi.io", want[1] + ".commentsapi.io"}, leases); diff != "" {
		t.Errorf("leases (-want +got):\n%s", diff)
	}
	for i, name := range want {
		obj := find(t, objects, "Deployment", name)
		containers, _, _ := unstructured.NestedSlice(obj.Object, "spec", "template", "spec", "containers")
		args := containers[0].(map[string]any)["args"].([]any)
		if flag := fmt.Sprintf("--shard=%d/2", i+1); !slices.Contains(args, any(flag)) || !slices.Contains(args, any("--quota-share=0.5")) {
			t.Errorf("%s runs with %v; want %s and the whole quota share, which the operator divides", name, args, flag)
		}
		for _, labels := range [][]string{{"spec", "selector", "matchLabels"}, {"spec", "template", "metadata", "labels"}} {
			if shard, _, _ := unstructured.NestedString(obj.Object, append(labels, "commentsapi.io/shard")...); shard != fmt.Sprintf("%d-of-2", i+1) {
				t.Errorf("%s: %v has the shard %q", name, labels, shard)
			}
		}
	}
}

func TestADigestWinsOverTheTag(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0a", 32)
	objects := mustTemplate(t, values{"image": values{"repository": "registry.example.com:5000/c", "tag": "v9", "digest": digest}})
	b, err := json.Marshal(find(t, objects, "Deployment", "commentsapi-operator"))
	if err != nil {
		t.Fatal(err)
	}
	if want := `"image":"registry.example.com:5000/c@` + digest + `"`; !strings.Contains(string(b), want) {
		t.Errorf("%s is missing in %s", want, b)
	}
}

// What watches the operator is the same either way.
func TestMonitoringIsWhatKustomizeInstalls(t *testing.T) {
	text, err := Kustomize("../../config/prometheus", "")
	if err != nil {
		t.Fatal(err)
	}
	charted := comparable(mustTemplate(t, values{"metrics": values{
		"serviceMonitor": values{"enabled": true}, "prometheusRule": values{"enabled": true}, "dashboard": values{"enabled": true}}}))
	kustomized := comparable(parse(t, text))
	if len(kustomized) != 2 {
		t.Fatalf("config/prometheus has %d objects, want 2", len(kustomized))
	}
	for key, want := range kustomized {
		if diff := cmp.Diff(want, charted[key]); diff != "" {
			t.Errorf("%s (-kustomize +chart):\n%s", key, diff)
		}
	}
	dashboard, err := os.ReadFile("../../config/grafana/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	data, _, _ := unstructured.NestedString(charted["ConfigMap "+namespace+" commentsapi-operator-dashboard"].(map[string]any), "data", "commentsapi-operator.json")
	if strings.TrimSpace(data) != strings.TrimSpace(string(dashboard)) {
		t.Error("the chart's dashboard isn't config/grafana/dashboard.json")
	}
}

// Deleting the definition would delete every CommentsAPI object in the cluster.
func TestUninstallKeepsTheDefinition(t *testing.T) {
	crd := find(t, mustTemplate(t, nil), "CustomResourceDefinition", "commentsapis.commentsapi.io")
	if got := crd.GetAnnotations()["helm.sh/resource-policy"]; got != "keep" {
		t.Errorf("helm.sh/resource-policy is %q, want keep", got)
	}
	for _, obj := range mustTemplate(t, values{"crds": values{"install": false}}) {
		if obj.GetKind() == "CustomResourceDefinition" {
			t.Errorf("crds.install=false still installs %s", obj.GetName())
		}
	}
}

func TestWrongValuesAreRefusedByName(t *testing.T) {
	for _, c := range []struct {
		over values
		want string
	}{
		{values{"replica": 2}, "replica"},
		{values{"replicas": "two"}, "replicas"},
		{values{"image": values{"digest": "sha256:short"}}, "digest"},
		{values{"operator": values{"allowedRegions": []any{"eu-west-1a"}}}, "allowedRegions"},
		{values{"operator": values{"rolePath": "no-slash"}}, "rolePath"},
		{values{"operator": values{"permissionsBoundary": "boundary"}}, "permissionsBoundary"},
		{values{"operator": values{"quotaShare": "2"}}, "quotaShare"},
		{values{"operator": values{"shards": -1}}, "shards"},
		{values{"operator": values{"logLevel": "loud"}}, "logLevel"},
		{values{"operator": values{"extraArgs": []any{"probe=Off"}}}, "extraArgs"},
		{values{"priorityClass": values{"create": true, "name": ""}}, "priorityClass"},
		{values{"extraVolumes": []any{values{"emptyDir": values{}}}}, "extraVolumes"},
		{values{"extraVolumes": []any{values{"name": "metrics-certificate"}}}, "extraVolumes"},
		{values{"extraVolumeMounts": []any{values{"name": "aws"}}}, "extraVolumeMounts"},
	} {
		t.Run(c.want, func(t *testing.T) {
			if _, err := template(c.over, namespace); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v; want one that names %s", err, c.want)
			}
		})
	}
}
