// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package testcluster gives a test binary one real API server, started when
// the first test asks for it and stopped when the last has ended:
//
//	func TestMain(m *testing.M) { testcluster.Run(m) }
//
//	func TestSomething(t *testing.T) {
//		c := testcluster.Client(t)
//		ns := testcluster.Namespace(t)
//	}
//
// Tests keep apart by namespaces. There is no controller manager: nothing
// collects garbage and deleted namespaces stay Terminating.
//
// Every status that any CommentsAPI ever has on the server is held to the rules
// of internal/statuslint, and every request that an operator with
// OperatorConfig makes to the rights of config/rbac; a run in which one breaks
// them fails.
package testcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/controlplane"
)

var (
	mu      sync.Mutex
	current *controlplane.ControlPlane
	failed  error
	lint    *linter
)

// Run runs the tests of a package, stops the server if one was started, and
// exits. Call it from TestMain.
func Run(m *testing.M) {
	logf.SetLogger(logr.Discard())
	code := m.Run()
	mu.Lock()
	defer mu.Unlock()
	if current != nil {
		code = max(code, report())
		if err := current.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// report prints what the linter found, and what operators asked for without the
// right to; it returns the exit code.
func report() int {
	c, err := newClient(current.Config())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	problems, err := lint.end(c)
	for _, problem := range problems {
		fmt.Fprintln(os.Stderr, "status:", problem)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "status:", err)
	}
	lacking, lackErr := asked.Problems()
	for _, problem := range lacking {
		fmt.Fprintln(os.Stderr, "rights:", problem)
	}
	if lackErr != nil {
		fmt.Fprintln(os.Stderr, "rights:", lackErr)
	}
	if err != nil || lackErr != nil || len(problems)+len(lacking) > 0 {
		return 1
	}
	return 0
}

// Config returns a configuration with all rights on the server, which is
// started if need be. The test fails, with the remedy, where etcd and
// kube-apiserver are missing.
func Config(t testing.TB) *rest.Config {
	t.Helper()
	return shared(t).Config()
}

// Kubeconfig returns the contents of a kubeconfig file with all rights, for
// processes that a test starts.
func Kubeconfig(t testing.TB) []byte {
	t.Helper()
	return shared(t).Kubeconfig()
}

// Scheme returns the types a client of these tests knows: Kubernetes' own and
// CommentsAPI.
func Scheme(t testing.TB) *runtime.Scheme {
	t.Helper()
	s, err := newScheme()
	if err != nil {
		t.Fatalf("build the scheme: %v", err)
	}
	return s
}

func newScheme() (*runtime.Scheme, error) {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func newClient(config *rest.Config) (client.WithWatch, error) {
	s, err := newScheme()
	if err != nil {
		return nil, err
	}
	return client.NewWithWatch(config, client.Options{Scheme: s})
}

// Client returns an uncached client with all rights.
func Client(t testing.TB) client.WithWatch {
	t.Helper()
	c, err := newClient(Config(t))
	if err != nil {
		t.Fatalf("make a client: %v", err)
	}
	return c
}

// Namespace creates a namespace of the test's own and returns its name.
func Namespace(t testing.TB) string {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	if err := Client(t).Create(context.Background(), ns); err != nil {
		t.Fatalf("create a namespace: %v", err)
	}
	lint.mu.Lock()
	defer lint.mu.Unlock()
	lint.tests[ns.Name] = t.Name()
	return ns.Name
}

// shared starts the server once. A failed start fails every test with the
// same words instead of being tried again.
func shared(t testing.TB) *controlplane.ControlPlane {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if current == nil && failed == nil {
		current, failed = start()
	}
	if failed != nil {
		t.Fatal(failed)
	}
	return current
}

func start() (*controlplane.ControlPlane, error) {
	plane, err := controlplane.Start(context.Background(), controlplane.Options{})
	if err != nil {
		return nil, err
	}
	c, err := newClient(plane.Config())
	if err == nil {
		lint, err = watch(plane.Config(), c)
	}
	if err != nil {
		return nil, errors.Join(err, plane.Stop())
	}
	return plane, nil
}
