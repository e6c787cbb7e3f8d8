// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/controllers"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// BenchmarkReconcileUnchanged is one check of a settled object with the
// default spec, all of the operator's part of it: from the work queue's call
// through the SDK to requests that are ready to be sent, and back from answers
// that were recorded. Only the network and the API server's cache are missing.
func BenchmarkReconcileUnchanged(b *testing.B) {
	s := newUnchanged(b)
	request := reconcile.Request{NamespacedName: s.key}
	look := func() {
		if _, err := s.reconciler.Reconcile(b.Context(), request); err != nil {
			b.Fatal(err)
		}
	}
	// The first look in turn reads everything; then each turn is recorded.
	for range 2 + check.Turns() {
		look()
	}
	s.aws.replay = true
	start := s.aws.sent
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		look()
		n++
	}
	b.ReportMetric(float64(s.aws.sent-start)/float64(n), "calls/op")
	if s.cluster.writes > 0 {
		b.Errorf("%d writes to Kubernetes while nothing changed", s.cluster.writes)
	}
}

// unchanged is an object that is Ready and Synced, with its operator.
type unchanged struct {
	reconciler *controllers.Reconciler
	key        client.ObjectKey
	aws        *recording
	cluster    *cached
}

func newUnchanged(b *testing.B) *unchanged {
	b.Helper()
	clock := core.NewFakeClock(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	local, err := localaws.New(localaws.Options{Clock: clock})
	if err != nil {
		b.Fatal(err)
	}
	if err := local.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = local.Close() })
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			b.Fatal(err)
		}
	}
	s := &unchanged{key: client.ObjectKey{Namespace: "team", Name: "blog"}, aws: &recording{answers: map[string]answer{}}}
	b.Cleanup(s.aws.wire.CloseIdleConnections)
	s.cluster = &cached{Client: fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.CommentsAPI{}).WithObjects(
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.key.Namespace, UID: "ns"}},
		&v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: s.key.Namespace, Name: s.key.Name, UID: "uid", Generation: 1},
			Spec: v1alpha1.CommentsAPISpec{TableName: "blog-comments", Region: region, Stage: "prod"}}).Build()}
	metrics := prometheus.NewRegistry()
	s.reconciler = &controllers.Reconciler{Client: s.cluster, Recorder: events.NewFakeRecorder(1000), Now: clock.Now, Metrics: controllers.NewMetrics(metrics),
		Options: controllers.Options{ClusterID: cluster, RolePath: "/commentsapi/", Probe: true, InvokeURLTemplate: local.Endpoint() + localaws.InvokeURLTemplate},
		Clouds: awscloud.NewFactory(awscloud.Config{Metrics: metrics, HTTPClient: s.aws,
			Quotas: awscloud.ScaleQuotas(awscloud.DefaultQuotas(), 1e6),
			BaseConfig: func(context.Context) (aws.Config, error) {
				return awsConfig(local.Endpoint(), "local"), nil
			}})}
	for range 40 {
		result, err := s.reconciler.Reconcile(b.Context(), reconcile.Request{NamespacedName: s.key})
		if err != nil {
			b.Fatal(err)
		}
		clock.Advance(result.RequeueAfter)
		o := &v1alpha1.CommentsAPI{}
		if err := s.cluster.Client.Get(b.Context(), s.key, o); err != nil {
			b.Fatal(err)
		}
		if meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionReady) && meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionSynced) {
			s.cluster.hold(b, s.key)
			return s
		}
	}
	b.Fatal("the object does not get Ready")
	return nil
}

// cached hands out copies of what it holds, as the manager's cache does.
type cached struct {
	client.Client
	object    *v1alpha1.CommentsAPI
	namespace *corev1.Namespace
	writes    int
}

func (c *cached) hold(b *testing.B, key client.ObjectKey) {
	object, namespace := &v1alpha1.CommentsAPI{}, &corev1.Namespace{}
	if err := c.Client.Get(b.Context(), key, object); err != nil {
		b.Fatal(err)
	}
	if err := c.Client.Get(b.Context(), client.ObjectKey{Name: key.Namespace}, namespace); err != nil {
		b.Fatal(err)
	}
	c.object, c.namespace = object, namespace
}

// Get implements client.Client.
func (c *cached) Get(ctx context.Context, key client.ObjectKey, into client.Object, opts ...client.GetOption) error {
	switch into := into.(type) {
	case *v1alpha1.CommentsAPI:
		if c.object != nil {
			c.object.DeepCopyInto(into)
			return nil
		}
	case *corev1.Namespace:
		if c.namespace != nil {
			c.namespace.DeepCopyInto(into)
			return nil
		}
	}
	return c.Client.Get(ctx, key, into, opts...)
}

// Status implements client.Client: whoever asks for it is about to write.
func (c *cached) Status() client.SubResourceWriter {
	if c.object != nil {
		c.writes++
	}
	return c.Client.Status()
}

// recording sends requests to the local AWS and remembers the answers, or
// answers by itself.
type recording struct {
	wire    http.Transport
	replay  bool
	answers map[string]answer
	sent    int
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// Do implements aws.HTTPClient. A check's calls follow each other.
func (r *recording) Do(request *http.Request) (*http.Response, error) {
	r.sent++
	var body []byte
	if request.Body != nil {
		var err error
		if body, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	key := request.Method + request.URL.String() + request.Header.Get("X-Amz-Target") + string(body)
	if !r.replay {
		response, err := r.wire.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		defer func() { _ = response.Body.Close() }()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			return nil, err
		}
		r.answers[key] = answer{response.StatusCode, response.Header, text}
	}
	a, ok := r.answers[key]
	if !ok {
		return nil, fmt.Errorf("no answer was recorded for %s", key)
	}
	return &http.Response{StatusCode: a.status, Status: http.StatusText(a.status), Header: a.header.Clone(), Request: request,
		ContentLength: int64(len(a.body)), Body: io.NopCloser(bytes.NewReader(a.body))}, nil
}
