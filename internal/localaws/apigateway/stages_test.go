// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/core"
)

func TestD1_DeploymentsAreImmutable(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, first := w.deployed()
	w.put(api, edited(t, func(d map[string]any) { delete(dig(d, "paths"), "/comments/{pageId}") }))
	snapshot, _, ok := w.svc.Deployed(api, "prod")
	if !ok || snapshot.ByPath("/comments/{pageId}") == nil {
		t.Fatal("PutRestApi changed what a stage serves")
	}
	second, err := w.client.CreateDeployment(w.ctx, &sdk.CreateDeploymentInput{RestApiId: &api, Description: aws.String("definition 2")})
	w.must(err)
	_, err = w.client.UpdateStage(w.ctx, &sdk.UpdateStageInput{RestApiId: &api, StageName: aws.String("prod"),
		PatchOperations: []types.PatchOperation{patch("replace", "/deploymentId", *second.Id)}})
	w.must(err)
	if snapshot, _, _ = w.svc.Deployed(api, "prod"); snapshot.ByPath("/comments/{pageId}") != nil {
		t.Error("the stage still serves the first deployment")
	}
	list, err := w.client.GetDeployments(w.ctx, &sdk.GetDeploymentsInput{RestApiId: &api})
	w.must(err)
	var descriptions []string
	for _, d := range list.Items {
		descriptions = append(descriptions, *d.Description)
	}
	if diff := cmp.Diff([]string{"definition 1", "definition 2"}, descriptions); diff != "" {
		t.Errorf("deployments (-want +got):\n%s", diff)
	}
	withSummary, err := w.client.GetDeployment(w.ctx, &sdk.GetDeploymentInput{RestApiId: &api, DeploymentId: &first, Embed: []string{"apisummary"}})
	w.must(err)
	if got := withSummary.ApiSummary["/comments/{pageId}"]["GET"]; got.AuthorizationType == nil || *got.AuthorizationType != "AWS_IAM" {
		t.Errorf("apiSummary of the first deployment = %v", withSummary.ApiSummary)
	}
	_, err = w.client.DeleteDeployment(w.ctx, &sdk.DeleteDeploymentInput{RestApiId: &api, DeploymentId: second.Id})
	refused(t, err, "BadRequestException", "Active stages pointing to this deployment must be moved or deleted")
	_, err = w.client.DeleteDeployment(w.ctx, &sdk.DeleteDeploymentInput{RestApiId: &api, DeploymentId: &first})
	w.must(err)
	_, err = w.client.GetDeployment(w.ctx, &sdk.GetDeploymentInput{RestApiId: &api, DeploymentId: &first})
	refused(t, err, "NotFoundException", "Invalid Deployment identifier specified")
}

func TestD1_CreateDeploymentRefusals(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api := w.createAPI()
	create := func(in sdk.CreateDeploymentInput) error {
		in.RestApiId = &api
		_, err := w.client.CreateDeployment(w.ctx, &in)
		return err
	}
	refused(t, create(sdk.CreateDeploymentInput{}), "BadRequestException", "The REST API doesn't contain any methods")
	root := w.resources(api)["/"].Id
	_, err := w.client.PutMethod(w.ctx, &sdk.PutMethodInput{RestApiId: &api, ResourceId: root, HttpMethod: aws.String("GET"), AuthorizationType: aws.String("NONE")})
	w.must(err)
	refused(t, create(sdk.CreateDeploymentInput{}), "BadRequestException", "No integration defined for method")
	w.put(api, commentsDoc(t))
	refused(t, create(sdk.CreateDeploymentInput{CanarySettings: &types.DeploymentCanarySettings{PercentTraffic: 1}}), "NotImplementedException", "canary deployments")
	refused(t, create(sdk.CreateDeploymentInput{StageName: aws.String("no/name")}), "BadRequestException", "Stage name only allows a-zA-Z0-9_-")
	list, err := w.client.GetDeployments(w.ctx, &sdk.GetDeploymentsInput{RestApiId: &api})
	w.must(err)
	if len(list.Items) != 0 {
		t.Errorf("refused deployments left %d behind", len(list.Items))
	}
	w.must(create(sdk.CreateDeploymentInput{StageName: aws.String("dev"), TracingEnabled: aws.Bool(true)}))
	w.must(create(sdk.CreateDeploymentInput{StageName: aws.String("dev"), StageDescription: aws.String("again")}))
	st, err := w.client.GetStage(w.ctx, &sdk.GetStageInput{RestApiId: &api, StageName: aws.String("dev")})
	w.must(err)
	if !st.TracingEnabled || *st.Description != "again" {
		t.Errorf("the repointed stage = tracing %t, %v", st.TracingEnabled, st.Description)
	}
}

