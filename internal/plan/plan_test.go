// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/stack"
)

var (
	now   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	claim = stack.Claim{ClusterID: "cluster", Namespace: "shop", NamespaceUID: "ns-uid", Name: "blog", UID: "uid"}
)

const sha = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// wanted is a desired stack with something in every field.
func wanted() stack.Desired {
	tags := func() map[string]string {
		t := claim.Tags()
		t["team"] = "web"
		return t
	}
	return stack.Desired{
		DefinitionSHA256: sha,
		Document:         []byte("{}"),
		Stack: stack.Stack{
			Table: stack.Table{
				Name: "comments", PartitionKey: "commentId", Billing: stack.Provisioned,
				Capacity:           stack.Capacity{ReadUnits: 1, WriteUnits: 2, MaxReadUnits: 3, MaxWriteUnits: 4},
				Indexes:            []stack.Index{{Name: "pageId-index", Shape: stack.IndexShape{HashKey: "pageId", RangeKey: "createdAt", Projected: []string{"message", "userName"}}, Capacity: stack.Capacity{ReadUnits: 5, WriteUnits: 6}}},
				DeletionProtection: true, PointInTimeRecovery: true, TTLAttribute: "expiresAt",
				KMSKeyARN: "arn:aws:kms:eu-west-1:123456789012:key/k", Class: stack.ClassStandard, Tags: tags(),
			},
			Role: stack.Role{
				Name: "role", Path: "/commentsapi/", Description: "d", TrustPolicy: `{"a":1}`,
				InlinePolicies: map[string]string{stack.InlinePolicyName: `{"b":1}`}, PermissionsBoundary: "arn:b", Tags: tags(),
			},
			ModeratorRole: &stack.Role{
				Name: "moderator", Path: "/commentsapi/", Description: "d", TrustPolicy: `{"a":1}`,
				InlinePolicies: map[string]string{stack.InlinePolicyName: `{"c":1}`}, PermissionsBoundary: "arn:b", Tags: tags(),
			},
			API: stack.API{
				Name: "shop/blog", Description: "d", EndpointType: "REGIONAL", KeySource: "HEADER",
				BinaryMediaTypes: []string{"image/png"}, MinimumCompressionSize: 100, Policy: `{"p":1}`, DefaultEndpointDisabled: true,
				Tags: tags(), Definition: definition(),
			},
			Stage: stack.Stage{
				Name: "prod", Settings: map[string]stack.MethodSettings{stack.AllMethods: {ThrottleRate: 50, ThrottleBurst: 100,
					Metrics: true, LoggingLevel: "ERROR", DataTrace: true, Caching: true, CacheTTLSeconds: 60, CacheEncrypted: true}},
				Variables: map[string]string{"v": "1"}, AccessLogDestination: "arn:log", AccessLogFormat: "$context.requestId",
				Tracing: true, CacheClusterSize: "0.5", ClientCertificate: "cert", Tags: tags(),
			},
			Key: &stack.APIKey{Name: "key", Description: "d", Enabled: true, Tags: tags()},
			UsagePlan: &stack.UsagePlan{Name: "plan", Description: "d", Tags: tags(),
				Quota: &stack.Quota{Limit: 1000, Period: "DAY"}, Throttle: &stack.Throttle{Rate: 5, Burst: 10}},
		},
	}
}

