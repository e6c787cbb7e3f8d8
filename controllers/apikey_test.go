// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// keyValue is what somebody with the right to sees of an object's API key.
func (d *driver) keyValue(o *v1alpha1.CommentsAPI) string {
	d.t.Helper()
	out := done[*apigateway.GetApiKeyOutput](d.t)(d.apis.GetApiKey(d.ctx, &apigateway.GetApiKeyInput{ApiKey: &o.Status.APIKey.ID, IncludeValue: aws.Bool(true)}))
	return *out.Value
}

// keysLeft counts the API keys and usage plans of the account.
func (d *driver) keysLeft() (keys, plans int) {
	d.t.Helper()
	k := done[*apigateway.GetApiKeysOutput](d.t)(d.apis.GetApiKeys(d.ctx, &apigateway.GetApiKeysInput{}))
	p := done[*apigateway.GetUsagePlansOutput](d.t)(d.apis.GetUsagePlans(d.ctx, &apigateway.GetUsagePlansInput{}))
	return len(k.Items), len(p.Items)
}

func keyed(s *v1alpha1.CommentsAPISpec) {
	s.API.APIKey = &v1alpha1.APIKeySpec{Quota: &v1alpha1.QuotaSpec{Limit: 5, Period: v1alpha1.QuotaDay}}
}

// TestCallsNeedTheKey: without the key nobody gets in, with it as many as the
// quota says, and refusals have the shape and the headers of all others.
func TestCallsNeedTheKey(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	const origin = "https://www.example.com"
	o := d.with(func(s *v1alpha1.CommentsAPISpec) {
		keyed(s)
		s.Comments.Count = v1alpha1.Enabled
		s.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: []v1alpha1.Origin{origin}}
	})
	key := d.keyValue(o)
	refused := func(what string, r reply, status int, code string) {
		t.Helper()
		d.wantAnswer(what, r, status, `"code": "`+code+`"`)
		if got := r.header.Get("Access-Control-Allow-Origin"); got != origin {
			t.Errorf("%s: scripts of %s may not read it: allowed is %q", what, origin, got)
		}
	}
	for _, header := range []string{"", "x", key + "x", strings.ToUpper(key)} {
		refused("post with key "+header, d.send("POST", o.Status.Endpoints.Post, plainComment, "X-Api-Key", header, "Origin", origin), 403, "InvalidKey")
		refused("list with key "+header, d.send("GET", listURL(o, "p"), "", "X-Api-Key", header, "Origin", origin), 403, "InvalidKey")
		refused("count with key "+header, d.send("GET", listURL(o, "p")+"/count", "", "X-Api-Key", header, "Origin", origin), 403, "InvalidKey")
	}
	d.wantAnswer("a preflight", d.send("OPTIONS", o.Status.Endpoints.Post, "", "Origin", origin), 200, "")
	for n := range 5 {
		d.wantAnswer(fmt.Sprintf("post %d within the quota", n), d.send("POST", o.Status.Endpoints.Post, plainComment, "X-Api-Key", key), 201, "commentId")
	}
	refused("a post beyond the quota", d.send("POST", o.Status.Endpoints.Post, plainComment, "X-Api-Key", key), 429, "QuotaExceeded")
	refused("a list beyond the quota", d.send("GET", listURL(o, "p"), "", "X-Api-Key", key), 429, "QuotaExceeded")
	if n := d.stored(o); n != 5 {
		t.Errorf("%d comments are stored; want the 5 within the quota", n)
	}
	d.clock.Advance(24 * time.Hour)
	d.wantAnswer("a list the next day", d.send("GET", listURL(o, "p"), "", "X-Api-Key", key), 200, "comments")
}

