// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/go-logr/logr/funcr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/log"

	kstatus "github.com/fluxcd/cli-utils/pkg/kstatus/status"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/controllers"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/sts"
)

const (
	region     = "eu-west-1"
	cluster    = "cluster"
	namespace  = "shop"
	objectName = "blog"
	endpoint   = "http://aws.invalid"
	// hangUp is the operator's patience with one call to AWS.
	hangUp = 20 * time.Second
)

var key = types.NamespacedName{Namespace: namespace, Name: objectName}

// world is one run's: a cluster, an AWS account with bystanders in it, and the
// operator.
type world struct {
	t   testing.TB
	ctx context.Context

	aws    *localaws.Server
	pages  map[string][]json.RawMessage // by list
	tables *dynamodb.Client
	roles  *iam.Client
	apis   *apigateway.Client

	k8s  client.WithWatch // the cluster itself
	past []version        // what the object was before

	op    *operator // whose turn it is
	rival *operator // a second one, when there is one
	duet  *duet     // the two work at the same time
	skew  time.Duration
	logs  *strings.Builder
	// sessions are the secrets of roles that were assumed.
	sessions map[string]string
	lives    int // incarnations of the object so far

	paced    bool // the operator keeps within AWS's quotas
	inject   []injection
	counts   map[string]int
	sites    []site          // every call in order
	states   map[site]string // what was there at each call of a run without faults
	learned  int             // how many of them a fault may meet; 0 is all
	moments  []string        // what kstatus made of the object, one after the other
	met      int             // faults that befell a call
	turns    int             // looks that ended because AWS's quota has no turn yet
	failures int             // looks that ended in an error, one after the other
	most     int             // calls that one look made at most
	traits   trait
	trace    bool
	lagFrom  time.Time // reads of AWS trail from then until lagEnds
	lagEnds  time.Time
	oldGets  time.Time // gets are stale until then
	storms   []stormAt
	// takenOver is the table, or the REST API, that the object may adopt.
	takenOver string
	forced    bool // a finalizer was removed by force
	hidden    bool // a list kept something of the object back while nothing else told of it

	inv  invariants
	soak *soak // a crowd instead of one object
	// result
	comments   int // posted by visitors
	violations []string
}

// version is the object as it was from a moment on.
type version struct {
	at  time.Time
	obj *v1alpha1.CommentsAPI
}

// injection is a fault at a site.
type injection struct {
	At    site
	Fault fault
	done  bool
}

type stormAt struct {
	op    string
	ends  time.Time
	fault fault
}

func newWorld(t testing.TB, inject []injection, paced bool) *world {
	w := &world{t: t, paced: paced, pages: map[string][]json.RawMessage{}, counts: map[string]int{}, logs: &strings.Builder{}, sessions: map[string]string{}, inject: inject}
	logger := funcr.New(func(prefix, args string) { w.logs.WriteString(prefix + args + "\n") }, funcr.Options{Verbosity: 10})
	w.ctx = log.IntoContext(t.Context(), logger)
	for _, i := range inject {
		w.traits |= i.Fault.traits
	}
	var err error
	w.aws, err = localaws.New(localaws.Options{
		Keys: []sts.Key{{AccessKey: "AKIAOPERATOR", Secret: secretCanary, AccountID: sts.LocalAccount, User: "operator"}},
		Nature: core.Nature{Delays: core.Delays{
			TableCreate: core.Duration(3 * time.Second), TableUpdate: core.Duration(time.Second), TableDelete: core.Duration(2 * time.Second),
			IndexCreate: core.Duration(5 * time.Second), IndexDelete: core.Duration(2 * time.Second), RoleAssumable: core.Duration(3 * time.Second),
			CacheCluster: core.Duration(time.Minute),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	other := w.config(direct{w}, sts.LocalKey, sts.LocalKey)
	w.tables, w.roles, w.apis = dynamodb.NewFromConfig(other), iam.NewFromConfig(other), apigateway.NewFromConfig(other)
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	w.k8s = fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.CommentsAPI{}).
		WithObjects(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace, UID: "ns-uid", Finalizers: []string{"kubernetes"}}}).Build()
	w.bystanders()
	w.inv.start(w)
	w.restart()
	return w
}

func (w *world) config(t http.RoundTripper, key, secret string) aws.Config {
	return aws.Config{Region: region, BaseEndpoint: aws.String(endpoint),
		HTTPClient:  caller{t},
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, "")}
}

// operator is one process of the operator: what it remembers.
type operator struct {
	r *controllers.Reconciler
	// wake gives it its turn in a duet.
	wake chan struct{}
	// doomed is one that died in a goroutine that is not its own: it gets no
	// further call done.
	doomed bool
}

// restart replaces the operator by one that remembers nothing.
func (w *world) restart() { w.op = w.newOperator() }

