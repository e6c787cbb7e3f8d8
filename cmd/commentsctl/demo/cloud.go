// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/cmd/commentsctl/local"
)

// cloud is AWS as somebody else than the operator uses it.
type cloud struct {
	apis   *apigateway.Client
	tables *dynamodb.Client
	roles  *iam.Client
}

func newCloud(state local.State) *cloud {
	cfg := aws.Config{
		Region:       state.Region,
		BaseEndpoint: aws.String(state.AWSEndpoint),
		Credentials:  credentials.NewStaticCredentialsProvider(local.AccessKey, local.SecretKey, ""),
	}
	return &cloud{apis: apigateway.NewFromConfig(cfg), tables: dynamodb.NewFromConfig(cfg), roles: iam.NewFromConfig(cfg)}
}

// breakAPI removes the method that lists comments and deploys the rest.
func (c *cloud) breakAPI(ctx context.Context, api, stage string) error {
	resources, err := c.apis.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: &api, Limit: aws.Int32(500)})
	if err != nil {
		return fmt.Errorf("look at the API %s: %w", api, err)
	}
	for _, r := range resources.Items {
		if strings.HasPrefix(aws.ToString(r.Path), "/comments/{") {
			_, err := c.apis.DeleteMethod(ctx, &apigateway.DeleteMethodInput{RestApiId: &api, ResourceId: r.Id, HttpMethod: aws.String("GET")})
			if err != nil {
				return fmt.Errorf("remove GET %s of the API %s: %w", *r.Path, api, err)
			}
			if _, err := c.apis.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: &api, StageName: &stage}); err != nil {
				return fmt.Errorf("deploy the damaged API %s: %w", api, err)
			}
			return nil
		}
	}
	return fmt.Errorf("the API %s has no resource /comments/{pageId}", api)
}

func (c *cloud) deleteIndex(ctx context.Context, table, index string) error {
	_, err := c.tables.UpdateTable(ctx, &dynamodb.UpdateTableInput{
		TableName: &table,
		GlobalSecondaryIndexUpdates: []dynamodbtypes.GlobalSecondaryIndexUpdate{
			{Delete: &dynamodbtypes.DeleteGlobalSecondaryIndexAction{IndexName: &index}},
		},
	})
	if err != nil {
		return fmt.Errorf("delete the index %s of the table %s: %w", index, table, err)
	}
	return nil
}

// indexStatus returns an index's status; a missing index is an error.
func (c *cloud) indexStatus(ctx context.Context, table, index string) (dynamodbtypes.IndexStatus, error) {
	out, err := c.tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		return "", fmt.Errorf("look at the table %s: %w", table, err)
	}
	for _, i := range out.Table.GlobalSecondaryIndexes {
		if aws.ToString(i.IndexName) == index {
			return i.IndexStatus, nil
		}
	}
	return "", fmt.Errorf("the table %s has no index %s, though the object says so", table, index)
}

// leftovers is what AWS holds after a deletion.
type leftovers struct {
	table, role, api bool
	comments         int32
	roleName         string
}

// left looks for everything that the object's status named.
func (c *cloud) left(ctx context.Context, obj *v1alpha1.CommentsAPI) (leftovers, error) {
	role := obj.Status.Role.ARN[strings.LastIndex(obj.Status.Role.ARN, "/")+1:]
	l := leftovers{roleName: role}

	items, err := c.tables.Scan(ctx, &dynamodb.ScanInput{TableName: &obj.Spec.TableName, Select: dynamodbtypes.SelectCount})
	var noTable *dynamodbtypes.ResourceNotFoundException
	switch {
	case err == nil:
		l.table, l.comments = true, items.Count
	case !errors.As(err, &noTable):
		return l, fmt.Errorf("look for the table %s: %w", obj.Spec.TableName, err)
	}

	_, err = c.roles.GetRole(ctx, &iam.GetRoleInput{RoleName: &role})
	var noRole *iamtypes.NoSuchEntityException
	if l.role = err == nil; err != nil && !errors.As(err, &noRole) {
		return l, fmt.Errorf("look for the role %s: %w", role, err)
	}

	_, err = c.apis.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &obj.Status.RestAPI.ID})
	var noAPI *apigatewaytypes.NotFoundException
	if l.api = err == nil; err != nil && !errors.As(err, &noAPI) {
		return l, fmt.Errorf("look for the REST API %s: %w", obj.Status.RestAPI.ID, err)
	}
	return l, nil
}

// lines are for a person.
func (l leftovers) lines(obj *v1alpha1.CommentsAPI) []string {
	word := map[bool]string{true: "still there", false: "gone"}
	return []string{
		fmt.Sprintf("REST API %s: %s", obj.Status.RestAPI.ID, word[l.api]),
		fmt.Sprintf("role %s: %s", l.roleName, word[l.role]),
		fmt.Sprintf("table %s: %s, comments in it: %d", obj.Spec.TableName, word[l.table], l.comments),
	}
}

// check compares with the promise: the comments stay, the rest goes.
func (l leftovers) check(obj *v1alpha1.CommentsAPI) error {
	var broken []error
	if !l.table || l.comments == 0 {
		broken = append(broken, fmt.Errorf("the table %s or its comments did not outlive the object, which retains them", obj.Spec.TableName))
	}
	if l.role {
		broken = append(broken, fmt.Errorf("the role %s outlived the object", l.roleName))
	}
	if l.api {
		broken = append(broken, fmt.Errorf("the REST API %s outlived the object", obj.Status.RestAPI.ID))
	}
	return errors.Join(broken...)
}
