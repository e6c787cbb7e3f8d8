// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/stack"
)

// outsider is somebody with access to the AWS account who changes things
// behind the operator's back, through AWS's public API.
type outsider struct {
	*world
	t *testing.T
	s *subject
	// moderator makes it the moderator's role that is changed.
	moderator bool
	// seen is the stack before the change.
	seen check.Result
}

// did ends the test when the outsider's own call fails: then nothing is proven.
func did[T any](x *outsider) func(T, error) T {
	return func(out T, err error) T {
		x.t.Helper()
		if err != nil {
			log := x.local.Requests(max(0, x.seq()-8)).Requests
			x.t.Fatalf("the change behind the operator's back failed: %v\nthe last calls that arrived: %+v", err, log)
		}
		return out
	}
}

func (x *outsider) table() *string { return &x.s.spec.TableName }
func (x *outsider) role() *string {
	if x.moderator {
		return aws.String(stack.ModeratorRoleName(x.s.claim, region))
	}
	return aws.String(stack.RoleName(x.s.claim, region))
}
func (x *outsider) api() *string   { return &x.seen.Observed.API.ID }
func (x *outsider) stage() *string { return &x.s.spec.Stage }

func (x *outsider) resource(path string) *string {
	return aws.String(x.seen.Observed.API.ResourceIDs[path])
}

func (x *outsider) validator(name string) *string {
	for id, n := range x.seen.Observed.API.ValidatorNames {
		if n == name {
			return &id
		}
	}
	x.t.Fatalf("there is no validator %s", name)
	return nil
}

func (x *outsider) updateTable(in dynamodb.UpdateTableInput) {
	in.TableName = x.table()
	did[*dynamodb.UpdateTableOutput](x)(x.tables.UpdateTable(x.ctx, &in))
}

func (x *outsider) updateIndex(c ddb.UpdateGlobalSecondaryIndexAction) {
	c.IndexName = aws.String(stack.IndexBaseName)
	x.updateTable(dynamodb.UpdateTableInput{GlobalSecondaryIndexUpdates: []ddb.GlobalSecondaryIndexUpdate{{Update: &c}}})
}

func (x *outsider) dropIndex() {
	x.updateTable(dynamodb.UpdateTableInput{GlobalSecondaryIndexUpdates: []ddb.GlobalSecondaryIndexUpdate{
		{Delete: &ddb.DeleteGlobalSecondaryIndexAction{IndexName: aws.String(stack.IndexBaseName)}}}})
}

func (x *outsider) addIndex(name, hash string) {
	x.updateTable(dynamodb.UpdateTableInput{
		AttributeDefinitions: []ddb.AttributeDefinition{
			{AttributeName: aws.String("commentId"), AttributeType: ddb.ScalarAttributeTypeS},
			{AttributeName: aws.String("pageId"), AttributeType: ddb.ScalarAttributeTypeS},
			{AttributeName: aws.String("createdAt"), AttributeType: ddb.ScalarAttributeTypeN},
			{AttributeName: aws.String(hash), AttributeType: ddb.ScalarAttributeTypeS}},
		GlobalSecondaryIndexUpdates: []ddb.GlobalSecondaryIndexUpdate{{Create: &ddb.CreateGlobalSecondaryIndexAction{
			IndexName:  &name,
			KeySchema:  []ddb.KeySchemaElement{{AttributeName: &hash, KeyType: ddb.KeyTypeHash}},
			Projection: &ddb.Projection{ProjectionType: ddb.ProjectionTypeAll}}}}})
}

func (x *outsider) backups(on bool) {
	did[*dynamodb.UpdateContinuousBackupsOutput](x)(x.tables.UpdateContinuousBackups(x.ctx, &dynamodb.UpdateContinuousBackupsInput{
		TableName: x.table(), PointInTimeRecoverySpecification: &ddb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: &on}}))
}

