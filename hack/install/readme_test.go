// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/commentsapi/operator/hack/docs"
	"github.com/commentsapi/operator/internal/controlplane"
)

const readme = "../../README.md"

// checkout copies what git has, and what is new and not ignored.
func checkout(t *testing.T) string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("list the repository's files: %v", err)
	}
	dir := t.TempDir()
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		from, to := filepath.Join("..", "..", name), filepath.Join(dir, name)
		info, err := os.Stat(from)
		if os.IsNotExist(err) {
			continue // removed and not committed yet
		}
		var text []byte
		if err == nil {
			text, err = os.ReadFile(from)
		}
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o755)
		}
		if err == nil {
			err = os.WriteFile(to, text, info.Mode())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// goEnv is a setting of the go command.
func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return name + "=" + strings.TrimSpace(string(out))
}

// find1 is what stands in the parentheses of a pattern that has to be found.
func find1(t *testing.T, pattern, text string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("there is no %s in\n%s", pattern, text)
	}
	return m[1]
}

// TestTheREADMEFromAnEmptyHome: a fresh checkout, an empty home, and the README
// alone: the local start, the calls it prints, the installation into that
// cluster by Helm and by kustomize, its removal, Ctrl-C. Nothing is left. Only what is downloaded and
// compiled is shared with this machine: modules, Go's cache, etcd and
// kube-apiserver.
func TestTheREADMEFromAnEmptyHome(t *testing.T) {
	if _, err := exec.LookPath("kubectl"); err != nil {
		if os.Getenv("REQUIRE_KUBECTL") != "" {
			t.Fatal(err)
		}
		t.Skip("kubectl is not installed, and the README's commands need it")
	}
	dir, home, temp, bin := checkout(t), t.TempDir(), t.TempDir(), t.TempDir()
	tool(t, bin, "kustomize", "sigs.k8s.io/kustomize/kustomize/v5")
	tool(t, bin, "helm", "helm.sh/helm/v3/cmd/helm")
	env := []string{"HOME=" + home, "TMPDIR=" + temp, "PATH=" + bin + ":" + os.Getenv("PATH"), "VERSION=v0.0.0-test",
		controlplane.AssetsVariable + "=" + os.Getenv(controlplane.AssetsVariable), goEnv(t, "GOCACHE"), goEnv(t, "GOMODCACHE"), goEnv(t, "GOPROXY")}
	terminal := &docs.Shell{Dir: dir, Env: env}
	closed := false
	t.Cleanup(func() {
		if !closed {
			_ = terminal.Close()
		}
	})

	start := marked(t, readme, "local")
	if len(start) != 1 {
		t.Fatalf("the README marks %d blocks for the local start, want one", len(start))
	}
	said := filepath.Join(dir, "said")
	if err := terminal.Up(t.Context(), start[0]+" 2>&1 | tee "+said, regexp.MustCompile("local: up")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(said)
	if err != nil {
		t.Fatal(err)
	}
	// Another terminal, into which is pasted what the first one says.
	other := &docs.Shell{Dir: t.TempDir(), Env: env}
	run := func(commands string) string {
		t.Helper()
		out, err := other.Run(t.Context(), "cd "+dir+"\n"+commands)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	kubeconfig := find1(t, `export KUBECONFIG=(\S+)`, string(text))
	run("export KUBECONFIG=" + kubeconfig)
	run(find1(t, `(export AWS_ENDPOINT_URL=.*)`, string(text)))
	for _, call := range regexp.MustCompile(`(?m)^  curl .*$`).FindAllString(string(text), -1) {
		if out := run(call); !strings.Contains(out, "commentId") {
			t.Errorf("%s\nanswers %s", call, out)
		}
	}
	if out := run("curl -sf " + find1(t, `A website with these comments: (\S+)`, string(text))); !strings.Contains(out, "<html") {
		t.Errorf("the website is %s", out)
	}

	// Helm goes first, since it leaves the definition and the objects. This
	// cluster has a definition already that no release of Helm's made.
	charted := marked(t, readme, "helm")
	if len(charted) != 1 {
		t.Fatalf("the README marks %d blocks for Helm, want one", len(charted))
	}
	const image = "kubectl -n commentsapi-system get deployment commentsapi-operator -o jsonpath='{..image}'"
	run(charted[0] + " --take-ownership")
	if out := run(image); out != "registry.example.com/commentsapi-operator:v1" {
		t.Errorf("with Helm the operator's image is %s, and the README names another", out)
	}
	removal, _, ok := strings.Cut(guide(t, "helm")[1], "\nkubectl delete crd ")
	if !ok {
		t.Fatal("docs/install.md doesn't uninstall the definition apart")
	}
	run(removal)
	if out := run("kubectl get deployment,clusterrole,clusterrolebinding --all-namespaces -o name | grep commentsapi || :"); out != "" {
		t.Errorf("helm uninstall leaves %s", out)
	}
	if out := run("kubectl get commentsapi blog -o name"); !strings.Contains(out, "blog") {
		t.Errorf("helm uninstall took the object with it: %s", out)
	}

	install := marked(t, readme, "kustomize")
	if len(install) != 1 {
		t.Fatalf("the README marks %d blocks for kustomize, want one", len(install))
	}
	run(install[0])
	if out := run(image); !strings.Contains(install[0], "="+out+")") {
		t.Errorf("the operator's image is %s, and the README names another", out)
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	u := &newUser{t: t, config: config}
	run("kubectl delete commentsapi --all --all-namespaces --timeout=60s")
	run(guide(t, "kustomize")[1] + " --wait=false")
	for _, o := range u.left() {
		// No namespace ever ends here: that is a controller's work.
		if o != "Namespace commentsapi-system" && !strings.HasPrefix(o, "APIService ") && o != "ConfigMap kube-root-ca.crt" && !strings.HasPrefix(o, "Lease ") {
			t.Errorf("%s is left", o)
		}
	}

	closed = true
	if err := terminal.Close(); err != nil {
		t.Error(err)
	}
	if left := leftBehind(t, home, temp); len(left) > 0 {
		t.Errorf("on the machine is left: %q", left)
	}
}

// leftBehind are files that are not caches of go, kubectl or envtest, and
// processes that were started from the directories.
func leftBehind(t *testing.T, dirs ...string) []string {
	t.Helper()
	var left []string
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && slices.Contains([]string{".kube", "telemetry", "kubebuilder-envtest"}, d.Name()) {
				return fs.SkipDir
			}
			if !d.IsDir() {
				left = append(left, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, process := range processes {
		line, err := os.ReadFile(process)
		if err != nil {
			continue // it ended just now
		}
		for _, dir := range dirs {
			if strings.Contains(string(line), dir+"/") {
				left = append(left, fmt.Sprintf("%s: %s", process, strings.ReplaceAll(string(line), "\x00", " ")))
			}
		}
	}
	return left
}
