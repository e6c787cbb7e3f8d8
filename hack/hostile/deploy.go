// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	look "github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/provision"
	"github.com/commentsapi/operator/internal/stack"
)

const (
	region = "eu-west-1"
	// maxRounds bounds how many looks a stack may take to settle.
	maxRounds = 60
	// The websites that may read the open API.
	website, otherWebsite = "https://www.example.com", "http://localhost:8080"
)

// world is a local AWS with APIs in it, whose clock moves only when told.
type world struct {
	local   *localaws.Server
	clock   *core.FakeClock
	account *awscloud.Account
	tables  *dynamodb.Client
}

func newWorld(ctx context.Context) (*world, error) {
	clock := core.NewFakeClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	local, err := localaws.New(localaws.Options{Clock: clock})
	if err != nil {
		return nil, err
	}
	if err := local.Start(ctx); err != nil {
		return nil, err
	}
	endpoint := local.Endpoint()
	cfg := aws.Config{Region: region, BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
	factory := awscloud.NewFactory(awscloud.Config{Quotas: []awscloud.Quota{},
		BaseConfig: func(context.Context) (aws.Config, error) { return cfg, nil }})
	account, err := factory.Account(ctx, awscloud.Target{Region: region})
	if err != nil {
		_ = local.Close()
		return nil, err
	}
	return &world{local, clock, account, dynamodb.NewFromConfig(cfg)}, nil
}

// notes is what an operator would write down; it implements
// provision.Journal. Nothing fails here, so nothing is read back but ids.
type notes struct {
	recorded plan.Recorded
	intent   *provision.Intent
}

func (n *notes) Intend(_ context.Context, nonce string, at time.Time) error {
	n.intent = &provision.Intent{Nonce: nonce, Time: at}
	return nil
}

func (n *notes) Created(_ context.Context, id string) error {
	n.recorded.APIID = id
	return nil
}

func (n *notes) Forgo(context.Context) error {
	n.intent = nil
	return nil
}

// deploy makes a stack as the operator does and returns its invoke URL.
func (w *world) deploy(ctx context.Context, name string, comments v1alpha1.CommentsSpec, origins ...v1alpha1.Origin) (string, error) {
	n := &notes{}
	subject := look.Subject{
		Spec: v1alpha1.CommentsAPISpec{TableName: name, Region: region, Stage: "prod", Comments: comments,
			API: v1alpha1.APISpec{Throttling: v1alpha1.ThrottlingSpec{Rate: 10000, Burst: 5000}}},
		Claim: stack.Claim{ClusterID: "cluster", Namespace: "shop", NamespaceUID: "ns", Name: name, UID: "uid-" + name},
	}
	if len(origins) > 0 {
		subject.Spec.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: origins}
	}
	for range maxRounds {
		subject.Recorded = n.recorded
		r, err := look.Look(ctx, w.account, look.Settings{RolePath: "/commentsapi/"}, subject, w.clock.Now())
		if err != nil {
			return "", err
		}
		if r.Plan.Block != nil {
			return "", fmt.Errorf("deploy %s: %s: %s", name, r.Plan.Block.Reason, r.Plan.Block.Message)
		}
		if r.Plan.Empty() {
			w.clock.Advance(time.Minute) // the stage's settings have reached everything
			return w.local.InvokeURL(r.Observed.API.ID, "prod"), nil
		}
		run := provision.Run{Cloud: r.Cloud, Identity: r.Identity, Desired: r.Desired, Observed: r.Observed,
			Journal: n, Intent: n.intent, Probe: true, Now: w.clock.Now}
		o := run.Apply(ctx, r.Plan)
		n.recorded = look.Remember(n.recorded, r, o)
		if o.Err != nil {
			return "", fmt.Errorf("deploy %s: %w", name, o.Err)
		}
		if o.Wait != nil {
			w.clock.Advance(o.Wait.After)
		}
	}
	return "", fmt.Errorf("deploy %s: not settled after %d rounds", name, maxRounds)
}