func (x *outsider) ttl(attribute string, on bool) {
	did[*dynamodb.UpdateTimeToLiveOutput](x)(x.tables.UpdateTimeToLive(x.ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: x.table(), TimeToLiveSpecification: &ddb.TimeToLiveSpecification{AttributeName: &attribute, Enabled: &on}}))
}

func (x *outsider) tagTable(key, value string) {
	did[*dynamodb.TagResourceOutput](x)(x.tables.TagResource(x.ctx, &dynamodb.TagResourceInput{
		ResourceArn: &x.seen.Observed.Table.ARN, Tags: []ddb.Tag{{Key: &key, Value: &value}}}))
}

func (x *outsider) untagTable(key string) {
	did[*dynamodb.UntagResourceOutput](x)(x.tables.UntagResource(x.ctx, &dynamodb.UntagResourceInput{
		ResourceArn: &x.seen.Observed.Table.ARN, TagKeys: []string{key}}))
}

func (x *outsider) tagRole(key, value string) {
	did[*iam.TagRoleOutput](x)(x.roles.TagRole(x.ctx, &iam.TagRoleInput{RoleName: x.role(), Tags: []iamtypes.Tag{{Key: &key, Value: &value}}}))
}

func (x *outsider) untagRole(key string) {
	did[*iam.UntagRoleOutput](x)(x.roles.UntagRole(x.ctx, &iam.UntagRoleInput{RoleName: x.role(), TagKeys: []string{key}}))
}

func (x *outsider) trust(document string) {
	did[*iam.UpdateAssumeRolePolicyOutput](x)(x.roles.UpdateAssumeRolePolicy(x.ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: x.role(), PolicyDocument: &document}))
}

func (x *outsider) putRolePolicy(name, document string) {
	did[*iam.PutRolePolicyOutput](x)(x.roles.PutRolePolicy(x.ctx, &iam.PutRolePolicyInput{RoleName: x.role(), PolicyName: &name, PolicyDocument: &document}))
}

// policy makes a managed policy and returns its ARN.
func (x *outsider) policy(name string) string {
	return aws.ToString(did[*iam.CreatePolicyOutput](x)(x.roles.CreatePolicy(x.ctx, &iam.CreatePolicyInput{
		PolicyName: aws.String(*x.role() + "-" + name), PolicyDocument: aws.String(widerPolicy)})).Policy.Arn)
}

func (x *outsider) arn(stage bool) *string {
	arn := stack.ARN{Partition: "aws", Region: region, AccountID: x.account.ID}
	if stage {
		return aws.String(arn.Stage(*x.api(), *x.stage()))
	}
	return aws.String(arn.RestAPI(*x.api()))
}

func (x *outsider) tagGateway(stage bool, key, value string) {
	did[*apigateway.TagResourceOutput](x)(x.apis.TagResource(x.ctx, &apigateway.TagResourceInput{ResourceArn: x.arn(stage), Tags: map[string]string{key: value}}))
}

func (x *outsider) untagGateway(stage bool, key string) {
	did[*apigateway.UntagResourceOutput](x)(x.apis.UntagResource(x.ctx, &apigateway.UntagResourceInput{ResourceArn: x.arn(stage), TagKeys: []string{key}}))
}

// patches reads operations like "replace /name value"; the value may be
// missing.
func patches(operations []string) []types.PatchOperation {
	var out []types.PatchOperation
	for _, text := range operations {
		part := strings.SplitN(text, " ", 3)
		p := types.PatchOperation{Op: types.Op(part[0]), Path: &part[1]}
		if len(part) == 3 {
			p.Value = &part[2]
		}
		out = append(out, p)
	}
	return out
}

func (x *outsider) patchAPI(ops ...string) {
	did[*apigateway.UpdateRestApiOutput](x)(x.apis.UpdateRestApi(x.ctx, &apigateway.UpdateRestApiInput{RestApiId: x.api(), PatchOperations: patches(ops)}))
}

