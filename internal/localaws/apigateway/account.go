// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"net/http"
)

// accountSettings is what GetAccount reports of an account and region.
type accountSettings struct {
	CloudwatchRoleARN string
}

type accountView struct {
	CloudwatchRoleARN string   `json:"cloudwatchRoleArn,omitempty"`
	ThrottleSettings  throttle `json:"throttleSettings"`
	Features          []string `json:"features"`
	APIKeyVersion     string   `json:"apiKeyVersion"`
}

type throttle struct {
	BurstLimit int     `json:"burstLimit"`
	RateLimit  float64 `json:"rateLimit"`
}

func viewAccount(a *accountSettings) accountView {
	v := accountView{
		ThrottleSettings: throttle{BurstLimit: accountBurst, RateLimit: accountRate},
		Features:         []string{"UsagePlans"}, APIKeyVersion: "4",
	}
	if a != nil {
		v.CloudwatchRoleARN = a.CloudwatchRoleARN
	}
	return v
}

func (s *Service) getAccount(q *request) (int, any, error) {
	a, _ := s.accounts.Visible(scope(q.caller), s.env.Lag(lagName))
	return http.StatusOK, viewAccount(a), nil
}

// updateAccount sets the CloudWatch role that logging needs (aws-facts D5).
func (s *Service) updateAccount(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var next accountSettings
	if a, ok := s.accounts.Latest(scope(q.caller)); ok {
		next = *a
	}
	for i := range ops {
		if err := ops[i].replacesOnly("/cloudwatchRoleArn"); err != nil {
			return 0, nil, err
		}
		if arn := ops[i].text(); arn != "" && roleARN.FindStringSubmatch(arn) == nil {
			return 0, nil, badRequest("The role ARN '%s' is not valid: use arn:{partition}:iam::{account}:role/{name}, or nothing to unset it", arn)
		}
		next.CloudwatchRoleARN = ops[i].text()
	}
	s.accounts.Put(scope(q.caller), &next)
	return http.StatusOK, viewAccount(&next), nil
}
