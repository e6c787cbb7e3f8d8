// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/controllers"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// TestThreeOperatorsShareTheObjects: each object is served by exactly one of
// them, and when their number changes it is served on, by whoever has it now.
func TestThreeOperatorsShareTheObjects(t *testing.T) {
	parallel(t)
	w := newWorldWithoutOperator(t, core.Nature{})
	const objects = 6
	operators := func(count int) (stop func()) {
		var stops []func()
		for i := range count {
			stops = append(stops, w.operate("local", func(o *controllers.Options) { o.Shard = controllers.Shard{Index: i + 1, Count: count} }))
		}
		return func() {
			for _, stop := range stops {
				stop()
			}
		}
	}
	stop := operators(3)
	var all []*v1alpha1.CommentsAPI
	for i := range objects {
		all = append(all, w.create(w.object(fmt.Sprint("blog-", i))))
	}
	ids := map[string]bool{}
	for _, o := range all {
		ids[w.ready(o).Status.RestAPI.ID] = true
	}
	if made := w.restAPIs(); len(made) != objects || len(ids) != objects {
		t.Errorf("three operators made %d REST APIs for %d objects: %v", len(made), objects, made)
	}
	_, _, before := w.calls(0)
	w.force(all[0], "look")
	_, calls, _ := w.calls(before)
	looks := 0
	for _, call := range calls {
		if call == "apigateway GetStages "+w.live(all[0]).Status.RestAPI.ID+" 200" {
			looks++
		}
	}
	if looks != 1 {
		t.Errorf("three operators looked %d times at an object that asked for it once: %v", looks, calls)
	}
	stop()

	operators(2)
	for _, o := range all {
		w.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.PageSize = 7 })
	}
	for _, o := range all {
		if now := w.ready(o); !ids[now.Status.RestAPI.ID] {
			t.Errorf("with two operators %s has another REST API, %s", o.Name, now.Status.RestAPI.ID)
		}
	}
	for _, o := range all[:3] {
		w.delete(o)
	}
	if left := w.restAPIs(); len(left) != objects-3 {
		t.Errorf("%d REST APIs are left of %d objects: %v", len(left), objects-3, left)
	}
}

// live reads the object.
func (w *world) live(o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI {
	w.t.Helper()
	live := &v1alpha1.CommentsAPI{}
	if err := w.k8s.Get(w.ctx, client.ObjectKeyFromObject(o), live); err != nil {
		w.t.Fatal(err)
	}
	return live
}

func TestParseShard(t *testing.T) {
	for text, want := range map[string]controllers.Shard{"": {}, "1/1": {Index: 1, Count: 1}, "2/3": {Index: 2, Count: 3}} {
		if got, err := controllers.ParseShard(text); err != nil || got != want || got.String() != text {
			t.Errorf("ParseShard(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"0/3", "4/3", "1", "1/", "/3", "a/b", "1/3/3", "-1/3", "1/1001"} {
		if got, err := controllers.ParseShard(text); err == nil {
			t.Errorf("ParseShard(%q) = %v; want an error that says how to write one", text, got)
		}
	}
}
