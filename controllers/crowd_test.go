// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// looks looks at an object as the work queue does until it is as wanted, and
// tells every state it finds.
func (d *driver) looks(o *v1alpha1.CommentsAPI, wanted func(*v1alpha1.CommentsAPI) bool, tell func(*v1alpha1.CommentsAPI)) {
	key := client.ObjectKeyFromObject(o)
	for start := time.Now(); time.Since(start) < patience; {
		result, err := d.r.Reconcile(d.ctx, reconcile.Request{NamespacedName: key})
		live := &v1alpha1.CommentsAPI{}
		if get := d.k8s.Get(d.ctx, key, live); get != nil {
			d.t.Error(get)
			return
		}
		if tell(live); wanted(live) {
			return
		}
		wait := result.RequeueAfter
		if err != nil || wait > patience { // its moment in the interval has come
			wait = closestLooks
		}
		time.Sleep(wait)
	}
	d.t.Errorf("%s is not done after %s", o.Name, patience)
}

// deployments are the ids of the REST APIs that were deployed since, in order.
func (d *driver) deployments(since int64) (apis []string) {
	for _, write := range d.writes(since) {
		if fields := strings.Fields(write); fields[1] == "CreateDeployment" {
			apis = append(apis, fields[2])
		}
	}
	return apis
}

// TestACrowdIsUpgradedInTurns: when a new version makes all definitions anew,
// AWS allows one deployment in a while, so the objects take turns. All of them
// serve and stay Ready meanwhile, and what a person changes goes first.
func TestACrowdIsUpgradedInTurns(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	const crowd, turn = 6, time.Second
	older := map[string]string{}
	var objects []*v1alpha1.CommentsAPI
	for i := range crowd {
		o := d.olderVersion(d.ready(d.create(d.object(fmt.Sprint("blog-", i)))))
		objects, older[o.Name] = append(objects, o), o.Status.Stage.DefinitionSHA256
	}
	urgent := d.ready(d.create(d.object("urgent")))
	// The pacer goes by the system's clock.
	d.config.Quotas = []awscloud.Quota{{Service: "API Gateway", Operation: "CreateDeployment", Count: 1, Per: turn}}
	d.restart()
	start := d.now()

	var group sync.WaitGroup
	var mu sync.Mutex
	reasons := map[string]map[string]bool{}
	for _, o := range objects {
		reasons[o.Name] = map[string]bool{}
		group.Go(func() {
			upgraded := func(o *v1alpha1.CommentsAPI) bool {
				return o.Status.Stage.DefinitionSHA256 != older[o.Name] && settled(o)
			}
			d.looks(o, upgraded, func(o *v1alpha1.CommentsAPI) {
				if !reasonIs(v1alpha1.ConditionReady, "True", v1alpha1.ReasonAvailable)(o) {
					t.Errorf("%s is not Ready in the middle of an upgrade: %s", o.Name, describeStatus(o))
				}
				if c := meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionReconciling); c != nil {
					mu.Lock()
					defer mu.Unlock()
					reasons[o.Name][c.Reason] = true
				}
			})
		})
	}
	d.poll("the first upgrade", func() bool { return len(d.deployments(start)) > 0 }, func() string { return "no deployment" })
	first := time.Now()
	d.change(urgent, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.PageSize = 7 })
	before := len(d.deployments(start))
	group.Go(func() { d.looks(urgent, settled, func(*v1alpha1.CommentsAPI) {}) })
	group.Wait()
	took := time.Since(first)

	order := d.deployments(start)
	if len(order) != crowd+1 {
		t.Fatalf("%d deployments: %v; want one for each of %d objects", len(order), order, crowd+1)
	}
	if at := slices.Index(order, urgent.Status.RestAPI.ID); at > before+2 {
		t.Errorf("a person's change was deployed after %d upgrades, of which %d were done before it; it goes first", at, before)
	}
	if least := (crowd - 1) * turn; took < least {
		t.Errorf("the deployments took %s, where one in %s is allowed", took, turn)
	}
	for name, seen := range reasons {
		delete(seen, v1alpha1.ReasonWaitingForQuota)
		if len(seen) > 1 || len(seen) == 1 && !seen[v1alpha1.ReasonUpgrade] {
			t.Errorf("reasons of %s in an upgrade: %v", name, seen)
		}
	}
}