// TestAKeyForPostsOnly: reading stays open where only posting needs the key.
func TestAKeyForPostsOnly(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(s *v1alpha1.CommentsAPISpec) {
		s.API.APIKey = &v1alpha1.APIKeySpec{List: v1alpha1.KeyNone, Throttling: &v1alpha1.KeyThrottlingSpec{Rate: 1, Burst: 2}}
	})
	d.wantAnswer("a list without the key", d.send("GET", listURL(o, "p"), ""), 200, "comments")
	d.wantAnswer("a post without the key", d.send("POST", o.Status.Endpoints.Post, plainComment), 403, "InvalidKey")
	for range 2 {
		d.wantAnswer("a post", d.send("POST", o.Status.Endpoints.Post, plainComment, "X-Api-Key", d.keyValue(o)), 201, "commentId")
	}
	d.wantAnswer("a third post at once", d.send("POST", o.Status.Endpoints.Post, plainComment, "X-Api-Key", d.keyValue(o)), 429, "Throttled")
}

// TestTheKeyComesAndGoesWithTheOption: clients that have no key are served
// until the key exists, and from the moment the option is gone; its value
// survives everything else that happens to the object.
func TestTheKeyComesAndGoesWithTheOption(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(*v1alpha1.CommentsAPISpec) {})
	if o.Status.APIKey != nil || o.Status.UsagePlan != nil {
		t.Errorf("without the option status tells of %v, %v", o.Status.APIKey, o.Status.UsagePlan)
	}
	d.change(o, func(o *v1alpha1.CommentsAPI) { keyed(&o.Spec) })
	d.until(o, "a stage that asks for the key", func(o *v1alpha1.CommentsAPI) bool {
		answer := d.send("GET", listURL(o, "p"), "")
		keys, plans := d.keysLeft()
		if answer.status != 200 && (answer.status != 403 || keys != 1 || plans != 1) {
			t.Errorf("a list answers %d with %d keys and %d plans", answer.status, keys, plans)
		}
		return answer.status == 403
	})
	o = d.ready(o)
	key, id := d.keyValue(o), o.Status.APIKey.ID
	if o.Status.APIKey.Intent != nil || o.Status.UsagePlan.Intent != nil {
		t.Errorf("the intents stay: %+v %+v", o.Status.APIKey, o.Status.UsagePlan)
	}

	// Another stage: the key is good for both until the old one goes.
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Stage = "live" })
	old := listURL(o, "p")
	o = d.until(o, "a new stage that serves", func(o *v1alpha1.CommentsAPI) bool {
		d.wantAnswer("the old stage", d.send("GET", old, "", "X-Api-Key", key), 200, "comments")
		return strings.Contains(o.Status.InvokeURL, "live") && d.send("GET", listURL(o, "p"), "", "X-Api-Key", key).status == 200
	})
	d.wantAnswer("the new stage without the key", d.send("GET", listURL(o, "p"), ""), 403, "InvalidKey")
	o = d.ready(o)
	d.wantAnswer("the old stage in the end", d.send("GET", old, "", "X-Api-Key", key), 403, "Forbidden")
	plan := done[*apigateway.GetUsagePlanOutput](t)(d.apis.GetUsagePlan(d.ctx, &apigateway.GetUsagePlanInput{UsagePlanId: &o.Status.UsagePlan.ID}))
	if len(plan.ApiStages) != 1 || *plan.ApiStages[0].Stage != "live" {
		t.Errorf("the plan covers %v; want the stage live alone", plan.ApiStages)
	}
	d.restart()
	if o = d.force(o); o.Status.APIKey.ID != id || d.keyValue(o) != key {
		t.Errorf("the key is %s; want %s with its value", o.Status.APIKey.ID, id)
	}

	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.API.APIKey = nil })
	d.until(o, "a stage that asks for no key", func(o *v1alpha1.CommentsAPI) bool {
		if answer := d.send("GET", listURL(o, "p"), "", "X-Api-Key", key); answer.status != 200 {
			t.Errorf("a client that still sends the key is answered %d %s", answer.status, answer.body)
		}
		return d.send("GET", listURL(o, "p"), "").status == 200
	})
	if keys, plans := d.keysLeft(); keys != 1 || plans != 1 {
		t.Errorf("%d keys and %d plans are left right after the change; want them to stay for the time of grace", keys, plans)
	}
	o = d.until(o, "the end of the key", func(o *v1alpha1.CommentsAPI) bool { return o.Status.APIKey == nil && o.Status.UsagePlan == nil })
	if keys, plans := d.keysLeft(); keys+plans != 0 {
		t.Errorf("%d keys and %d plans are left", keys, plans)
	}
	d.wantAnswer("a list", d.send("GET", listURL(o, "p"), ""), 200, "comments")
}

