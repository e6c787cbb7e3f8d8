// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/iampolicy"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/policy"
)

// done fails the test when a call of somebody else fails.
func done[T any](t *testing.T) func(T, error) T {
	return func(out T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// managedPolicy stores a document in the account and returns its ARN.
func (d *driver) managedPolicy(name string, doc iampolicy.Document) string {
	d.t.Helper()
	text, err := doc.Text()
	if err != nil {
		d.t.Fatal(err)
	}
	out, err := d.roles.CreatePolicy(d.ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: aws.String(string(text))})
	if err != nil {
		d.t.Fatal(err)
	}
	return *out.Policy.Arn
}

// wholeLife takes a stack from its first rollout through everything that an
// operator may have to correct to the end of its table.
func (d *driver) wholeLife() {
	d.t.Helper()
	o := d.with(func(s *v1alpha1.CommentsAPISpec) {
		s.Tags = []v1alpha1.Tag{{Key: "team", Value: "web"}}
		s.Table.KMSKeyARN = tableKeys[0]
		s.DeletionPolicy.Table = v1alpha1.TableDelete
		s.API.AllowedNetworks = []v1alpha1.CIDR{"127.0.0.0/8"}
		s.API.APIKey = &v1alpha1.APIKeySpec{List: v1alpha1.KeyNone}
	})
	if answer := d.send(http.MethodPost, o.Status.Endpoints.Post, plainComment, "X-Api-Key", d.keyValue(o)); answer.status != http.StatusCreated {
		d.t.Errorf("posting within the boundary answers %d %s", answer.status, answer.body)
	}
	if answer := d.send(http.MethodGet, listURL(o, "p"), ""); answer.status != http.StatusOK {
		d.t.Errorf("listing within the boundary answers %d %s", answer.status, answer.body)
	}
	d.meddle(o)
	o = d.force(o)
	// Own tags go with the spec, on all resources; the stage moves, and the
	// table gets another key.
	d.change(o, func(o *v1alpha1.CommentsAPI) {
		o.Spec.Tags = nil
		o.Spec.Table.KMSKeyARN = tableKeys[1]
		o.Spec.Stage = "live"
	})
	o = d.ready(o)
	d.until(o, "the end of the old stage", func(o *v1alpha1.CommentsAPI) bool {
		stages, err := d.apis.GetStages(d.ctx, &apigateway.GetStagesInput{RestApiId: &o.Status.RestAPI.ID})
		return err == nil && len(stages.Item) == 1
	})
	d.remove(o)
}

// tenantsLife takes a stack from its first rollout to its end in the account
// that its Namespace's role leads to.
func (d *driver) tenantsLife() {
	d.t.Helper()
	d.decree(d.namespace, v1alpha1.AnnotationRoleARN, d.tenantRole("blog"))
	d.decree(d.namespace, v1alpha1.AnnotationExternalID, "blog")
	o := d.ready(d.create(d.object("tenant")))
	if o.Status.AccountID != tenantAccount {
		d.t.Errorf("the tenant's stack is in account %s; want %s", o.Status.AccountID, tenantAccount)
	}
	d.remove(o)
}

// meddle changes something of every kind behind the operator's back.
func (d *driver) meddle(o *v1alpha1.CommentsAPI) {
	d.t.Helper()
	t, ctx := d.t, d.ctx
	table, api := aws.String(o.Spec.TableName), &o.Status.RestAPI.ID
	role := aws.String(o.Status.Role.ARN[strings.LastIndex(o.Status.Role.ARN, "/")+1:])
	done[*dynamodb.UpdateContinuousBackupsOutput](t)(d.tables.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{TableName: table,
		PointInTimeRecoverySpecification: &dynamodbtypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(false)}}))
	done[*dynamodb.UpdateTimeToLiveOutput](t)(d.tables.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: table,
		TimeToLiveSpecification: &dynamodbtypes.TimeToLiveSpecification{AttributeName: aws.String("gone"), Enabled: aws.Bool(true)}}))
	done[*dynamodb.UpdateTableOutput](t)(d.tables.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: table, DeletionProtectionEnabled: aws.Bool(false)}))
	const everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	done[*iam.PutRolePolicyOutput](t)(d.roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: role, PolicyName: aws.String("foreign"), PolicyDocument: aws.String(everything)}))
	done[*iam.PutRolePolicyOutput](t)(d.roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: role, PolicyName: aws.String("comments"), PolicyDocument: aws.String(everything)}))
	done[*iam.AttachRolePolicyOutput](t)(d.roles.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: role, PolicyArn: aws.String("arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs")}))
	done[*iam.UpdateRoleOutput](t)(d.roles.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: role, Description: aws.String("mine now")}))
	done[*iam.UpdateAssumeRolePolicyOutput](t)(d.roles.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: role,
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}))
	done[*iam.DeleteRolePermissionsBoundaryOutput](t)(d.roles.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: role}))
	done[*iam.TagRoleOutput](t)(d.roles.TagRole(ctx, &iam.TagRoleInput{RoleName: role, Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("other")}}}))
	done[*dynamodb.TagResourceOutput](t)(d.tables.TagResource(ctx, &dynamodb.TagResourceInput{ResourceArn: &o.Status.Table.ARN, Tags: []dynamodbtypes.Tag{{Key: aws.String("team"), Value: aws.String("other")}}}))
	done[*apigateway.UpdateRestApiOutput](t)(d.apis.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: api,
		PatchOperations: []apigatewaytypes.PatchOperation{{Op: apigatewaytypes.OpReplace, Path: aws.String("/name"), Value: aws.String("other")}}}))
	done[*apigateway.UpdateStageOutput](t)(d.apis.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: api, StageName: &o.Spec.Stage,
		PatchOperations: []apigatewaytypes.PatchOperation{{Op: apigatewaytypes.OpReplace, Path: aws.String("/*/*/throttling/rateLimit"), Value: aws.String("7")}}}))
	done[*apigateway.TagResourceOutput](t)(d.apis.TagResource(ctx, &apigateway.TagResourceInput{
		ResourceArn: aws.String("arn:aws:apigateway:" + region + "::/restapis/" + *api), Tags: map[string]string{"team": "other"}}))
	for _, arn := range []string{"/apikeys/" + o.Status.APIKey.ID, "/usageplans/" + o.Status.UsagePlan.ID} {
		done[*apigateway.TagResourceOutput](t)(d.apis.TagResource(ctx, &apigateway.TagResourceInput{
			ResourceArn: aws.String("arn:aws:apigateway:" + region + "::" + arn), Tags: map[string]string{"team": "other"}}))
	}
	done[*apigateway.UpdateApiKeyOutput](t)(d.apis.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: &o.Status.APIKey.ID,
		PatchOperations: []apigatewaytypes.PatchOperation{{Op: apigatewaytypes.OpReplace, Path: aws.String("/enabled"), Value: aws.String("false")}}}))
	done[*apigateway.UpdateUsagePlanOutput](t)(d.apis.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: &o.Status.UsagePlan.ID,
		PatchOperations: []apigatewaytypes.PatchOperation{{Op: apigatewaytypes.OpReplace, Path: aws.String("/quota/limit"), Value: aws.String("1")}}}))
}

