// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/config"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/testcluster"
)

// patience bounds every wait; it is generous because CI machines are slow.
const patience = time.Minute

func TestMain(m *testing.M) { testcluster.Run(m) }

// world is the manager as it runs in a cluster: with the rights of config/rbac
// and no others, leader election, and metrics over TLS. All that it asks the
// API server for is recorded.
type world struct {
	k8s     client.WithWatch
	aws     *control.Client
	metrics *scraper
	probes  string
	asked   *recorder
	// stop tells the manager to end; gone is closed when it did.
	stop context.CancelFunc
	gone chan struct{}
	err  error
}

// The manager's metrics and its controller's name are the process's, so there
// is one manager, and its aspects are subtests.
func TestTheManager(t *testing.T) {
	w := newWorld(t)
	t.Run("it is alive, and ready once it has read the cluster", w.testProbes)
	t.Run("metrics are served to whom the API server lets", w.testMetricsAccess)
	t.Run("alerts and dashboard ask for what it measures", w.testMonitoring)
	t.Run("it has every right it uses and uses every right it has", w.testRights)
	t.Run("it gives its lease back when it ends", w.testHandOver)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	// Where the server can stream lists, clients don't list; the right to list
	// is for all the others.
	t.Setenv("KUBE_FEATURE_WatchListClient", "false")
	local, err := localaws.New(localaws.Options{Report: func(message string) { t.Errorf("local AWS: %s", message) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := local.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = local.Close() })
	t.Setenv("AWS_ENDPOINT_URL", local.Endpoint())
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")

	w := &world{k8s: testcluster.Client(t), aws: control.New(local.Endpoint(), nil), asked: &recorder{}, gone: make(chan struct{})}
	objects, err := config.Installation()
	if err != nil {
		t.Fatal(err)
	}
	for _, obj := range objects {
		if err := w.k8s.Create(t.Context(), obj); err != nil {
			t.Fatalf("%s %s: %v", obj.GetKind(), obj.GetName(), err)
		}
	}
	w.metrics, w.probes = newScraper(freeAddress(t)), freeAddress(t)
	s := settings{}
	flags := pflag.NewFlagSet("manager", pflag.ContinueOnError)
	s.register(flags)
	// The deployment's own flags come first, as far as they fit on one machine.
	if err := flags.Parse([]string{"--leader-elect", "--metrics-bind-address=" + w.metrics.address, "--health-probe-bind-address=" + w.probes,
		"--leader-election-namespace=" + config.Namespace, "--log-level=error", "--kubeconfig=" + w.asked.kubeconfig(t),
		"--quota-scale=100", "--invoke-url-template=" + local.Endpoint() + localaws.InvokeURLTemplate}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	go func() {
		defer close(w.gone)
		w.err = run(ctx, s, given(flags))
	}()
	t.Cleanup(func() {
		cancel()
		<-w.gone
		if w.err != nil {
			t.Errorf("the manager ended with %v", w.err)
		}
	})
	w.metrics.awaitUp(t, w)
	return w
}

// eventually polls for a bounded time.
func (w *world) eventually(t *testing.T, what string, done func() bool, state ...func() string) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for !done() {
		select {
		case <-w.gone:
			t.Fatalf("the manager ended: %v", w.err)
		case <-deadline.C:
			for _, say := range state {
				t.Log(say())
			}
			t.Fatalf("%s did not come about", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// settled waits until the object is Ready and Synced.
func (w *world) settled(t *testing.T, o *v1alpha1.CommentsAPI) {
	t.Helper()
	w.eventually(t, "Ready and Synced of "+o.Name, func() bool {
		if err := w.k8s.Get(t.Context(), client.ObjectKeyFromObject(o), o); err != nil {
			return false
		}
		return meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionReady) &&
			meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionSynced)
	})
}

// force asks for a full check and waits until it was made.
func (w *world) force(t *testing.T, o *v1alpha1.CommentsAPI, token string) {
	t.Helper()
	base := o.DeepCopy()
	metav1.SetMetaDataAnnotation(&o.ObjectMeta, v1alpha1.AnnotationReconcileAt, token)
	if err := w.k8s.Patch(t.Context(), o, client.MergeFrom(base)); err != nil {
		t.Fatal(err)
	}
	w.eventually(t, "the answer to "+token, func() bool {
		return w.k8s.Get(t.Context(), client.ObjectKeyFromObject(o), o) == nil && o.Status.LastHandledReconcileAt == token
	})
	w.settled(t, o)
}

// recorder stands between the manager and the API server.
type recorder struct{ testcluster.Record }

// kubeconfig starts the recorder and returns the path of a kubeconfig that
// leads through it, as the operator's service account.
func (r *recorder) kubeconfig(t *testing.T) string {
	t.Helper()
	upstream := testcluster.Config(t)
	transport, err := rest.TransportFor(upstream)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(upstream.Host)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Transport: transport, FlushInterval: -1,
		Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) }, ModifyResponse: r.record}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	user := "system:serviceaccount:" + config.Namespace + ":" + config.ServiceAccount
	file := clientcmdapi.Config{CurrentContext: "test",
		Clusters: map[string]*clientcmdapi.Cluster{"test": {Server: server.URL}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{"test": {Impersonate: user,
			ImpersonateGroups: []string{"system:serviceaccounts", "system:serviceaccounts:" + config.Namespace, "system:authenticated"}}},
		Contexts: map[string]*clientcmdapi.Context{"test": {Cluster: "test", AuthInfo: "test"}}}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(file, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// record takes the request down as the API server got it.
func (r *recorder) record(response *http.Response) error {
	r.Add(response.Request, response.StatusCode)
	return nil
}
