// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

func TestD6_StageThrottling(t *testing.T) {
	w := newWorld(t)
	w.stage.MethodSettings["*/*"] = &model.MethodSetting{ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2}
	statuses := func(n int, path string) (got []int) {
		for range n {
			got = append(got, w.call("GET", path, "").status)
		}
		return got
	}
	if diff := cmp.Diff([]int{200, 200, 429}, statuses(3, "/comments/p1")); diff != "" {
		t.Error("burst of 2:", diff)
	}
	if got := w.call("GET", "/comments/p2", ""); got.status != 429 || got.body != `{"message":"Too Many Requests"}` ||
		got.header.Get("x-amzn-ErrorType") != "TooManyRequestsException" {
		t.Errorf("answer = %+v", got)
	}
	if got := w.call("OPTIONS", "/comments", ""); got.status != 204 {
		t.Errorf("another method has a bucket of its own: %d", got.status)
	}
	w.clock.Advance(time.Second)
	if diff := cmp.Diff([]int{200, 429}, statuses(2, "/comments/p1")); diff != "" {
		t.Error("after a second:", diff)
	}
	w.stage.MethodSettings["comments~1{pageId}/GET"] = &model.MethodSetting{ThrottlingRateLimit: -1, ThrottlingBurstLimit: -1}
	if diff := cmp.Diff([]int{200, 200, 200, 200}, statuses(4, "/comments/p1")); diff != "" {
		t.Error("the method's own setting wins, -1 is no limit:", diff)
	}
	w.stage.MethodSettings["comments~1{pageId}/GET"] = &model.MethodSetting{}
	if diff := cmp.Diff([]int{429}, statuses(1, "/comments/p1")); diff != "" {
		t.Error("a rate of 0 lets nobody in:", diff)
	}
}

type fakeKeys struct {
	key  *model.APIKey
	plan *model.UsagePlan
}

func (f *fakeKeys) KeyFor(api, stage, value string) (*model.APIKey, *model.UsagePlan, bool) {
	return f.key, f.plan, api == testAPI && stage == testStage && value == f.key.Value
}

func TestAPIKeys(t *testing.T) {
	newKeys := func() *fakeKeys {
		return &fakeKeys{key: &model.APIKey{ID: "k1", Value: "secret", Enabled: true}, plan: &model.UsagePlan{ID: "u1"}}
	}
	for _, c := range []struct {
		name   string
		change func(*fakeKeys)
		header string
		want   []int
		body   string
	}{
		{"none", nil, "", []int{403}, `{"message":"Forbidden"}`},
		{"wrong", nil, "X-Api-Key: other", []int{403}, `{"message":"Forbidden"}`},
		{"right", nil, "x-api-key: secret", []int{200, 200}, ""},
		{"plan throttled", func(k *fakeKeys) { k.plan.Throttle = &model.Throttle{RateLimit: 1, BurstLimit: 1} },
			"X-Api-Key: secret", []int{200, 429}, `{"message":"Too Many Requests"}`},
		{"method throttled", func(k *fakeKeys) {
			k.plan.Throttle = &model.Throttle{RateLimit: 100, BurstLimit: 100}
			k.plan.APIStages = []model.UsagePlanStage{{APIID: testAPI, Stage: testStage,
				Throttle: map[string]model.Throttle{"/comments/{pageId}/GET": {RateLimit: 1, BurstLimit: 1}}}}
		}, "X-Api-Key: secret", []int{200, 429}, `{"message":"Too Many Requests"}`},
		{"quota", func(k *fakeKeys) { k.plan.Quota = &model.Quota{Limit: 2, Period: "DAY"} },
			"X-Api-Key: secret", []int{200, 200, 429}, `{"message":"Limit Exceeded"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, keys := newWorld(t), newKeys()
			if c.change != nil {
				c.change(keys)
			}
			w.deps.Keys = keys
			w.method("/comments/{pageId}", "GET").APIKeyRequired = true
			var got []int
			var last answer
			for range c.want {
				if c.header == "" {
					last = w.call("GET", "/comments/p1", "")
				} else {
					last = w.call("GET", "/comments/p1", "", c.header)
				}
				got = append(got, last.status)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if c.body != "" && last.body != c.body {
				t.Errorf("body %s; want %s", last.body, c.body)
			}
			if c.name == "quota" {
				w.clock.Advance(24 * time.Hour)
				if again := w.call("GET", "/comments/p1", "", c.header); again.status != 200 {
					t.Errorf("the next day: %d; want 200", again.status)
				}
			}
		})
	}
}

func TestQuotaPeriods(t *testing.T) {
	now := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC) // a Sunday
	for _, c := range []struct {
		quota model.Quota
		want  string
	}{
		{model.Quota{Period: "DAY"}, "2026-11-22"},
		{model.Quota{Period: "WEEK"}, "2026-11-22"},
		{model.Quota{Period: "WEEK", Offset: 1}, "2026-11-16"},
		{model.Quota{Period: "MONTH"}, "2026-11-01"},
		{model.Quota{Period: "MONTH", Offset: 24}, "2026-10-25"},
	} {
		if got := periodStart(c.quota, now).Format(time.DateOnly); got != c.want {
			t.Errorf("%+v began %s; want %s", c.quota, got, c.want)
		}
	}
}

func TestD6_ThePlanIsAskedBeforeTheStage(t *testing.T) {
	w := newWorld(t)
	w.deps.Keys = &fakeKeys{key: &model.APIKey{ID: "k1", Value: "secret"}, plan: &model.UsagePlan{ID: "u1"}}
	w.method("/comments/{pageId}", "GET").APIKeyRequired = true
	w.stage.MethodSettings["*/*"] = &model.MethodSetting{ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 1}
	if got := w.call("GET", "/comments/p1", "", "X-Api-Key: wrong"); got.status != 403 {
		t.Errorf("wrong key: %d; want 403", got.status)
	}
	if got := w.call("GET", "/comments/p1", "", "X-Api-Key: secret"); got.status != 200 {
		t.Errorf("a refused key took the stage's token: %d; want 200", got.status)
	}
	if got := w.call("GET", "/comments/p1", "", "X-Api-Key: secret"); got.status != 429 {
		t.Errorf("stage limit: %d; want 429", got.status)
	}
}
