// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/stack"
)

// keyedWith asks for a key that is good for so many requests a day.
func keyedWith(requests int32) change {
	return func(s *v1alpha1.CommentsAPISpec) {
		s.API.APIKey = &v1alpha1.APIKeySpec{Quota: &v1alpha1.QuotaSpec{Limit: requests, Period: v1alpha1.QuotaDay},
			Throttling: &v1alpha1.KeyThrottlingSpec{Rate: 5, Burst: 10}}
	}
}

func (x *outsider) key() *string  { return &x.seen.Observed.Key.ID }
func (x *outsider) plan() *string { return &x.seen.Observed.UsagePlan.ID }

func (x *outsider) patchKey(ops ...string) {
	did[*apigateway.UpdateApiKeyOutput](x)(x.apis.UpdateApiKey(x.ctx, &apigateway.UpdateApiKeyInput{ApiKey: x.key(), PatchOperations: patches(ops)}))
}

func (x *outsider) patchPlan(ops ...string) {
	for i := range ops {
		ops[i] = strings.ReplaceAll(ops[i], "STAGE", *x.api()+":"+*x.stage())
	}
	did[*apigateway.UpdateUsagePlanOutput](x)(x.apis.UpdateUsagePlan(x.ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: x.plan(), PatchOperations: patches(ops)}))
}

func (x *outsider) tagKeys(key, value string) {
	for _, arn := range []string{x.seen.Identity.ARN.APIKey(*x.key()), x.seen.Identity.ARN.UsagePlan(*x.plan())} {
		did[*apigateway.TagResourceOutput](x)(x.apis.TagResource(x.ctx, &apigateway.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{key: value}}))
	}
}

func keyDrift() []drift {
	key := func(name, field string, ops ...string) drift {
		return drift{name: "key: " + name, keyed: true, fields: list("APIKey " + field), do: func(x *outsider) { x.patchKey(ops...) }}
	}
	usage := func(name, field string, ops ...string) drift {
		return drift{name: "usage plan: " + name, keyed: true, fields: list("UsagePlan " + field), do: func(x *outsider) { x.patchPlan(slices.Clone(ops)...) }}
	}
	return []drift{
		key("name", "name", "replace /name mine"),
		key("description", "description", "replace /description mine"),
		key("disabled", "enabled", "replace /enabled false"),
		usage("name", "name", "replace /name mine"),
		usage("description", "description", "replace /description mine"),
		usage("quota raised", "quota.limit", "replace /quota/limit 1000000"),
		usage("quota's period", "quota.period", "replace /quota/period MONTH"),
		usage("quota's offset", "quota.offset", "replace /quota/offset 5"),
		usage("quota removed", "quota", "remove /quota"),
		usage("rate", "throttle.rate", "replace /throttle/rateLimit 0.5"),
		usage("burst", "throttle.burst", "replace /throttle/burstLimit 0"),
		usage("throttle removed", "throttle", "remove /throttle"),
		usage("stage removed", "stages.prod", "remove /apiStages STAGE"),
		usage("limits of one method", "stages.prod.throttle", "replace /apiStages/STAGE/throttle/~1comments/POST/rateLimit 0"),
		{name: "key and usage plan: tags", keyed: true, fields: list("APIKey tags.team", "UsagePlan tags.team"), do: func(x *outsider) { x.tagKeys("team", "mine") }},
		{name: "key and usage plan: somebody's tags", keyed: true, do: func(x *outsider) { x.tagKeys("cost-centre", "42") }},
		{name: "key and usage plan: claim of an earlier life", keyed: true, fields: list("APIKey tags."+stack.TagUID, "UsagePlan tags."+stack.TagUID),
			do: func(x *outsider) { x.tagKeys(stack.TagUID, "earlier") }},
		{name: "key: deleted", keyed: true, fresh: true, fields: list("APIKey ", "UsagePlan key"), do: func(x *outsider) {
			did[*apigateway.DeleteApiKeyOutput](x)(x.apis.DeleteApiKey(x.ctx, &apigateway.DeleteApiKeyInput{ApiKey: x.key()}))
		}},
		{name: "key: taken out of the plan", keyed: true, fields: list("UsagePlan key"), do: func(x *outsider) {
			did[*apigateway.DeleteUsagePlanKeyOutput](x)(x.apis.DeleteUsagePlanKey(x.ctx, &apigateway.DeleteUsagePlanKeyInput{UsagePlanId: x.plan(), KeyId: x.key()}))
		}},
		{name: "key: somebody's in the plan", keyed: true, do: func(x *outsider) {
			k := did[*apigateway.CreateApiKeyOutput](x)(x.apis.CreateApiKey(x.ctx, &apigateway.CreateApiKeyInput{Name: aws.String("partner"), Enabled: true}))
			did[*apigateway.CreateUsagePlanKeyOutput](x)(x.apis.CreateUsagePlanKey(x.ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: x.plan(), KeyId: k.Id, KeyType: aws.String("API_KEY")}))
		}},
		{name: "usage plan: deleted", keyed: true, fresh: true, fields: list("UsagePlan ", "UsagePlan key"), do: func(x *outsider) {
			x.patchPlan("remove /apiStages STAGE")
			did[*apigateway.DeleteUsagePlanOutput](x)(x.apis.DeleteUsagePlan(x.ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: x.plan()}))
		}},
		{name: "usage plan: the stage is deleted with it", keyed: true, fields: list("Deployment definition", "Stage ", "UsagePlan stages.prod"), do: func(x *outsider) {
			did[*apigateway.DeleteStageOutput](x)(x.apis.DeleteStage(x.ctx, &apigateway.DeleteStageInput{RestApiId: x.api(), StageName: x.stage()}))
		}},
	}
}