func (x *outsider) patchStage(ops ...string) {
	did[*apigateway.UpdateStageOutput](x)(x.apis.UpdateStage(x.ctx, &apigateway.UpdateStageInput{RestApiId: x.api(), StageName: x.stage(), PatchOperations: patches(ops)}))
}

// patchMethod and the following change one of the API's two methods.
func (x *outsider) patchMethod(verb, path string, ops ...string) {
	did[*apigateway.UpdateMethodOutput](x)(x.apis.UpdateMethod(x.ctx, &apigateway.UpdateMethodInput{
		RestApiId: x.api(), ResourceId: x.resource(path), HttpMethod: &verb, PatchOperations: patches(ops)}))
}

func (x *outsider) patchMethodResponse(verb, path, status string, ops ...string) {
	did[*apigateway.UpdateMethodResponseOutput](x)(x.apis.UpdateMethodResponse(x.ctx, &apigateway.UpdateMethodResponseInput{
		RestApiId: x.api(), ResourceId: x.resource(path), HttpMethod: &verb, StatusCode: &status, PatchOperations: patches(ops)}))
}

func (x *outsider) patchIntegration(verb, path string, ops ...string) {
	did[*apigateway.UpdateIntegrationOutput](x)(x.apis.UpdateIntegration(x.ctx, &apigateway.UpdateIntegrationInput{
		RestApiId: x.api(), ResourceId: x.resource(path), HttpMethod: &verb, PatchOperations: patches(ops)}))
}

func (x *outsider) patchIntegrationResponse(verb, path, status string, ops ...string) {
	did[*apigateway.UpdateIntegrationResponseOutput](x)(x.apis.UpdateIntegrationResponse(x.ctx, &apigateway.UpdateIntegrationResponseInput{
		RestApiId: x.api(), ResourceId: x.resource(path), HttpMethod: &verb, StatusCode: &status, PatchOperations: patches(ops)}))
}

func (x *outsider) addResource(parent, part string) string {
	out := did[*apigateway.CreateResourceOutput](x)(x.apis.CreateResource(x.ctx, &apigateway.CreateResourceInput{
		RestApiId: x.api(), ParentId: x.resource(parent), PathPart: &part}))
	return aws.ToString(out.Id)
}

// addMethod adds a method that answers by itself.
func (x *outsider) addMethod(resource, verb string) {
	did[*apigateway.PutMethodOutput](x)(x.apis.PutMethod(x.ctx, &apigateway.PutMethodInput{
		RestApiId: x.api(), ResourceId: &resource, HttpMethod: &verb, AuthorizationType: aws.String("NONE")}))
	did[*apigateway.PutIntegrationOutput](x)(x.apis.PutIntegration(x.ctx, &apigateway.PutIntegrationInput{
		RestApiId: x.api(), ResourceId: &resource, HttpMethod: &verb, Type: types.IntegrationTypeMock}))
}

// deploy deploys the working copy and returns the deployment.
func (x *outsider) deploy(description string) string {
	in := &apigateway.CreateDeploymentInput{RestApiId: x.api()}
	if description != "" {
		in.Description = &description
	}
	return aws.ToString(did[*apigateway.CreateDeploymentOutput](x)(x.apis.CreateDeployment(x.ctx, in)).Id)
}

// allowLogging gives the account the role that logs need (aws-facts D5).
func (x *outsider) allowLogging() {
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	role, err := x.roles.CreateRole(x.ctx, &iam.CreateRoleInput{RoleName: aws.String("logs"), AssumeRolePolicyDocument: &trust})
	if err != nil {
		return // an earlier case made it
	}
	did[*iam.AttachRolePolicyOutput](x)(x.roles.AttachRolePolicy(x.ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("logs"),
		PolicyArn: aws.String("arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs")}))
	did[*apigateway.UpdateAccountOutput](x)(x.apis.UpdateAccount(x.ctx, &apigateway.UpdateAccountInput{
		PatchOperations: patches([]string{"replace /cloudwatchRoleArn " + aws.ToString(role.Role.Arn)})}))
}
