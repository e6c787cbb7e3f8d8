// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/stack"
)

// loggingOff is the operator's word for the level AWS reports as absent
// (aws-facts D2).
const loggingOff = "OFF"

func (c Cloud) readStages(ctx context.Context, api *stack.ObservedAPI) error {
	out, err := c.APIs.GetStages(ctx, &apigateway.GetStagesInput{RestApiId: &api.ID})
	if err != nil {
		return err
	}
	api.Stages = map[string]stack.ObservedStage{}
	for i := range out.Item {
		stage := readStage(&out.Item[i])
		api.Stages[stage.Name] = stage
	}
	return nil
}

func readStage(s *types.Stage) stack.ObservedStage {
	stage := stack.ObservedStage{
		Stage: stack.Stage{
			Name:              aws.ToString(s.StageName),
			Settings:          map[string]stack.MethodSettings{},
			Variables:         s.Variables,
			Tracing:           s.TracingEnabled,
			ClientCertificate: aws.ToString(s.ClientCertificateId),
			Tags:              s.Tags,
		},
		DeploymentID: aws.ToString(s.DeploymentId),
		Created:      aws.ToTime(s.CreatedDate),
		Updated:      aws.ToTime(s.LastUpdatedDate),
		CacheStatus:  stack.CacheStatus(s.CacheClusterStatus),
		Canary:       s.CanarySettings != nil,
	}
	if s.CacheClusterEnabled {
		stage.CacheClusterSize = string(s.CacheClusterSize)
	}
	if log := s.AccessLogSettings; log != nil {
		stage.AccessLogDestination = aws.ToString(log.DestinationArn)
		stage.AccessLogFormat = aws.ToString(log.Format)
	}
	for key, m := range s.MethodSettings {
		settings := stack.MethodSettings{
			ThrottleRate:    m.ThrottlingRateLimit,
			ThrottleBurst:   int(m.ThrottlingBurstLimit),
			Metrics:         m.MetricsEnabled,
			LoggingLevel:    strings.ToUpper(aws.ToString(m.LoggingLevel)),
			DataTrace:       m.DataTraceEnabled,
			Caching:         m.CachingEnabled,
			CacheTTLSeconds: int(m.CacheTtlInSeconds),
			CacheEncrypted:  m.CacheDataEncrypted,

			CacheRefreshOpen:    !m.RequireAuthorizationForCacheControl,
			CacheRefreshRefused: string(m.UnauthorizedCacheControlHeaderStrategy),
		}
		if settings.LoggingLevel == "" {
			settings.LoggingLevel = loggingOff
		}
		stage.Settings[settingsKey(key)] = settings
	}
	return stage
}

// deployments lists all deployments of an API.
func (c Cloud) deployments(ctx context.Context, apiID string) ([]stack.Deployment, error) {
	var found []stack.Deployment
	pages := apigateway.NewGetDeploymentsPaginator(c.APIs, &apigateway.GetDeploymentsInput{RestApiId: &apiID, Limit: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, d := range page.Items {
			found = append(found, stack.Deployment{ID: aws.ToString(d.Id), Description: aws.ToString(d.Description), Created: aws.ToTime(d.CreatedDate)})
		}
	}
	return found, nil
}
