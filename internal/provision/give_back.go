// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/commentsapi/operator/internal/stack"
)

// removeAPI deletes a REST API, or gives it back. One that this operator made
// carries a nonce and goes with all that is in it. One that was adopted has
// none: it stays while it has stages of somebody else, and loses only what is
// the object's (design rule 5.7).
func (t *Teardown) removeAPI(ctx context.Context, api *stack.ObservedAPI) error {
	if api.Tags[stack.TagNonce] == "" {
		if err := t.Cloud.readStages(ctx, api); err != nil {
			return err
		}
		for _, stage := range api.Stages {
			if !t.Identity.Claim.Relation(stage.Tags).Mine() {
				return t.giveBack(ctx, api)
			}
		}
	}
	_, err := t.Cloud.APIs.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: &api.ID})
	return err
}

// giveBack removes the object's stages from a REST API, and its claim last, so
// that a pass that was cut short is taken up again.
func (t *Teardown) giveBack(ctx context.Context, api *stack.ObservedAPI) error {
	for name, stage := range api.Stages {
		if !t.Identity.Claim.Relation(stage.Tags).Mine() {
			continue
		}
		_, err := t.Cloud.APIs.DeleteStage(ctx, &apigateway.DeleteStageInput{RestApiId: &api.ID, StageName: &name})
		if err != nil && !gone(err) {
			return err
		}
	}
	stale := stack.StaleTags(api.Tags, nil)
	for _, key := range slices.Sorted(maps.Keys(api.Tags)) {
		if strings.HasPrefix(key, stack.TagPrefix) && !slices.Contains(stale, key) {
			stale = append(stale, key)
		}
	}
	arn := t.Identity.ARN.RestAPI(api.ID)
	_, err := t.Cloud.APIs.UntagResource(ctx, &apigateway.UntagResourceInput{ResourceArn: &arn, TagKeys: stale})
	if err == nil {
		t.Left = append(t.Left, api.ID)
	}
	return err
}