// TestACheckWithAKeyTakesTwoCallsMore: what the option costs of AWS's quota.
func TestACheckWithAKeyTakesTwoCallsMore(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog", keyedWith(1000))
	s.converge()
	s.lookInTurn()
	for n := range 2 * check.Turns() {
		since := w.seq()
		if r := s.lookInTurn(); !r.Plan.Empty() {
			t.Fatalf("check %d plans %s", n, describe(r.Plan))
		}
		// One check in turn looks for duplicates in two lists more.
		all, gateway, writes := w.count(since)
		if all > mostCalls+2 || gateway > mostGateway+3 || writes > 0 || gateway < mostGateway+1 {
			t.Errorf("check %d makes %d calls, %d of them to API Gateway, %d writes; want at most %d, %d and none", n, all, gateway, writes, mostCalls+2, mostGateway+3)
		}
		t.Logf("check %d: %d calls, %d to API Gateway", n, all, gateway)
	}
}

// TestASecondKeyAndPlanWithTheClaimAreFound: creations whose answers were lost
// may have left them. The key that clients use stays, also where status was
// lost, and so does a second one that somebody uses.
func TestASecondKeyAndPlanWithTheClaimAreFound(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog", keyedWith(1000))
	before, _ := s.converge()
	s.lookInTurn()
	x := &outsider{world: w, t: t, s: s, seen: before}
	key := func() *string {
		return did[*apigateway.CreateApiKeyOutput](x)(x.apis.CreateApiKey(x.ctx, &apigateway.CreateApiKeyInput{Enabled: true, Tags: before.Observed.Key.Tags})).Id
	}
	usage := func(tags map[string]string) *string {
		return did[*apigateway.CreateUsagePlanOutput](x)(x.apis.CreateUsagePlan(x.ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("x"), Tags: tags,
			ApiStages: []types.ApiStage{{ApiId: x.api(), Stage: x.stage()}}})).Id
	}
	idle, used := key(), key()
	second, others := usage(before.Observed.UsagePlan.Tags), usage(nil)
	did[*apigateway.CreateUsagePlanKeyOutput](x)(x.apis.CreateUsagePlanKey(x.ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: others, KeyId: used, KeyType: aws.String("API_KEY")}))

	s.recorded.KeyID, s.recorded.UsagePlanID = "", ""
	warned, removed := false, false
	for range check.Turns() {
		r := s.lookInTurn()
		for _, warning := range r.Plan.Warnings {
			warned = warned || strings.Contains(warning, *used)
		}
		if !r.Plan.Empty() {
			removed = true
			s.apply(r)
		}
	}
	if !warned || !removed {
		t.Errorf("warned of the key in use: %t; removed the others: %t", warned, removed)
	}
	after := s.look()
	if after.Observed.Key.ID != *x.key() || after.Observed.UsagePlan.ID != *x.plan() || !after.Plan.Empty() {
		t.Errorf("key %s and plan %s with the plan %s; want %s, %s and nothing to do", after.Observed.Key.ID, after.Observed.UsagePlan.ID, describe(after.Plan), *x.key(), *x.plan())
	}
	if _, err := x.apis.GetApiKey(x.ctx, &apigateway.GetApiKeyInput{ApiKey: used}); err != nil {
		t.Errorf("the key in use is gone: %v", err)
	}
	if _, err := x.apis.GetApiKey(x.ctx, &apigateway.GetApiKeyInput{ApiKey: idle}); err == nil {
		t.Error("the idle second key is still there")
	}
	if _, err := x.apis.GetUsagePlan(x.ctx, &apigateway.GetUsagePlanInput{UsagePlanId: second}); err == nil {
		t.Error("the second plan is still there")
	}
	if _, err := x.apis.GetUsagePlan(x.ctx, &apigateway.GetUsagePlanInput{UsagePlanId: others}); err != nil {
		t.Errorf("somebody's plan is gone: %v", err)
	}
}