func definition() stack.Definition {
	return stack.Definition{
		Paths: []string{"/comments"},
		Methods: map[string]stack.Method{"POST /comments": {
			Authorization: "AWS_IAM", APIKeyRequired: true, Validator: "body", OperationName: "post",
			RequestParameters: map[string]bool{"method.request.header.X": true},
			RequestModels:     map[string]string{"application/json": "Comment"},
			Responses: map[string]stack.MethodResponse{"201": {
				Parameters: map[string]bool{"method.response.header.X": false}, Models: map[string]string{"application/json": "Comment"}}},
			Integration: stack.Integration{
				Type: "AWS", HTTPMethod: "POST", URI: "arn:uri", Credentials: "arn:role",
				RequestParameters: map[string]string{"integration.request.header.X": "'x'"},
				RequestTemplates:  map[string]string{"application/json": "{}"},
				Passthrough:       "NEVER", TimeoutMillis: 29000, CacheKeyParameters: []string{"method.request.header.X"}, ContentHandling: "CONVERT_TO_TEXT",
				Responses: map[string]stack.IntegrationResponse{"201": {SelectionPattern: "200",
					Parameters: map[string]string{"method.response.header.X": "'y'"}, Templates: map[string]string{"application/json": "{}"}, ContentHandling: "CONVERT_TO_TEXT"}},
			},
		}},
		Models:     map[string]stack.Model{"Comment": {ContentType: "application/json", Schema: `{"type":"object"}`}},
		Validators: map[string]stack.Validator{"body": {Body: true}},
		GatewayResponses: map[string]stack.GatewayResponse{"DEFAULT_4XX": {StatusCode: "400",
			Parameters: map[string]string{"gatewayresponse.header.X": "'z'"}, Templates: map[string]string{"application/json": "{}"}}},
	}
}

// found is an observed stack that equals wanted and serves it.
func found() stack.Observed {
	w := wanted()
	return stack.Observed{
		Parts: stack.AllParts,
		Table: &stack.ObservedTable{Table: w.Table, ARN: "arn:table", Status: stack.TableActive,
			IndexStatus: map[string]stack.IndexStatus{"pageId-index": stack.IndexActive}},
		Role:          &stack.ObservedRole{Role: w.Role, ARN: "arn:role"},
		ModeratorRole: &stack.ObservedRole{Role: *w.ModeratorRole, ARN: "arn:moderator"},
		API: &stack.ObservedAPI{API: w.API, ID: "api1", Stages: map[string]stack.ObservedStage{
			"prod": {Stage: w.Stage, DeploymentID: "dep1", Created: now.Add(-time.Hour), Updated: now.Add(-time.Hour)}}},
		Key:       &stack.ObservedKey{APIKey: *w.Key, ID: "key1"},
		UsagePlan: &stack.ObservedPlan{UsagePlan: *w.UsagePlan, ID: "plan1", HasKey: true, Stages: map[string]bool{"api1:prod": false}},
	}
}

func context() Context {
	return Context{Claim: claim, Now: now, Recorded: Recorded{TableARN: "arn:table", RoleARN: "arn:role", APIID: "api1",
		DeploymentID: "dep1", DefinitionSHA256: sha}}
}

func ops(p Plan) []Op {
	var out []Op
	for _, s := range p.Steps {
		out = append(out, s.Op)
	}
	return out
}

func TestNothingToDoIsAnEmptyPlan(t *testing.T) {
	if p := Diff(wanted(), found(), context()); !p.Empty() {
		t.Errorf("plan = %v, changes %v; want nothing", ops(p), p.Changes())
	}
}

