// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/awscloud"
	"github.com/commentsapi/operator/internal/check"
	"github.com/commentsapi/operator/internal/localaws"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/plan"
	"github.com/commentsapi/operator/internal/provision"
	"github.com/commentsapi/operator/internal/stack"
)

const (
	region = "eu-west-1"
	// maxRounds bounds how many looks a stack may take to settle.
	maxRounds = 60
)

// epoch is where the fake clock starts.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is one local AWS, met over HTTP as the operator meets AWS, and
// somebody else's clients in the same account. Its clock moves only when a
// test waits, so that times of grace cost nothing.
type world struct {
	t       testing.TB
	ctx     context.Context
	local   *localaws.Server
	clock   *core.FakeClock
	fast    *fastClock // in place of clock
	account *awscloud.Account
	tables  *dynamodb.Client
	roles   *iam.Client
	apis    *apigateway.Client
}

// once keeps a client from sending a failed call again.
func once(c *aws.Config) { c.RetryMaxAttempts = 1 }

func newWorld(t testing.TB, configure ...func(*aws.Config)) *world {
	t.Helper()
	clock := core.NewFakeClock(epoch)
	w := startWorld(t, localaws.Options{Clock: clock}, configure...)
	w.clock = clock
	// Access logs need a role in the account's settings.
	if _, err := w.apis.UpdateAccount(t.Context(), &apigateway.UpdateAccountInput{PatchOperations: []apigatewaytypes.PatchOperation{{
		Op: apigatewaytypes.OpReplace, Path: aws.String("/cloudwatchRoleArn"), Value: aws.String("arn:aws:iam::123456789012:role/logs")}}}); err != nil {
		t.Fatal(err)
	}
	return w
}

// startWorld starts a local AWS.
func startWorld(t testing.TB, options localaws.Options, configure ...func(*aws.Config)) *world {
	t.Helper()
	options.Report = func(message string) { t.Errorf("local AWS: %s", message) }
	local, err := localaws.New(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := local.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = local.Close() })
	cfg := func(key string) aws.Config {
		endpoint := local.Endpoint()
		return aws.Config{Region: region, BaseEndpoint: &endpoint,
			Credentials: credentials.NewStaticCredentialsProvider(key, "local", "")}
	}
	factory := awscloud.NewFactory(awscloud.Config{Quotas: []awscloud.Quota{},
		BaseConfig: func(context.Context) (aws.Config, error) {
			c := cfg("local")
			for _, f := range configure {
				f(&c)
			}
			return c, nil
		}})
	account, err := factory.Account(t.Context(), awscloud.Target{Region: region})
	if err != nil {
		t.Fatal(err)
	}
	other := cfg("123456789012") // the same account by another key
	once(&other)                 // so that a failure is seen as it is
	other.HTTPClient = direct{local.Handler()}
	return &world{t: t, ctx: t.Context(), local: local, account: account,
		tables: dynamodb.NewFromConfig(other), roles: iam.NewFromConfig(other), apis: apigateway.NewFromConfig(other)}
}

func (w *world) now() time.Time {
	if w.clock != nil {
		return w.clock.Now()
	}
	return w.fast.Now()
}

// seq is the newest entry of the request log.
func (w *world) seq() int64 { return w.local.Requests(1 << 40).Last }

// calls returns the operator's calls to AWS after a sequence number.
func (w *world) calls(since int64) []control.Request {
	w.t.Helper()
	log := w.local.Requests(since)
	if log.Dropped > 0 {
		w.t.Fatalf("the request log lost %d entries", log.Dropped)
	}
	var out []control.Request
	for _, r := range log.Requests {
		if r.Service != "execute-api" && r.Service != "sts" {
			out = append(out, r)
		}
	}
	return out
}

func (w *world) writes(since int64) []string {
	w.t.Helper()
	var out []string
	for _, r := range w.calls(since) {
		if r.Write {
			out = append(out, r.Service+" "+r.Operation)
		}
	}
	return out
}

