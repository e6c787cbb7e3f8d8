// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/stack"
	"github.com/commentsapi/operator/internal/testcluster"
)

// trouble is something that keeps the operator from its work.
type trouble struct {
	name string
	// begin causes it and returns what ends it.
	begin func(d *driver) (end func())
	// reason is the conditions' reason; words have to be in their message.
	reason string
	words  []string
	// person says that waiting does not help.
	person bool
	// newOnly: it can't meet an object that serves already.
	newOnly bool
}

var troubles = []trouble{
	{name: "wrong secret", reason: v1alpha1.ReasonCredentialsInvalid, words: []string{"secret access key is wrong"},
		begin: func(d *driver) func() { return d.meet(access{d.endpoint, "local", "wrong"}) }},
	{name: "unknown access key", reason: v1alpha1.ReasonCredentialsInvalid, words: []string{"does not know the AWS credentials", "renew"},
		begin: func(d *driver) func() { return d.meet(access{d.endpoint, "AKIAUNKNOWN", "local"}) }},
	{name: "no credentials", reason: v1alpha1.ReasonCredentialsInvalid, words: []string{"No AWS credentials were found", "AWS_ACCESS_KEY_ID"},
		begin: func(d *driver) func() { return d.meet(access{d.endpoint, "", ""}) }},
	{name: "unreachable endpoint", reason: v1alpha1.ReasonEndpointUnreachable, words: []string{"can't be reached", "connection refused", "AWS_ENDPOINT_URL"},
		begin: func(d *driver) func() { return d.meet(access{closedPort(d.t), "local", "local"}) }},
	{name: "a permission lacks", reason: v1alpha1.ReasonAccessDenied, words: []string{"iam:GetRole", "iam-policy"}, person: true,
		begin: func(d *driver) func() { return d.deny("iam:GetRole") }},
	{name: "a permission to write lacks", reason: v1alpha1.ReasonAccessDenied, words: []string{"iam:CreateRole", "iam-policy"}, person: true, newOnly: true,
		begin: func(d *driver) func() { return d.deny("iam:CreateRole") }},
	{name: "quota used up", reason: v1alpha1.ReasonLimitExceeded, words: []string{"quota", "raise"}, person: true, newOnly: true,
		begin: func(d *driver) func() {
			return d.hamper(control.Fault{Operation: "CreateRole", Action: control.Refuse, Status: 409, Code: "LimitExceeded",
				Message: "Cannot exceed quota for RolesPerAccount: 1000"})
		}},
	{name: "throttled", reason: v1alpha1.ReasonThrottled, words: []string{"too many requests", "trying again"},
		begin: func(d *driver) func() {
			return d.hamper(control.Fault{Service: "apigateway", Action: control.Refuse, Status: 429, Code: "TooManyRequestsException", RetryAfter: "7"})
		}},
	{name: "server errors", reason: v1alpha1.ReasonAWSError, words: []string{"trying again"},
		begin: func(d *driver) func() {
			return d.hamper(control.Fault{Operation: "DescribeTable", Action: control.FailBefore})
		}},
	{name: "answers of a proxy", reason: v1alpha1.ReasonAWSError, words: []string{"trying again"},
		begin: func(d *driver) func() {
			return d.hamper(control.Fault{Service: "iam", Action: control.Malformed})
		}},
	{name: "the table is somebody else's", reason: v1alpha1.ReasonConflict, words: []string{"table blog-comments", "nothing was changed", "another name"}, person: true, newOnly: true,
		begin: func(d *driver) func() {
			d.foreignTable("blog-comments")
			return func() { d.dropTable("blog-comments") }
		}},
	{name: "the role is somebody else's", reason: v1alpha1.ReasonConflict, words: []string{"IAM role", "nothing was changed"}, person: true, newOnly: true,
		begin: func(d *driver) func() {
			name := stack.RoleName(stack.Claim{ClusterID: cluster, Namespace: d.namespace, Name: "blog"}, region)
			_, err := d.roles.CreateRole(d.ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trustNobody)})
			if err != nil {
				d.t.Fatal(err)
			}
			return func() {
				if _, err := d.roles.DeleteRole(d.ctx, &iam.DeleteRoleInput{RoleName: &name}); err != nil {
					d.t.Fatal(err)
				}
			}
		}},
}

