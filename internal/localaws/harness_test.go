// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/commentsapi/operator/internal/localaws/control"
)

// start runs a local AWS on a free port for the length of the test.
func start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Report == nil {
		o.Report = func(m string) { t.Error(m) }
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// config is an SDK configuration without retries.
func config(s *Server, accessKey, secret, region string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(s.Endpoint()),
		Credentials:  credentials.NewStaticCredentialsProvider(accessKey, secret, ""),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

func local(s *Server) aws.Config { return config(s, "local", "local", "eu-west-1") }

func iamClient(s *Server) *iam.Client { return iam.NewFromConfig(local(s)) }

func stsClient(s *Server) *sts.Client { return sts.NewFromConfig(local(s)) }

func controlClient(s *Server) *control.Client { return control.New(s.Endpoint(), nil) }

// wantError checks the AWS error code and HTTP status of an SDK error; status
// 0 accepts any.
func wantError(t *testing.T, err error, code string, status int) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("error = %v; want the AWS error %s", err, code)
	}
	if api.ErrorCode() != code {
		t.Errorf("error code = %s (%s); want %s", api.ErrorCode(), api.ErrorMessage(), code)
	}
	var response *smithyhttp.ResponseError
	if status != 0 && (!errors.As(err, &response) || response.HTTPStatusCode() != status) {
		t.Errorf("error = %v; want HTTP status %d", err, status)
	}
}

const (
	trustAPIGateway = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	allowAll        = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)
