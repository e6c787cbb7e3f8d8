// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"strings"
	"testing"
	"time"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// All APIs of an account and Region share a limit, a smaller one in some
// Regions, where request quotas are on at all.
func TestA2_TheAccountsLimit(t *testing.T) {
	served := func(w *world, n int) (ok int) {
		for range n {
			if w.call("OPTIONS", "/comments", "").status == 204 {
				ok++
			}
		}
		return ok
	}
	for region, burst := range map[string]int{"eu-west-1": 5000, "mx-central-1": 1250} {
		w := newWorld(t)
		w.snapshot.API.Region = region
		w.deps.ExecutionLog = nil
		if small := burst < 5000; small && served(w, burst+10) != burst+10 {
			t.Errorf("%s: requests are refused without quotas", region)
		}
		w.deps.Env.SetNature(core.Nature{Quotas: core.Quotas{Enabled: true}})
		if got := served(w, burst+10); got != burst {
			t.Errorf("%s: %d requests at once; want %d", region, got, burst)
		}
		w.clock.Advance(time.Millisecond)
		if got, want := served(w, 20), burst*2/1000; got != want {
			t.Errorf("%s: %d requests a millisecond later; want %d", region, got, want)
		}
	}
}

// A loop ends after 1000 turns.
func TestE7_LoopsEndAfterAThousandTurns(t *testing.T) {
	w := newWorld(t)
	response := w.method("/comments/{pageId}", "GET").MethodIntegration.IntegrationResponse["200"]
	response.ResponseTemplates = map[string]string{"application/json": `#foreach($i in [1..1005])x#if($foreach.hasNext).#end#end`}
	if got := w.call("GET", "/comments/p1", "").body; strings.Count(got, "x") != 1000 {
		t.Errorf("%d turns; want 1000", strings.Count(got, "x"))
	}
}

// A pre-flight request is answered by the method for it, with what the page
// that asks may send; errors say who may read them if the API's gateway
// responses do.
func TestF6_CrossOriginRequests(t *testing.T) {
	w := newWorld(t)
	got := w.call("OPTIONS", "/comments", "", "Origin: https://blog.example", "Access-Control-Request-Method: POST")
	if got.status != 204 || got.body != "" || got.header.Get("Access-Control-Allow-Origin") == "" || got.header.Get("Content-Length") != "" {
		t.Errorf("pre-flight = %+v; want 204 without a body, and the origins", got)
	}
	w.snapshot.GatewayResponses = map[string]*model.GatewayResponse{"DEFAULT_4XX": {
		ResponseType: "DEFAULT_4XX", ResponseParameters: map[string]string{"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
	}}
	if got := w.call("GET", "/nowhere", ""); got.status != 403 || got.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("error = %+v; want 403 that everybody may read", got)
	}
}
