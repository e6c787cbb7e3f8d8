// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/controllers"
)

// TestShardsCountTheirOwnObjects, since dashboards and alerts add up what all
// operators say.
func TestShardsCountTheirOwnObjects(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	const objects = 12
	var all []client.Object
	for i := range objects {
		o := &v1alpha1.CommentsAPI{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: fmt.Sprint("blog-", i), UID: types.UID(fmt.Sprint("uid-", i))}}
		o.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonAvailable}}
		all = append(all, o)
	}
	cache := fake.NewClientBuilder().WithScheme(scheme).WithObjects(all...).Build()
	elected := make(chan struct{})
	close(elected)
	for _, count := range []int{0, 1, 3} {
		total := 0.0
		for i := range max(count, 1) {
			registry := prometheus.NewPedanticRegistry()
			registry.MustRegister(controllers.NewCensus(cache, controllers.Shard{Index: i + 1, Count: count}, elected))
			families, err := registry.Gather()
			if err != nil {
				t.Fatal(err)
			}
			for _, family := range families {
				for _, metric := range family.Metric {
					total += metric.GetGauge().GetValue()
				}
			}
		}
		if total != objects {
			t.Errorf("%d shards count %g objects in all; there are %d", count, total, objects)
		}
	}
}