func TestD1_OnlyTheDescriptionCanChange(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, id := w.deployed()
	update := func(op types.PatchOperation) (*sdk.UpdateDeploymentOutput, error) {
		return w.client.UpdateDeployment(w.ctx, &sdk.UpdateDeploymentInput{RestApiId: &api, DeploymentId: &id, PatchOperations: []types.PatchOperation{op}})
	}
	out, err := update(patch("replace", "/description", "new"))
	w.must(err)
	if *out.Description != "new" {
		t.Errorf("description = %s", *out.Description)
	}
	_, err = update(patch("replace", "/id", "x"))
	refused(t, err, "BadRequestException", "Must be one of: [/description]")
}

func TestD2_UpdateStage(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, _ := w.deployed()
	update := func(ops ...types.PatchOperation) (*sdk.UpdateStageOutput, error) {
		return w.client.UpdateStage(w.ctx, &sdk.UpdateStageInput{RestApiId: &api, StageName: aws.String("prod"), PatchOperations: ops})
	}
	clean, err := w.client.GetStage(w.ctx, &sdk.GetStageInput{RestApiId: &api, StageName: aws.String("prod")})
	w.must(err)
	if clean.CacheClusterEnabled || clean.CacheClusterStatus != types.CacheClusterStatusNotAvailable || len(clean.MethodSettings) != 0 || clean.TracingEnabled {
		t.Errorf("a new stage = %+v", clean)
	}
	out, err := update(
		patch("replace", "/*/*/caching/enabled", "true"), patch("replace", "/*/*/throttling/burstLimit", "123"),
		patch("replace", "/~1comments/POST/throttling/rateLimit", "2.5"), patch("replace", "/~1comments~1{pageId}/GET/metrics/enabled", "true"),
		patch("replace", "/variables/var1", "test"), patch("replace", "/description", "stage new"), patch("replace", "/tracingEnabled", "true"),
	)
	w.must(err)
	defaults := types.MethodSetting{
		CacheTtlInSeconds: 300, RequireAuthorizationForCacheControl: true, ThrottlingBurstLimit: 5000, ThrottlingRateLimit: 10000,
		UnauthorizedCacheControlHeaderStrategy: types.UnauthorizedCacheControlHeaderStrategySucceedWithResponseHeader,
	}
	all, post, get := defaults, defaults, defaults
	all.CachingEnabled, all.ThrottlingBurstLimit = true, 123
	post.ThrottlingRateLimit = 2.5
	get.MetricsEnabled = true
	want := map[string]types.MethodSetting{"*/*": all, "comments/POST": post, "comments~1{pageId}/GET": get}
	if diff := cmp.Diff(want, out.MethodSettings, ignoreSerde); diff != "" {
		t.Errorf("materialised settings (-want +got):\n%s", diff)
	}
	if out.Variables["var1"] != "test" || *out.Description != "stage new" || !out.TracingEnabled {
		t.Errorf("literals = %v %v %v", out.Variables, out.Description, out.TracingEnabled)
	}
	out, err = update(patch("replace", "/*/*/throttling/burstLimit", "100"), patch("remove", "/~1comments/POST", ""), patch("remove", "/variables/var1", ""))
	w.must(err)
	if _, left := out.MethodSettings["comments/POST"]; left || out.MethodSettings["comments~1{pageId}/GET"].ThrottlingBurstLimit != 5000 || len(out.Variables) != 0 {
		t.Errorf("after the removal: %+v %v", out.MethodSettings, out.Variables)
	}
}