// subject is one object as the operator would hold it: its spec, and what it
// wrote down. It implements provision.Journal in memory.
type subject struct {
	w        *world
	t        testing.TB
	spec     v1alpha1.CommentsAPISpec
	claim    stack.Claim
	settings check.Settings
	recorded plan.Recorded
	intent   *provision.Intent
	intents  map[plan.Resource]*provision.Intent
	memory   check.Memory
	// probe calls the API before it is deployed.
	probe bool
	// recreateTable accepts the loss of a table.
	recreateTable bool
	// restless bounds how long it waits between two looks; 0 is no bound.
	restless time.Duration
	// wrap changes how AWS is reached while a plan is carried out.
	wrap func(*provision.Cloud)
	// beforeApply hears of each plan, onOp of each step that was carried out.
	beforeApply func(plan.Plan)
	onOp        func(plan.Op)
}

func (w *world) subject(name string, changes ...func(*v1alpha1.CommentsAPISpec)) *subject {
	s := &subject{w: w, t: w.t, probe: true, settings: check.Settings{RolePath: "/commentsapi/"},
		claim: stack.Claim{ClusterID: "cluster", Namespace: "shop", NamespaceUID: "ns-uid", Name: name, UID: "uid-" + name},
		spec:  v1alpha1.CommentsAPISpec{TableName: name + "-comments", Region: region, Stage: "prod"}}
	for _, change := range changes {
		change(&s.spec)
	}
	return s
}

func (s *subject) Intend(_ context.Context, nonce string, at time.Time) error {
	s.intent = &provision.Intent{Nonce: nonce, Time: at}
	return nil
}

func (s *subject) Created(_ context.Context, id string) error {
	s.recorded.APIID, s.recorded.DeploymentID, s.recorded.DefinitionSHA256 = id, "", ""
	return nil
}

func (s *subject) Forgo(context.Context) error {
	s.intent = nil
	return nil
}

func (s *subject) IntendKey(_ context.Context, r plan.Resource, nonce string, at time.Time) error {
	if s.intents == nil {
		s.intents = map[plan.Resource]*provision.Intent{}
	}
	s.intents[r], s.recorded.Keyed = &provision.Intent{Nonce: nonce, Time: at}, true
	return nil
}

func (s *subject) CreatedKey(_ context.Context, r plan.Resource, id string) error {
	if r == plan.APIKey {
		s.recorded.KeyID = id
	} else {
		s.recorded.UsagePlanID = id
	}
	return nil
}

func (s *subject) ForgoKey(_ context.Context, r plan.Resource) error {
	delete(s.intents, r)
	return nil
}

func (s *subject) asked() check.Subject {
	return check.Subject{Spec: s.spec, Claim: s.claim, Recorded: s.recorded, RecreateTable: s.recreateTable}
}

