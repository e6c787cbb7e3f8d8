// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/internal/controlplane"
)

// newUser is somebody with the repository, kubectl and helm, an empty home,
// and an empty cluster.
type newUser struct {
	t      *testing.T
	env    []string
	config *rest.Config
}

func newNewUser(t *testing.T) *newUser {
	t.Helper()
	if _, err := exec.LookPath("kubectl"); err != nil {
		if os.Getenv("REQUIRE_KUBECTL") != "" {
			t.Fatal(err)
		}
		t.Skip("kubectl is not installed, and the guide's commands need it")
	}
	plane, err := controlplane.Start(t.Context(), controlplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	home, bin := t.TempDir(), t.TempDir()
	tool(t, bin, "helm", "helm.sh/helm/v3/cmd/helm")
	kubeconfig := filepath.Join(home, "kubeconfig")
	if err := os.WriteFile(kubeconfig, plane.Kubeconfig(), 0o600); err != nil {
		t.Fatal(err)
	}
	u := &newUser{t: t, config: plane.Config(), env: []string{"HOME=" + home, "KUBECONFIG=" + kubeconfig, "PATH=" + bin + ":" + os.Getenv("PATH")}}
	// The test's API server comes with the definition; a user's does not.
	u.sh("kubectl delete crd commentsapis.commentsapi.io")
	return u
}

// tool builds one of the programs that the guides' readers have.
func tool(t *testing.T, dir, name, pkg string) {
	t.Helper()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, name), pkg)
	build.Env = append(os.Environ(), "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", name, err, out)
	}
}

// sh runs commands in the repository as a person's shell would, and returns
// what they print.
func (u *newUser) sh(script string) string {
	u.t.Helper()
	out, err := u.try("../..", script)
	if err != nil {
		u.t.Fatalf("%s\n%v\n%s", script, err, out)
	}
	return out
}

// try runs commands that may fail.
func (u *newUser) try(dir, script string) (string, error) {
	cmd := exec.CommandContext(u.t.Context(), "sh", "-euc", script)
	cmd.Dir, cmd.Env = dir, u.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// guide returns the commands of docs/install.md that are marked for a way of
// installing.
func guide(t *testing.T, way string) []string {
	t.Helper()
	blocks := marked(t, "../../docs/install.md", way)
	if len(blocks) != 2 {
		t.Fatalf("docs/install.md marks %d blocks for %s, want one to install and one to uninstall", len(blocks), way)
	}
	return blocks
}

// marked returns the commands of a guide that are marked for a way of
// installing.
func marked(t *testing.T, guide, way string) []string {
	t.Helper()
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, after := range strings.Split(string(text), "<!-- a test runs these commands: "+way+" -->\n```sh\n")[1:] {
		block, _, _ := strings.Cut(after, "\n```")
		blocks = append(blocks, block)
	}
	return blocks
}

// left are all objects of ours that the cluster has, of every kind there is.
func (u *newUser) left() []string {
	u.t.Helper()
	d, err := discovery.NewDiscoveryClientForConfig(u.config)
	if err != nil {
		u.t.Fatal(err)
	}
	lists, err := d.ServerPreferredResources()
	if err != nil {
		u.t.Fatal(err)
	}
	c, err := client.New(u.config, client.Options{})
	if err != nil {
		u.t.Fatal(err)
	}
	var names []string
	for _, list := range lists {
		for _, r := range list.APIResources {
			if !strings.Contains(strings.Join(r.Verbs, " "), "list") || r.Kind == "Event" {
				continue
			}
			objects := &unstructured.UnstructuredList{}
			objects.SetAPIVersion(list.GroupVersion)
			objects.SetKind(r.Kind + "List")
			if err := c.List(u.t.Context(), objects); err != nil {
				continue // APIService and the like, whose server is the aggregator
			}
			for _, o := range objects.Items {
				if strings.Contains(o.GetName(), "commentsapi") || strings.Contains(o.GetNamespace(), "commentsapi") {
					names = append(names, o.GetKind()+" "+o.GetName())
				}
			}
		}
	}
	return names
}

// The guide, from an empty cluster and back.
func TestANewUserInstallsAndUninstalls(t *testing.T) {
	u := newNewUser(t)
	// No namespace ever ends here: that is a controller's work.
	const namespaceStays = "Namespace commentsapi-system"
	for _, way := range []string{"helm", "kustomize"} {
		blocks := guide(t, way)
		u.sh(blocks[0])
		if installed := u.left(); len(installed) < 12 {
			t.Errorf("%s installs only %q", way, installed)
		}
		if way == "helm" {
			u.assumesAnotherRole()
			u.changesTheDefinition()
		}
		u.sh(strings.ReplaceAll(blocks[1], "delete -k config/default", "delete -k config/default --wait=false"))
		for _, o := range u.left() {
			// The API server keeps a group of its own for a moment.
			if o != namespaceStays && !strings.HasPrefix(o, "APIService ") && o != "ConfigMap kube-root-ca.crt" {
				t.Errorf("%s leaves %s", way, o)
			}
		}
	}
}
