// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/localaws/core"
)

func TestKeysAdmitClientsThroughUsagePlans(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, _ := w.deployed()
	key, err := w.client.CreateApiKey(w.ctx, &sdk.CreateApiKeyInput{Name: aws.String("reader"), Enabled: true})
	w.must(err)
	if len(*key.Value) < 20 {
		t.Errorf("the generated key value %q is shorter than AWS's minimum", *key.Value)
	}
	if _, _, ok := w.svc.KeyFor(api, "prod", *key.Value); ok {
		t.Error("a key outside of any usage plan is admitted")
	}
	plan, err := w.client.CreateUsagePlan(w.ctx, &sdk.CreateUsagePlanInput{Name: aws.String("basic"),
		ApiStages: []types.ApiStage{{ApiId: &api, Stage: aws.String("prod")}},
		Throttle:  &types.ThrottleSettings{BurstLimit: 1, RateLimit: 2}, Quota: &types.QuotaSettings{Limit: 10, Period: "DAY"}})
	w.must(err)
	_, err = w.client.CreateUsagePlanKey(w.ctx, &sdk.CreateUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id, KeyType: aws.String("API_KEY")})
	w.must(err)
	_, p, ok := w.svc.KeyFor(api, "prod", *key.Value)
	if !ok || p.Throttle.RateLimit != 2 || p.Quota.Limit != 10 {
		t.Fatalf("KeyFor = %+v, %t; want the plan's throttle and quota", p, ok)
	}
	if _, _, ok := w.svc.KeyFor(api, "dev", *key.Value); ok {
		t.Error("the plan admits the key to a stage it doesn't cover")
	}
	updated, err := w.client.UpdateUsagePlan(w.ctx, &sdk.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: []types.PatchOperation{
		patch("replace", "/throttle/rateLimit", "200"), patch("remove", "/quota", "")}})
	w.must(err)
	if updated.Throttle.RateLimit != 200 || updated.Quota != nil {
		t.Errorf("updated plan = %+v %+v", updated.Throttle, updated.Quota)
	}
	_, err = w.client.UpdateApiKey(w.ctx, &sdk.UpdateApiKeyInput{ApiKey: key.Id, PatchOperations: []types.PatchOperation{patch("replace", "/enabled", "false")}})
	w.must(err)
	if _, _, ok := w.svc.KeyFor(api, "prod", *key.Value); ok {
		t.Error("a disabled key is admitted")
	}
	_, err = w.client.DeleteUsagePlan(w.ctx, &sdk.DeleteUsagePlanInput{UsagePlanId: plan.Id})
	refused(t, err, "BadRequestException", "Cannot delete Usage Plan "+*plan.Id+" because there are API Stages associated with it, including "+api+":prod")
	_, err = w.client.UpdateUsagePlan(w.ctx, &sdk.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: []types.PatchOperation{patch("remove", "/apiStages", api+":prod")}})
	w.must(err)
	_, err = w.client.DeleteApiKey(w.ctx, &sdk.DeleteApiKeyInput{ApiKey: key.Id})
	w.must(err)
	left, err := w.client.GetUsagePlanKeys(w.ctx, &sdk.GetUsagePlanKeysInput{UsagePlanId: plan.Id})
	w.must(err)
	if len(left.Items) != 0 {
		t.Errorf("a deleted key is still in its plan: %v", left.Items)
	}
	_, err = w.client.DeleteUsagePlan(w.ctx, &sdk.DeleteUsagePlanInput{UsagePlanId: plan.Id})
	w.must(err)
}

func TestKeyValuesAreShownOnRequestOnly(t *testing.T) {
	w := newWorld(t, core.Nature{})
	key, err := w.client.CreateApiKey(w.ctx, &sdk.CreateApiKeyInput{Name: aws.String("k"), Value: aws.String("01234567890123456789")})
	w.must(err)
	hidden, err := w.client.GetApiKey(w.ctx, &sdk.GetApiKeyInput{ApiKey: key.Id})
	w.must(err)
	shown, err := w.client.GetApiKey(w.ctx, &sdk.GetApiKeyInput{ApiKey: key.Id, IncludeValue: aws.Bool(true)})
	w.must(err)
	if hidden.Value != nil || *shown.Value != "01234567890123456789" {
		t.Errorf("value without and with includeValue: %v, %v", hidden.Value, shown.Value)
	}
	_, err = w.client.CreateApiKey(w.ctx, &sdk.CreateApiKeyInput{Value: aws.String("01234567890123456789")})
	refused(t, err, "ConflictException", "API Key already exists")
	_, err = w.client.CreateApiKey(w.ctx, &sdk.CreateApiKeyInput{Value: aws.String("short")})
	refused(t, err, "BadRequestException", "at least 20")
	list, err := w.client.GetApiKeys(w.ctx, &sdk.GetApiKeysInput{NameQuery: aws.String("k"), IncludeValues: aws.Bool(true)})
	w.must(err)
	if len(list.Items) != 1 || *list.Items[0].Value != "01234567890123456789" {
		t.Errorf("GetApiKeys = %+v", list.Items)
	}
}

