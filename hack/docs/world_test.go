// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/commentsapi/operator/hack/docs"
	"github.com/commentsapi/operator/internal/controlplane"
)

// requireKubectl is set by CI, where the test must not be skipped.
const requireKubectl = "REQUIRE_KUBECTL"

// prelude are functions for the comments above blocks.
const prelude = `
# blog NAMESPACE [SPEC]: the namespace, and an object blog in it that serves.
blog() {
	kubectl create namespace "$1" --dry-run=client -o yaml | kubectl apply -f - >/dev/null
	kubectl apply -f - >/dev/null <<-END
	{"apiVersion": "commentsapi.io/v1alpha1", "kind": "CommentsAPI", "metadata": {"name": "blog", "namespace": "$1"},
	 "spec": {"tableName": "$1-comments", "region": "eu-west-1", "stage": "prod"}}
	END
	if [ -n "${2-}" ]; then kubectl patch commentsapi -n "$1" blog --type merge -p "{\"spec\":$2}" >/dev/null; fi
	kubectl wait -n "$1" --for=condition=Ready --timeout=60s commentsapi/blog >/dev/null
}
# until COMMAND...: try it for half a minute.
until_true() {
	for _ in $(seq 300); do if "$@"; then return 0; fi; sleep 0.1; done
	echo "not so within half a minute: $*"; return 1
}
# The binaries were built before.
make() { if [ "$*" != build ]; then command make "$@"; fi; }
`

// tidy ends what the last page left. Nobody ends namespaces here: that is a
// controller's work, and the cluster has none.
const tidy = `
kubectl apply --server-side --force-conflicts -k config/crd
kubectl delete commentsapi --all --all-namespaces --timeout=60s
for namespace in $(kubectl get namespaces -o jsonpath='{.items[?(@.status.phase=="Terminating")].metadata.name}'); do
	echo '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "'"$namespace"'"}}' |
	kubectl replace --raw "/api/v1/namespaces/$namespace/finalize" -f -
done
`

// world is one local installation that all pages share, and the readers'
// programs.
type world struct {
	bin   string
	env   []string
	shell *docs.Shell
}

// newWorld builds the binaries and starts everything, as `make local` does.
func newWorld(t *testing.T) *world {
	t.Helper()
	if _, err := exec.LookPath("kubectl"); err != nil {
		if os.Getenv(requireKubectl) != "" {
			t.Fatal(err)
		}
		t.Skip("kubectl is not installed; this test runs the commands of the docs with it")
	}
	if _, err := controlplane.FindAssets(""); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	w := &world{bin: filepath.Join(dir, "bin")}
	for _, program := range []string{"manager", "commentsctl"} {
		build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(w.bin, program), "../../cmd/"+program)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", program, err, out)
		}
	}
	if err := os.Symlink("commentsctl", filepath.Join(w.bin, "kubectl-commentsapi")); err != nil {
		t.Fatal(err)
	}
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); name != "HOME" && name != "KUBECONFIG" && name != "PATH" && !strings.HasPrefix(name, "AWS_") {
			w.env = append(w.env, v)
		}
	}
	state := filepath.Join(dir, "state.json")
	w.env = append(w.env, "HOME="+dir, "PATH="+w.bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	w.shell = &docs.Shell{Dir: dir, Env: w.env, Prelude: prelude}
	t.Cleanup(func() {
		if err := w.shell.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := w.shell.Up(t.Context(), "exec commentsctl local -f none --manager-arg=--quota-scale=100 --state "+state, regexp.MustCompile("local: up")); err != nil {
		t.Fatal(err)
	}
	var s struct{ Kubeconfig, AWSEndpoint string }
	text, err := os.ReadFile(state)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "KUBECONFIG="+s.Kubeconfig, "AWS_ENDPOINT_URL="+s.AWSEndpoint,
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_REGION=eu-west-1")
	return w
}

// reader is somebody in a directory like the repository, with a cluster and an
// account in which there is nothing of theirs.
func (w *world) reader(t *testing.T) *docs.Shell {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		to := filepath.Join(dir, e.Name())
		switch e.Name() {
		case "bin", "dist":
		case "config": // some commands write into it
			err = os.CopyFS(to, os.DirFS(filepath.Join(root, "config")))
		default:
			err = os.Symlink(filepath.Join(root, e.Name()), to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(w.bin, filepath.Join(dir, "bin")); err != nil {
		t.Fatal(err)
	}
	s := &docs.Shell{Dir: dir, Env: append(w.env, fmt.Sprintf("PORT=%d", freePort(t))), Prelude: prelude}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if out, err := s.Run(t.Context(), tidy); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return s
}

// freePort is one on loopback that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}
