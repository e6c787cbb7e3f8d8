// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// TestARestartBeforeACreationLosesNoTime: an operator that is told to end while
// an object waits for its turn leaves no intent behind, which the next one would
// have to take for a REST API whose answer was lost.
func TestARestartBeforeACreationLosesNoTime(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	d.config.Quotas = []awscloud.Quota{{Service: "API Gateway", Operation: "CreateRestApi", Count: 1, Per: 3 * time.Second}}
	d.config.Successor = true // the turn is near, but not now
	d.restart()
	o := d.create(d.object("blog"))
	key := client.ObjectKeyFromObject(o)
	ctx, end := context.WithCancel(d.ctx)
	defer end()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			_, _ = d.r.Reconcile(ctx, reconcile.Request{NamespacedName: key})
		}
	}()
	deadline := time.Now().Add(patience)
	for d.live(o).Status.Intent == nil {
		if time.Now().After(deadline) {
			t.Fatal("the operator does not get as far as creating a REST API")
		}
	}
	end()
	<-ended
	if live := d.live(o); live.Status.Intent != nil || live.Status.RestAPI != nil {
		t.Errorf("after the end: intent %+v, REST API %+v; want neither", live.Status.Intent, live.Status.RestAPI)
	}
}
