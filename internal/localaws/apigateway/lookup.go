// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// Deployed returns what the stage of an API serves now, and the stage's
// settings. API ids are unique over all accounts and regions. A deployment or
// a setting that is younger than core.Delays.StagePropagation isn't served
// yet (aws-facts A4); ok is false when nothing is served.
func (s *Service) Deployed(apiID, stage string) (*model.Snapshot, *model.Stage, bool) {
	rec, ok := s.apis.Visible(apiID, s.env.Nature().Delays.StagePropagation.D())
	if !ok {
		return nil, nil, false
	}
	st, ok := rec.stages[stage]
	if !ok {
		return nil, nil, false
	}
	d, ok := rec.deployments[st.DeploymentID]
	if !ok {
		return nil, nil, false
	}
	return d.Snapshot, s.viewStage(st), true
}

// WorkingCopy returns the API's definition as the last mutation left it.
func (s *Service) WorkingCopy(apiID string) (*model.Snapshot, bool) {
	rec, ok := s.apis.Latest(apiID)
	if !ok {
		return nil, false
	}
	return rec.work, true
}

// KeyFor resolves the value of an API key for a stage: the enabled key, and
// the usage plan that admits it to the stage. ok is false when there is no
// such combination (INVALID_API_KEY).
func (s *Service) KeyFor(apiID, stage, value string) (*model.APIKey, *model.UsagePlan, bool) {
	rec, ok := s.apis.Latest(apiID)
	if !ok || value == "" {
		return nil, nil, false
	}
	prefix := rec.work.API.AccountID + "/" + rec.work.API.Region + "/"
	for _, id := range s.plans.Keys(0) {
		if !strings.HasPrefix(id, prefix) {
			continue
		}
		plan, ok := s.plans.Latest(id)
		if !ok || !plan.covers(apiID, stage) {
			continue
		}
		for _, keyID := range plan.KeyIDs {
			k, ok := s.keys.Latest(prefix + keyID)
			if ok && k.Enabled && k.Value == value {
				return &k.APIKey, &plan.UsagePlan, true
			}
		}
	}
	return nil, nil, false
}

// AccessLogRole is the CloudWatch role of an account and region; empty when
// none is set (aws-facts D5).
func (s *Service) AccessLogRole(account, region string) string {
	a, ok := s.accounts.Latest(account + "/" + region + "/")
	if !ok {
		return ""
	}
	return a.CloudwatchRoleARN
}

// apiDump is one API in Snapshot's answer.
type apiDump struct {
	AccountID        string                             `json:"accountId"`
	Region           string                             `json:"region"`
	API              model.RestAPI                      `json:"api"`
	Resources        []*model.Resource                  `json:"resources"`
	Models           map[string]*model.Model            `json:"models"`
	Validators       map[string]*model.RequestValidator `json:"requestValidators"`
	GatewayResponses map[string]*model.GatewayResponse  `json:"gatewayResponses"`
	Deployments      map[string]*model.Deployment       `json:"deployments"`
	Stages           map[string]*model.Stage            `json:"stages"`
}

// Snapshot returns all APIs with their definitions, deployments and stages,
// as a value that encodes to JSON, for tests and the control endpoint.
func (s *Service) Snapshot() any {
	dump := []apiDump{}
	for _, id := range s.apis.Keys(0) {
		rec, ok := s.apis.Latest(id)
		if !ok {
			continue
		}
		w := rec.work
		dump = append(dump, apiDump{
			AccountID: w.API.AccountID, Region: w.API.Region, API: w.API,
			Resources: w.SortedResources(), Models: w.Models, Validators: w.Validators,
			GatewayResponses: w.GatewayResponses, Deployments: rec.deployments, Stages: rec.stages,
		})
	}
	return map[string]any{"restApis": dump, "apiKeys": latest(s.keys, func(k *keyRecord) model.APIKey { return k.APIKey }),
		"usagePlans": latest(s.plans, func(p *planRecord) model.UsagePlan { return p.UsagePlan })}
}

// latest is everything in a store, without any lag.
func latest[R, V any](store *core.Store[string, R], view func(R) V) []V {
	all := []V{}
	for _, id := range store.Keys(0) {
		if record, ok := store.Latest(id); ok {
			all = append(all, view(record))
		}
	}
	return all
}
