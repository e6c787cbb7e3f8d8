// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/testcluster"
)

func in(namespace string) func(*v1alpha1.CommentsAPI) {
	return func(o *v1alpha1.CommentsAPI) { o.Namespace = namespace }
}

// TestANeighbourCantTouchAnything: whatever somebody writes in namespace A, no
// write goes to what an object in namespace B has, neither while the attacking
// object lives nor when it is deleted, and B is not named.
func TestANeighbourCantTouchAnything(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	victim := d.ready(d.create(d.object("blog", in(testcluster.Namespace(t)), table("victims"))))
	everything := tableARN("victims") + "," + apiARN(victim.Status.RestAPI.ID)
	forge := func(o *v1alpha1.CommentsAPI) {
		forged := d.live(o)
		forged.Status = *victim.Status.DeepCopy()
		forged.Status.Conditions = nil
		d.must(d.k8s.Status().Update(d.ctx, forged))
	}
	for name, c := range map[string]struct {
		how   func(*v1alpha1.CommentsAPI)
		allow string
		forge func(*v1alpha1.CommentsAPI)
	}{
		"names the table":             {how: table("victims")},
		"takes the same name":         {how: func(o *v1alpha1.CommentsAPI) { o.Name = "blog"; o.Spec.TableName = "victims" }},
		"adopts the table":            {how: func(o *v1alpha1.CommentsAPI) { table("victims")(o); adoptTable(o) }},
		"adopts the table, allowed":   {how: func(o *v1alpha1.CommentsAPI) { table("victims")(o); adoptTable(o) }, allow: everything},
		"adopts the API":              {how: adoptAPI(victim.Status.RestAPI.ID)},
		"adopts the API, allowed":     {how: adoptAPI(victim.Status.RestAPI.ID), allow: everything},
		"forges status":               {how: table("victims"), forge: forge},
		"forges status, another name": {how: table("mine"), forge: forge},
		"forges the API's id alone": {how: table("mine"), forge: func(o *v1alpha1.CommentsAPI) {
			forged := d.live(o)
			forged.Status.AccountID, forged.Status.RestAPI = account, victim.Status.RestAPI.DeepCopy()
			d.must(d.k8s.Status().Update(d.ctx, forged))
		}},
		"annotates its own object": {how: func(o *v1alpha1.CommentsAPI) {
			table("victims")(o)
			adoptTable(o)
			annotate(o, v1alpha1.AnnotationAllowAdopt, everything)
			annotate(o, v1alpha1.AnnotationRecreateTable, "true")
			annotate(o, v1alpha1.AnnotationRoleARN, "arn:aws:iam::"+account+":role/admin")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d.decree(d.namespace, v1alpha1.AnnotationAllowAdopt, c.allow)
			before, start := d.inventory(), d.now()
			o := d.create(d.object("attack", c.how, deleteTable))
			if c.forge != nil {
				c.forge(o)
			}
			for range 6 {
				_ = d.step(o)
			}
			live := d.live(o)
			if stall := message(live, v1alpha1.ConditionStalled); stall == "" || strings.Contains(stall, victim.Namespace) || strings.Contains(stall, string(victim.UID)) {
				t.Errorf("Stalled says %q; want a message that does not name the neighbour", stall)
			}
			d.remove(o)
			if writes := d.writesSince(start); len(writes) > 0 {
				t.Errorf("writes: %v", writes)
			}
			for service, state := range d.inventory() {
				if state != before[service] {
					t.Errorf("what %s holds has changed", service)
				}
			}
		})
	}
	d.force(victim)
}