// look reads everything and plans.
func (s *subject) look() check.Result {
	s.t.Helper()
	r, err := check.Look(s.w.ctx, s.w.account, s.settings, s.asked(), s.w.now())
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// lookInTurn is a check that nobody asked for.
func (s *subject) lookInTurn() check.Result {
	s.t.Helper()
	r, err := check.LookInTurn(s.w.ctx, s.w.account, s.settings, s.asked(), s.w.now(), &s.memory)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// apply carries a plan out and writes down what an operator would.
func (s *subject) apply(r check.Result) provision.Outcome {
	s.t.Helper()
	if s.beforeApply != nil {
		s.beforeApply(r.Plan)
	}
	run := provision.Run{Cloud: r.Cloud, Identity: r.Identity, Desired: r.Desired, Observed: r.Observed,
		Journal: s, Intent: s.intent, Keys: s, KeyIntents: maps.Clone(s.intents), Probe: s.probe, Now: s.w.now}
	if s.wrap != nil {
		s.wrap(&run.Cloud)
	}
	o := run.Apply(s.w.ctx, r.Plan)
	s.remember(r, o)
	for _, step := range o.Done {
		if s.onOp != nil {
			s.onOp(step.Op)
		}
	}
	return o
}

func (s *subject) remember(r check.Result, o provision.Outcome) {
	s.recorded = check.Remember(s.recorded, r, o)
	if r.Observed.API != nil && r.Plan.Serving() {
		s.intent, s.intents = nil, nil
	}
}

// pass waits as long as an outcome asks for.
func (s *subject) pass(o provision.Outcome) {
	if o.Wait == nil {
		return
	}
	after := o.Wait.After
	if s.restless > 0 {
		after = min(after, s.restless)
	}
	switch {
	case s.w.clock != nil:
		s.w.clock.Advance(after)
	default:
		select { // the local AWS's own delays pass
		case <-time.After(after / s.w.fast.factor):
		case <-s.w.ctx.Done():
		}
	}
}

// converge looks and applies until nothing is left to do, and returns the last
// look and the number of looks.
func (s *subject) converge() (check.Result, int) {
	s.t.Helper()
	var trail []string
	for round := 1; round <= maxRounds; round++ {
		r := s.look()
		if r.Plan.Empty() {
			s.remember(r, noOutcome)
			return r, round
		}
		if r.Plan.Block != nil {
			s.t.Fatalf("blocked: %s: %s", r.Plan.Block.Reason, r.Plan.Block.Message)
		}
		o := s.apply(r)
		line := describe(r.Plan)
		if o.Wait != nil {
			line += "waits " + o.Wait.After.String() + ": " + o.Wait.Message
		}
		trail = append(trail, line)
		if o.Err != nil {
			s.t.Fatalf("round %d: %v\n%s", round, o.Err, strings.Join(trail, "\n"))
		}
		s.pass(o)
	}
	s.t.Fatalf("not settled after %d rounds:\n%s", maxRounds, strings.Join(trail, "\n"))
	return check.Result{}, 0
}

// describe prints a plan for failing tests.
func describe(p plan.Plan) string {
	if p.Block != nil {
		return "blocked: " + p.Block.Reason + ": " + p.Block.Message
	}
	var b strings.Builder
	for _, step := range p.Steps {
		fmt.Fprintf(&b, "%s %s:", step.Op, step.Target)
		for _, c := range step.Changes {
			fmt.Fprintf(&b, " [%s %s %s %q -> %q]", c.Resource, c.Action, c.Field, short(c.From), short(c.To))
		}
		b.WriteString("; ")
	}
	return b.String()
}

func short(s string) string {
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}

// fields lists the differing fields of a plan, as Resource field.
func fields(p plan.Plan) []string {
	var out []string
	for _, c := range p.Changes() {
		if c.Action != plan.Wait {
			out = append(out, string(c.Resource)+" "+c.Field)
		}
	}
	return out
}

// ids of AWS's making, the world's and the object's own names, by a word that
// is the same in every world.
func (s *subject) normalise(o stack.Observed) string {
	s.t.Helper()
	o.Parts = 0
	table, api := *o.Table, *o.API
	table.Created, api.Created = time.Time{}, time.Time{}
	api.ResourceIDs, api.ValidatorNames, api.Deployments = nil, nil, nil
	delete(api.Tags, stack.TagNonce)
	stages := map[string]stack.ObservedStage{}
	for name, stage := range api.Stages {
		stage.Created, stage.Updated, stage.DeploymentID = time.Time{}, time.Time{}, ""
		stages[name] = stage
	}
	api.Stages = stages
	o.Table, o.API = &table, &api
	var ids []string
	if o.Key != nil {
		key := *o.Key
		ids = append(ids, key.ID, "KEYID")
		key.Created, key.Tags = time.Time{}, unnamed(key.Tags)
		o.Key = &key
	}
	if o.UsagePlan != nil {
		usage := *o.UsagePlan
		ids = append(ids, `"`+usage.ID+`"`, `"PLANID"`)
		usage.Tags = unnamed(usage.Tags)
		o.UsagePlan = &usage
	}
	b, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		s.t.Fatal(err)
	}
	replace := []string{stack.RoleName(s.claim, region), "ROLE", stack.ModeratorRoleName(s.claim, region), "MODERATOR", s.spec.TableName, "TABLE", api.ID, "APIID",
		stack.APIName(s.claim), "NAME", s.claim.UID, "UID", `"` + s.claim.Name + `"`, `"OBJECT"`}
	replace = append(replace, ids...)
	for _, index := range table.Indexes {
		base := stack.IndexBaseName
		if stack.PendingIndexName(index.Name) {
			base = stack.PendingIndexBaseName
		}
		if index.Name != base {
			replace = append(replace, index.Name, base)
		}
	}
	return strings.NewReplacer(replace...).Replace(string(b))
}

// unnamed are tags without the nonce of a creation.
func unnamed(tags map[string]string) map[string]string {
	tags = maps.Clone(tags)
	delete(tags, stack.TagNonce)
	return tags
}

// noOutcome is the outcome of a check that had nothing to do.
var noOutcome provision.Outcome
