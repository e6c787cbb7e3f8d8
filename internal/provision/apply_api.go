// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/stack"
)

// IntentSettles is how long a REST API whose creation was not confirmed may
// take to show up in a list; before that nothing is created anew (design rule
// 5.4).
const IntentSettles = time.Minute

// createAPI makes the REST API. AWS has no token for it and names are not
// unique, so a call whose answer was lost must not simply be made again: an
// intent is written down first, the call is never repeated by the SDK, and
// after an unclear answer the claim is looked for until the intent has settled.
func (r *Run) createAPI(ctx context.Context) (verdict, error) {
	if r.Intent != nil && r.Now().Before(r.Intent.settled()) {
		message := "the answer to creating the REST API was lost; it is looked for until " +
			r.Intent.settled().UTC().Format(time.RFC3339) + " before another one is made"
		if id := r.Identity.Recorded.APIID; id != "" {
			message = "REST API " + id + " was created and is not to be seen yet"
		}
		r.wait("Waiting", message, r.Intent.poll(r.Now()))
		return waiting, nil
	}
	want := r.Desired.API
	nonce := newNonce()
	if err := r.Journal.Intend(ctx, nonce, r.Now()); err != nil {
		return next, fmt.Errorf("recording the intent: %w", err)
	}
	tags := maps.Clone(want.Tags)
	tags[stack.TagNonce] = nonce
	out, err := r.Cloud.APIs.CreateRestApi(ctx, &apigateway.CreateRestApiInput{
		Name:                  &want.Name,
		Description:           &want.Description,
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointType(want.EndpointType)}},
		Tags:                  tags,
	}, awscloud.NoRetryAPIGateway)
	if err != nil {
		if failure := awscloud.Classify(err); !failure.MaybeApplied() {
			if forgo := r.Journal.Forgo(ctx); forgo != nil {
				return next, fmt.Errorf("%w (and removing the intent: %w)", err, forgo)
			}
		}
		return next, err
	}
	if err := r.Journal.Created(ctx, aws.ToString(out.Id)); err != nil {
		return next, fmt.Errorf("recording REST API %s: %w", aws.ToString(out.Id), err)
	}
	// Everything after it needs the API as AWS reports it.
	return reread, nil
}

// updateAPI changes what PutRestApi can't (aws-facts B2).
func (r *Run) updateAPI(ctx context.Context, step plan.Step) error {
	have, want := r.Observed.API, r.Desired.API
	if step.Op == plan.TagAPI {
		return r.tagGateway(ctx, r.Identity.ARN.RestAPI(have.ID), have.Tags, want.Tags)
	}
	var patch []types.PatchOperation
	if have.EndpointType != want.EndpointType {
		patch = append(patch, replace("/endpointConfiguration/types/"+have.EndpointType, want.EndpointType))
	}
	if have.DefaultEndpointDisabled != want.DefaultEndpointDisabled {
		patch = append(patch, replace("/disableExecuteApiEndpoint", strconv.FormatBool(want.DefaultEndpointDisabled)))
	}
	_, err := r.Cloud.APIs.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: &have.ID, PatchOperations: patch})
	return err
}

// putDefinition writes the whole working copy. The call is idempotent but not
// atomic (aws-facts B2), so the next reading compares everything. A deployment
// of the same definition that nobody serves yet may have caught the
// difference that is being corrected, so it goes first.
func (r *Run) putDefinition(ctx context.Context) error {
	have := r.Observed.API
	deployments, err := r.Cloud.deployments(ctx, have.ID)
	if err != nil {
		return err
	}
	for _, d := range deployments {
		sha, ours := stack.DeploymentDefinition(d.Description)
		if ours && sha == r.Desired.DefinitionSHA256 && d.ID != r.Identity.Recorded.DeploymentID && !staged(have, d.ID) {
			if err := r.deleteDeployment(ctx, have.ID, d.ID); err != nil {
				return err
			}
		}
	}
	_, err = r.Cloud.APIs.PutRestApi(ctx, &apigateway.PutRestApiInput{
		RestApiId:      &have.ID,
		Mode:           types.PutModeOverwrite,
		FailOnWarnings: true,
		Body:           r.Desired.Document,
	})
	return err
}

func staged(api *stack.ObservedAPI, deploymentID string) bool {
	for _, stage := range api.Stages {
		if stage.DeploymentID == deploymentID {
			return true
		}
	}
	return false
}

func (r *Run) deleteDeployment(ctx context.Context, apiID, id string) error {
	_, err := r.Cloud.APIs.DeleteDeployment(ctx, &apigateway.DeleteDeploymentInput{RestApiId: &apiID, DeploymentId: &id})
	if gone(err) {
		return nil
	}
	return err
}

func (r *Run) deleteAPI(ctx context.Context, id string) error {
	_, err := r.Cloud.APIs.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: &id})
	if gone(err) {
		return nil
	}
	return err
}

func replace(path, value string) types.PatchOperation {
	return types.PatchOperation{Op: types.OpReplace, Path: &path, Value: &value}
}

func remove(path string) types.PatchOperation {
	return types.PatchOperation{Op: types.OpRemove, Path: &path}
}
