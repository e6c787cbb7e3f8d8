// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// slowCache takes its time, as AWS does.
var slowCache = core.Nature{Delays: core.Delays{CacheCluster: core.Duration(4 * time.Minute)}}

// keepAnswers keeps lists and counts for a minute.
func keepAnswers(s *v1alpha1.CommentsAPISpec) { s.API.Caching = &v1alpha1.CachingSpec{} }

// serving is an object that serves, whatever is still under way.
func (d *driver) serving(o *v1alpha1.CommentsAPI) *v1alpha1.CommentsAPI {
	d.t.Helper()
	return d.until(o, "Ready", func(o *v1alpha1.CommentsAPI) bool {
		return meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionReady)
	})
}

// TestAnswersAreKept: a list and a count are kept for their time, each page,
// limit, cursor and origin on its own, and nothing else is.
func TestAnswersAreKept(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	const one, two = "https://www.example.com", "http://localhost:8080"
	o := d.with(func(s *v1alpha1.CommentsAPISpec) {
		keepAnswers(s)
		s.Comments.Count = v1alpha1.Enabled
		s.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: []v1alpha1.Origin{one, two}}
	})
	post := func(page, message string) {
		t.Helper()
		if status, answer := d.post(o, map[string]string{"pageId": page, "userName": "Ann", "message": message}); status != http.StatusCreated {
			t.Fatalf("POST answers %d %v", status, answer)
		}
		d.clock.Advance(time.Second)
	}
	list := func(path string, headers ...string) reply {
		t.Helper()
		return d.send("GET", strings.Replace(o.Status.Endpoints.List, "{pageId}", path, 1), "", headers...)
	}
	post("p", "first")
	post("q", "other page")
	d.wantAnswer("a list", list("p"), 200, "first")
	d.wantAnswer("a count", list("p/count"), 200, `"count": 1`)
	post("p", "second")
	kept := list("p")
	d.wantAnswer("a kept list", kept, 200, "first")
	if strings.Contains(kept.body, "second") || kept.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("a kept list answers %v %s", kept.header, kept.body)
	}
	d.wantAnswer("a kept count", list("p/count"), 200, `"count": 1`)
	d.wantAnswer("the list of another page", list("q"), 200, "other page")
	d.wantAnswer("a count of another page", list("q/count"), 200, `"count": 1`)
	first := list("p?limit=1")
	d.wantAnswer("a list with another limit", first, 200, "first")
	_, answer := decode(t, first)
	d.wantAnswer("the rest of it", list("p?limit=1&cursor="+answer["nextCursor"].(string)), 200, "second")
	d.wantAnswer("the same once more", list("p?limit=1"), 200, "first")
	for _, origin := range []string{one, two, one, two} {
		if got := list("p", "Origin", origin).header.Get("Access-Control-Allow-Origin"); got != origin {
			t.Errorf("a list for %s names the origin %q", origin, got)
		}
	}
	// Nobody gets a fresh answer by asking for it.
	for _, ask := range []string{"max-age=0", "no-cache, max-age=0"} {
		if r := list("p", "Cache-Control", ask); r.status != 200 || strings.Contains(r.body, "second") {
			t.Errorf("with Cache-Control: %s the list answers %d %s", ask, r.status, r.body)
		}
	}
	if r := list("p?cursor=nonsense"); r.status != 400 {
		t.Errorf("a cursor that is none answers %d %s", r.status, r.body)
	}
	d.clock.Advance(time.Minute)
	d.wantAnswer("a list a minute later", list("p"), 200, "second")
	d.wantAnswer("a count a minute later", list("p/count"), 200, `"count": 2`)
}

// TestWhatIsNeverKept: posts and moderators' lists are always fresh.
func TestWhatIsNeverKept(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(s *v1alpha1.CommentsAPISpec) {
		keepAnswers(s)
		moderated(s)
	})
	pending := o.Status.Endpoints.Moderation + "/pending"
	for _, message := range []string{"first", "second", "third"} {
		_, answer := d.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": message})
		if answer["status"] != "Pending" {
			t.Fatalf("POST answers %v", answer)
		}
		d.clock.Advance(time.Second)
		d.wantAnswer("what waits", d.moderate("GET", pending), 200, message)
	}
}

// TestACacheOnItsWay: clients are served without the cache while AWS makes it,
// and the object says that it is waited for; so with every change of it.
func TestACacheOnItsWay(t *testing.T) {
	parallel(t)
	d := newDriver(t, slowCache)
	o := d.serving(d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) { keepAnswers(&o.Spec) })))
	waits := func(size string) {
		t.Helper()
		begun := d.clock.Now()
		o = d.until(o, "the wait for the cache", func(o *v1alpha1.CommentsAPI) bool {
			return strings.Contains(message(o, v1alpha1.ConditionSynced), "the cache of stage prod is CREATE_IN_PROGRESS")
		})
		if !meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionReady) {
			t.Errorf("while the cache is made the object is %+v", o.Status.Conditions)
		}
		d.wantAnswer("a list meanwhile", d.send("GET", listURL(o, "p"), ""), 200, `"comments"`)
		since := d.now()
		looked := begun
		for looks := 0; !settled(o) && looks < 20; looks++ {
			looked = d.clock.Now()
			if err := d.step(o); err != nil {
				t.Fatal(err)
			}
			o = d.live(o)
		}
		if writes := d.writesSince(since); len(writes) > 0 || !settled(o) {
			t.Errorf("waiting for the cache writes %v and ends with %+v", writes, o.Status.Conditions)
		}
		if took := looked.Sub(begun); took < 2*time.Minute || took > 6*time.Minute {
			t.Errorf("the cache of %s GB was waited for %s", size, took)
		}
	}
	waits("0.5")
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.API.Caching.Size = "6.1" })
	waits("6.1")

	// Another change of the cache waits for the first; other settings don't.
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.API.Caching.Size = "1.6" })
	o = d.until(o, "the wait for the cache", func(o *v1alpha1.CommentsAPI) bool {
		return strings.Contains(message(o, v1alpha1.ConditionSynced), "CREATE_IN_PROGRESS")
	})
	d.change(o, func(o *v1alpha1.CommentsAPI) {
		o.Spec.API.Caching = nil
		o.Spec.API.Throttling.Rate = 7
	})
	since := d.now()
	if err := d.step(o); err != nil {
		t.Fatal(err)
	}
	writes := strings.Join(d.writesSince(since), "\n")
	if strings.Count(writes, "UpdateStage") == 0 {
		t.Errorf("the throttling waits for the cache; the writes are %s", writes)
	}
	if c := d.live(o); len(c.Status.Plan) == 0 || !strings.Contains(c.Status.Plan[len(c.Status.Plan)-1].Field, "cacheClusterSize") {
		t.Errorf("the plan is %+v; want the cache's end in it", c.Status.Plan)
	}
	o = d.ready(o)
	stage, err := d.apis.GetStage(d.ctx, &apigateway.GetStageInput{RestApiId: &o.Status.RestAPI.ID, StageName: &o.Spec.Stage})
	if err != nil || stage.CacheClusterEnabled {
		t.Errorf("the cache is still there, or the stage is not: %v", err)
	}
}
