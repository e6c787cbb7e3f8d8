// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

func (r *Run) doStage(ctx context.Context, step plan.Step) error {
	api, want := r.Observed.API, r.Desired.Stage
	switch step.Op {
	case plan.CreateStage:
		return r.createStage(ctx)
	case plan.PointStage:
		return r.pointStage(ctx)
	case plan.UpdateStage:
		have := api.Stages[want.Name]
		if have.CacheStatus.Busy() {
			want.CacheClusterSize = have.CacheClusterSize
		}
		return r.patchStage(ctx, stagePatch(have.Stage, want))
	case plan.TagStage:
		return r.tagGateway(ctx, r.Identity.ARN.Stage(api.ID, want.Name), api.Stages[want.Name].Tags, want.Tags)
	default:
		_, err := r.Cloud.APIs.DeleteStage(ctx, &apigateway.DeleteStageInput{RestApiId: &api.ID, StageName: &step.Target})
		if gone(err) {
			return nil
		}
		return err
	}
}

// createStage makes the stage with its claim, then its settings, which
// CreateStage does not take (aws-facts D1, D2). A crash in between is
// completed as drift of the settings.
func (r *Run) createStage(ctx context.Context) error {
	api, want := r.Observed.API, r.Desired.Stage
	in := &apigateway.CreateStageInput{
		RestApiId:      &api.ID,
		StageName:      &want.Name,
		DeploymentId:   &r.deploymentID,
		Tags:           want.Tags,
		TracingEnabled: want.Tracing,
		Variables:      want.Variables,
	}
	if want.CacheClusterSize != "" {
		in.CacheClusterEnabled = true
		in.CacheClusterSize = types.CacheClusterSize(want.CacheClusterSize)
	}
	if _, err := r.Cloud.APIs.CreateStage(ctx, in); err != nil {
		return err
	}
	r.served()
	bare := stack.Stage{Tracing: want.Tracing, Variables: want.Variables, CacheClusterSize: want.CacheClusterSize}
	return r.patchStage(ctx, stagePatch(bare, want))
}

// pointStage moves the readers to the deployment. A canary left by somebody
// would keep part of them elsewhere, so it goes.
func (r *Run) pointStage(ctx context.Context) error {
	patch := []types.PatchOperation{replace("/deploymentId", r.deploymentID)}
	if r.Observed.API.Stages[r.Desired.Stage.Name].Canary {
		patch = append([]types.PatchOperation{remove("/canarySettings")}, patch...)
	}
	if err := r.patchStage(ctx, patch); err != nil {
		return err
	}
	r.served()
	r.prune(ctx)
	return nil
}

func (r *Run) served() {
	r.outcome.DeploymentID, r.outcome.DefinitionSHA256 = r.deploymentID, r.Desired.DefinitionSHA256
}

func (r *Run) patchStage(ctx context.Context, patch []types.PatchOperation) error {
	if len(patch) == 0 {
		return nil
	}
	_, err := r.Cloud.APIs.UpdateStage(ctx, &apigateway.UpdateStageInput{
		RestApiId: &r.Observed.API.ID, StageName: &r.Desired.Stage.Name, PatchOperations: patch})
	return err
}

// stagePatch returns the patch operations from one set of stage settings to
// another (paths: aws-facts D2).
func stagePatch(have, want stack.Stage) []types.PatchOperation {
	patch := cachePatch(have, want)
	for _, key := range sortedKeys(have.Settings, want.Settings) {
		wanted, needed := want.Settings[key]
		if !needed {
			patch = append(patch, remove(settingsPath(key)))
			continue
		}
		patch = append(patch, settingsPatch(settingsPath(key), have.Settings[key], wanted)...)
	}
	for _, name := range sortedKeys(have.Variables, want.Variables) {
		value, needed := want.Variables[name]
		switch {
		case !needed:
			patch = append(patch, remove("/variables/"+name))
		case have.Variables[name] != value:
			patch = append(patch, replace("/variables/"+name, value))
		}
	}
	if have.Tracing != want.Tracing {
		patch = append(patch, replace("/tracingEnabled", strconv.FormatBool(want.Tracing)))
	}
	if have.ClientCertificate != want.ClientCertificate {
		patch = append(patch, replace("/clientCertificateId", want.ClientCertificate))
	}
	return append(patch, accessLogPatch(have, want)...)
}

func accessLogPatch(have, want stack.Stage) []types.PatchOperation {
	if have.AccessLogDestination == want.AccessLogDestination && have.AccessLogFormat == want.AccessLogFormat {
		return nil
	}
	if want.AccessLogDestination == "" {
		return []types.PatchOperation{remove("/accessLogSettings")}
	}
	return []types.PatchOperation{
		replace("/accessLogSettings/destinationArn", want.AccessLogDestination),
		replace("/accessLogSettings/format", want.AccessLogFormat),
	}
}

func cachePatch(have, want stack.Stage) []types.PatchOperation {
	switch {
	case have.CacheClusterSize == want.CacheClusterSize:
		return nil
	case want.CacheClusterSize == "":
		return []types.PatchOperation{replace("/cacheClusterEnabled", "false")}
	default:
		return []types.PatchOperation{
			replace("/cacheClusterEnabled", "true"),
			replace("/cacheClusterSize", want.CacheClusterSize),
		}
	}
}