func TestD2_UpdateStageRefusals(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, _ := w.deployed()
	for _, tc := range []struct {
		op   types.PatchOperation
		text string
	}{
		{patch("replace", "/tags/tag1", "x"), "Invalid method setting path: /tags/tag1. Must be one of: [/deploymentId, /description, /cacheClusterEnabled,"},
		{patch("replace", "/documentation_version", "x"), "Invalid method setting path: /documentation_version. Must be one of: ["},
		{patch("replace", "/*/*/accessLogSettings/format", "x"), "Invalid method setting path: accessLogSettings/format. Must be one of: [.../metrics/enabled"},
		{patch("remove", "/*/*", ""), "Cannot remove method setting */* because there is no method setting for this method"},
		{patch("replace", "/deploymentId", "zzz"), "Deployment id does not exist"},
		{patch("add", "/description", "x"), "Invalid patch operation specified. Must be one of: [replace]"},
		{patch("replace", "/*/*/logging/loglevel", "INFO"), "CloudWatch Logs role ARN must be set in account settings to enable logging"},
		{patch("replace", "/accessLogSettings/format", "$context.requestId"), "CloudWatch Logs role ARN must be set in account settings to enable logging"},
		{patch("replace", "/*/*/throttling/rateLimit", "fast"), "use a number from 0 to 10000, or -1"},
		{patch("replace", "/*/*/caching/ttlInSeconds", "3601"), "use a whole number from 0 to 3600"},
		{patch("replace", "/variables/v", "a b"), "must match [A-Za-z0-9-._~:/?#&=,]+"},
		{patch("replace", "/cacheClusterSize", "2"), "Invalid cache cluster size '2' specified"},
	} {
		_, err := w.client.UpdateStage(w.ctx, &sdk.UpdateStageInput{RestApiId: &api, StageName: aws.String("prod"), PatchOperations: []types.PatchOperation{tc.op}})
		refused(t, err, "BadRequestException", tc.text)
	}
}

func TestD5_LoggingNeedsTheAccountsRole(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, _ := w.deployed()
	_, err := w.client.UpdateAccount(w.ctx, &sdk.UpdateAccountInput{PatchOperations: []types.PatchOperation{
		patch("replace", "/cloudwatchRoleArn", "arn:aws:iam::123456789012:role/logs")}})
	w.must(err)
	account, err := w.client.GetAccount(w.ctx, &sdk.GetAccountInput{})
	w.must(err)
	if *account.CloudwatchRoleArn != "arn:aws:iam::123456789012:role/logs" {
		t.Errorf("cloudwatchRoleArn = %s", *account.CloudwatchRoleArn)
	}
	update := func(ops ...types.PatchOperation) (*sdk.UpdateStageOutput, error) {
		return w.client.UpdateStage(w.ctx, &sdk.UpdateStageInput{RestApiId: &api, StageName: aws.String("prod"), PatchOperations: ops})
	}
	group := "arn:aws:logs:eu-west-1:123456789012:log-group:access"
	out, err := update(patch("replace", "/accessLogSettings/destinationArn", group), patch("replace", "/accessLogSettings/format", "$context.requestId $context.status"),
		patch("replace", "/*/*/logging/loglevel", "ERROR"))
	w.must(err)
	if *out.AccessLogSettings.DestinationArn != group || *out.MethodSettings["*/*"].LoggingLevel != "ERROR" {
		t.Errorf("logging = %+v %+v", out.AccessLogSettings, out.MethodSettings)
	}
	_, err = update(patch("replace", "/accessLogSettings/destinationArn", group+":*"))
	refused(t, err, "BadRequestException", "without trailing ':*'")
	_, err = update(patch("replace", "/accessLogSettings/format", "$context.status"))
	refused(t, err, "BadRequestException", "must contain $context.requestId")
	_, err = update(patch("replace", "/accessLogSettings/format", ""))
	refused(t, err, "BadRequestException", "Access Log value must not be empty")
	out, err = update(patch("remove", "/accessLogSettings", ""))
	w.must(err)
	if out.AccessLogSettings != nil {
		t.Errorf("removed access log settings are still there: %+v", out.AccessLogSettings)
	}
}

