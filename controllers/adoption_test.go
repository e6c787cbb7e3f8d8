// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

func unordered(o *v1alpha1.CommentsAPI) { o.Spec.Comments.Order = v1alpha1.Unordered }

func observing(o *v1alpha1.CommentsAPI) { o.Spec.Mode = v1alpha1.ModeObserve }

func adoptTable(o *v1alpha1.CommentsAPI) {
	o.Spec.Adopt = &v1alpha1.AdoptSpec{TableName: o.Spec.TableName}
}

func adoptAPI(id string) func(*v1alpha1.CommentsAPI) {
	return func(o *v1alpha1.CommentsAPI) { o.Spec.Adopt = &v1alpha1.AdoptSpec{RestAPIID: id} }
}

func table(name string) func(*v1alpha1.CommentsAPI) {
	return func(o *v1alpha1.CommentsAPI) { o.Spec.TableName = name }
}

func tableARN(name string) string {
	return "arn:aws:dynamodb:" + region + ":" + account + ":table/" + name
}

func apiARN(id string) string { return "arn:aws:apigateway:" + region + "::/restapis/" + id }

// decree has a cluster admin set an annotation of a Namespace; an empty value
// removes it.
func (w *world) decree(namespace, key, value string) {
	w.t.Helper()
	live := &corev1.Namespace{}
	w.must(w.k8s.Get(w.ctx, client.ObjectKey{Name: namespace}, live))
	base := live.DeepCopy()
	if metav1.SetMetaDataAnnotation(&live.ObjectMeta, key, value); value == "" {
		delete(live.Annotations, key)
	}
	w.must(w.k8s.Patch(w.ctx, live, client.MergeFrom(base)))
}

// articleTable makes the table of the article that started this project, as
// the console does: no sort key, provisioned capacity, tags of its own; and
// stores a comment without createdAt.
func (w *world) articleTable(name string) {
	w.t.Helper()
	capacity := &dynamodbtypes.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(5), WriteCapacityUnits: aws.Int64(5)}
	text := func(name string) dynamodbtypes.AttributeDefinition {
		return dynamodbtypes.AttributeDefinition{AttributeName: aws.String(name), AttributeType: dynamodbtypes.ScalarAttributeTypeS}
	}
	hash := func(name string) []dynamodbtypes.KeySchemaElement {
		return []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String(name), KeyType: dynamodbtypes.KeyTypeHash}}
	}
	_, err := w.tables.CreateTable(w.ctx, &dynamodb.CreateTableInput{TableName: &name, ProvisionedThroughput: capacity,
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{text("commentId"), text("pageId")},
		KeySchema:            hash("commentId"),
		GlobalSecondaryIndexes: []dynamodbtypes.GlobalSecondaryIndex{{IndexName: aws.String("pageId-index"), KeySchema: hash("pageId"),
			Projection: &dynamodbtypes.Projection{ProjectionType: dynamodbtypes.ProjectionTypeAll}, ProvisionedThroughput: capacity}},
		Tags: tableTags("Project", "website")})
	w.must(err)
	w.item(name, "c1", "an old comment")
}

// item stores a comment as the article's API does.
func (w *world) item(table, id, message string) {
	w.t.Helper()
	s := func(v string) dynamodbtypes.AttributeValue { return &dynamodbtypes.AttributeValueMemberS{Value: v} }
	_, err := w.tables.PutItem(w.ctx, &dynamodb.PutItemInput{TableName: &table, Item: map[string]dynamodbtypes.AttributeValue{
		"commentId": s(id), "pageId": s("p"), "userName": s("Ann"), "message": s(message)}})
	w.must(err)
}

// items reads the whole table.
func (w *world) items(table string) []map[string]dynamodbtypes.AttributeValue {
	w.t.Helper()
	out, err := w.tables.Scan(w.ctx, &dynamodb.ScanInput{TableName: &table})
	w.must(err)
	return out.Items
}

