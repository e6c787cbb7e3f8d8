// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/controllers"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/testcluster"
)

// closestLooks is the least time between two looks at one object: anything
// closer would be a hot loop.
const closestLooks = 50 * time.Millisecond

// mostPacing is longer than any test's calls wait for their turn.
const mostPacing = 15 * time.Second

// driver is a world whose operator is called by the test, look by look, with
// a clock that both the operator and the local AWS go by. Nothing in it waits.
type driver struct {
	*world
	clock    *core.FakeClock
	r        *controllers.Reconciler
	recorder *recorder
	options  controllers.Options
	metrics  *controllers.Metrics
	config   awscloud.Config
	// access is how the operator meets AWS; restart is not needed to change it.
	access access
	// operator is how the operator meets the API server: with its own rights.
	operator client.WithWatch
	// wrap, when set, stands between the operator and the API server.
	wrap func(client.WithWatch) client.Client
	// next is when the operator asked to look at an object again.
	next time.Duration
}

// access is an endpoint with credentials; an empty key is none.
type access struct{ endpoint, key, secret string }

// newDriver starts a local AWS of that nature; no operator runs beside the
// test.
func newDriver(t *testing.T, nature core.Nature) *driver {
	t.Helper()
	clock := core.NewFakeClock(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	w := newWorldOf(t, localaws.Options{Nature: nature, Clock: clock})
	d := &driver{world: w, clock: clock, recorder: &recorder{}, operator: testcluster.OperatorClient(t),
		options: controllers.Options{ClusterID: cluster, RolePath: "/commentsapi/", Probe: true,
			InvokeURLTemplate: w.endpoint + localaws.InvokeURLTemplate}}
	d.config = awscloud.Config{
		Quotas:     []awscloud.Quota{},
		HTTPClient: testHTTPClient(t),
		BaseConfig: func(context.Context) (aws.Config, error) {
			cfg := awsConfig(d.access.endpoint, d.access.key)
			cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: d.access.key, SecretAccessKey: d.access.secret}, nil
			})
			if d.access.key == "" {
				cfg.Credentials = nil
			}
			cfg.BaseEndpoint = &d.access.endpoint
			return cfg, nil
		},
	}
	d.access = access{w.endpoint, "local", "local"}
	d.restart()
	return d
}

// testHTTPClient gives calls that hang up soon, leaves no connections, and
// holds every call to the policy that commentsctl iam-policy prints.
func testHTTPClient(t *testing.T) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: guarded(t, transport), Timeout: time.Second}
}

// restart replaces the operator by a new one: all memory is lost.
func (d *driver) restart() {
	var k8s client.Client = d.operator
	if d.wrap != nil {
		k8s = d.wrap(d.operator)
	}
	d.r = &controllers.Reconciler{Client: k8s, Recorder: d.recorder, Options: d.options, Metrics: d.metrics,
		Clouds: awscloud.NewFactory(d.config), Now: d.clock.Now}
}

// step lets the operator look once, then moves the clock to its next look.
// The error is what the work queue would back off from.
func (d *driver) step(o *v1alpha1.CommentsAPI) error {
	d.t.Helper()
	result, err := d.r.Reconcile(d.ctx, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(o)})
	live := &v1alpha1.CommentsAPI{}
	if get := d.k8s.Get(d.ctx, client.ObjectKeyFromObject(o), live); get == nil {
		lintStatus(d.t, live)
		if live.DeletionTimestamp.IsZero() && err == nil && result.RequeueAfter == 0 && live.Annotations[v1alpha1.AnnotationPaused] == "" {
			d.t.Error("a living object is not looked at again")
		}
	}
	if result.RequeueAfter != 0 && result.RequeueAfter < closestLooks {
		d.t.Errorf("the next look is %s away; that is a hot loop", result.RequeueAfter)
	}
	if d.next = result.RequeueAfter; err != nil {
		d.next = time.Second
	}
	d.clock.Advance(d.next)
	return err
}

// until looks again and again until the object is as wanted.
func (d *driver) until(o *v1alpha1.CommentsAPI, what string, wanted func(*v1alpha1.CommentsAPI) bool) *v1alpha1.CommentsAPI {
	d.t.Helper()
	const most = 80
	// The operator's calls are paced by the system's clock, and a failure to
	// identify the caller is remembered for 2 s of it.
	for looks, start := 0, time.Now(); looks < most || time.Since(start) < mostPacing; looks++ {
		if live := d.live(o); wanted(live) {
			return live
		}
		if err := d.step(o); err != nil {
			d.t.Logf("a look ended with %v", err)
		}
	}
	d.t.Fatalf("%s did not come about in %d looks; last seen: %s", what, most, describeStatus(d.live(o)))
	return nil
}

