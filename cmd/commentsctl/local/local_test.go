// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// transcript collects progress, which comes from several goroutines.
type transcript struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *transcript) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *transcript) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// stubbed are options with this test binary as the operator.
func stubbed(t *testing.T, behaviour string) (Options, *transcript) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(stubVariable, behaviour)
	// Kubeconfig and log live here, so the test sees what is left of them.
	t.Setenv("TMPDIR", t.TempDir())
	progress := &transcript{}
	return Options{Manager: self, Timeout: time.Minute, Progress: progress, StateFile: filepath.Join(t.TempDir(), "state.json")}, progress
}

// left are the environment's files that nobody removed.
func left(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "commentsctl-*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestStartServesTheSampleAndStopEndsEverything(t *testing.T) {
	opts, _ := stubbed(t, "serves")
	opts.Site = true
	t.Setenv("AWS_PROFILE", "my-real-account")
	env, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	defer func() {
		if !stopped {
			_ = env.Stop()
		}
	}()

	text, err := os.ReadFile(opts.StateFile)
	if err != nil {
		t.Fatal(err)
	}
	var state State
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	want := State{
		Kubeconfig: state.Kubeconfig, AWSEndpoint: state.AWSEndpoint, SiteURL: env.site.Origin(), AccountID: "123456789012", Region: "eu-west-1",
		Ready: []ReadyObject{{Namespace: "default", Name: "blog",
			// The user's own profile stays outside.
			InvokeURL: state.AWSEndpoint + "/execute-api/a1/prod/profile=/region=eu-west-1"}},
	}
	if diff := cmp.Diff(want, state); diff != "" {
		t.Errorf("state file (-want +got):\n%s", diff)
	}

	var out bytes.Buffer
	if err := env.Print(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"export KUBECONFIG=" + state.Kubeconfig, "AWS_ENDPOINT_URL=" + state.AWSEndpoint,
		"NAMESPACE   NAME   READY   URL", "default     blog   True    http://", "curl -s -X POST", "A website with these comments: " + state.SiteURL} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("what is printed lacks %q:\n%s", part, out.String())
		}
	}

	checkSite(t, env)

	pid := env.manager.cmd.Process.Pid
	stopped = true
	if err := env.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := syscall.Kill(pid, 0); err == nil {
		t.Errorf("the operator, process %d, is still there", pid)
	}
	for what, url := range map[string]string{"local AWS": state.AWSEndpoint, "website": state.SiteURL} {
		if resp, err := http.Get(url); err == nil {
			_ = resp.Body.Close()
			t.Errorf("the %s still answers: %s", what, resp.Status)
		}
	}
	if files := left(t); len(files) > 0 {
		t.Errorf("files were left: %v", files)
	}
}

func TestStartSaysWhyTheOperatorEnded(t *testing.T) {
	opts, _ := stubbed(t, "dies")
	_, err := Start(t.Context(), opts)
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "cannot find my glasses") {
		t.Errorf("error %v; want the exit status and the operator's last words", err)
	}
	if files := left(t); len(files) > 0 {
		t.Errorf("files were left: %v", files)
	}
	if _, err := os.Stat(opts.StateFile); err == nil {
		t.Error("the state file says that all is up")
	}
}

// waiting is an environment with nothing but an idle operator and one object
// that never serves.
func waiting(t *testing.T) (*Environment, client.Client, *transcript) {
	t.Helper()
	opts, progressed := stubbed(t, "idles")
	m, err := startManager(managerOptions{binary: opts.Manager, log: filepath.Join(t.TempDir(), "log")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	obj := &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "blog"}}
	obj.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonAccessDenied, Message: "iam:CreateRole"}}
	return &Environment{manager: m, progress: &progress{out: progressed, every: heartbeat}},
		fake.NewClientBuilder().WithScheme(scheme).WithObjects(obj).Build(), progressed
}

func TestWaitingEndsAfterTheTimeout(t *testing.T) {
	env, c, _ := waiting(t)
	_, err := env.WaitFor(t.Context(), c, client.ObjectKey{Namespace: "default", Name: "blog"}, "serves", 100*time.Millisecond, Ready)
	const want = "waiting until default/blog serves: not within 100ms; Ready=False, AccessDenied: iam:CreateRole; the operator's last words:"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v; want %q", err, want)
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	env, c, progressed := waiting(t)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := env.WaitFor(ctx, c, client.ObjectKey{Namespace: "default", Name: "blog"}, "serves", time.Minute, Ready)
		failed <- err
	}()
	for !strings.Contains(progressed.String(), "waiting until") {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("error %v, want interrupted", err)
	}
}

func TestADeafOperatorIsKilled(t *testing.T) {
	opts, _ := stubbed(t, "deaf")
	log := filepath.Join(t.TempDir(), "log")
	m, err := startManager(managerOptions{binary: opts.Manager, log: log})
	if err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(lastLines(log, 1), "deaf") {
		select {
		case <-m.gone:
			t.Fatal(m.died())
		case <-time.After(10 * time.Millisecond):
		}
	}
	m.patience = 50 * time.Millisecond
	if err := m.stop(t.Context()); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("error %v, want one that says it was killed", err)
	}
	select {
	case <-m.gone:
	default:
		t.Error("stop returned before the process had ended")
	}
}

func TestPartsRunAlone(t *testing.T) {
	opts, _ := stubbed(t, "dies") // would fail if it were started
	opts.Only = PartAWS
	env, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := env.Stop(); err != nil {
			t.Error(err)
		}
	}()
	text, err := os.ReadFile(opts.StateFile)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"kubeconfig": "", "awsEndpoint": env.State.AWSEndpoint, "accountId": "123456789012", "region": "eu-west-1", "siteURL": "", "ready": []any{}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("state file (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(env.State.AWSEndpoint, "http://127.0.0.1:") {
		t.Errorf("endpoint %q is not on loopback", env.State.AWSEndpoint)
	}
}

func TestStartRefusesBeforeAnythingRuns(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"a part that isn't", func(o *Options) { o.Only = "kubelet" }, `--only "kubelet": there are the parts "aws" and "cluster"`},
		{"a missing operator", func(o *Options) { o.Manager = "/nowhere/manager" }, "no operator binary at /nowhere/manager: build it with `make build`, or name it with --manager"},
		{"missing servers", func(o *Options) { o.Assets = "/nowhere" }, `the assets directory "/nowhere" holds no executable etcd`},
		{"objects without operator", func(o *Options) { o.Only, o.Objects = PartCluster, [][]byte{[]byte("{}")} }, "--filename with --only cluster"},
		{"another kind", func(o *Options) { o.Objects = [][]byte{[]byte("apiVersion: v1\nkind: ConfigMap\n")} }, `only CommentsAPI objects of commentsapi.io/v1alpha1 can be applied here: no kind "ConfigMap" is registered for version "v1"`},
		{"a misspelt field", func(o *Options) {
			o.Objects = [][]byte{[]byte("apiVersion: commentsapi.io/v1alpha1\nkind: CommentsAPI\nspec: {tablename: x}\n")}
		}, `unknown field "spec.tablename"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			opts, progress := stubbed(t, "dies")
			tt.change(&opts)
			_, err := Start(t.Context(), opts)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if said := progress.String(); said != "" {
				t.Errorf("something was started: %s", said)
			}
		})
	}
}