func TestOrderOfSteps(t *testing.T) {
	tests := []struct {
		name   string
		change func(*stack.Desired, *stack.Observed, *Context)
		want   []Op
	}{
		{"nothing exists: all is created, then the table is waited for before the definition goes in",
			func(_ *stack.Desired, o *stack.Observed, c *Context) {
				*o, c.Recorded = stack.Observed{Parts: stack.AllParts}, Recorded{}
			},
			[]Op{CreateTable, CreateRole, CreateRole, CreateAPI, CreateAPIKey, WaitTable, PutDefinition, Deploy, CreateStage, CreateUsagePlan, AddPlanKey}},
		{"the index is gone: it is made anew and waited for",
			func(_ *stack.Desired, o *stack.Observed, _ *Context) { o.Table.Indexes = nil },
			[]Op{CreateIndex, WaitTable}},
		{"a new index shape: beside the old, role and definition follow, the old one stays",
			func(d *stack.Desired, o *stack.Observed, _ *Context) {
				o.Table.Indexes[0].Name = "pageId-index-00000000"
				d.Role.InlinePolicies[stack.InlinePolicyName] = `{"both":1}`
				d.DefinitionSHA256 = "new"
				m := d.API.Definition.Methods["POST /comments"]
				m.Integration.RequestTemplates = map[string]string{"application/json": "new"}
				d.API.Definition.Methods = map[string]stack.Method{"POST /comments": m}
			},
			[]Op{CreateIndex, PutRolePolicy, WaitTable, PutDefinition, Deploy, PointStage}},
		{"the old index goes when the stage has served the new definition long enough",
			func(_ *stack.Desired, o *stack.Observed, _ *Context) {
				o.Table.Indexes = append(slices.Clone(o.Table.Indexes), stack.Index{Name: "pageId-index-0123abcd"})
			},
			[]Op{DeleteIndex}},
		{"the old index stays during the time of grace",
			func(_ *stack.Desired, o *stack.Observed, _ *Context) {
				o.Table.Indexes = append(slices.Clone(o.Table.Indexes), stack.Index{Name: "pageId-index-0123abcd"})
				s := o.API.Stages["prod"]
				s.Updated = now.Add(-time.Minute)
				o.API.Stages = map[string]stack.ObservedStage{"prod": s}
			},
			[]Op{WaitGrace}},
		{"somebody else's index stays",
			func(_ *stack.Desired, o *stack.Observed, _ *Context) {
				o.Table.Indexes = append(slices.Clone(o.Table.Indexes), stack.Index{Name: "by-user"})
			}, nil},
		{"the stage was renamed: the new one comes first",
			func(d *stack.Desired, _ *stack.Observed, _ *Context) { d.Stage.Name = "live" },
			[]Op{Deploy, CreateStage, UpdateUsagePlan}},
		{"the renamed stage's predecessor stays ten minutes",
			func(d *stack.Desired, o *stack.Observed, _ *Context) {
				d.Stage.Name = "live"
				s := o.API.Stages["prod"]
				s.Name, s.Created = "live", now.Add(-9*time.Minute)
				o.API.Stages["live"] = s
				o.UsagePlan.Stages["api1:live"] = false
			},
			[]Op{WaitGrace}},
		{"and then goes",
			func(d *stack.Desired, o *stack.Observed, _ *Context) {
				d.Stage.Name = "live"
				s := o.API.Stages["prod"]
				s.Name, s.Created = "live", now.Add(-10*time.Minute-time.Second)
				o.API.Stages["live"] = s
				o.UsagePlan.Stages["api1:live"] = false
			},
			[]Op{DeleteStage}},
		{"a stage of somebody else's stays",
			func(_ *stack.Desired, o *stack.Observed, _ *Context) {
				o.API.Stages["test"] = stack.ObservedStage{Stage: stack.Stage{Name: "test"}}
			}, nil},
		{"a foreign deployment on the stage is replaced",
			func(_ *stack.Desired, o *stack.Observed, _ *Context) {
				s := o.API.Stages["prod"]
				s.DeploymentID = "foreign"
				o.API.Stages = map[string]stack.ObservedStage{"prod": s}
			},
			[]Op{Deploy, PointStage}},
		{"a canary is ended",
			func(_ *stack.Desired, o *stack.Observed, _ *Context) {
				s := o.API.Stages["prod"]
				s.Canary = true
				o.API.Stages = map[string]stack.ObservedStage{"prod": s}
			},
			[]Op{Deploy, PointStage}},
		{"an edit of the working copy is undone without a deployment",
			func(_ *stack.Desired, o *stack.Observed, _ *Context) {
				o.API.Definition.Paths = []string{"/comments", "/x"}
			},
			[]Op{PutDefinition}},
		{"moderation is over: its role and its index stay during the time of grace",
			func(d *stack.Desired, o *stack.Observed, _ *Context) {
				retireModeration(d, o)
				s := o.API.Stages["prod"]
				s.Updated = now.Add(-time.Minute)
				o.API.Stages = map[string]stack.ObservedStage{"prod": s}
			},
			[]Op{WaitGrace, WaitGrace}},
		{"and then go, the role first",
			func(d *stack.Desired, o *stack.Observed, _ *Context) { retireModeration(d, o) },
			[]Op{DeleteRole, DeleteIndex}},
		{"moderation is over, but the stage still serves it",
			func(d *stack.Desired, o *stack.Observed, _ *Context) {
				retireModeration(d, o)
				d.DefinitionSHA256 = "new"
			},
			[]Op{Deploy, PointStage}},
		{"a moderator's role that isn't ours stays",
			func(d *stack.Desired, o *stack.Observed, _ *Context) {
				d.ModeratorRole, o.ModeratorRole.Tags = nil, nil
			}, nil},
		{"a key is asked for: it admits clients before the definition asks for it",
			func(d *stack.Desired, o *stack.Observed, _ *Context) {
				o.Key, o.UsagePlan, d.DefinitionSHA256 = nil, nil, "new"
			},
			[]Op{CreateAPIKey, CreateUsagePlan, AddPlanKey, Deploy, PointStage}},
		{"a key that nothing asks for any more stays during the time of grace",
			func(d *stack.Desired, o *stack.Observed, _ *Context) {
				d.Key, d.UsagePlan = nil, nil
				s := o.API.Stages["prod"]
				s.Updated = now.Add(-time.Minute)
				o.API.Stages = map[string]stack.ObservedStage{"prod": s}
			},
			[]Op{WaitGrace}},
		{"nor before an older stage that may ask for it",
			func(d *stack.Desired, o *stack.Observed, _ *Context) {
				d.Key, d.UsagePlan, d.Stage.Name = nil, nil, "live"
				s := o.API.Stages["prod"]
				s.Name, s.Created = "live", now.Add(-time.Hour)
				o.API.Stages["live"] = s
			},
			[]Op{DeleteStage}},
		{"and then goes, the plan first",
			func(d *stack.Desired, o *stack.Observed, _ *Context) {
				d.Key, d.UsagePlan = nil, nil
				o.ExtraKeys, o.ExtraPlans = []stack.ExtraKey{{ID: "key2", InUse: true}}, []stack.ObservedPlan{{ID: "plan2"}}
			},
			[]Op{DeleteUsagePlan, DeleteUsagePlan, DeleteAPIKey, DeleteAPIKey}},
		{"a key that nothing asks for any more stays while the stage still does",
			func(d *stack.Desired, _ *stack.Observed, _ *Context) {
				d.Key, d.UsagePlan, d.DefinitionSHA256 = nil, nil, "new"
			},
			[]Op{Deploy, PointStage}},
		{"a key and a plan that aren't ours stay",
			func(d *stack.Desired, o *stack.Observed, _ *Context) {
				d.Key, d.UsagePlan, o.Key.Tags, o.UsagePlan.Tags = nil, nil, nil, nil
			}, nil},
		{"the key is taken out of the plan", func(_ *stack.Desired, o *stack.Observed, _ *Context) { o.UsagePlan.HasKey = false }, []Op{AddPlanKey}},
		{"a stage that is gone leaves the plan too",
			func(_ *stack.Desired, o *stack.Observed, _ *Context) { o.UsagePlan.Stages["api1:old"] = false }, []Op{UpdateUsagePlan}},
		{"stages of a plan: the missing one is added, others and limits of their own go",
			func(_ *stack.Desired, o *stack.Observed, _ *Context) {
				o.UsagePlan.Stages = map[string]bool{"other:prod": false}
			},
			[]Op{UpdateUsagePlan}},
		{"a duplicate key in no plan and a duplicate plan go, a key in a plan is reported",
			func(_ *stack.Desired, o *stack.Observed, _ *Context) {
				o.ExtraKeys, o.ExtraPlans = []stack.ExtraKey{{ID: "x"}, {ID: "y", InUse: true}}, []stack.ObservedPlan{{ID: "z"}}
			},
			[]Op{DeleteAPIKey, DeleteUsagePlan}},
		{"a duplicate API without a stage goes, one with a stage is reported",
			func(_ *stack.Desired, o *stack.Observed, _ *Context) {
				o.DuplicateAPIs = []stack.DuplicateAPI{{ID: "x"}, {ID: "y", Stages: 1}}
			},
			[]Op{DeleteDuplicateAPI}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, o, c := wanted(), found(), context()
			tt.change(&d, &o, &c)
			if diff := cmp.Diff(tt.want, ops(Diff(d, o, c))); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

// retireModeration leaves a role and an index that nothing wants any more.
func retireModeration(d *stack.Desired, o *stack.Observed) {
	d.ModeratorRole = nil
	o.Table.Indexes = append(slices.Clone(o.Table.Indexes), stack.Index{Name: "pending-index"})
}

func TestForeignResourcesBlockEverything(t *testing.T) {
	tests := []struct {
		name   string
		change func(*stack.Observed, *Context)
		reason string
	}{
		{"a table without a claim", func(o *stack.Observed, c *Context) { o.Table.Tags, c.Recorded.TableARN = nil, "" }, "Conflict"},
		{"a table that lost its claim", func(o *stack.Observed, _ *Context) { o.Table.Tags = nil }, "ClaimLost"},
		{"a table of another object", func(o *stack.Observed, c *Context) {
			o.Table.Tags, c.Recorded.TableARN = stack.Claim{ClusterID: "other"}.Tags(), ""
		}, "Conflict"},
		{"a role without a claim", func(o *stack.Observed, c *Context) { o.Role.Tags, c.Recorded.RoleARN = nil, "" }, "Conflict"},
		{"a moderator's role without a claim", func(o *stack.Observed, _ *Context) { o.ModeratorRole.Tags = nil }, "Conflict"},
		{"a moderator's role that lost its claim", func(o *stack.Observed, c *Context) {
			o.ModeratorRole.Tags, c.Recorded.ModeratorRoleARN = nil, "arn:moderator"
		}, "ClaimLost"},
		{"an API that lost its claim", func(o *stack.Observed, _ *Context) { o.API.Tags = nil }, "ClaimLost"},
		{"a key that lost its claim", func(o *stack.Observed, _ *Context) { o.Key.Tags = nil }, "ClaimLost"},
		{"a usage plan that lost its claim", func(o *stack.Observed, _ *Context) { o.UsagePlan.Tags = nil }, "ClaimLost"},
		{"a table with other keys", func(o *stack.Observed, _ *Context) { o.Table.PartitionKey = "id" }, "TableUnusable"},
		{"a table whose key is lost", func(o *stack.Observed, _ *Context) { o.Table.Status = "INACCESSIBLE_ENCRYPTION_CREDENTIALS" }, "TableUnusable"},
		{"a table that is gone with a backup", func(o *stack.Observed, c *Context) { o.Table, c.Recorded.TableBackedUp = nil, true }, "TableMissing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, c := found(), context()
			tt.change(&o, &c)
			p := Diff(wanted(), o, c)
			if p.Block == nil || p.Block.Reason != tt.reason || len(p.Steps) != 0 {
				t.Errorf("block = %+v, %d steps; want %s and no step", p.Block, len(p.Steps), tt.reason)
			}
		})
	}
}

func TestAnEarlierIncarnationsResourcesAreReclaimed(t *testing.T) {
	o := found()
	for _, tags := range []map[string]string{o.Table.Tags, o.Role.Tags, o.ModeratorRole.Tags, o.API.Tags, o.API.Stages["prod"].Tags, o.Key.Tags, o.UsagePlan.Tags} {
		tags[stack.TagUID] = "earlier"
	}
	want := []Op{TagTable, TagRole, TagRole, TagAPI, TagStage, TagAPIKey, TagUsagePlan}
	if diff := cmp.Diff(want, ops(Diff(wanted(), o, context()))); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestAMissingTableIsMadeAnewWhenNothingCanBeRestoredOrThePersonSaysSo(t *testing.T) {
	for name, change := range map[string]func(*Context){
		"no backup": func(*Context) {},
		"accepted":  func(c *Context) { c.Recorded.TableBackedUp, c.RecreateTable = true, true },
	} {
		o, c := found(), context()
		o.Table = nil
		change(&c)
		if got := ops(Diff(wanted(), o, c)); !slices.Contains(got, CreateTable) {
			t.Errorf("%s: steps %v; want CreateTable", name, got)
		}
	}
}

func TestForeignTagsStay(t *testing.T) {
	o := found()
	o.Table.Tags["cost-centre"] = "42"
	o.API.Tags["cost-centre"] = "42"
	if p := Diff(wanted(), o, context()); !p.Empty() {
		t.Errorf("changes %v; want none", p.Changes())
	}
}
