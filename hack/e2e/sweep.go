// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	agtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// ownTag marks what this program itself makes.
const ownTag = "commentsapi-e2e"

// clusterTag is the part of the operator's claim that names the run.
const clusterTag = "commentsapi.io/cluster"

// sweep removes whatever the run left, and says what that was.
func (c *cloud) sweep(ctx context.Context, out io.Writer) error {
	err := errors.Join(c.sweepAPIs(ctx, out), c.sweepRoles(ctx, out), c.sweepTables(ctx, out))
	if err != nil {
		return fmt.Errorf("clean up what is named %s: %w; remove the rest by hand", c.prefix, err)
	}
	return nil
}

func say(out io.Writer, what, name string) {
	_, _ = fmt.Fprintf(out, "cleaning up: %s %s\n", what, name)
}

func (c *cloud) sweepAPIs(ctx context.Context, out io.Writer) error {
	pages := apigateway.NewGetRestApisPaginator(c.apis, &apigateway.GetRestApisInput{Limit: aws.Int32(500)})
	var errs []error
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		for _, api := range page.Items {
			if api.Tags[clusterTag] != c.prefix && api.Tags[ownTag] != c.prefix {
				continue
			}
			say(out, "REST API", aws.ToString(api.Id))
			errs = append(errs, c.deleteAPI(ctx, api.Id))
		}
	}
	return errors.Join(errs...)
}

// deleteAPI waits for its turn: one in 30 s (aws-facts A1).
func (c *cloud) deleteAPI(ctx context.Context, id *string) error {
	for {
		_, err := c.apis.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: id})
		var gone *agtypes.NotFoundException
		var busy *agtypes.TooManyRequestsException
		if err == nil || errors.As(err, &gone) {
			return nil
		}
		if !errors.As(err, &busy) {
			return err
		}
		select {
		case <-time.After(30 * time.Second):
		case <-ctx.Done():
			return err
		}
	}
}

func (c *cloud) sweepRoles(ctx context.Context, out io.Writer) error {
	path := c.rolePath()
	pages := iam.NewListRolesPaginator(c.roles, &iam.ListRolesInput{PathPrefix: &path})
	var errs []error
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		for _, role := range page.Roles {
			say(out, "role", aws.ToString(role.RoleName))
			errs = append(errs, c.deleteRole(ctx, role.RoleName))
		}
	}
	return errors.Join(errs...)
}

func (c *cloud) deleteRole(ctx context.Context, name *string) error {
	policies, err := c.roles.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: name})
	if err != nil {
		return err
	}
	for _, policy := range policies.PolicyNames {
		if _, err := c.roles.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: &policy}); err != nil {
			return err
		}
	}
	_, err = c.roles.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})
	return err
}

func (c *cloud) sweepTables(ctx context.Context, out io.Writer) error {
	pages := dynamodb.NewListTablesPaginator(c.tables, &dynamodb.ListTablesInput{ExclusiveStartTableName: aws.String(c.prefix)})
	var errs []error
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		for _, name := range page.TableNames {
			if !strings.HasPrefix(name, c.prefix+"-") {
				return errors.Join(errs...) // names come in order
			}
			say(out, "table", name)
			errs = append(errs, c.deleteTable(ctx, name))
		}
	}
	return errors.Join(errs...)
}

// deleteTable lifts the protection, and waits while the table is being changed
// (aws-facts H2).
func (c *cloud) deleteTable(ctx context.Context, name string) error {
	for {
		_, err := c.tables.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &name, DeletionProtectionEnabled: aws.Bool(false)})
		if err != nil && !busyTable(err) && !isNoChange(err) {
			return err
		}
		_, err = c.tables.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
		var gone *ddbtypes.ResourceNotFoundException
		if err == nil || errors.As(err, &gone) {
			return nil
		}
		if !busyTable(err) && !strings.Contains(err.Error(), "protected against deletion") {
			return err
		}
		select {
		case <-time.After(3 * time.Second):
		case <-ctx.Done():
			return err
		}
	}
}

func busyTable(err error) bool {
	var busy *ddbtypes.ResourceInUseException
	return errors.As(err, &busy)
}

// isNoChange is how AWS may refuse what is so already (aws-facts K16).
func isNoChange(err error) bool {
	return err != nil && strings.Contains(err.Error(), "ValidationException")
}
