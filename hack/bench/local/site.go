// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/render"
	"github.com/commentsapi/operator/internal/stack"
)

const (
	region    = "eu-west-1"
	account   = "123456789012"
	tableName = "blog-comments"
	indexName = "pageId-index"
)

// site is a deployed comments API on a local AWS.
type site struct {
	server *localaws.Server
	url    string
	http   *http.Client
}

// start deploys what the operator would, through the SDK.
func start(ctx context.Context) (s *site, err error) {
	d, err := shipped()
	if err != nil {
		return nil, err
	}
	server, err := localaws.New(localaws.Options{})
	if err != nil {
		return nil, err
	}
	if err := server.Start(ctx); err != nil {
		return nil, err
	}
	s = &site{server: server, http: &http.Client{
		Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: clients},
	}}
	defer func() {
		if err != nil {
			_ = server.Close()
		}
	}()
	config := aws.Config{
		Region: region, BaseEndpoint: aws.String(server.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
	if err := createTable(ctx, dynamodb.NewFromConfig(config)); err != nil {
		return nil, err
	}
	if err := createRole(ctx, iam.NewFromConfig(config), d.Role); err != nil {
		return nil, err
	}
	api, err := createAPI(ctx, apigateway.NewFromConfig(config), d.API)
	if err != nil {
		return nil, err
	}
	s.url = server.InvokeURL(api, "prod")
	for range 20 {
		if err := s.send(ctx, "seed"); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func createTable(ctx context.Context, tables *dynamodb.Client) error {
	text, number := types.ScalarAttributeTypeS, types.ScalarAttributeTypeN
	key := func(name string, kind types.KeyType) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: aws.String(name), KeyType: kind}
	}
	_, err := tables.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String(tableName), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("commentId"), AttributeType: text},
			{AttributeName: aws.String("pageId"), AttributeType: text},
			{AttributeName: aws.String("createdAt"), AttributeType: number},
		},
		KeySchema: []types.KeySchemaElement{key("commentId", types.KeyTypeHash)},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String(indexName),
			KeySchema: []types.KeySchemaElement{key("pageId", types.KeyTypeHash), key("createdAt", types.KeyTypeRange)},
			Projection: &types.Projection{
				ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"userName", "message", "parentId"},
			},
		}},
	})
	return err
}

func createRole(ctx context.Context, roles *iam.Client, r stack.Role) error {
	_, err := roles.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: &r.Name, Path: &r.Path, AssumeRolePolicyDocument: &r.TrustPolicy,
	})
	if err != nil {
		return err
	}
	policy := r.InlinePolicies[stack.InlinePolicyName]
	_, err = roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: &r.Name, PolicyName: aws.String(stack.InlinePolicyName), PolicyDocument: &policy,
	})
	return err
}

func createAPI(ctx context.Context, apis *apigateway.Client, api stack.API) (id string, err error) {
	document, err := render.OpenAPI(api)
	if err != nil {
		return "", err
	}
	made, err := apis.ImportRestApi(ctx, &apigateway.ImportRestApiInput{
		Body: document, FailOnWarnings: true, Parameters: map[string]string{"endpointConfigurationTypes": "REGIONAL"},
	})
	if err != nil {
		return "", err
	}
	_, err = apis.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: made.Id, StageName: aws.String("prod")})
	return *made.Id, err
}

// post stores a comment; every client has pages of its own.
func (s *site) post(ctx context.Context, client, n int) error {
	return s.send(ctx, fmt.Sprintf("page-%d-%d", client, n/100))
}

func (s *site) send(ctx context.Context, page string) error {
	body := fmt.Sprintf(`{"pageId":%q,"userName":"Ann O'Hara","message":"It's a comment with \"quotes\"."}`, page)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/comments", strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	return s.expect(r, http.StatusCreated)
}

// list lists a page of 20 comments.
func (s *site) list(ctx context.Context, _, _ int) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/comments/seed", nil)
	if err != nil {
		return err
	}
	return s.expect(r, http.StatusOK)
}

func (s *site) expect(r *http.Request, status int) error {
	answer, err := s.http.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != status {
		return fmt.Errorf("answered %d, want %d: %s", answer.StatusCode, status, body)
	}
	return nil
}
