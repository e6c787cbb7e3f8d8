// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// assumesAnotherRole runs the commands of docs/credentials.md that hand the
// operator a configuration file. What is in the file is held to the AWS SDK by
// a test of internal/awscloud.
func (u *newUser) assumesAnotherRole() {
	t := u.t
	t.Helper()
	blocks := marked(t, "../../docs/credentials.md", "assume")
	if len(blocks) != 1 {
		t.Fatalf("docs/credentials.md marks %d blocks for assuming a role, want one", len(blocks))
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(root, "config"), filepath.Join(dir, "config")); err != nil {
		t.Fatal(err)
	}
	if out, err := u.try(dir, "export PARTITION=aws-cn OTHER=444455556666\n"+blocks[0]); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c, err := client.New(u.config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	file, deployment := &corev1.ConfigMap{}, &appsv1.Deployment{}
	if err := c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "commentsapi-aws-config"}, file); err != nil {
		t.Fatal(err)
	}
	if err := c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "commentsapi-operator"}, deployment); err != nil {
		t.Fatal(err)
	}
	if want := "[default]\nrole_arn = arn:aws-cn:iam::444455556666:role/comments\ncredential_source = EcsContainer\n"; file.Data["config"] != want {
		t.Errorf("the file is\n%s\nwant\n%s", file.Data["config"], want)
	}
	pod := deployment.Spec.Template.Spec
	if len(pod.Volumes) != 1 || pod.Volumes[0].Name != "aws-config" || pod.Volumes[0].ConfigMap == nil || pod.Volumes[0].ConfigMap.Name != file.Name {
		t.Errorf("the pod's volumes are %+v; want the ConfigMap as aws-config", pod.Volumes)
	}
	if diff := cmp.Diff([]corev1.VolumeMount{{Name: "aws-config", MountPath: "/aws", ReadOnly: true}}, pod.Containers[0].VolumeMounts); diff != "" {
		t.Errorf("mounts (-want +got):\n%s", diff)
	}
	u.sh("kubectl delete configmap commentsapi-aws-config --namespace commentsapi-system")
	if diff := cmp.Diff([]corev1.EnvVar{{Name: "AWS_CONFIG_FILE", Value: "/aws/config"}}, pod.Containers[0].Env); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

// nextChart is the chart of a later version, whose definition knows one field
// more: spec.mood.
func (u *newUser) nextChart() string {
	t := u.t
	t.Helper()
	dir := filepath.Join(t.TempDir(), "chart")
	if err := os.CopyFS(dir, os.DirFS(chartDir)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "files", "crd.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	crd := map[string]any{}
	if err := yaml.Unmarshal(text, &crd); err != nil {
		t.Fatal(err)
	}
	version := crd["spec"].(map[string]any)["versions"].([]any)[0].(map[string]any)
	at := version["schema"].(map[string]any)["openAPIV3Schema"].(map[string]any)
	spec := at["properties"].(map[string]any)["spec"].(map[string]any)
	spec["properties"].(map[string]any)["mood"] = map[string]any{"type": "string", "maxLength": 20}
	if text, err = yaml.Marshal(crd); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// changesTheDefinition does what docs/install.md says of the CRD: an upgrade
// and a rollback take it along, fields of later versions go and may come back,
// and it outlives the release, to be taken up by the next one.
func (u *newUser) changesTheDefinition() {
	t := u.t
	t.Helper()
	next := u.nextChart()
	revision := strings.TrimSpace(u.sh(`helm history commentsapi-operator --namespace commentsapi-system --max 1 | tail -n 1 | cut -f 1`))
	const upgrade, rollback = "helm upgrade commentsapi-operator %s --namespace commentsapi-system --reuse-values",
		"helm rollback commentsapi-operator %s --namespace commentsapi-system"
	up, down := strings.Replace(upgrade, "%s", next, 1), strings.Replace(rollback, "%s", revision, 1)
	mood := func(want, when string) {
		t.Helper()
		// The API server takes a changed definition up in a moment of its own.
		if out, err := u.try("../..", `i=0; until [ "$(kubectl get commentsapi blog -o 'jsonpath={.spec.mood}')" = "`+want+`" ]; do i=$((i+1)); [ $i -lt 100 ]; sleep 0.1; done`); err != nil {
			t.Errorf("%s spec.mood isn't %q: %v %s", when, want, err, out)
		}
	}
	field := func() string {
		t.Helper()
		return u.sh(`kubectl get crd commentsapis.commentsapi.io -o 'jsonpath={.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.mood.type}'`)
	}

	u.sh(up)
	if field() != "string" {
		t.Error("helm upgrade doesn't update the definition")
	}
	u.sh(`sed 's/^spec:/spec:\n  mood: happy/' config/samples/blog.yaml >"$HOME/blog.yaml"
		i=0; until kubectl apply --server-side --validate=strict -f "$HOME/blog.yaml"; do i=$((i+1)); [ $i -lt 100 ]; sleep 0.1; done`)
	mood("happy", "after the upgrade")

	u.sh(down)
	if field() != "" {
		t.Error("helm rollback doesn't take the definition back")
	}
	mood("", "after the rollback")
	u.sh(up)
	mood("happy", "after an upgrade with nothing written in between")

	u.sh(down)
	mood("", "after the second rollback")
	u.sh("kubectl annotate commentsapi blog written=true")
	u.sh(up)
	// Only once the field is known again its absence means something.
	u.sh(`i=0; until [ "$(kubectl patch commentsapi blog --type merge -p '{"spec":{"mood":"sad"}}' --dry-run=server -o 'jsonpath={.spec.mood}')" = sad ]; do
		i=$((i+1)); [ $i -lt 100 ]; sleep 0.1; done`)
	mood("", "after an upgrade with the object written in between")

	const reinstall = "helm install NAME config/chart --namespace commentsapi-system"
	u.sh("helm uninstall commentsapi-operator --namespace commentsapi-system")
	u.sh("kubectl get commentsapi blog")
	u.sh(strings.Replace(reinstall, "NAME", "commentsapi-operator", 1))
	if field() != "" {
		t.Error("installing again doesn't take the definition up: it is still that of the later version")
	}
	u.sh("helm uninstall commentsapi-operator --namespace commentsapi-system")
	other := strings.Replace(reinstall, "NAME", "comments", 1)
	if out, err := u.try("../..", other); err == nil || !strings.Contains(out, "commentsapis.commentsapi.io") {
		t.Errorf("another release takes the definition without being told to: %v\n%s", err, out)
	}
	u.sh(other + " --take-ownership")
	u.sh("helm uninstall comments --namespace commentsapi-system")
	u.sh(strings.Replace(reinstall, "NAME", "commentsapi-operator", 1) + " --take-ownership")
	// Nothing has put a finalizer on it: no operator runs.
	u.sh("kubectl get commentsapi blog && kubectl delete commentsapi blog")
}
