// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// frozen is a cache that shows one old copy of the object for good.
func frozen(old *v1alpha1.CommentsAPI) func(client.WithWatch) client.Client {
	return func(c client.WithWatch) client.Client {
		return interceptor.NewClient(c, interceptor.Funcs{
			Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
				if obj, ok := o.(*v1alpha1.CommentsAPI); ok {
					old.DeepCopyInto(obj)
					return nil
				}
				return c.Get(ctx, key, o, opts...)
			},
		})
	}
}

// TestAnOldCopyOfTheObjectWritesNothing: whatever the cache shows, AWS is
// written to on behalf of the object as it is now and of no earlier one.
func TestAnOldCopyOfTheObjectWritesNothing(t *testing.T) {
	parallel(t)
	renamed := func(d *driver, o *v1alpha1.CommentsAPI) {
		d.change(o, func(o *v1alpha1.CommentsAPI) { o.Labels = map[string]string{"team": "web"} })
		if _, err := d.apis.DeleteStage(d.ctx, &apigateway.DeleteStageInput{RestApiId: &o.Status.RestAPI.ID, StageName: new("prod")}); err != nil {
			d.t.Fatal(err)
		}
	}
	for name, since := range map[string]struct {
		// old is the copy that the cache is left with.
		old func(d *driver, o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI
		// then happens after it.
		then func(d *driver, o *v1alpha1.CommentsAPI)
	}{
		"the object was changed, and its stage removed": {
			old:  func(_ *driver, o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI { return o.DeepCopy() },
			then: renamed,
		},
		"the object was deleted, and is gone": {
			old:  func(_ *driver, o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI { return o.DeepCopy() },
			then: func(d *driver, o *v1alpha1.CommentsAPI) { d.remove(o) },
		},
		"an object that was being deleted lives again under its name": {
			old: func(d *driver, o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI {
				if err := d.k8s.Delete(d.ctx, o); err != nil {
					d.t.Fatal(err)
				}
				return d.live(o)
			},
			then: func(d *driver, o *v1alpha1.CommentsAPI) {
				d.until(o, "the end of "+o.Name, gone)
				d.ready(d.create(d.object("blog")))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			o := d.ready(d.create(d.object("blog")))
			old := since.old(d, o)
			since.then(d, o)
			d.wrap = frozen(old)
			d.restart()
			_, _, start := d.calls(0)
			for range 4 { // the first ones only find their moment in the interval
				_ = d.step(o)
			}
			writes, all, _ := d.calls(start)
			if len(all) == 0 {
				t.Fatal("AWS was not even read, so that this shows nothing")
			}
			if len(writes) > 0 {
				t.Errorf("writes on behalf of an old copy: %v", writes)
			}
		})
	}
}
