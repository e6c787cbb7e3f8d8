// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go/middleware"
)

// Account is one AWS account in one region, with clients that call it. Clients
// keep the SDK's own choice of endpoints, which for DynamoDB is a host name
// per account when the credentials carry an account id (aws-facts J1;
// AWS_ACCOUNT_ID_ENDPOINT_MODE=disabled turns that off), and honour
// AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>.
type Account struct {
	// ID is the twelve digits of the account the credentials belong to.
	ID string
	// Partition is the one of the caller's ARN, such as "aws" or "aws-cn".
	Partition string
	// DNSSuffix is the partition's, such as "amazonaws.com" (aws-facts I).
	DNSSuffix string
	// Region is the target's region.
	Region string
	// CallerARN is who AWS says is calling.
	CallerARN string

	DynamoDB   *dynamodb.Client
	IAM        *iam.Client
	APIGateway *apigateway.Client

	// pacers by service, shared with the clients; nil: not paced.
	pacers map[string]*pacer
}

// failureMemory is how long a failure to identify the caller is handed to
// others who ask the same: one bad key is not asked about by every object.
const failureMemory = 2 * time.Second

// entry is what is known of one target.
type entry struct {
	factory *Factory
	target  Target
	// turn lets one caller at a time find out; the others wait for its answer.
	turn chan struct{}
	// stale: AWS refused the credentials; everything is to be looked up anew.
	stale atomic.Bool

	account     *Account
	credentials *credentialSet
	accessKey   string // of the credentials that were identified
	failure     error
	failedAt    time.Time
}

// Account returns the account that a target leads to. Who the caller is, is
// asked of STS once per set of credentials, and again when they were renewed
// or refused; callers that ask at the same time share one call.
func (f *Factory) Account(ctx context.Context, t Target) (*Account, error) {
	if err := f.checkRegion(t.Region); err != nil {
		return nil, err
	}
	return f.entryFor(t).get(ctx)
}

func (e *entry) get(ctx context.Context) (*Account, error) {
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the AWS account: %w", ctx.Err())
	}
	if e.failure != nil && time.Since(e.failedAt) < failureMemory {
		return nil, e.failure
	}
	account, err := e.resolve(ctx)
	if err == nil {
		e.failure = nil
		return account, nil
	}
	if ctx.Err() == nil {
		e.failure, e.failedAt = err, time.Now()
	}
	if inspect(err).class == Credentials {
		e.stale.Store(true)
	}
	return nil, err
}

func (e *entry) resolve(ctx context.Context) (*Account, error) {
	reload := e.stale.Swap(false)
	if e.credentials == nil || reload {
		base, err := e.factory.baseConfig(ctx, e.target.Region, reload)
		if err != nil {
			return nil, err
		}
		e.credentials, e.account = e.factory.newCredentials(base, e.target), nil
	}
	creds, err := e.credentials.Retrieve(ctx)
	if err != nil {
		return nil, e.credentials.blame(ctx, err)
	}
	if e.account != nil && creds.AccessKeyID == e.accessKey {
		return e.account, nil
	}
	source := sourceOf(creds.Source, e.target)
	caller, err := e.credentials.identify(ctx, source)
	if err != nil {
		return nil, e.credentials.blame(ctx, err)
	}
	if e.account == nil || e.account.CallerARN != caller.arn || e.account.ID != caller.account {
		e.account = e.connect(caller, source)
	}
	e.accessKey = creds.AccessKeyID
	return e.account, nil
}

// connect makes the clients for an identified caller.
func (e *entry) connect(c caller, source string) *Account {
	p := partitionOf(c.arn, e.target.Region)
	name := p.name
	if parsed, err := arn.Parse(c.arn); err == nil {
		name = parsed.Partition
	}
	l := &link{
		factory: e.factory, region: e.target.Region, entry: e, source: source,
		account: c.account, principal: principalName(c.arn),
		pacers: e.factory.pacersFor(c.account, e.target.Region),
	}
	cfg := e.credentials.config(l)
	return &Account{
		ID: c.account, Partition: name, DNSSuffix: p.dnsSuffix,
		Region: e.target.Region, CallerARN: c.arn,
		DynamoDB:   dynamodb.NewFromConfig(cfg),
		IAM:        iam.NewFromConfig(cfg),
		APIGateway: apigateway.NewFromConfig(cfg),
		pacers:     l.pacers,
	}
}

// withLink returns a configuration whose clients pass through l.
func withLink(cfg aws.Config, l *link) aws.Config {
	cfg = cfg.Copy()
	cfg.Region = l.region
	cfg.APIOptions = append(cfg.APIOptions[:len(cfg.APIOptions):len(cfg.APIOptions)],
		func(stack *middleware.Stack) error { return l.install(stack) })
	return cfg
}
