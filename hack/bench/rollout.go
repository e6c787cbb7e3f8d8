// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/provision"
	"github.com/commentsapi/operator/internal/stack"
)

// mostLooks bounds a rollout that does not come to an end.
const mostLooks = 40

var settings = check.Settings{RolePath: "/commentsapi/"}

// rollout is one object's stack in a local AWS whose clock moves when it
// waits. It keeps the journal in memory.
type rollout struct {
	local   *localaws.Server
	clock   *core.FakeClock
	account *awscloud.Account
	subject check.Subject
	intent  *provision.Intent
}

func start(ctx context.Context) (*rollout, error) {
	s := &rollout{clock: core.NewFakeClock(time.Now()), subject: check.Subject{
		Spec:  v1alpha1.CommentsAPISpec{TableName: "blog-comments", Region: "eu-west-1", Stage: "prod"},
		Claim: stack.Claim{ClusterID: "bench", Namespace: "default", NamespaceUID: "ns-uid", Name: "blog", UID: "uid"},
	}}
	var err error
	if s.local, err = localaws.New(localaws.Options{Clock: s.clock}); err != nil {
		return nil, err
	}
	if err := s.local.Start(ctx); err != nil {
		return nil, err
	}
	endpoint := s.local.Endpoint()
	factory := awscloud.NewFactory(awscloud.Config{Quotas: []awscloud.Quota{}, BaseConfig: func(context.Context) (aws.Config, error) {
		return aws.Config{Region: s.subject.Spec.Region, BaseEndpoint: &endpoint,
			Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}, nil
	}})
	s.account, err = factory.Account(ctx, awscloud.Target{Region: s.subject.Spec.Region})
	return s, err
}

// Intend implements provision.Journal.
func (s *rollout) Intend(_ context.Context, nonce string, at time.Time) error {
	s.intent = &provision.Intent{Nonce: nonce, Time: at}
	return nil
}

// Created implements provision.Journal.
func (s *rollout) Created(_ context.Context, id string) error {
	s.subject.Recorded.APIID = id
	return nil
}

// Forgo implements provision.Journal.
func (s *rollout) Forgo(context.Context) error {
	s.intent = nil
	return nil
}

// converge looks and applies until nothing is left to do, and returns the
// number of looks.
func (s *rollout) converge(ctx context.Context) (int, error) {
	for n := 1; n <= mostLooks; n++ {
		r, err := check.Look(ctx, s.account, settings, s.subject, s.clock.Now())
		if err != nil {
			return n, err
		}
		if r.Plan.Empty() {
			// As the operator does before it says Ready for the first time.
			why, err := r.Cloud.Probe(ctx, r.Observed.API, r.Desired.Stack)
			if err == nil && why != "" {
				err = errors.New(why)
			}
			return n, err
		}
		if r.Plan.Block != nil {
			return n, fmt.Errorf("%s: %s", r.Plan.Block.Reason, r.Plan.Block.Message)
		}
		run := provision.Run{Cloud: r.Cloud, Identity: r.Identity, Desired: r.Desired, Observed: r.Observed,
			Journal: s, Intent: s.intent, Probe: true, Now: s.clock.Now}
		o := run.Apply(ctx, r.Plan)
		if o.Err != nil {
			return n, o.Err
		}
		s.subject.Recorded = check.Remember(s.subject.Recorded, r, o)
		if o.Wait != nil {
			s.clock.Advance(o.Wait.After)
		}
	}
	return mostLooks, fmt.Errorf("not settled after %d looks", mostLooks)
}

// counts are calls to AWS, those to API Gateway, and those that write.
type counts struct{ all, gateway, writes int }

func (s *rollout) count(since int64) counts {
	var c counts
	for _, r := range s.local.Requests(since).Requests {
		if r.Service == "sts" || r.Service == "execute-api" {
			continue
		}
		c.all++
		if r.Service == "apigateway" {
			c.gateway++
		}
		if r.Write {
			c.writes++
		}
	}
	return c
}