// TestTheKeyGoesWithTheObject: nothing of it is left, and keys of others stay.
func TestTheKeyGoesWithTheObject(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	done[*apigateway.CreateApiKeyOutput](t)(d.apis.CreateApiKey(d.ctx, &apigateway.CreateApiKeyInput{Name: aws.String("commentsapi"), Enabled: true}))
	done[*apigateway.CreateUsagePlanOutput](t)(d.apis.CreateUsagePlan(d.ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("commentsapi")}))
	d.remove(d.with(keyed))
	if keys, plans := d.keysLeft(); keys != 1 || plans != 1 {
		t.Errorf("%d keys and %d plans are left; want the two of somebody else", keys, plans)
	}
}

// TestAKeyOfAnEarlierLifeGoes: somebody removed the finalizer by force, and the
// object that came after asks for no key.
func TestAKeyOfAnEarlierLifeGoes(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(keyed)
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Finalizers = nil })
	d.must(d.k8s.Delete(d.ctx, o))
	d.with(func(*v1alpha1.CommentsAPISpec) {})
	d.restart()
	d.clock.Advance(11 * time.Minute) // an old stage is served for 10 minutes
	d.until(o, "the end of the key", func(*v1alpha1.CommentsAPI) bool {
		keys, plans := d.keysLeft()
		return keys == 0 && plans == 0
	})
}

// TestNobodyReadsTheKey: the operator asks for no value, and none is in what it
// writes.
func TestNobodyReadsTheKey(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	watched := 0
	client := d.config.HTTPClient.(*http.Client)
	client.Transport = watch{client.Transport, func(r *http.Request) {
		if url := r.URL.String(); strings.Contains(url, "includeValue") || r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/keys") {
			t.Errorf("the operator asks for values: %s %s", r.Method, url)
		} else if strings.Contains(url, "/apikeys") {
			watched++
		}
	}}
	d.restart()
	o := d.with(keyed)
	d.meddleWithKey(o)
	o = d.force(o)
	if watched < 3 {
		t.Errorf("only %d calls about API keys were seen", watched)
	}
	key := d.keyValue(o)
	if text := fmt.Sprintf("%+v %v", o, d.recorder.list()); strings.Contains(text, key) {
		t.Error("the key's value is in the object or its events")
	}
}

// watch sees every call on its way out.
type watch struct {
	next http.RoundTripper
	see  func(*http.Request)
}

func (w watch) RoundTrip(r *http.Request) (*http.Response, error) {
	w.see(r)
	return w.next.RoundTrip(r)
}

func (d *driver) meddleWithKey(o *v1alpha1.CommentsAPI) {
	d.t.Helper()
	done[*apigateway.DeleteUsagePlanKeyOutput](d.t)(d.apis.DeleteUsagePlanKey(d.ctx, &apigateway.DeleteUsagePlanKeyInput{UsagePlanId: &o.Status.UsagePlan.ID, KeyId: &o.Status.APIKey.ID}))
	if r := d.send("GET", listURL(o, "p"), "", "X-Api-Key", d.keyValue(o)); r.status != http.StatusForbidden {
		d.t.Fatalf("a key outside of the plan is answered %d", r.status)
	}
}