// TestWhatWasRetainedIsNotTakenByAnotherName, but on request, by its name in
// full, once nobody lives on it.
func TestWhatWasRetainedIsNotTakenByAnotherName(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	first := d.ready(d.create(d.object("blog", in(testcluster.Namespace(t)), table("comments"))))
	d.post(first, map[string]string{"pageId": "p", "userName": "Ann", "message": "I stay"})
	second := d.create(d.object("shop", table("comments"), adoptTable))
	d.decree(d.namespace, v1alpha1.AnnotationAllowAdopt, tableARN("comments"))
	d.until(second, "AdoptionDenied", stalled(v1alpha1.ReasonAdoptionDenied))
	d.remove(first)
	d.decree(d.namespace, v1alpha1.AnnotationAllowAdopt, "")
	start := d.now()
	for range 3 {
		_ = d.step(second)
	}
	if live := d.live(second); !stalled(v1alpha1.ReasonAdoptionDenied)(live) || len(d.writesSince(start)) > 0 {
		t.Errorf("what nobody lives on is taken over without being allowed: %v: %s", d.writesSince(start), describeStatus(live))
	}
	d.decree(d.namespace, v1alpha1.AnnotationAllowAdopt, tableARN("comments"))
	second = d.ready(second)
	if _, comments := d.list(second, "p"); len(comments) != 1 || comments[0]["message"] != "I stay" {
		t.Errorf("comments: %v", comments)
	}
	if tag := d.tagsOf("comments")["commentsapi.io/adopted"]; tag != "" {
		t.Errorf("a table that an operator made is marked as made by somebody else: %q", tag)
	}
}

// TestTwoClustersAndOneTable: the first keeps it. What another cluster claims
// changes hands by adoption only, and is not taken back.
func TestTwoClustersAndOneTable(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	first := d.ready(d.create(d.object("blog", table("comments"))))
	d.options.ClusterID = "another-cluster"
	d.restart()
	second := d.create(d.object("blog2", table("comments")))
	start := d.now()
	d.until(second, "Conflict", stalled(v1alpha1.ReasonConflict))
	if writes := d.writesSince(start); len(writes) > 0 {
		t.Errorf("writes: %v", writes)
	}
	d.decree(d.namespace, v1alpha1.AnnotationAllowAdopt, tableARN("comments"))
	d.change(second, adoptTable)
	d.ready(second)

	d.options.ClusterID = cluster
	d.restart()
	d.change(first, func(o *v1alpha1.CommentsAPI) { adoptTable(o); annotate(o, v1alpha1.AnnotationReconcileAt, "now") })
	start = d.now()
	d.until(first, "ClaimLost", stalled(v1alpha1.ReasonClaimLost))
	if writes := d.writesSince(start); len(writes) > 0 {
		t.Errorf("the first takes it back: %v", writes)
	}
	d.remove(first)
	if tags := d.tagsOf("comments"); tags["commentsapi.io/cluster"] != "another-cluster" {
		t.Errorf("tags after the first object went: %v", tags)
	}
}

// TestARestoredTableIsAdopted: a table that AWS restored from its backup has
// no tags.
func TestARestoredTableIsAdopted(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog", unordered)))
	d.dropTable("blog-comments")
	d.until(o, "TableMissing", stalled(v1alpha1.ReasonTableMissing))
	d.articleTable("blog-comments")
	d.until(o, "ClaimLost", stalled(v1alpha1.ReasonClaimLost))
	d.decree(d.namespace, v1alpha1.AnnotationAllowAdopt, tableARN("blog-comments"))
	d.change(o, adoptTable)
	o = d.ready(o)
	if _, comments := d.list(o, "p"); len(comments) != 1 {
		t.Errorf("comments: %v", comments)
	}
}

// TestATerminatingNamespaceLetsItsObjectsGo, with their stacks.
func TestATerminatingNamespaceLetsItsObjectsGo(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	d.must(d.k8s.Delete(d.ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: d.namespace}}))
	d.remove(o)
	d.left("blog-comments")
}

// TestTheWayOutOfAWaitingDeletion: an object whose AWS can't be reached can be
// given up, and AWS keeps everything.
func TestTheWayOutOfAWaitingDeletion(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog", deleteTable)))
	before := d.inventory()
	end := d.meet(access{closedPort(d.t), "local", "local"})
	d.must(d.k8s.Delete(d.ctx, o))
	d.until(o, "the wait", reasonIs(v1alpha1.ConditionReconciling, "True", v1alpha1.ReasonEndpointUnreachable))
	d.change(o, observing)
	d.until(o, "the end", gone)
	end()
	for service, state := range d.inventory() {
		if state != before[service] {
			t.Errorf("what %s holds has changed", service)
		}
	}
}
