// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/commentsapi/operator/api/v1alpha1"
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
			// Lists show the API a while later.
			d := newDriver(t, core.Nature{Lag: map[string]core.Duration{"apigateway": core.Duration(20 * time.Second)}})
			f := d.fault(control.Fault{Operation: "CreateRestApi", Action: action})
			o := d.ready(d.create(d.object("blog")))
			d.clock.Advance(time.Minute)
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
			// Every attempt that the SDK makes is lost, not just the first.
			f := d.fault(control.Fault{Writes: true, Nth: n, Times: -1, Action: control.DropAfter})
			o := d.create(d.object("blog"))
			for d.applied(f) == 0 {
				_ = d.step(o)
			}
			d.endFault(f)
			d.restart()
			d.complete(d.ready(o))
		})
	}
}

// complete checks that a settled stack is all there, once, and works.
func (d *driver) complete(o *v1alpha1.CommentsAPI) {
	d.t.Helper()
	if ids := d.restAPIs(); len(ids) != 1 || ids[0] != o.Status.RestAPI.ID {
		d.t.Errorf("REST APIs are %v; want only %s", ids, o.Status.RestAPI.ID)
	}
	if status, answer := d.post(o, map[string]string{"pageId": "p", "userName": "u", "message": "m"}); status != 201 {
		d.t.Errorf("POST answers %d %v", status, answer)
	}
	out, err := d.apis.GetDeployments(d.ctx, &apigateway.GetDeploymentsInput{RestApiId: &o.Status.RestAPI.ID})
	if err != nil {
		d.t.Fatal(err)
	}
	if len(out.Items) != 1 {
		d.t.Errorf("%d deployments; want 1", len(out.Items))
	}
	_, _, since := d.calls(0)
	d.force(o)
	if again, _, _ := d.calls(since); len(again) > 0 {
		d.t.Errorf("the stack was not complete: %v", again)
	}
}

// TestALostStatusWrite: any single write of the object is refused, or done
// without the operator hearing of it, and the stack still comes out once.
func TestALostStatusWrite(t *testing.T) {
	parallel(t)
	const most = 30 // more than a rollout makes
	for _, after := range []bool{false, true} {
		for n := 1; n <= most; n++ {
			d := newDriver(t, core.Nature{})
			cluster := &breaking{nth: n, after: after}
			d.wrap = cluster.wrap
			d.restart()
			o := d.create(d.object("blog"))
			d.complete(d.ready(o))
			if cluster.writes < n {
				break // every write had its turn
			}
			if n == most {
				t.Fatalf("a rollout makes %d writes and more to the object", most)
			}
		}
	}
}

// breaking makes one write of an object fail.
type breaking struct {
	nth    int
	after  bool
	writes int
}

func (b *breaking) wrap(c client.WithWatch) client.Client {
	refused := apierrors.NewConflict(schema.GroupResource{Resource: "commentsapis"}, "blog", errors.New("changed meanwhile"))
	fail := func(do func() error) error {
		b.writes++
		if b.writes != b.nth {
			return do()
		}
		if b.after {
			if err := do(); err != nil {
				return err
			}
			return apierrors.NewInternalError(errors.New("the reply was lost"))
		}
		return refused
	}
	return interceptor.NewClient(c, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			return fail(func() error { return c.Patch(ctx, o, p, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			return fail(func() error { return c.SubResource(sub).Patch(ctx, o, p, opts...) })
		},
	})
}

// TestAHalfPutDefinitionIsRepaired: PutRestApi is not atomic, so after a
// failure the working copy may be a mixture (aws-facts B2).
func TestAHalfPutDefinitionIsRepaired(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	f := d.fault(control.Fault{Operation: "PutRestApi", Action: control.FailAfter, Times: -1})
	o := d.create(d.object("blog"))
	for d.applied(f) == 0 {
		_ = d.step(o)
	}
	api := d.restAPIs()[0]
	resources, err := d.apis.GetResources(d.ctx, &apigateway.GetResourcesInput{RestApiId: &api})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range resources.Items {
		if aws.ToString(r.Path) == "/comments/{pageId}" {
			if _, err := d.apis.DeleteResource(d.ctx, &apigateway.DeleteResourceInput{RestApiId: &api, ResourceId: r.Id}); err != nil {
				t.Fatal(err)
			}
		}
	}
	d.endFault(f)
	d.complete(d.ready(o))
}
