// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

func deleteTable(o *v1alpha1.CommentsAPI) { o.Spec.DeletionPolicy.Table = v1alpha1.TableDelete }

// tableNames lists the tables of the account.
func (w *world) tableNames() []string {
	w.t.Helper()
	out, err := w.tables.ListTables(w.ctx, &dynamodb.ListTablesInput{})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.TableNames
}

// roleNames lists the roles of the account.
func (w *world) roleNames() []string {
	w.t.Helper()
	out, err := w.roles.ListRoles(w.ctx, &iam.ListRolesInput{})
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, role := range out.Roles {
		names = append(names, aws.ToString(role.RoleName))
	}
	return names
}

// left checks what the account holds: these tables, and nothing else at all.
func (w *world) left(tables ...string) {
	w.t.Helper()
	if got := w.tableNames(); strings.Join(got, " ") != strings.Join(tables, " ") {
		w.t.Errorf("tables left: %v; want %v", got, tables)
	}
	if got := w.roleNames(); len(got) > 0 {
		w.t.Errorf("roles left: %v", got)
	}
	if got := w.restAPIs(); len(got) > 0 {
		w.t.Errorf("REST APIs left: %v", got)
	}
}

// TestCommentsOutliveTheObject: by default deletion keeps the table, and the
// same name made again goes on with it.
func TestCommentsOutliveTheObject(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	if status, _ := d.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": "I stay"}); status != 201 {
		t.Fatal(status)
	}
	before := d.inventory()["dynamodb"]
	d.remove(o)
	d.left("blog-comments")
	if diff := cmp.Diff(before, d.inventory()["dynamodb"]); diff != "" {
		t.Errorf("the retained table changed (-before +after):\n%s", diff)
	}
	again := d.ready(d.create(d.object("blog")))
	if _, comments := d.list(again, "p"); len(comments) != 1 || comments[0]["message"] != "I stay" {
		t.Errorf("comments after the object was made again: %v", comments)
	}
}

// TestDeletionPolicyDelete removes the table too, in spite of its protection,
// and waits until AWS has.
func TestDeletionPolicyDelete(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{Delays: core.Delays{TableDelete: core.Duration(20 * time.Second), TableUpdate: core.Duration(5 * time.Second)}})
	o := d.ready(d.create(d.object("blog", deleteTable)))
	d.remove(o)
	d.left()
}

// TestDeletionLeavesWhatIsNotOurs: a table that lost its claim, or never had
// it, stays, whatever the policy says.
func TestDeletionLeavesWhatIsNotOurs(t *testing.T) {
	parallel(t)
	t.Run("the claim was taken away", func(t *testing.T) {
		parallel(t)
		d := newDriver(t, core.Nature{})
		o := d.ready(d.create(d.object("blog", deleteTable)))
		_, err := d.tables.TagResource(d.ctx, &dynamodb.TagResourceInput{ResourceArn: &o.Status.Table.ARN,
			Tags: tableTags("commentsapi.io/name", "somebody-else")})
		if err != nil {
			t.Fatal(err)
		}
		d.remove(o)
		d.left("blog-comments")
	})
	t.Run("it never was ours", func(t *testing.T) {
		parallel(t)
		d := newDriver(t, core.Nature{})
		d.foreignTable("blog-comments")
		o := d.create(d.object("blog", deleteTable))
		d.until(o, "the conflict", reasonIs(v1alpha1.ConditionStalled, "True", v1alpha1.ReasonConflict))
		d.remove(o)
		d.left("blog-comments")
	})
	t.Run("the API carries somebody else's claim", func(t *testing.T) {
		parallel(t)
		d := newDriver(t, core.Nature{})
		o := d.ready(d.create(d.object("blog")))
		_, err := d.apis.TagResource(d.ctx, &apigateway.TagResourceInput{
			ResourceArn: aws.String("arn:aws:apigateway:" + region + "::/restapis/" + o.Status.RestAPI.ID),
			Tags:        map[string]string{"commentsapi.io/cluster": "another"}})
		if err != nil {
			t.Fatal(err)
		}
		d.remove(o)
		if got := d.restAPIs(); len(got) != 1 {
			t.Errorf("REST APIs left: %v; want the foreign one", got)
		}
	})
}

