// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// TestALostReplyMakesNoSecondAPI: CreateRestApi has no token against being
// made twice, so whatever becomes of its reply, one REST API is there in the
// end.
func TestALostReplyMakesNoSecondAPI(t *testing.T) {
	parallel(t)
	for _, action := range []control.Action{control.DropAfter, control.FailAfter, control.HangAfter,
		control.Malformed, control.Empty, control.DropBefore, control.FailBefore} {
		t.Run(string(action), func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			f := d.fault(control.Fault{Operation: "CreateRestApi", Action: action})
			o := d.ready(d.create(d.object("blog")))
			if ids := d.restAPIs(); len(ids) != 1 || ids[0] != o.Status.RestAPI.ID {
				t.Errorf("REST APIs are %v; want only %s", ids, o.Status.RestAPI.ID)
			}
			if applied := d.applied(f); applied != 1 {
				t.Errorf("the fault applied %d times; the test proves nothing", applied)
			}
		})
	}
}

func (d *driver) applied(f control.Fault) int {
	d.t.Helper()
	all, err := d.aws.Faults(d.ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, one := range all {
		if one.ID == f.ID {
			return one.Applied
		}
	}
	return 0
}

// TestALostReplyPilesNothingUp: a deployment whose reply was lost is found
// again by its description.
func TestALostReplyPilesNothingUp(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	d.fault(control.Fault{Operation: "CreateDeployment", Action: control.DropAfter, Times: 1})
	o := d.ready(d.create(d.object("blog")))
	out, err := d.apis.GetDeployments(d.ctx, &apigateway.GetDeploymentsInput{RestApiId: &o.Status.RestAPI.ID})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Items) != 1 {
		t.Errorf("%d deployments; want 1", len(out.Items))
	}
}

// TestACrashAfterAnyWrite: after every single write of a rollout the reply is
// lost and the operator dies; a new one ends up with the same stack.
func TestACrashAfterAnyWrite(t *testing.T) {
	parallel(t)
	writes := 0
	{
		d := newDriver(t, core.Nature{})
		d.ready(d.create(d.object("blog")))
		names, _, _ := d.calls(0)
		writes = len(names)
	}
	if writes < 8 {
		t.Fatalf("a rollout makes %d writes; want at least 8", writes)
	}
	for n := 1; n <= writes; n++ {
		t.Run(fmt.Sprint("write ", n), func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			f := d.fault(control.Fault{Writes: true, Nth: n, Action: control.DropAfter})
			o := d.create(d.object("blog"))
			for d.applied(f) == 0 {
				_ = d.step(o)
			}
			d.restart()
			o = d.ready(o)
			if ids := d.restAPIs(); len(ids) != 1 || ids[0] != o.Status.RestAPI.ID {
				t.Errorf("REST APIs are %v; want only %s", ids, o.Status.RestAPI.ID)
			}
			if status, answer := d.post(o, map[string]string{"pageId": "p", "userName": "u", "message": "m"}); status != 201 {
				t.Errorf("POST answers %d %v", status, answer)
			}
			_, _, since := d.calls(0)
			d.force(o)
			if again, _, _ := d.calls(since); len(again) > 0 {
				t.Errorf("the stack was not complete: %v", again)
			}
		})
	}
}