// live reads the object; a gone one is empty.
func (d *driver) live(o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI {
	d.t.Helper()
	live := &v1alpha1.CommentsAPI{}
	if err := d.k8s.Get(d.ctx, client.ObjectKeyFromObject(o), live); err != nil {
		if !apierrors.IsNotFound(err) {
			d.t.Fatal(err)
		}
		return &v1alpha1.CommentsAPI{}
	}
	return live
}

func (d *driver) ready(o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI {
	d.t.Helper()
	return d.until(o, "Ready and Synced", settled)
}

// force asks for a full check and looks until it was answered and the object
// is settled.
func (d *driver) force(o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI {
	d.t.Helper()
	token := core.NewID(8)
	d.change(o, func(o *v1alpha1.CommentsAPI) { annotate(o, v1alpha1.AnnotationReconcileAt, token) })
	return d.until(o, "a settled object after a forced check", func(o *v1alpha1.CommentsAPI) bool {
		return o.Status.LastHandledReconcileAt == token && settled(o)
	})
}

// remove deletes the object and looks until it is gone.
func (d *driver) remove(o *v1alpha1.CommentsAPI) {
	d.t.Helper()
	if err := d.k8s.Delete(d.ctx, o); err != nil {
		d.t.Fatal(err)
	}
	d.until(o, "the end of "+o.Name, gone)
}

func gone(o *v1alpha1.CommentsAPI) bool { return o.Name == "" }

func annotate(o *v1alpha1.CommentsAPI, key, value string) {
	if o.Annotations == nil {
		o.Annotations = map[string]string{}
	}
	o.Annotations[key] = value
}

// reasonIs reports whether a condition has a status and a reason.
func reasonIs(kind, status, reason string) func(*v1alpha1.CommentsAPI) bool {
	return func(o *v1alpha1.CommentsAPI) bool {
		c := meta.FindStatusCondition(o.Status.Conditions, kind)
		return c != nil && string(c.Status) == status && c.Reason == reason
	}
}

// recorder keeps events instead of sending them.
type recorder struct {
	mu     sync.Mutex
	events []string
}

// Eventf implements events.EventRecorder.
func (r *recorder) Eventf(_, _ runtime.Object, kind, reason, action, note string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, kind+" "+reason+" "+action+": "+fmt.Sprintf(note, args...))
}

// list returns the events since take was called.
func (r *recorder) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// take returns the events since the last call.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.events
	r.events = nil
	return taken
}

// with returns the events that begin with prefix.
func with(events []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(events), func(e string) bool { return !strings.HasPrefix(e, prefix) })
}

func (w *world) fault(f control.Fault) control.Fault {
	w.t.Helper()
	added, err := w.aws.AddFault(w.ctx, f)
	if err != nil {
		w.t.Fatal(err)
	}
	return added
}

func (w *world) endFault(f control.Fault) {
	w.t.Helper()
	if err := w.aws.RemoveFault(w.ctx, f.ID); err != nil {
		w.t.Fatal(err)
	}
}

// moving are fields that change while nobody does anything.
var moving = regexp.MustCompile(`"LatestRestorableDateTime": [0-9.]+`)

// inventory is the whole account as indented JSON, one text per service.
func (w *world) inventory() map[string]string {
	w.t.Helper()
	services := map[string]json.RawMessage{}
	if err := w.aws.Snapshot(w.ctx, &services); err != nil {
		w.t.Fatal(err)
	}
	out := map[string]string{}
	for name, state := range services {
		var v any
		if err := json.Unmarshal(state, &v); err != nil {
			w.t.Fatal(err)
		}
		text, _ := json.MarshalIndent(v, "", " ")
		out[name] = moving.ReplaceAllString(string(text), "")
	}
	return out
}

// restAPIs returns the ids of all REST APIs of the account.
func (w *world) restAPIs() []string {
	w.t.Helper()
	out, err := w.apis.GetRestApis(w.ctx, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, api := range out.Items {
		ids = append(ids, aws.ToString(api.Id))
	}
	return ids
}

// parallel marks a test that shares nothing but the API server.
func parallel(t *testing.T) {
	t.Helper()
	testcluster.Config(t)
	t.Parallel()
}