func TestUsagePlanRefusals(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, _ := w.deployed()
	for _, tc := range []struct {
		in         sdk.CreateUsagePlanInput
		code, text string
	}{
		{sdk.CreateUsagePlanInput{Name: aws.String(" ")}, "BadRequestException", "Usage Plan name must be non-empty"},
		{sdk.CreateUsagePlanInput{Name: aws.String("p"), ApiStages: []types.ApiStage{{ApiId: &api, Stage: aws.String("none")}}}, "NotFoundException", "API Stage not found: " + api + ":none"},
		{sdk.CreateUsagePlanInput{Name: aws.String("p"), Quota: &types.QuotaSettings{Limit: 1, Period: "YEAR"}}, "BadRequestException", "Invalid quota period 'YEAR'"},
	} {
		_, err := w.client.CreateUsagePlan(w.ctx, &tc.in)
		refused(t, err, tc.code, tc.text)
	}
}

func TestLimitsOfAPlansMethodsAreSetAndRemoved(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, _ := w.deployed()
	plan, err := w.client.CreateUsagePlan(w.ctx, &sdk.CreateUsagePlanInput{Name: aws.String("basic"), ApiStages: []types.ApiStage{{ApiId: &api, Stage: aws.String("prod")}}})
	w.must(err)
	update := func(ops ...types.PatchOperation) (*sdk.UpdateUsagePlanOutput, error) {
		return w.client.UpdateUsagePlan(w.ctx, &sdk.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: ops})
	}
	path := "/apiStages/" + api + ":prod/throttle"
	out, err := update(patch("replace", path+"/~1pets/GET/rateLimit", "2.5"), patch("replace", path+"/~1pets/GET/burstLimit", "7"), patch("replace", path+"/~1/POST/burstLimit", "1"))
	w.must(err)
	if got := out.ApiStages[0].Throttle["/pets/GET"]; got.RateLimit != 2.5 || got.BurstLimit != 7 || len(out.ApiStages[0].Throttle) != 2 {
		t.Errorf("throttle = %v", out.ApiStages[0].Throttle)
	}
	out, err = update(patch("remove", path+"/~1/POST", ""))
	w.must(err)
	if len(out.ApiStages[0].Throttle) != 1 {
		t.Errorf("throttle = %v", out.ApiStages[0].Throttle)
	}
	out, err = update(patch("remove", path, ""))
	w.must(err)
	if len(out.ApiStages[0].Throttle) != 0 {
		t.Errorf("throttle = %v", out.ApiStages[0].Throttle)
	}
	_, err = update(patch("remove", "/apiStages/"+api+":prod", ""))
	refused(t, err, "BadRequestException", "Invalid patch path '/apiStages/"+api+":prod'")
	_, err = update(patch("replace", "/apiStages/"+api+":none/throttle/~1/GET/rateLimit", "1"))
	refused(t, err, "NotFoundException", "API Stage not found")
}

// A stage that is made anew under its name is another one.
func TestAUsagePlanForgetsAStageThatIsGone(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, deployment := w.deployed()
	plan, err := w.client.CreateUsagePlan(w.ctx, &sdk.CreateUsagePlanInput{Name: aws.String("basic"), ApiStages: []types.ApiStage{{ApiId: &api, Stage: aws.String("prod")}}})
	w.must(err)
	_, err = w.client.DeleteStage(w.ctx, &sdk.DeleteStageInput{RestApiId: &api, StageName: aws.String("prod")})
	w.must(err)
	_, err = w.client.CreateStage(w.ctx, &sdk.CreateStageInput{RestApiId: &api, StageName: aws.String("prod"), DeploymentId: &deployment})
	w.must(err)
	got, err := w.client.GetUsagePlan(w.ctx, &sdk.GetUsagePlanInput{UsagePlanId: plan.Id})
	w.must(err)
	if len(got.ApiStages) != 0 {
		t.Errorf("the plan still covers %v", got.ApiStages)
	}
	_, err = w.client.UpdateUsagePlan(w.ctx, &sdk.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: []types.PatchOperation{patch("add", "/apiStages", api+":prod")}})
	w.must(err)
	_, err = w.client.DeleteRestApi(w.ctx, &sdk.DeleteRestApiInput{RestApiId: &api})
	w.must(err)
	_, err = w.client.DeleteUsagePlan(w.ctx, &sdk.DeleteUsagePlanInput{UsagePlanId: plan.Id})
	w.must(err)
}
