// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	agtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// attempts lets the SDK sit out the quotas that this program runs into itself.
const attempts = 12

// cloud is AWS as somebody else than the operator uses it.
type cloud struct {
	prefix string
	cfg    aws.Config
	apis   *apigateway.Client
	tables *dynamodb.Client
	roles  *iam.Client
}

func newCloud(ctx context.Context, s settings) (*cloud, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.region), config.WithRetryMaxAttempts(attempts))
	if err != nil {
		return nil, err
	}
	return &cloud{prefix: s.prefix, cfg: cfg, apis: apigateway.NewFromConfig(cfg), tables: dynamodb.NewFromConfig(cfg), roles: iam.NewFromConfig(cfg)}, nil
}

// rolePath keeps this run's roles apart from all others.
func (c *cloud) rolePath() string { return "/commentsapi-e2e/" + c.prefix + "/" }

// breakAPI removes the method that lists comments and deploys the rest.
func (c *cloud) breakAPI(ctx context.Context, api, stage string) error {
	resources, err := c.apis.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: &api, Limit: aws.Int32(500)})
	if err != nil {
		return err
	}
	for _, r := range resources.Items {
		if aws.ToString(r.Path) != "/comments/{pageId}" {
			continue
		}
		_, err := c.apis.DeleteMethod(ctx, &apigateway.DeleteMethodInput{RestApiId: &api, ResourceId: r.Id, HttpMethod: aws.String("GET")})
		if err != nil {
			return err
		}
		_, err = c.apis.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: &api, StageName: &stage})
		return err
	}
	return fmt.Errorf("the API %s has no resource /comments/{pageId}", api)
}

// breakRole takes the role's rights away.
func (c *cloud) breakRole(ctx context.Context, arn string) error {
	name := arn[strings.LastIndex(arn, "/")+1:]
	_, err := c.roles.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &name, PolicyName: aws.String("comments")})
	return err
}

// expect compares what is left of a deleted object with what should be.
func (c *cloud) expect(ctx context.Context, obj *v1alpha1.CommentsAPI, table bool) error {
	var wrong []error
	_, err := c.tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &obj.Spec.TableName})
	var noTable *ddbtypes.ResourceNotFoundException
	switch {
	case err != nil && !errors.As(err, &noTable):
		return err
	case (err == nil) != table:
		wrong = append(wrong, fmt.Errorf("the table %s is there: %t, want %t", obj.Spec.TableName, err == nil, table))
	}
	name := obj.Status.Role.ARN[strings.LastIndex(obj.Status.Role.ARN, "/")+1:]
	_, err = c.roles.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	var noRole *iamtypes.NoSuchEntityException
	if err == nil {
		wrong = append(wrong, fmt.Errorf("the role %s is still there", name))
	} else if !errors.As(err, &noRole) {
		return err
	}
	_, err = c.apis.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &obj.Status.RestAPI.ID})
	var noAPI *agtypes.NotFoundException
	if err == nil {
		wrong = append(wrong, fmt.Errorf("the REST API %s is still there", obj.Status.RestAPI.ID))
	} else if !errors.As(err, &noAPI) {
		return err
	}
	return errors.Join(wrong...)
}