// TestDeletionInEveryState: an object can be deleted whatever state it is in.
func TestDeletionInEveryState(t *testing.T) {
	parallel(t)
	t.Run("paused", func(t *testing.T) {
		parallel(t)
		d := newDriver(t, core.Nature{})
		o := d.ready(d.create(d.object("blog")))
		d.change(o, func(o *v1alpha1.CommentsAPI) { annotate(o, v1alpha1.AnnotationPaused, "true") })
		d.remove(o)
		d.left("blog-comments")
	})
	t.Run("observing", func(t *testing.T) {
		parallel(t)
		d := newDriver(t, core.Nature{})
		o := d.ready(d.create(d.object("blog", deleteTable)))
		d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Mode = v1alpha1.ModeObserve })
		before := d.inventory()
		d.remove(o)
		if diff := cmp.Diff(before, d.inventory()); diff != "" {
			t.Errorf("mode Observe deleted something (-before +after):\n%s", diff)
		}
	})
	t.Run("before the first look", func(t *testing.T) {
		parallel(t)
		d := newDriver(t, core.Nature{})
		d.remove(d.create(d.object("blog")))
		d.left()
	})
	t.Run("while it never could start", func(t *testing.T) {
		parallel(t)
		d := newDriver(t, core.Nature{})
		d.meet(access{d.endpoint, "local", "wrong"})
		o := d.create(d.object("blog"))
		_ = d.step(o)
		d.remove(o)
		d.left()
	})
	t.Run("everything was deleted by hand", func(t *testing.T) {
		parallel(t)
		d := newDriver(t, core.Nature{})
		o := d.ready(d.create(d.object("blog", deleteTable)))
		d.dropTable("blog-comments")
		d.dropRole(o)
		d.dropAPI(o)
		d.remove(o)
		d.left()
	})
	t.Run("at any moment of a rollout", func(t *testing.T) {
		parallel(t)
		for looks := 1; looks < 12; looks++ {
			d := newDriver(t, core.Nature{Delays: core.Delays{TableCreate: core.Duration(time.Second)}})
			o := d.create(d.object("blog", deleteTable))
			for range looks {
				_ = d.step(o)
			}
			d.remove(o)
			d.left()
		}
	})
}

// TestDeletionWaitsForAWS: without AWS nothing can be removed, so the object
// stays, says so, and goes once AWS is back.
func TestDeletionWaitsForAWS(t *testing.T) {
	parallel(t)
	for name, c := range map[string]struct {
		reason string
		begin  func(d *driver) func()
	}{
		"unreachable": {v1alpha1.ReasonEndpointUnreachable, func(d *driver) func() { return d.meet(access{closedPort(d.t), "local", "local"}) }},
		"denied":      {v1alpha1.ReasonAccessDenied, func(d *driver) func() { return d.deny("apigateway:DELETE") }},
		"wrong account": {v1alpha1.ReasonAccountChanged, func(d *driver) func() {
			end := d.meet(access{d.endpoint, "210987654321", "local"})
			return func() {
				end()
				d.restart() // good credentials are kept until they expire
			}
		}},
		"throttled": {v1alpha1.ReasonThrottled, func(d *driver) func() {
			return d.hamper(control.Fault{Operation: "DeleteRestApi", Action: control.Refuse, Status: 429, RetryAfter: "30"})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			o := d.ready(d.create(d.object("blog")))
			end := c.begin(d)
			d.recorder.take()
			if err := d.k8s.Delete(d.ctx, o); err != nil {
				t.Fatal(err)
			}
			live := d.until(o, c.reason, reasonIs(v1alpha1.ConditionReconciling, "True", c.reason))
			if m := meta.FindStatusCondition(live.Status.Conditions, v1alpha1.ConditionReady).Message; !strings.Contains(m, "deletion waits") {
				t.Errorf("message: %s", m)
			}
			for range 5 {
				_ = d.step(o)
			}
			if again := d.live(o).ResourceVersion; again != live.ResourceVersion {
				t.Error("the object changes while nothing else does")
			}
			if warnings := with(d.recorder.take(), "Warning DeletionWaits"); len(warnings) != 1 {
				t.Errorf("events: %v; want one", warnings)
			}
			end()
			d.until(o, "the end", gone)
			d.left("blog-comments")
		})
	}
}

// TestDeletionAfterALostReply: an API that may have been created a moment ago
// is waited for, so that none is left behind.
func TestDeletionAfterALostReply(t *testing.T) {
	parallel(t)
	lag := core.Duration(20 * time.Second)
	d := newDriver(t, core.Nature{Lag: map[string]core.Duration{"apigateway": lag}})
	f := d.fault(control.Fault{Operation: "CreateRestApi", Action: control.DropAfter})
	o := d.create(d.object("blog"))
	for d.applied(f) == 0 {
		_ = d.step(o)
	}
	d.restart()
	d.remove(o)
	d.clock.Advance(lag.D())
	d.left("blog-comments")
}

// TestDeletionAfterAStall leaves no Stalled condition beside Reconciling.
func TestDeletionAfterAStall(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	end := d.deny("apigateway:*")
	d.until(o, "Stalled", reasonIs(v1alpha1.ConditionStalled, "True", v1alpha1.ReasonAccessDenied))
	if err := d.k8s.Delete(d.ctx, o); err != nil {
		t.Fatal(err)
	}
	live := d.until(o, "Reconciling", reasonIs(v1alpha1.ConditionReconciling, "True", v1alpha1.ReasonAccessDenied))
	if meta.FindStatusCondition(live.Status.Conditions, v1alpha1.ConditionStalled) != nil {
		t.Error("Stalled stays while the object is being deleted")
	}
	end()
	d.until(o, "the end", gone)
}
