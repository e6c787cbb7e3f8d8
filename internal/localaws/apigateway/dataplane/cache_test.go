// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"strconv"
	"testing"
	"time"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// cachedWorld caches GET for 60 seconds, by page.
func cachedWorld(t *testing.T) (*world, *model.MethodSetting) {
	w := newWorld(t)
	s := &model.MethodSetting{CachingEnabled: true, CacheTTLInSeconds: 60, ThrottlingRateLimit: -1}
	w.stage.CacheClusterEnabled = true
	w.stage.MethodSettings["*/*"] = s
	w.method("/comments/{pageId}", "GET").MethodIntegration.CacheKeyParameters = []string{
		"method.request.path.pageId", "method.request.querystring.cursor"}
	return w, s
}

// fresh reports whether a request reached DynamoDB.
func (w *world) fresh(target string, headers ...string) (bool, answer) {
	before := len(w.db.calls)
	w.db.body = strconv.Itoa(before)
	got := w.call("GET", target, "", headers...)
	return len(w.db.calls) > before, got
}

func TestD4_CacheKeysAndTTL(t *testing.T) {
	w, s := cachedWorld(t)
	expect := func(what string, want bool, target string) answer {
		t.Helper()
		fresh, got := w.fresh(target)
		if fresh != want {
			t.Errorf("%s: reached DynamoDB %t; want %t", what, fresh, want)
		}
		return got
	}
	first := expect("first", true, "/comments/p1")
	second := expect("second", false, "/comments/p1")
	if second.body != first.body || second.status != first.status || second.header.Get("Content-Type") != "application/json" {
		t.Errorf("cached answer %+v differs from %+v", second, first)
	}
	if second.header.Get("x-amzn-RequestId") == first.header.Get("x-amzn-RequestId") {
		t.Error("the cache repeats the request id")
	}
	expect("another page", true, "/comments/p2")
	expect("another cursor", true, "/comments/p1?cursor=a")
	expect("a parameter that is no key", false, "/comments/p1?other=a")
	w.clock.Advance(60 * time.Second)
	expect("after the TTL", true, "/comments/p1")
	w.stage.CacheFlushes++
	expect("after a flush", true, "/comments/p1")
	s.CacheTTLInSeconds = 0
	expect("TTL 0", true, "/comments/p1")
	s.CacheTTLInSeconds, s.CachingEnabled = 60, false
	expect("caching off for the method", true, "/comments/p1")
	s.CachingEnabled = true
	w.stage.CacheChanged = w.clock.Now()
	w.deps.Env.SetNature(core.Nature{Delays: core.Delays{CacheCluster: core.Duration(4 * time.Minute)}})
	expect("cluster not there yet", true, "/comments/p1")
	expect("and nothing is kept", true, "/comments/p1")
	w.clock.Advance(4 * time.Minute)
	expect("cluster there", true, "/comments/p1")
	expect("and keeps", false, "/comments/p1")
}

func TestD4_WithoutKeyParametersAllPagesShareTheEntry(t *testing.T) {
	w, _ := cachedWorld(t)
	w.method("/comments/{pageId}", "GET").MethodIntegration.CacheKeyParameters = nil
	w.fresh("/comments/p1")
	if fresh, _ := w.fresh("/comments/p2"); fresh {
		t.Error("another page was not answered with the first one's entry")
	}
}

func TestD4_ErrorsAreNotCached(t *testing.T) {
	w, _ := cachedWorld(t)
	w.db.status = 400
	w.fresh("/comments/p1")
	if fresh, _ := w.fresh("/comments/p1"); !fresh {
		t.Error("an error was cached")
	}
}

func TestD4_CacheControl(t *testing.T) {
	const ask = "Cache-Control: no-transform, max-age=0"
	for _, c := range []struct {
		name     string
		require  bool
		strategy string
		caller   *core.Caller
		fresh    bool
		status   int
		warning  bool
	}{
		{"anyone may", false, "", nil, true, 200, false},
		{"ignored with a warning", true, "SUCCEED_WITH_RESPONSE_HEADER", nil, false, 200, true},
		{"ignored", true, "SUCCEED_WITHOUT_RESPONSE_HEADER", nil, false, 200, false},
		{"refused", true, "FAIL_WITH_403", nil, false, 403, false},
		{"authorized", true, "FAIL_WITH_403", &core.Caller{ARN: "arn:aws:iam::123456789012:user/ann", AccountID: testAccount}, true, 200, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, s := cachedWorld(t)
			s.RequireAuthorizationForCacheControl, s.UnauthorizedCacheControlHeaderStrategy = c.require, c.strategy
			if c.caller != nil {
				w.deps.Signatures = fakeSignatures{caller: *c.caller}
				w.method("/comments/{pageId}", "GET").AuthorizationType = "AWS_IAM"
			}
			w.fresh("/comments/p1")
			fresh, got := w.fresh("/comments/p1", ask)
			if fresh != c.fresh || got.status != c.status || (got.header.Get("Warning") != "") != c.warning {
				t.Errorf("fresh %t, %d, Warning %q", fresh, got.status, got.header.Get("Warning"))
			}
			if c.fresh {
				if again, cached := w.fresh("/comments/p1"); again || cached.body != got.body {
					t.Error("the fresh response did not replace the cached one")
				}
			}
		})
	}
}
