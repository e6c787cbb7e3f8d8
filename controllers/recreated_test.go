// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/testcluster"
)

// recreate ends an empty namespace, as a cluster's namespace controller does,
// and makes another of its name.
func (w *world) recreate(name string) {
	w.t.Helper()
	old := &corev1.Namespace{}
	w.must(w.k8s.Get(w.ctx, client.ObjectKey{Name: name}, old))
	uid := old.UID
	w.must(w.k8s.Delete(w.ctx, old))
	w.must(w.k8s.Get(w.ctx, client.ObjectKey{Name: name}, old))
	old.Spec.Finalizers = nil
	w.must(w.k8s.SubResource("finalize").Update(w.ctx, old))
	w.poll("the end of the namespace "+name, func() bool {
		return apierrors.IsNotFound(w.k8s.Get(w.ctx, client.ObjectKey{Name: name}, &corev1.Namespace{}))
	}, func() string { return "it is still there" })
	again := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	w.must(w.k8s.Create(w.ctx, again))
	if again.UID == uid {
		w.t.Fatal("the namespace has the uid of the old one; the test proves nothing")
	}
}

// denied steps an object that must not get what another one left, and then
// deletes it: nothing is written, and AWS holds what it held.
func (d *driver) denied(o *v1alpha1.CommentsAPI, reason string) {
	d.t.Helper()
	before, start := d.inventory(), d.now()
	d.create(o)
	d.until(o, reason, stalled(reason))
	for range 3 {
		_ = d.step(o)
	}
	if writes := d.writesSince(start); len(writes) > 0 {
		d.t.Errorf("writes while it lives: %v", writes)
	}
	d.remove(o)
	if writes := d.writesSince(start); len(writes) > 0 {
		d.t.Errorf("writes of the deletion: %v", writes)
	}
	for service, state := range d.inventory() {
		if state != before[service] {
			d.t.Errorf("what %s holds has changed", service)
		}
	}
}

// takesOver has an object adopt what is allowed, and serve its old comment.
func (d *driver) takesOver(o *v1alpha1.CommentsAPI) {
	d.t.Helper()
	d.decree(o.Namespace, v1alpha1.AnnotationAllowAdopt, tableARN(o.Spec.TableName))
	o = d.ready(d.create(o))
	if _, comments := d.list(o, "p"); len(comments) != 1 || comments[0]["message"] != "I stay" {
		d.t.Errorf("comments: %v", comments)
	}
}

// TestARecreatedNamespaceIsAnother: who makes a namespace of a name that
// somebody else's had doesn't get the table that was retained there, but by an
// adoption, which a cluster admin allows.
func TestARecreatedNamespaceIsAnother(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	namespace := testcluster.Namespace(t)
	blog := func(how ...func(*v1alpha1.CommentsAPI)) *v1alpha1.CommentsAPI {
		return d.object("blog", append([]func(*v1alpha1.CommentsAPI){in(namespace), table("comments")}, how...)...)
	}
	o := d.ready(d.create(blog()))
	d.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": "I stay"})
	d.remove(o)
	d.left("comments")
	d.recreate(namespace)
	d.denied(blog(deleteTable), v1alpha1.ReasonConflict)
	d.denied(blog(deleteTable, adoptTable), v1alpha1.ReasonAdoptionDenied)
	d.takesOver(blog(adoptTable))
}

// TestANewClusterAdopts: the retained table of an object in a cluster that is
// gone is not picked up by the same names in another one, but adopted.
func TestANewClusterAdopts(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog", table("comments"))))
	d.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": "I stay"})
	d.remove(o)
	d.options.ClusterID = "another-cluster"
	d.restart()
	d.denied(d.object("blog", table("comments"), deleteTable), v1alpha1.ReasonConflict)
	d.takesOver(d.object("blog", table("comments"), adoptTable))
	if got := d.tagsOf("comments")["commentsapi.io/cluster"]; got != "another-cluster" {
		t.Errorf("the table's cluster is %q", got)
	}
}

// TestForgedIdentitiesOfOptions: an attacker's status that names the key, the
// usage plan and the moderators' role of a neighbour gets none of them changed
// or deleted, whether its own spec has these options or not.
func TestForgedIdentitiesOfOptions(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	options := func(o *v1alpha1.CommentsAPI) {
		keyed(&o.Spec)
		o.Spec.Comments.Moderation = v1alpha1.ModerationBeforeListing
		o.Spec.Comments.Deletion = v1alpha1.Enabled
	}
	victim := d.ready(d.create(d.object("blog", in(testcluster.Namespace(t)), table("victims"), options)))
	role := victim.Status.ModeratorRole
	if victim.Status.APIKey == nil || victim.Status.UsagePlan == nil || role == nil {
		t.Fatalf("the victim lacks what is to be attacked: %s", describeStatus(victim))
	}
	names := []string{"victims", victim.Status.APIKey.ID, victim.Status.UsagePlan.ID, victim.Status.RestAPI.ID,
		victim.Status.Role.ARN[strings.LastIndex(victim.Status.Role.ARN, "/")+1:], role.ARN[strings.LastIndex(role.ARN, "/")+1:]}
	for name, how := range map[string]func(*v1alpha1.CommentsAPI){
		"with the options":    options,
		"without the options": func(*v1alpha1.CommentsAPI) {},
	} {
		t.Run(name, func(t *testing.T) {
			start := d.now()
			o := d.create(d.object("attack", table("mine"), how, deleteTable))
			forged := d.live(o)
			forged.Status.AccountID = account
			forged.Status.APIKey = victim.Status.APIKey.DeepCopy()
			forged.Status.UsagePlan = victim.Status.UsagePlan.DeepCopy()
			forged.Status.ModeratorRole = role.DeepCopy()
			d.must(d.k8s.Status().Update(d.ctx, forged))
			for range 12 {
				_ = d.step(o)
			}
			d.remove(o)
			for _, write := range d.writesSince(start) {
				if slices.ContainsFunc(names, func(name string) bool { return strings.Contains(write, name) }) {
					t.Errorf("a write to what is the victim's: %s", write)
				}
			}
			start = d.now()
			victim = d.force(victim)
			if writes := d.writesSince(start); len(writes) > 0 {
				t.Errorf("the victim had to be mended: %v", writes)
			}
		})
	}
}
