// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/controllers"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/testcluster"
)

const (
	region = "eu-west-1"
	// otherRegion is of those who spread their objects.
	otherRegion = "eu-central-1"
	account     = "123456789012"
	cluster     = "test-cluster"
	// patience bounds every wait; it is generous because CI machines are slow.
	patience = 60 * time.Second
)

func TestMain(m *testing.M) { testcluster.Run(m) }

// world is one namespace of the cluster, one local AWS, and one operator that
// serves both. The operator meets the local AWS over HTTP only.
type world struct {
	t         *testing.T
	ctx       context.Context
	k8s       client.WithWatch
	namespace string
	endpoint  string
	aws       *control.Client
	local     *localaws.Server
	// Clients of somebody else in the same AWS account.
	tables *dynamodb.Client
	roles  *iam.Client
	apis   *apigateway.Client
}

// newWorld starts a local AWS of that nature and an operator.
func newWorld(t *testing.T, nature core.Nature, options ...func(*controllers.Options)) *world {
	t.Helper()
	w := newWorldWithoutOperator(t, nature)
	w.operate("local", options...)
	return w
}

func newWorldWithoutOperator(t *testing.T, nature core.Nature) *world {
	t.Helper()
	return newWorldOf(t, localaws.Options{Nature: nature})
}

func newWorldOf(t *testing.T, options localaws.Options) *world {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	options.Report = func(message string) { t.Errorf("local AWS: %s", message) }
	local, err := localaws.New(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := local.Start(ctx); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ctx: ctx, k8s: testcluster.Client(t), namespace: testcluster.Namespace(t),
		endpoint: local.Endpoint(), aws: control.New(local.Endpoint(), nil), local: local}
	cfg := awsConfig(w.endpoint, "local")
	w.tables, w.roles, w.apis = dynamodb.NewFromConfig(cfg), iam.NewFromConfig(cfg), apigateway.NewFromConfig(cfg)
	t.Cleanup(func() {
		cancel()
		_ = local.Close()
	})
	return w
}

func awsConfig(endpoint, accessKey string) aws.Config {
	return aws.Config{Region: region, BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, "local", "")}
}

// operate runs an operator with the access key until the returned function is
// called or the test ends.
func (w *world) operate(accessKey string, options ...func(*controllers.Options)) (stop func()) {
	w.t.Helper()
	m, err := ctrl.NewManager(testcluster.OperatorConfig(w.t), ctrl.Options{
		Scheme:     testcluster.Scheme(w.t),
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Cache:      cache.Options{DefaultNamespaces: map[string]cache.Config{w.namespace: {}}},
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	o := controllers.Options{ClusterID: cluster, RolePath: "/commentsapi/", Probe: true,
		InvokeURLTemplate: w.endpoint + localaws.InvokeURLTemplate}
	for _, option := range options {
		option(&o)
	}
	r := &controllers.Reconciler{Client: m.GetClient(), Recorder: m.GetEventRecorder("commentsapi"), Options: o,
		Clouds: awscloud.NewFactory(awscloud.Config{Quotas: []awscloud.Quota{},
			BaseConfig: func(context.Context) (aws.Config, error) { return awsConfig(w.endpoint, accessKey), nil }})}
	if err := r.SetupWithManager(m); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.ctx)
	ended := make(chan error, 1)
	go func() { ended <- m.Start(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("the operator ended with %v", err)
		}
	}
	w.t.Cleanup(stop)
	return stop
}

// object returns a CommentsAPI in the world's namespace.
func (w *world) object(name string, changes ...func(*v1alpha1.CommentsAPI)) *v1alpha1.CommentsAPI {
	o := &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.CommentsAPISpec{TableName: name + "-comments", Region: region, Stage: "prod"}}
	for _, change := range changes {
		change(o)
	}
	return o
}

