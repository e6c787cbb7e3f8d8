// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/commentsapi/operator/internal/stack"
)

// retag takes away what an earlier spec put on a resource, and puts on what is
// missing or different. Taking away comes first: the note of which tags are
// the operator's goes with the second call, so a crash in between loses none;
// and IAM takes keys that differ in case only for the same (aws-facts G1).
func retag(have, want map[string]string, untag func(stale []string) error, tag func(missing map[string]string) error) error {
	if stale := stack.StaleTags(have, want); len(stale) > 0 {
		if err := untag(stale); err != nil {
			return err
		}
	}
	missing := map[string]string{}
	for key, value := range want {
		if old, ok := have[key]; !ok || old != value {
			missing[key] = value
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return tag(missing)
}

// tagGateway retags a REST API or a stage.
func (r *Run) tagGateway(ctx context.Context, arn string, have, want map[string]string) error {
	return retag(have, want, func(stale []string) error {
		_, err := r.Cloud.APIs.UntagResource(ctx, &apigateway.UntagResourceInput{ResourceArn: &arn, TagKeys: stale})
		return err
	}, func(missing map[string]string) error {
		_, err := r.Cloud.APIs.TagResource(ctx, &apigateway.TagResourceInput{ResourceArn: &arn, Tags: missing})
		return err
	})
}