func (w *world) newOperator() *operator {
	op := &operator{wake: make(chan struct{})}
	op.r = &controllers.Reconciler{
		Client:   w.watched(op, w.k8s),
		Recorder: recorder{w},
		Clouds:   awscloud.NewFactory(w.cloud(op)),
		Options: controllers.Options{ClusterID: cluster, RolePath: "/commentsapi/", Probe: true,
			InvokeURLTemplate: endpoint + localaws.InvokeURLTemplate},
		Now: func() time.Time { return time.Now().Add(w.skew) },
	}
	return op
}

// quotaShare is the part of AWS's quotas that a paced operator has: one object
// alone would never wait for all of it. Deployments are 20 s apart then, and
// deletions of REST APIs two minutes.
const quotaShare = 0.25

// cloud is an operator's way to AWS. Most run without pacing; where it is on,
// each operator takes the quotas for used up by the one before it.
func (w *world) cloud(op *operator) awscloud.Config {
	c := awscloud.Config{Quotas: []awscloud.Quota{}, BaseConfig: func(context.Context) (aws.Config, error) {
		return w.config(wire{w, op}, "AKIAOPERATOR", secretCanary), nil
	}}
	if w.paced {
		c.Quotas, c.QuotaShare, c.Successor = awscloud.DefaultQuotas(), quotaShare, true
	}
	return c
}

// recorder writes events where the canaries are looked for.
type recorder struct{ w *world }

// Eventf implements events.EventRecorder.
func (r recorder) Eventf(_, _ runtime.Object, kind, reason, action, note string, args ...any) {
	fmt.Fprintf(r.w.logs, "event %s %s %s: %s\n", kind, reason, action, fmt.Sprintf(note, args...))
}

// live is the object as the cluster has it; nil when there is none.
func (w *world) live() *v1alpha1.CommentsAPI {
	o := &v1alpha1.CommentsAPI{}
	if err := w.k8s.Get(context.Background(), key, o); err != nil {
		return nil
	}
	return o
}

// create makes a new incarnation of the object.
func (w *world) create(changes ...func(*v1alpha1.CommentsAPI)) {
	w.t.Helper()
	w.lives++
	o := &v1alpha1.CommentsAPI{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: objectName, Generation: 1, UID: types.UID(fmt.Sprintf("uid-%d", w.lives)), CreationTimestamp: metav1.Now()},
		Spec: v1alpha1.CommentsAPISpec{TableName: "blog-comments", Region: region, Stage: "prod",
			Mode: v1alpha1.ModeEnforce, DriftCheckInterval: "10m",
			DeletionPolicy: v1alpha1.DeletionPolicy{Table: v1alpha1.TableRetain}},
	}
	for _, change := range changes {
		change(o)
	}
	if err := w.k8s.Create(context.Background(), o); err != nil {
		w.t.Fatal(err)
	}
	w.remember()
	w.becomes("right after the object was created", kstatus.InProgressStatus)
}

// edit is a user's change of the object. The fake client does not count
// generations, so it is done here.
func (w *world) edit(change func(*v1alpha1.CommentsAPI)) {
	w.t.Helper()
	o := w.live()
	if o == nil {
		return
	}
	spec, _ := json.Marshal(o.Spec)
	change(o)
	after, _ := json.Marshal(o.Spec)
	changed := string(after) != string(spec)
	if changed {
		o.Generation++
	}
	if err := w.k8s.Update(context.Background(), o); err != nil {
		w.t.Fatal(err)
	}
	w.remember()
	if changed {
		w.becomes("right after the spec was changed", kstatus.InProgressStatus)
	}
}

func (w *world) delete() {
	w.t.Helper()
	if o := w.live(); o != nil && o.DeletionTimestamp.IsZero() {
		if err := w.k8s.Delete(context.Background(), o); err != nil {
			w.t.Fatal(err)
		}
		w.remember()
		w.becomes("right after the object was deleted", kstatus.TerminatingStatus)
	}
}

// remember keeps the object's present version for caches that trail.
func (w *world) remember() {
	w.past = append(w.past, version{time.Now(), w.live()})
}

func annotate(o *v1alpha1.CommentsAPI, key, value string) {
	if o.Annotations == nil {
		o.Annotations = map[string]string{}
	}
	if value == "" {
		delete(o.Annotations, key)
	} else {
		o.Annotations[key] = value
	}
}

func conditionIs(o *v1alpha1.CommentsAPI, kind string, status metav1.ConditionStatus) bool {
	c := meta.FindStatusCondition(o.Status.Conditions, kind)
	return c != nil && c.Status == status && c.ObservedGeneration == o.Generation
}

func settled(o *v1alpha1.CommentsAPI) bool {
	return o != nil && o.Status.ObservedGeneration == o.Generation && len(o.Status.Plan) == 0 &&
		o.Status.LastHandledReconcileAt == o.Annotations[v1alpha1.AnnotationReconcileAt] &&
		conditionIs(o, v1alpha1.ConditionReady, metav1.ConditionTrue) && conditionIs(o, v1alpha1.ConditionSynced, metav1.ConditionTrue)
}

// must ends the run when the scenery can't be set up.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (w *world) violate(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, v := range w.violations {
		if v == text {
			return
		}
	}
	w.violations = append(w.violations, text)
}