// tagsOf reads a table's tags.
func (w *world) tagsOf(table string) map[string]string {
	w.t.Helper()
	out, err := w.tables.ListTagsOfResource(w.ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(tableARN(table))})
	w.must(err)
	tags := map[string]string{}
	for _, tag := range out.Tags {
		tags[*tag.Key] = *tag.Value
	}
	return tags
}

// writesSince returns the operator's writes to AWS since a sequence number.
func (w *world) writesSince(since int64) []string {
	w.t.Helper()
	writes, _, _ := w.calls(since)
	return writes
}

func (w *world) now() int64 {
	w.t.Helper()
	_, _, last := w.calls(0)
	return last
}

func message(o *v1alpha1.CommentsAPI, kind string) string {
	if c := meta.FindStatusCondition(o.Status.Conditions, kind); c != nil {
		return c.Message
	}
	return ""
}

func stalled(reason string) func(*v1alpha1.CommentsAPI) bool {
	return reasonIs(v1alpha1.ConditionStalled, "True", reason)
}

// TestAdoptionOfTheArticlesTable: somebody followed the article, and now wants
// the operator to look after it. The plan is shown first, the claim is written
// before anything else, and the comments stay.
func TestAdoptionOfTheArticlesTable(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	d.articleTable("guestbook")
	d.decree(d.namespace, v1alpha1.AnnotationAllowAdopt, tableARN("guestbook"))
	before, start := d.items("guestbook"), d.now()
	o := d.create(d.object("blog", table("guestbook"), unordered, adoptTable, observing))
	o = d.until(o, "the plan", reasonIs(v1alpha1.ConditionSynced, "False", v1alpha1.ReasonPendingChanges))
	planned := map[string]string{}
	for _, c := range o.Status.Plan {
		planned[c.Resource+" "+c.Field] = c.From + " -> " + c.To
	}
	for field, want := range map[string]string{
		"Table tags.commentsapi.io/name": " -> blog",
		"Table billing":                  "PROVISIONED -> PAY_PER_REQUEST",
		"Table pointInTimeRecovery":      "false -> true",
		"Table deletionProtection":       "false -> true",
	} {
		if planned[field] != want {
			t.Errorf("the plan shows %q for %s; want %q; all: %v", planned[field], field, want, planned)
		}
	}
	if o.Status.Table != nil {
		t.Errorf("status.table is %+v before the table is this object's", o.Status.Table)
	}
	if writes := d.writesSince(start); len(writes) > 0 {
		t.Fatalf("mode Observe wrote %v", writes)
	}

	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Mode = v1alpha1.ModeEnforce })
	o = d.ready(o)
	writes := d.writesSince(start)
	if !strings.HasPrefix(writes[0], "dynamodb TagResource") {
		t.Errorf("the first write is %s; want the claim", writes[0])
	}
	tags := d.tagsOf("guestbook")
	if tags["Project"] != "website" || tags["commentsapi.io/name"] != "blog" || tags["commentsapi.io/adopted"] != "true" {
		t.Errorf("tags: %v", tags)
	}
	if _, comments := d.list(o, "p"); len(comments) != 1 || comments[0]["message"] != "an old comment" {
		t.Errorf("comments: %v", comments)
	}
	if status, _ := d.post(o, map[string]string{"pageId": "p", "userName": "Bo", "message": "a new one"}); status != 201 {
		t.Error("posting:", status)
	}
	if diff := cmp.Diff(before[0], d.find("guestbook", "c1"), cmp.AllowUnexported(dynamodbtypes.AttributeValueMemberS{})); diff != "" {
		t.Errorf("the old comment changed (-before +after):\n%s", diff)
	}

	// What was needed once is not needed any more.
	d.decree(d.namespace, v1alpha1.AnnotationAllowAdopt, "")
	start = d.now()
	o = d.force(o)
	if writes := d.writesSince(start); len(writes) > 0 {
		t.Errorf("a settled adopted stack is written to: %v", writes)
	}

	// An ordered list would hide the old comment.
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.Order = v1alpha1.OldestFirst })
	o = d.until(o, "AdoptionUnsafe", stalled(v1alpha1.ReasonAdoptionUnsafe))
	if writes := d.writesSince(start); len(writes) > 0 {
		t.Errorf("writes: %v", writes)
	}
	if status, comments := d.list(o, "p"); status != 200 || len(comments) != 2 {
		t.Errorf("while it is stalled: %d %v", status, comments)
	}
	d.change(o, unordered)
	d.ready(o)
}