// takeRights makes the operator's calls tell which permissions they need; the
// function returns those that came up since it was last called.
func (d *driver) takeRights() (taken func() []policy.Request) {
	var mu sync.Mutex
	var asked []policy.Request
	d.config.HTTPClient = &http.Client{Transport: &rightsTransport{next: http.DefaultTransport, asked: func(r policy.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r)
	}}}
	return func() []policy.Request {
		mu.Lock()
		defer mu.Unlock()
		out := asked
		asked = nil
		return out
	}
}

// refused are the permissions that the policy doesn't give.
func refused(t *testing.T, doc iampolicy.Document, asked []policy.Request) (out []string) {
	t.Helper()
	p := parsed(t, doc)
	for _, r := range asked {
		if p.Evaluate(r) != policy.Allowed {
			out = append(out, r.Action+" on "+r.Resource)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// without is the policy with one statement less.
func without(doc iampolicy.Document, sid string) iampolicy.Document {
	doc.Statement = slices.DeleteFunc(slices.Clone(doc.Statement), func(s iampolicy.Statement) bool { return s.Sid == sid })
	return doc
}

// Everything the operator does in two stacks' whole lives is allowed by the
// printed policy, and every action in it is needed for something.
func TestThePolicyIsWhatTheOperatorNeeds(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	taken := d.takeRights()
	limit, err := iampolicy.Boundary(rightsOptions(""))
	if err != nil {
		t.Fatal(err)
	}
	boundary := d.managedPolicy("boundary", limit)
	d.options.PermissionsBoundary = boundary
	d.restart()
	d.wholeLife()
	// A boundary is a policy of the operator's own account.
	d.options.PermissionsBoundary = ""
	d.restart()
	asked := taken()
	d.tenantsLife()
	// All else in a tenant's account is the business of the tenant's role.
	asked = append(asked, slices.DeleteFunc(taken(), func(r policy.Request) bool { return !strings.HasPrefix(r.Action, "sts:") })...)

	operator, err := iampolicy.Operator(rightsOptions(boundary))
	if err != nil {
		t.Fatal(err)
	}
	if len(asked) < 100 {
		t.Fatalf("only %d permissions were asked for", len(asked))
	}
	for _, r := range refused(t, operator, asked) {
		t.Errorf("the policy doesn't allow %s", r)
	}
	for i, s := range operator.Statement {
		t.Run("without "+s.Sid, func(t *testing.T) {
			if len(refused(t, without(operator, s.Sid), asked)) == 0 {
				t.Errorf("nothing needs the statement")
			}
		})
		for j, action := range s.Action {
			t.Run(fmt.Sprintf("without %s in %s", action, s.Sid), func(t *testing.T) {
				statements := slices.Clone(operator.Statement)
				statements[i].Action = slices.Delete(slices.Clone(s.Action), j, j+1)
				if len(statements[i].Action) == 0 {
					return // the statement is the action
				}
				if len(refused(t, iampolicy.Document{Version: operator.Version, Statement: statements}, asked)) == 0 {
					t.Errorf("nothing needs the action")
				}
			})
		}
	}
}

// An operator that bounds no roles has a statement of its own, for boundaries
// that somebody else sets.
func TestThePolicyOfAnOperatorThatBoundsNothing(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	taken := d.takeRights()
	d.restart()
	limit, err := iampolicy.Boundary(rightsOptions(""))
	if err != nil {
		t.Fatal(err)
	}
	boundary := d.managedPolicy("somebodys", limit)
	o := d.ready(d.create(d.object("blog")))
	done[*iam.PutRolePermissionsBoundaryOutput](t)(d.roles.PutRolePermissionsBoundary(d.ctx, &iam.PutRolePermissionsBoundaryInput{
		RoleName: aws.String(o.Status.Role.ARN[strings.LastIndex(o.Status.Role.ARN, "/")+1:]), PermissionsBoundary: &boundary}))
	d.force(o)
	operator, err := iampolicy.Operator(rightsOptions(""))
	if err != nil {
		t.Fatal(err)
	}
	asked := taken()
	for _, r := range refused(t, operator, asked) {
		t.Errorf("the policy doesn't allow %s", r)
	}
	if len(refused(t, without(operator, "UnboundRoles"), asked)) == 0 {
		t.Error("nothing needs UnboundRoles")
	}
}

// What would let a manager that was taken over reach beyond its own stacks.
func TestThePolicyRefusesWhatTheOperatorMustNotDo(t *testing.T) {
	const boundary = "arn:aws:iam::" + account + ":policy/boundary"
	operator, err := iampolicy.Operator(rightsOptions(boundary))
	if err != nil {
		t.Fatal(err)
	}
	doc := parsed(t, operator)
	const own, foreign = "arn:aws:iam::" + account + ":role/commentsapi/commentsapi-a-b-00000000", "arn:aws:iam::" + account + ":role/admin"
	bounded := map[string][]string{"iam:PermissionsBoundary": {boundary}}
	toGateway := map[string][]string{"iam:PassedToService": {"apigateway.amazonaws.com"}}
	table := "arn:aws:dynamodb:" + region + ":" + account + ":table/blog-comments"
	for name, c := range map[string]struct {
		request policy.Request
		want    policy.Decision
	}{
		"a role within path and boundary":       {policy.Request{Action: "iam:CreateRole", Resource: own, Context: bounded}, policy.Allowed},
		"a role without a boundary":             {policy.Request{Action: "iam:CreateRole", Resource: own}, policy.Silent},
		"a role with another boundary":          {policy.Request{Action: "iam:CreateRole", Resource: own, Context: map[string][]string{"iam:PermissionsBoundary": {"arn:aws:iam::aws:policy/AdministratorAccess"}}}, policy.Silent},
		"a role on another path":                {policy.Request{Action: "iam:CreateRole", Resource: foreign, Context: bounded}, policy.Silent},
		"rights for a role without a boundary":  {policy.Request{Action: "iam:PutRolePolicy", Resource: own}, policy.Silent},
		"taking the boundary off":               {policy.Request{Action: "iam:DeleteRolePermissionsBoundary", Resource: own, Context: bounded}, policy.Silent},
		"attaching a managed policy":            {policy.Request{Action: "iam:AttachRolePolicy", Resource: own, Context: bounded}, policy.Silent},
		"passing a role to API Gateway":         {policy.Request{Action: "iam:PassRole", Resource: own, Context: toGateway}, policy.Allowed},
		"passing a role to Lambda":              {policy.Request{Action: "iam:PassRole", Resource: own, Context: map[string][]string{"iam:PassedToService": {"lambda.amazonaws.com"}}}, policy.Silent},
		"passing somebody else's role":          {policy.Request{Action: "iam:PassRole", Resource: foreign, Context: toGateway}, policy.Silent},
		"reading comments":                      {policy.Request{Action: "dynamodb:GetItem", Resource: table}, policy.Silent},
		"querying comments":                     {policy.Request{Action: "dynamodb:Query", Resource: table + "/index/pageId-index"}, policy.Silent},
		"a table in another region":             {policy.Request{Action: "dynamodb:CreateTable", Resource: strings.Replace(table, region, "us-east-1", 1)}, policy.Silent},
		"API Gateway's settings of the account": {policy.Request{Action: "apigateway:PATCH", Resource: "arn:aws:apigateway:" + region + "::/account"}, policy.Silent},
		"assuming any role":                     {policy.Request{Action: "sts:AssumeRole", Resource: own}, policy.Silent},
	} {
		t.Run(name, func(t *testing.T) {
			if got := doc.Evaluate(c.request); got != c.want {
				t.Errorf("decision %v, want %v", got, c.want)
			}
		})
	}
}
