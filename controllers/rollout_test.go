// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/core"
)

func TestAManifestBecomesALiveEndpoint(t *testing.T) {
	w := newWorld(t, core.Nature{})
	o := w.ready(w.create(w.object("blog")))

	status, answer := w.post(o, map[string]string{"pageId": "page-1", "userName": "Ann", "message": "Hello"})
	if status != 201 || answer["commentId"] == "" {
		t.Fatalf("POST answers %d %v; want 201 with a commentId", status, answer)
	}
	status, comments := w.list(o, "page-1")
	want := []map[string]string{{"commentId": fmt.Sprint(answer["commentId"]), "userName": "Ann", "message": "Hello"}}
	if diff := cmp.Diff(want, comments); status != 200 || diff != "" {
		t.Errorf("GET answers %d (-want +got):\n%s", status, diff)
	}
	if o.Status.AccountID != account || o.Status.Table.IndexName != "pageId-index" {
		t.Errorf("status is incomplete: %s", describeStatus(o))
	}
}

func TestASettledObjectCausesNoWrites(t *testing.T) {
	w := newWorld(t, core.Nature{})
	o := w.ready(w.create(w.object("quiet")))
	_, _, since := w.calls(0)
	version := ""
	for i := range 10 {
		o = w.force(o, fmt.Sprint("check-", i))
		if !settled(o) {
			t.Fatalf("check %d unsettled the object: %s", i, describeStatus(o))
		}
		version = o.ResourceVersion
	}
	writes, all, _ := w.calls(since)
	if len(writes) > 0 {
		t.Errorf("ten checks made writes to AWS:\n%s", strings.Join(writes, "\n"))
	}
	if len(all) < 10 {
		t.Errorf("ten checks made %d calls; they can't have looked", len(all))
	}
	// Acknowledging a forced check is a write of its own; nothing else is.
	if again := w.eventually(o, "the object", settled); again.ResourceVersion != version {
		t.Errorf("the object was written after its last check: %s then %s", version, again.ResourceVersion)
	}
}

func TestARolloutBearsReadsThatTrailWrites(t *testing.T) {
	w := newWorld(t, core.Nature{Lag: map[string]core.Duration{
		"apigateway": core.Duration(time.Second), "iam": core.Duration(time.Second), "dynamodb": core.Duration(time.Second)}})
	o := w.ready(w.create(w.object("lagging")))
	if status, _ := w.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": "Hello"}); status != 201 {
		t.Errorf("POST answers %d; want 201", status)
	}
	_, all, _ := w.calls(0)
	made := 0
	for _, call := range all {
		if strings.HasPrefix(call, "apigateway CreateRestApi ") {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d REST APIs were created; want 1", made)
	}
}