// find reads one item.
func (w *world) find(table, id string) map[string]dynamodbtypes.AttributeValue {
	w.t.Helper()
	out, err := w.tables.GetItem(w.ctx, &dynamodb.GetItemInput{TableName: &table,
		Key: map[string]dynamodbtypes.AttributeValue{"commentId": &dynamodbtypes.AttributeValueMemberS{Value: id}}})
	w.must(err)
	return out.Item
}

// articleAPI makes a REST API by hand, with the methods given as an OpenAPI
// document's paths and the stages given.
func (w *world) articleAPI(paths string, stages ...string) (id string) {
	w.t.Helper()
	created, err := w.apis.CreateRestApi(w.ctx, &apigateway.CreateRestApiInput{Name: aws.String("guestbook")})
	w.must(err)
	_, err = w.apis.PutRestApi(w.ctx, &apigateway.PutRestApiInput{RestApiId: created.Id, Mode: apigatewaytypes.PutModeOverwrite,
		Body: []byte(`{"openapi":"3.0.1","info":{"title":"guestbook","version":"1"},"paths":` + paths + `}`)})
	w.must(err)
	deployed, err := w.apis.CreateDeployment(w.ctx, &apigateway.CreateDeploymentInput{RestApiId: created.Id})
	w.must(err)
	for _, stage := range stages {
		_, err = w.apis.CreateStage(w.ctx, &apigateway.CreateStageInput{RestApiId: created.Id, DeploymentId: deployed.Id, StageName: aws.String(stage)})
		w.must(err)
	}
	return *created.Id
}

// mock is a method that answers by itself.
const mock = `{"responses":{"200":{"description":""}},"x-amazon-apigateway-integration":{"type":"mock",` +
	`"requestTemplates":{"application/json":"{\"statusCode\":200}"},"responses":{"default":{"statusCode":"200","responseTemplates":{"application/json":"{\"by\":\"hand\"}"}}}}}`

const articlePaths = `{"/comments":{"post":` + mock + `}}`