func TestD4_CacheClusterTakesTime(t *testing.T) {
	w := newWorld(t, core.Nature{Delays: core.Delays{CacheCluster: core.Duration(4 * time.Minute)}})
	api, _ := w.deployed()
	set := func(value string) {
		t.Helper()
		_, err := w.client.UpdateStage(w.ctx, &sdk.UpdateStageInput{RestApiId: &api, StageName: aws.String("prod"),
			PatchOperations: []types.PatchOperation{patch("replace", "/cacheClusterEnabled", value)}})
		w.must(err)
	}
	status := func(want types.CacheClusterStatus) {
		t.Helper()
		st, err := w.client.GetStage(w.ctx, &sdk.GetStageInput{RestApiId: &api, StageName: aws.String("prod")})
		w.must(err)
		if st.CacheClusterStatus != want {
			t.Errorf("cacheClusterStatus = %s; want %s", st.CacheClusterStatus, want)
		}
	}
	set("true")
	status(types.CacheClusterStatusCreateInProgress)
	w.clock.Advance(5 * time.Minute)
	status(types.CacheClusterStatusAvailable)
	_, err := w.client.FlushStageCache(w.ctx, &sdk.FlushStageCacheInput{RestApiId: &api, StageName: aws.String("prod")})
	w.must(err)
	if _, st, _ := w.svc.Deployed(api, "prod"); st.CacheFlushes != 1 || st.CacheClusterStatus != "AVAILABLE" {
		t.Errorf("the data plane sees %d flushes and a cache that is %s; want 1 and AVAILABLE", st.CacheFlushes, st.CacheClusterStatus)
	}
	set("false")
	status(types.CacheClusterStatusDeleteInProgress)
	w.clock.Advance(5 * time.Minute)
	status(types.CacheClusterStatusNotAvailable)
}

func TestA3_StageLimitAndNames(t *testing.T) {
	w := newWorld(t, core.Nature{})
	api, id := w.deployed()
	create := func(name string) error {
		_, err := w.client.CreateStage(w.ctx, &sdk.CreateStageInput{RestApiId: &api, StageName: &name, DeploymentId: &id})
		return err
	}
	refused(t, create("prod"), "ConflictException", "Stage already exists")
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"} {
		w.must(create(name))
	}
	refused(t, create("j"), "LimitExceededException", "Maximum number of stages")
	out, err := w.client.GetStages(w.ctx, &sdk.GetStagesInput{RestApiId: &api, DeploymentId: &id})
	w.must(err)
	if len(out.Item) != 10 {
		t.Errorf("GetStages returned %d; want 10", len(out.Item))
	}
}

func TestA4_StagePropagation(t *testing.T) {
	w := newWorld(t, core.Nature{Delays: core.Delays{StagePropagation: core.Duration(10 * time.Second)}})
	api, _ := w.deployed()
	if _, _, ok := w.svc.Deployed(api, "prod"); ok {
		t.Fatal("a new stage serves before its propagation delay")
	}
	w.clock.Advance(10 * time.Second)
	_, err := w.client.UpdateStage(w.ctx, &sdk.UpdateStageInput{RestApiId: &api, StageName: aws.String("prod"),
		PatchOperations: []types.PatchOperation{patch("replace", "/variables/v", "new")}})
	w.must(err)
	if _, st, ok := w.svc.Deployed(api, "prod"); !ok || st.Variables["v"] != "" {
		t.Errorf("before the delay the stage serves %v %v; want the old settings", ok, st)
	}
	w.clock.Advance(10 * time.Second)
	if _, st, _ := w.svc.Deployed(api, "prod"); st.Variables["v"] != "new" {
		t.Errorf("after the delay the variables are %v", st.Variables)
	}
}

func TestA4_ReadsLagBehindWrites(t *testing.T) {
	w := newWorld(t, core.Nature{Lag: map[string]core.Duration{"apigateway": core.Duration(3 * time.Second)}})
	api := w.createAPI()
	_, err := w.client.GetRestApi(w.ctx, &sdk.GetRestApiInput{RestApiId: &api})
	refused(t, err, "NotFoundException", "Invalid API identifier specified")
	w.put(api, commentsDoc(t)) // mutations see the newest state
	w.clock.Advance(3 * time.Second)
	if len(w.resources(api)) != 3 {
		t.Error("after the lag the definition isn't visible")
	}
	_, err = w.client.DeleteRestApi(w.ctx, &sdk.DeleteRestApiInput{RestApiId: &api})
	w.must(err)
	list, err := w.client.GetRestApis(w.ctx, &sdk.GetRestApisInput{})
	w.must(err)
	if len(list.Items) != 1 {
		t.Error("a deleted API vanished from lagging reads at once")
	}
	_, err = w.client.CreateDeployment(w.ctx, &sdk.CreateDeploymentInput{RestApiId: &api})
	refused(t, err, "NotFoundException", "Invalid API identifier specified")
}