// TestAKeyWithoutItsClaimStopsEverything: it may be somebody else's now.
func TestAKeyWithoutItsClaimStopsEverything(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog", keyedWith(1000))
	before, _ := s.converge()
	x := &outsider{world: w, t: t, s: s, seen: before}
	for _, arn := range []string{before.Identity.ARN.APIKey(*x.key()), before.Identity.ARN.UsagePlan(*x.plan())} {
		did[*apigateway.UntagResourceOutput](x)(x.apis.UntagResource(x.ctx, &apigateway.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{stack.TagName}}))
		if r := s.look(); r.Plan.Block == nil || r.Plan.Block.Reason != "ClaimLost" {
			t.Errorf("without a tag on %s the plan is %s", arn, describe(r.Plan))
		}
		did[*apigateway.TagResourceOutput](x)(x.apis.TagResource(x.ctx, &apigateway.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{stack.TagName: s.claim.Name}}))
		if r := s.look(); !r.Plan.Empty() {
			t.Errorf("with the tag back the plan is %s", describe(r.Plan))
		}
	}
}

// TestARolloutWithAKeyCreatesEachOnce: one key, one plan, and no wait for an
// intent.
func TestARolloutWithAKeyCreatesEachOnce(t *testing.T) {
	w := newWorld(t)
	s := w.subject("blog", keyedWith(1000))
	since := w.seq()
	_, rounds := s.converge()
	made := map[string]int{}
	for _, r := range w.calls(since) {
		made[r.Operation]++
	}
	for _, op := range []string{"CreateApiKey", "CreateUsagePlan", "CreateUsagePlanKey"} {
		if made[op] != 1 {
			t.Errorf("%s was called %d times", op, made[op])
		}
	}
	if made["UpdateUsagePlan"] > 0 {
		t.Errorf("UpdateUsagePlan, which AWS allows once in 20 s, was called %d times", made["UpdateUsagePlan"])
	}
	plain := w.subject("plain")
	if _, n := plain.converge(); rounds > n {
		t.Errorf("it took %d looks; without a key it takes %d", rounds, n)
	}
	url := w.local.InvokeURL(s.look().Observed.API.ID, "prod") + "/comments/p"
	if status, body, err := get(t.Context(), url); err != nil || status != http.StatusForbidden {
		t.Errorf("without the key clients get %d %s %v", status, body, err)
	}
}