// TestAdoptionOfARESTAPI: the API keeps its id, and so its URL; its other
// stages stay as they are, and it is never deleted while it has any.
func TestAdoptionOfARESTAPI(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	id := d.articleAPI(articlePaths, "prod", "old")
	d.decree(d.namespace, v1alpha1.AnnotationAllowAdopt, "arn:aws:s3:::x, "+apiARN(id))
	start := d.now()
	o := d.create(d.object("blog", adoptAPI(id), observing))
	o = d.until(o, "the plan", reasonIs(v1alpha1.ConditionSynced, "False", v1alpha1.ReasonPendingChanges))
	if writes := d.writesSince(start); len(writes) > 0 {
		t.Fatalf("mode Observe wrote %v", writes)
	}
	if !slices.ContainsFunc(o.Status.Plan, func(c v1alpha1.PlannedChange) bool {
		return c.Resource == "RestAPI" && c.Field == "tags.commentsapi.io/name" && c.To == "blog"
	}) {
		t.Errorf("the plan doesn't show that the API is claimed: %+v", o.Status.Plan)
	}
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Mode = v1alpha1.ModeEnforce })
	o = d.ready(o)
	if o.Status.RestAPI.ID != id || len(d.restAPIs()) != 1 {
		t.Fatalf("the API is %s of %v; want %s", o.Status.RestAPI.ID, d.restAPIs(), id)
	}
	var first string
	for _, write := range d.writesSince(start) {
		if strings.Contains(write, "apigateway") && first == "" {
			first = write
		}
	}
	if !strings.Contains(first, "TagResource") {
		t.Errorf("the first write to the API is %s; want the claim", first)
	}
	if status, _ := d.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": "hello"}); status != 201 {
		t.Error("posting:", status)
	}
	legacy := strings.Replace(o.Status.InvokeURL, "/prod", "/old", 1)
	if status, answer := d.call("POST", legacy+"/comments", "application/json", []byte(`{}`)); status != 200 || answer["by"] != "hand" {
		t.Errorf("the other stage answers %d %v", status, answer)
	}
	if o.Status.InvokeURL == legacy {
		t.Fatal("the URLs are the same; the test proves nothing")
	}

	d.recorder.take()
	d.remove(o)
	stages, err := d.apis.GetStages(d.ctx, &apigateway.GetStagesInput{RestApiId: &id})
	d.must(err)
	if len(stages.Item) != 1 || *stages.Item[0].StageName != "old" {
		t.Errorf("stages left: %+v", stages.Item)
	}
	api, err := d.apis.GetRestApi(d.ctx, &apigateway.GetRestApiInput{RestApiId: &id})
	d.must(err)
	for key := range api.Tags {
		if strings.HasPrefix(key, "commentsapi.io/") {
			t.Errorf("the API that was left still has the tag %s", key)
		}
	}
	if status, answer := d.call("POST", legacy+"/comments", "application/json", []byte(`{}`)); status != 200 || answer["by"] != "hand" {
		t.Errorf("after the deletion the other stage answers %d %v", status, answer)
	}
	if told := with(d.recorder.take(), "Warning APILeft"); len(told) != 1 {
		t.Errorf("%d events say that the API was left; want 1", len(told))
	}
}

// TestAnAdoptedAPIWithoutOtherStagesGoes, as any API of the object's does.
func TestAnAdoptedAPIWithoutOtherStagesGoes(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	id := d.articleAPI(articlePaths, "prod")
	d.decree(d.namespace, v1alpha1.AnnotationAllowAdopt, apiARN(id))
	d.remove(d.ready(d.create(d.object("blog", adoptAPI(id)))))
	d.left("blog-comments")
}

