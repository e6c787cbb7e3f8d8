// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/logging"
	"github.com/prometheus/client_golang/prometheus"
)

// Config is what a Factory needs to know. The zero value is ready for use.
type Config struct {
	// QuotaShare is the part of AWS's request quotas this process may use,
	// above 0 and at most 1. Zero means 1.
	QuotaShare float64
	// Quotas replaces the table of AWS's quotas (DefaultQuotas). An empty,
	// non-nil slice means no pacing: for endpoints that are not AWS.
	Quotas []Quota
	// Successor says that another process may have used the quotas up to this
	// moment, as after a restart or a change of leaders: what they allow is
	// taken for used up when an account is first met.
	Successor bool
	// Inherited, when set, tells a successor what its predecessor had used up,
	// whether that is known, and the time since which only this process calls;
	// zero: it does not call yet. It is asked when an account is first met.
	Inherited func() (usage Usage, since time.Time, known bool)
	// AppID is sent in the User-Agent header; a value from the environment
	// (AWS_SDK_UA_APP_ID) wins.
	AppID string
	// AllowedRegions, when not empty, are the only regions to be used.
	AllowedRegions []string
	// Metrics is where to register the metrics of calls; nil: nowhere.
	Metrics prometheus.Registerer
	// HTTPClient replaces the default client and its timeouts.
	HTTPClient aws.HTTPClient
	// BaseConfig loads the process's own AWS configuration, by default with
	// the SDK's config.LoadDefaultConfig. It is called again after AWS refused
	// the credentials, so that renewed ones are found.
	BaseConfig func(ctx context.Context) (aws.Config, error)
	// OnCall, when set, hears of every attempt that went out. It is called
	// from the calling goroutines, so it must be safe for concurrent use.
	OnCall func(Call)
	// Permit, when set, is asked right before an attempt goes out; its error
	// keeps the attempt back. It is called from the calling goroutines.
	Permit func() error
}

// Validate reports settings that make no sense.
func (c Config) Validate() error {
	if c.QuotaShare < 0 || c.QuotaShare > 1 {
		return fmt.Errorf("quota share %g: must be above 0 and at most 1, the part of AWS's request quotas this operator may use", c.QuotaShare)
	}
	for _, region := range c.AllowedRegions {
		if !regionPattern.MatchString(region) {
			return fmt.Errorf("allowed region %q: not the name of an AWS region, such as eu-west-1", region)
		}
	}
	return nil
}

// Target is where and as whom to call AWS.
type Target struct {
	Region string
	// RoleARN is a role to assume first; empty: the process's own identity.
	RoleARN string
	// ExternalID is sent when the role is assumed.
	ExternalID string
}

// Factory hands out Accounts. It is safe for concurrent use and runs nothing
// in the background.
type Factory struct {
	config  Config
	quotas  []Quota
	http    aws.HTTPClient
	metrics *metrics

	mu      sync.Mutex
	entries map[Target]*entry
	pacers  map[pacerID]*pacer
	// base is the loaded configuration, nil when it is to be loaded again.
	base *aws.Config
}

// pacerID says which calls share a quota.
type pacerID struct{ service, account, region string }

// NewFactory returns a Factory. It calls nothing yet.
func NewFactory(cfg Config) *Factory {
	f := &Factory{
		config:  cfg,
		quotas:  cfg.Quotas,
		http:    cfg.HTTPClient,
		entries: map[Target]*entry{},
		pacers:  map[pacerID]*pacer{},
	}
	if f.quotas == nil {
		f.quotas = defaultQuotas
	}
	if cfg.Metrics != nil {
		f.metrics = newMetrics(cfg.Metrics)
	}
	return f
}

// baseConfig is the process's own configuration with this package's settings.
func (f *Factory) baseConfig(ctx context.Context, region string, reload bool) (aws.Config, error) {
	f.mu.Lock()
	base := f.base
	f.mu.Unlock()
	if base != nil && !reload {
		return base.Copy(), nil
	}
	load := f.config.BaseConfig
	if load == nil {
		load = func(ctx context.Context) (aws.Config, error) { return loadConfig(ctx, region) }
	}
	cfg, err := load(ctx)
	if err != nil {
		return aws.Config{}, &credentialsError{Err: fmt.Errorf("load the AWS configuration: %w", err)}
	}
	if cfg.AppID == "" {
		cfg.AppID = f.config.AppID
	}
	cfg.Retryer = newRetryer
	// The SDK would write what it finds odd to standard error, beside the
	// operator's own log; whatever matters of it comes back as an error.
	cfg.Logger = logging.Nop{}
	f.mu.Lock()
	defer f.mu.Unlock()
	cfg.HTTPClient = f.client(cfg.HTTPClient)
	f.base = &cfg
	return cfg.Copy(), nil
}

// client is the one client of all: the SDK would otherwise copy a buildable
// one, with its own connections, for every service, region and role, and leave
// the connections of the copies to themselves when credentials are renewed.
func (f *Factory) client(loaded aws.HTTPClient) aws.HTTPClient {
	if f.http == nil {
		f.http = loaded
		if buildable, ok := loaded.(*awshttp.BuildableClient); ok {
			f.http = buildable.Freeze()
		}
	}
	return f.http
}

// checkRegion refuses regions that are not to be used before anything is sent.
func (f *Factory) checkRegion(region string) error {
	if !regionPattern.MatchString(region) {
		return &regionError{Region: fmt.Sprintf("%q", region), Problem: "is not the name of an AWS region; set spec.region to one such as eu-west-1"}
	}
	if allowed := f.config.AllowedRegions; len(allowed) > 0 && !slices.Contains(allowed, region) {
		return &regionError{Region: region, Problem: "is not one this operator may use; allowed are " + strings.Join(allowed, ", ") + " (--allowed-regions)"}
	}
	return nil
}

// pacersFor returns the pacers an account's clients share with all others of
// the account: API Gateway's and DynamoDB's quotas count per region, IAM has
// one endpoint per partition (aws-facts A1, G4).
func (f *Factory) pacersFor(account, region string) map[string]*pacer {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := map[string]*pacer{}
	for _, id := range []pacerID{
		{serviceAPIGateway, account, region},
		{serviceDynamoDB, account, region},
		{serviceIAM, account, ""},
	} {
		p, ok := f.pacers[id]
		if !ok {
			p = newPacer(id.service, f.quotas, f.config.QuotaShare)
			if p != nil {
				f.succeed(p, id)
				p.onWait = f.waited
			}
			f.pacers[id] = p
		}
		all[id.service] = p
	}
	return all
}

func (f *Factory) entryFor(t Target) *entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	e, ok := f.entries[t]
	if !ok {
		e = &entry{factory: f, target: t, turn: make(chan struct{}, 1)}
		f.entries[t] = e
	}
	return e
}

func (f *Factory) waited(bucket string, p Priority, d time.Duration) {
	if f.metrics != nil {
		f.metrics.waited(bucket, p, d)
	}
}

func (f *Factory) observe(c Call) {
	if f.metrics != nil {
		f.metrics.called(c)
	}
	if f.config.OnCall != nil {
		f.config.OnCall(c)
	}
}