func (w *world) create(o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI {
	w.t.Helper()
	if err := w.k8s.Create(w.ctx, o); err != nil {
		w.t.Fatal(err)
	}
	return o
}

// change edits the live object, again if somebody else was faster.
func (w *world) change(o *v1alpha1.CommentsAPI, edit func(*v1alpha1.CommentsAPI)) {
	w.t.Helper()
	base := &v1alpha1.CommentsAPI{}
	if err := w.k8s.Get(w.ctx, client.ObjectKeyFromObject(o), base); err != nil {
		w.t.Fatal(err)
	}
	edited := base.DeepCopy()
	edit(edited)
	if err := w.k8s.Patch(w.ctx, edited, client.MergeFrom(base)); err != nil {
		w.t.Fatal(err)
	}
}

// eventually reads the object until it is as wanted.
func (w *world) eventually(o *v1alpha1.CommentsAPI, what string, wanted func(*v1alpha1.CommentsAPI) bool) *v1alpha1.CommentsAPI {
	w.t.Helper()
	live := &v1alpha1.CommentsAPI{}
	w.poll(what, func() bool {
		if err := w.k8s.Get(w.ctx, client.ObjectKeyFromObject(o), live); err != nil {
			return false
		}
		lintStatus(w.t, live)
		return wanted(live)
	}, func() string { return describeStatus(live) })
	return live
}

// poll asks again and again, for a bounded time.
func (w *world) poll(what string, done func() bool, state func() string) {
	w.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline.C:
			w.t.Fatalf("%s did not come about; last seen: %s", what, state())
		case <-tick.C:
		}
	}
}

func (w *world) ready(o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI {
	w.t.Helper()
	return w.eventually(o, "Ready and Synced", settled)
}

// settled is Ready and Synced for the object's own generation.
func settled(o *v1alpha1.CommentsAPI) bool {
	for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced} {
		c := meta.FindStatusCondition(o.Status.Conditions, kind)
		if c == nil || c.Status != metav1.ConditionTrue || c.ObservedGeneration != o.Generation {
			return false
		}
	}
	return true
}

// force asks for a full check and waits for the answer.
func (w *world) force(o *v1alpha1.CommentsAPI, token string) *v1alpha1.CommentsAPI {
	w.t.Helper()
	w.change(o, func(o *v1alpha1.CommentsAPI) {
		metav1.SetMetaDataAnnotation(&o.ObjectMeta, v1alpha1.AnnotationReconcileAt, token)
	})
	return w.eventually(o, "the answer to "+token, func(o *v1alpha1.CommentsAPI) bool {
		return o.Status.LastHandledReconcileAt == token
	})
}

func (w *world) delete(o *v1alpha1.CommentsAPI) {
	w.t.Helper()
	if err := w.k8s.Delete(w.ctx, o); err != nil {
		w.t.Fatal(err)
	}
	live := &v1alpha1.CommentsAPI{}
	w.poll("the end of "+o.Name, func() bool {
		return client.IgnoreNotFound(w.k8s.Get(w.ctx, client.ObjectKeyFromObject(o), live)) == nil &&
			w.k8s.Get(w.ctx, client.ObjectKeyFromObject(o), live) != nil
	}, func() string { return describeStatus(live) })
}

func describeStatus(o *v1alpha1.CommentsAPI) string {
	b, _ := json.MarshalIndent(o.Status, "", "  ")
	return string(b)
}

// post sends a comment and returns the status and the answer.
func (w *world) post(o *v1alpha1.CommentsAPI, comment any) (int, map[string]any) {
	w.t.Helper()
	body, err := json.Marshal(comment)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.call(http.MethodPost, o.Status.Endpoints.Post, "application/json", body)
}

// list fetches a page's comments.
func (w *world) list(o *v1alpha1.CommentsAPI, pageID string) (int, []map[string]string) {
	w.t.Helper()
	status, answer := w.call(http.MethodGet, strings.Replace(o.Status.Endpoints.List, "{pageId}", pageID, 1), "", nil)
	var comments []map[string]string
	b, _ := json.Marshal(answer["comments"])
	_ = json.Unmarshal(b, &comments)
	return status, comments
}

func (w *world) call(method, url, contentType string, body []byte) (int, map[string]any) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.ctx, method, url, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	answer := map[string]any{}
	if err := json.Unmarshal(b, &answer); err != nil {
		answer["raw"] = string(b)
	}
	return resp.StatusCode, answer
}

// calls returns the AWS calls the operator made since the sequence number.
func (w *world) calls(since int64) (writes, all []string, last int64) {
	w.t.Helper()
	requests, err := w.aws.Requests(w.ctx, since)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range requests.Requests {
		if r.Service == "execute-api" {
			continue
		}
		name := fmt.Sprintf("%s %s %s %d", r.Service, r.Operation, r.Resource, r.Status)
		all = append(all, name)
		// TestInvokeMethod and the like are POST, but this one changes nothing.
		if r.Write {
			writes = append(writes, name)
		}
	}
	return writes, all, requests.Last
}