// TestAdoptionThatCannotBe: whatever stands in the way is said with its
// remedy, and nothing is written.
func TestAdoptionThatCannotBe(t *testing.T) {
	parallel(t)
	for name, c := range map[string]struct {
		make   func(d *driver) (arn string, how func(*v1alpha1.CommentsAPI))
		reason string
		says   []string
	}{
		"not allowed": {func(d *driver) (string, func(*v1alpha1.CommentsAPI)) {
			d.articleTable("guestbook")
			return tableARN("guestbook-2"), adoptTable
		}, v1alpha1.ReasonAdoptionDenied, []string{tableARN("guestbook"), "commentsapi.io/allow-adopt"}},
		"allowed in another region": {func(d *driver) (string, func(*v1alpha1.CommentsAPI)) {
			d.articleTable("guestbook")
			return strings.Replace(tableARN("guestbook"), region, "us-east-1", 1), adoptTable
		}, v1alpha1.ReasonAdoptionDenied, []string{tableARN("guestbook")}},
		"not asked for": {func(d *driver) (string, func(*v1alpha1.CommentsAPI)) {
			d.articleTable("guestbook")
			return tableARN("guestbook"), unordered
		}, v1alpha1.ReasonConflict, []string{"docs/adoption.md"}},
		"no such table": {func(*driver) (string, func(*v1alpha1.CommentsAPI)) {
			return tableARN("guestbook"), adoptTable
		}, v1alpha1.ReasonNothingToAdopt, []string{"table guestbook"}},
		"no such API": {func(*driver) (string, func(*v1alpha1.CommentsAPI)) {
			return apiARN("a1b2c3d4e5"), adoptAPI("a1b2c3d4e5")
		}, v1alpha1.ReasonNothingToAdopt, []string{"REST API a1b2c3d4e5"}},
		"an ordered list": {func(d *driver) (string, func(*v1alpha1.CommentsAPI)) {
			d.articleTable("guestbook")
			return tableARN("guestbook"), func(o *v1alpha1.CommentsAPI) { adoptTable(o); o.Spec.Comments.Order = v1alpha1.NewestFirst }
		}, v1alpha1.ReasonAdoptionUnsafe, []string{"createdAt", "comments.order to Unordered"}},
		"another key": {func(d *driver) (string, func(*v1alpha1.CommentsAPI)) {
			d.keyedTable("guestbook", "id", "S")
			return tableARN("guestbook"), adoptTable
		}, v1alpha1.ReasonTableUnusable, []string{`"id"`, `"commentId"`}},
		"a key of another type": {func(d *driver) (string, func(*v1alpha1.CommentsAPI)) {
			d.keyedTable("guestbook", "commentId", "N")
			return tableARN("guestbook"), adoptTable
		}, v1alpha1.ReasonTableUnusable, []string{"type N", "type S"}},
		"methods of others": {func(d *driver) (string, func(*v1alpha1.CommentsAPI)) {
			id := d.articleAPI(`{"/comments":{"post":`+mock+`},"/login":{"get":`+mock+`}}`, "prod")
			return apiARN(id), adoptAPI(id)
		}, v1alpha1.ReasonAdoptionUnsafe, []string{"GET /login"}},
	} {
		t.Run(name, func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			arn, how := c.make(d)
			d.decree(d.namespace, v1alpha1.AnnotationAllowAdopt, arn)
			start := d.now()
			o := d.create(d.object("blog", table("guestbook"), how))
			o = d.until(o, c.reason, stalled(c.reason))
			for _, text := range c.says {
				if !strings.Contains(message(o, v1alpha1.ConditionStalled), text) {
					t.Errorf("the message does not say %q: %s", text, message(o, v1alpha1.ConditionStalled))
				}
			}
			if writes := d.writesSince(start); len(writes) > 0 {
				t.Errorf("writes: %v", writes)
			}
			d.remove(o)
			if writes := d.writesSince(start); len(writes) > 0 {
				t.Errorf("writes of the deletion: %v", writes)
			}
		})
	}
}

// keyedTable makes a table with a key of that type and nothing else.
func (w *world) keyedTable(name, key string, kind dynamodbtypes.ScalarAttributeType) {
	w.t.Helper()
	_, err := w.tables.CreateTable(w.ctx, &dynamodb.CreateTableInput{TableName: &name, BillingMode: dynamodbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: &key, AttributeType: kind}},
		KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: &key, KeyType: dynamodbtypes.KeyTypeHash}}})
	w.must(err)
}

// TestAdoptionInTheSchema: the API server refuses what would make no sense.
func TestAdoptionInTheSchema(t *testing.T) {
	parallel(t)
	w := newWorldWithoutOperator(t, core.Nature{})
	err := w.k8s.Create(w.ctx, w.object("a", func(o *v1alpha1.CommentsAPI) { o.Spec.Adopt = &v1alpha1.AdoptSpec{TableName: "another"} }))
	if err == nil || !strings.Contains(err.Error(), "adopt.tableName must be the same as tableName") {
		t.Errorf("another table: %v", err)
	}
	if err := w.k8s.Create(w.ctx, w.object("b", adoptAPI("../x"))); err == nil || !strings.Contains(err.Error(), "lower-case letters and digits") {
		t.Errorf("an id that is none: %v", err)
	}
	o := w.create(w.object("c"))
	o.Spec.Adopt = &v1alpha1.AdoptSpec{RestAPIID: "a1b2c3d4e5"}
	if err := w.k8s.Update(w.ctx, o); err == nil || !strings.Contains(err.Error(), "only when the object is created") {
		t.Errorf("an API for an object that lives: %v", err)
	}
	o.Spec.Adopt = &v1alpha1.AdoptSpec{TableName: o.Spec.TableName}
	w.must(w.k8s.Update(w.ctx, o))
}
