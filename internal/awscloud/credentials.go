// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// sessionName is how assumed roles appear in CloudTrail.
const sessionName = "commentsapi-operator"

// expiryWindow renews assumed roles before AWS would refuse them mid-call.
const expiryWindow = time.Minute

// credentialSet is the credentials of one target, and the means to ask whose they are.
type credentialSet struct {
	*aws.CredentialsCache
	factory *Factory
	target  Target
	base    aws.Config
}

func (f *Factory) newCredentials(base aws.Config, t Target) *credentialSet {
	c := &credentialSet{factory: f, target: t, base: base}
	provider := base.Credentials
	if t.RoleARN != "" && provider != nil {
		provider = stscreds.NewAssumeRoleProvider(c.sts(base, t.Region, ""), t.RoleARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = sessionName
			if t.ExternalID != "" {
				o.ExternalID = aws.String(t.ExternalID)
			}
		})
	}
	if provider != nil {
		c.CredentialsCache = aws.NewCredentialsCache(provider, func(o *aws.CredentialsCacheOptions) {
			if t.RoleARN != "" {
				o.ExpiryWindow = expiryWindow
			}
		})
	}
	return c
}

// Retrieve returns the credentials, and an error that says what it is about.
func (c *credentialSet) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if c.CredentialsCache == nil {
		return aws.Credentials{}, &credentialsError{RoleARN: c.target.RoleARN, Err: errNoCredentials}
	}
	creds, err := c.CredentialsCache.Retrieve(ctx)
	if err != nil {
		return creds, &credentialsError{RoleARN: c.target.RoleARN, Err: err}
	}
	return creds, nil
}

// config is for clients that call as the target.
func (c *credentialSet) config(l *link) aws.Config {
	cfg := withLink(c.base, l)
	cfg.Credentials = c
	return cfg
}

func (c *credentialSet) sts(cfg aws.Config, region, source string) *sts.Client {
	return sts.NewFromConfig(withLink(cfg, &link{factory: c.factory, region: region, source: source}))
}

// caller is who AWS says is calling.
type caller struct{ account, arn string }

func (c *credentialSet) identify(ctx context.Context, source string) (caller, error) {
	cfg := c.base.Copy()
	cfg.Credentials = c
	out, err := c.sts(cfg, c.target.Region, source).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return caller{}, err
	}
	if aws.ToString(out.Account) == "" || aws.ToString(out.Arn) == "" {
		return caller{}, &smithy.OperationError{ServiceID: sts.ServiceID, OperationName: "GetCallerIdentity", Err: errEmptyReply}
	}
	return caller{account: *out.Account, arn: *out.Arn}, nil
}

// blame finds out whether the region is at fault. A region that does not exist
// has no host name, and one that is not enabled for the account does not know
// its credentials; either way the partition's home region answers.
func (c *credentialSet) blame(ctx context.Context, err error) error {
	var dns *net.DNSError
	unnamed := errors.As(err, &dns) && dns.IsNotFound
	code := inspect(err).code
	unknown := code == "InvalidClientTokenId" || code == "UnrecognizedClientException"
	home := partitionOf("", c.target.Region).home
	client := c.sts(c.base, home, "")
	if !unnamed && !unknown || home == c.target.Region || client.Options().BaseEndpoint != nil {
		return err
	}
	_, homeErr := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	answered := homeErr == nil || inspect(homeErr).status != 0
	switch {
	case homeErr == nil && unknown:
		return &regionError{Region: c.target.Region, Err: err,
			Problem: "does not accept credentials that are good in " + home + "; enable the region for the account, or choose another"}
	case unnamed && answered:
		return &regionError{Region: c.target.Region, Err: err,
			Problem: "has no AWS endpoint while " + home + " has; check spec.region for a typing error"}
	}
	return err
}

// sourceOf tells in words where credentials come from.
func sourceOf(source string, t Target) string {
	if t.RoleARN != "" {
		return "role " + t.RoleARN
	}
	name, detail, _ := strings.Cut(source, ":")
	switch name {
	case "EnvConfigCredentials":
		return "the environment variable AWS_ACCESS_KEY_ID"
	case "WebIdentityCredentials":
		return "the role of the service account (IRSA)"
	case "CredentialsEndpointProvider":
		return "EKS Pod Identity or a container's credentials endpoint"
	case "EC2RoleProvider":
		return "the role of the EC2 instance"
	case "SharedConfigCredentials":
		return "the file" + before(" ", strings.TrimSpace(detail))
	}
	return name
}