const trustNobody = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

func (d *driver) meet(a access) (end func()) {
	before := d.access
	d.access = a
	d.restart() // the base configuration is kept as long as it works
	return func() { d.access = before }
}

func (d *driver) deny(action string) (end func()) {
	d.t.Helper()
	key := control.Key{AccessKey: "local", Policy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"` + action + `","Resource":"*"}]}`}
	if err := d.aws.PutKey(d.ctx, key); err != nil {
		d.t.Fatal(err)
	}
	return func() {
		if err := d.aws.RemoveKey(d.ctx, "local"); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *driver) hamper(f control.Fault) (end func()) {
	f.Times = -1
	f = d.fault(f)
	return func() { d.endFault(f) }
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return "http://" + l.Addr().String()
}

func (w *world) foreignTable(name string) {
	w.t.Helper()
	_, err := w.tables.CreateTable(w.ctx, &dynamodb.CreateTableInput{TableName: &name, BillingMode: dynamodbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String("commentId"), AttributeType: dynamodbtypes.ScalarAttributeTypeS}},
		KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("commentId"), KeyType: dynamodbtypes.KeyTypeHash}}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// dropTable deletes a table as a person in the console would.
func (w *world) dropTable(name string) {
	w.t.Helper()
	_, err := w.tables.UpdateTable(w.ctx, &dynamodb.UpdateTableInput{TableName: &name, DeletionProtectionEnabled: aws.Bool(false)})
	if err != nil && !strings.Contains(err.Error(), "ValidationException") {
		w.t.Fatal(err)
	}
	if _, err := w.tables.DeleteTable(w.ctx, &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
		w.t.Fatal(err)
	}
}

// TestTroubleIsNamedAndPasses: whatever stands in the way is a condition that
// says what to do, changes nothing that serves or is somebody else's, and ends
// by itself once its cause is gone.
func TestTroubleIsNamedAndPasses(t *testing.T) {
	parallel(t)
	for _, c := range troubles {
		t.Run("new object, "+c.name, func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			end := c.begin(d)
			before := d.inventory()
			o := d.create(d.object("blog"))
			live := d.until(o, c.reason, reasonIs(v1alpha1.ConditionSynced, c.status(), c.reason))
			c.explained(t, live)
			if meta.IsStatusConditionTrue(live.Status.Conditions, v1alpha1.ConditionReady) {
				t.Error("it is Ready and never served")
			}
			if c.reason == v1alpha1.ReasonConflict {
				if diff := cmp.Diff(before, d.inventory()); diff != "" {
					t.Errorf("something in AWS was touched (-before +after):\n%s", diff)
				}
			}
			c.quiet(t, d, o)
			end()
			d.ready(o)
		})
		if c.newOnly {
			continue
		}
		t.Run("serving object, "+c.name, func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			o := d.ready(d.create(d.object("blog")))
			end := c.begin(d)
			live := d.until(o, c.reason, reasonIs(v1alpha1.ConditionSynced, c.status(), c.reason))
			c.explained(t, live)
			if !meta.IsStatusConditionTrue(live.Status.Conditions, v1alpha1.ConditionReady) {
				t.Error("it serves and is not Ready")
			}
			if status, _ := d.list(live, "p"); status != 200 {
				t.Errorf("GET answers %d", status)
			}
			c.quiet(t, d, o)
			end()
			d.ready(o)
		})
	}
}

// status is what Synced is: Unknown when AWS could not be read.
func (c trouble) status() string {
	if c.person {
		return "False"
	}
	return "Unknown"
}

func (c trouble) explained(t *testing.T, o *v1alpha1.CommentsAPI) {
	t.Helper()
	kind := v1alpha1.ConditionReconciling
	if c.person {
		kind = v1alpha1.ConditionStalled
	}
	condition := meta.FindStatusCondition(o.Status.Conditions, kind)
	if condition == nil {
		t.Fatalf("%s is missing: %s", kind, describeStatus(o))
	}
	for _, word := range c.words {
		if !strings.Contains(condition.Message, word) {
			t.Errorf("the message lacks %q: %s", word, condition.Message)
		}
	}
}

// quiet checks that trouble that lasts is looked at ever more seldom (when AWS
// said, if it asked for patience), leaves the object alone, and is announced once if a person has to end it.
func (c trouble) quiet(t *testing.T, d *driver, o *v1alpha1.CommentsAPI) {
	t.Helper()
	for range 2 { // what was started before may still end
		_ = d.step(o)
	}
	version := d.live(o).ResourceVersion
	first := time.Duration(0)
	for i := range 6 {
		if err := d.step(o); err != nil {
			t.Error(err)
		}
		if i == 0 {
			first = d.next
		}
	}
	if again := d.live(o).ResourceVersion; again != version {
		t.Errorf("the object changes while nothing else does: %s", describeStatus(d.live(o)))
	}
	if c.reason == v1alpha1.ReasonThrottled {
		// How often AWS is asked is the pacer's to say, for all objects together.
		if d.next != 7*time.Second {
			t.Errorf("the next look is %s away; AWS asked for 7 s", d.next)
		}
	} else if d.next <= first || d.next < 10*time.Second {
		t.Errorf("looks are %s apart after %s; want a growing pause", d.next, first)
	}
	warnings := with(d.recorder.take(), "Warning")
	if want := map[bool]int{true: 1}[c.person]; len(warnings) != want {
		t.Errorf("%d warnings, want %d: %v", len(warnings), want, warnings)
	}
}

// TestTheServersPauseIsKept: AWS says how long to stay away.
func TestTheServersPauseIsKept(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	d.hamper(control.Fault{Operation: "GetRestApis", Action: control.Refuse, Status: 429, Code: "TooManyRequestsException", RetryAfter: "7"})
	o := d.create(d.object("blog"))
	_ = d.step(o)
	if d.next < 7*time.Second {
		t.Errorf("the next look is %s away; AWS asked for 7 s", d.next)
	}
}

// TestAnUnknownRegionCanBeLeft: a region can't be changed, so the object has
// to say what is wrong and go when it is deleted.
func TestAnUnknownRegionCanBeLeft(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) { o.Spec.Region = "eu-nowhere-9" }))
	live := d.until(o, "the condition", reasonIs(v1alpha1.ConditionStalled, "True", v1alpha1.ReasonUnknownRegion))
	if c := meta.FindStatusCondition(live.Status.Conditions, v1alpha1.ConditionStalled); !strings.Contains(c.Message, "eu-nowhere-9") || !strings.Contains(c.Message, "spec.region") {
		t.Errorf("message: %s", c.Message)
	}
	d.remove(o)
}

// TestAnotherTenantsTableIsNeitherTouchedNorNamed: who owns it is nobody's
// business in another namespace.
func TestAnotherTenantsTableIsNeitherTouchedNorNamed(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	theirs := d.object("secretproject", func(o *v1alpha1.CommentsAPI) {
		o.Namespace, o.Spec.TableName = testcluster.Namespace(t), "shared"
	})
	d.ready(d.create(theirs))
	before := d.inventory()
	mine := d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) { o.Spec.TableName = "shared" }))
	live := d.until(mine, "the conflict", reasonIs(v1alpha1.ConditionStalled, "True", v1alpha1.ReasonConflict))
	if diff := cmp.Diff(before, d.inventory()); diff != "" {
		t.Errorf("something in AWS was touched (-before +after):\n%s", diff)
	}
	text := describeStatus(live) + strings.Join(d.recorder.take(), "\n")
	if strings.Contains(describeStatus(live), theirs.Name) || strings.Contains(describeStatus(live), theirs.Namespace) {
		t.Errorf("the other tenant is named: %s", text)
	}
	d.remove(theirs) // retains the table, so it stays theirs
	_ = d.step(mine)
	if !reasonIs(v1alpha1.ConditionStalled, "True", v1alpha1.ReasonConflict)(d.live(mine)) {
		t.Error("a retained table was taken over by another name")
	}
	d.dropTable("shared")
	d.ready(mine)
}
