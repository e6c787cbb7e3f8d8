// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	dialTimeout = 5 * time.Second
	// attemptTimeout bounds one attempt, from dialling to the end of the reply.
	attemptTimeout = 30 * time.Second
	// idleConnections are kept to each host, one for each object that may be
	// worked on at once. The SDK keeps 10; a TLS handshake costs more than the
	// call that it is for.
	idleConnections = 64
)

// loadConfig loads the SDK's default configuration. The client it is given is
// one that AWS_CA_BUNDLE can be applied to. The region is for what needs one
// before any target is reached (web identity) and is the last resort.
func loadConfig(ctx context.Context, region string) (aws.Config, error) {
	complete := &stsClient{}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithDefaultRegion(region),
		config.WithWebIdentityRoleCredentialOptions(func(o *stscreds.WebIdentityRoleOptions) { o.Client = complete }),
		config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) { o.Client = assumer{o.Client, complete} }),
		config.WithHTTPClient(awshttp.NewBuildableClient().
			WithTimeout(attemptTimeout).
			WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
			WithTransportOptions(func(t *http.Transport) {
				t.TLSHandshakeTimeout = dialTimeout
				t.MaxIdleConnsPerHost, t.MaxIdleConns = idleConnections, 0
			})))
	if err == nil {
		complete.Client = sts.NewFromConfig(cfg)
	}
	return cfg, err
}

// stsClient is STS for web identity, made when the configuration is complete.
// The SDK's own client for it is made before AWS_ENDPOINT_URL is read, and
// would ask AWS where everything else asks another endpoint.
type stsClient struct{ *sts.Client }

// assumer is STS for the role of a profile: the SDK's own client, which has the
// credentials of the profile's source, at the complete configuration's endpoint.
type assumer struct {
	stscreds.AssumeRoleAPIClient
	complete *stsClient
}

// AssumeRole implements stscreds.AssumeRoleAPIClient.
func (a assumer) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput, options ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	return a.AssumeRoleAPIClient.AssumeRole(ctx, in, append(options, func(o *sts.Options) {
		o.BaseEndpoint = a.complete.Options().BaseEndpoint
	})...)
}
