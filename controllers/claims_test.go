// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/testcluster"
)

// TestOneRESTAPIClaimedTwice: the first keeps it. The second says that another
// object lives on it, without saying whose, and gets it once that object has
// left it behind.
func TestOneRESTAPIClaimedTwice(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	id := d.articleAPI(articlePaths, "prod", "old")
	elsewhere := testcluster.Namespace(t)
	for _, namespace := range []string{elsewhere, d.namespace} {
		d.decree(namespace, v1alpha1.AnnotationAllowAdopt, apiARN(id))
	}
	first := d.ready(d.create(d.object("first", in(elsewhere), adoptAPI(id))))
	before, start := d.inventory(), d.now()
	second := d.create(d.object("second", adoptAPI(id)))
	second = d.until(second, "AdoptionDenied", stalled(v1alpha1.ReasonAdoptionDenied))
	says := message(second, v1alpha1.ConditionStalled)
	for _, secret := range []string{first.Namespace, first.Name, string(first.UID), first.Spec.TableName} {
		if strings.Contains(says, secret) {
			t.Errorf("the message tells %q of the other object: %s", secret, says)
		}
	}
	if !strings.Contains(says, id) || !strings.Contains(says, "once that object is deleted") {
		t.Errorf("the message does not name the API and the way out: %s", says)
	}
	for range 3 {
		_ = d.step(second)
	}
	if writes := d.writesSince(start); len(writes) > 0 {
		t.Errorf("the second writes: %v", writes)
	}
	if diff := cmp.Diff(before, d.inventory()); diff != "" {
		t.Errorf("the second changed something (-before +after):\n%s", diff)
	}
	d.force(first)
	d.remove(first) // gives the API back: it has a stage of somebody else
	if second = d.ready(second); second.Status.RestAPI.ID != id {
		t.Errorf("the second serves from %s; want %s", second.Status.RestAPI.ID, id)
	}
}

// TestTheWaysOutOfALostClaim: putting the tags back goes on where it stopped,
// and deleting the object leaves what was given away.
func TestTheWaysOutOfALostClaim(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog", deleteTable)))
	lose := func() {
		_, err := d.tables.UntagResource(d.ctx, &dynamodb.UntagResourceInput{ResourceArn: &o.Status.Table.ARN, TagKeys: []string{"commentsapi.io/name"}})
		d.must(err)
		d.change(o, func(o *v1alpha1.CommentsAPI) { annotate(o, v1alpha1.AnnotationReconcileAt, core.NewID(8)) })
		start := d.now()
		live := d.until(o, "ClaimLost", stalled(v1alpha1.ReasonClaimLost))
		if writes := d.writesSince(start); len(writes) > 0 {
			t.Errorf("writes: %v", writes)
		}
		if !reasonIs(v1alpha1.ConditionReady, "True", v1alpha1.ReasonAvailable)(live) {
			t.Errorf("it still serves, and Ready says %q", message(live, v1alpha1.ConditionReady))
		}
	}
	lose()
	_, err := d.tables.TagResource(d.ctx, &dynamodb.TagResourceInput{ResourceArn: &o.Status.Table.ARN, Tags: tableTags("commentsapi.io/name", "blog")})
	d.must(err)
	d.ready(o)
	lose()
	d.remove(o)
	d.left("blog-comments")
}

// TestMovingToAnotherAccount: where the namespace's credentials lead elsewhere,
// the object is given up without a write, and made anew where they lead.
func TestMovingToAnotherAccount(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	role := d.tenantRole("blog")
	d.decree(d.namespace, v1alpha1.AnnotationExternalID, "blog")
	d.decree(d.namespace, v1alpha1.AnnotationRoleARN, role)
	start := d.now()
	o = d.until(o, "AccountChanged", stalled(v1alpha1.ReasonAccountChanged))
	if says := message(o, v1alpha1.ConditionStalled); !strings.Contains(says, tenantAccount) || !strings.Contains(says, account) {
		t.Errorf("the message does not name both accounts: %s", says)
	}
	if !reasonIs(v1alpha1.ConditionReady, "True", v1alpha1.ReasonAvailable)(o) {
		t.Errorf("it still serves, and Ready says %q", message(o, v1alpha1.ConditionReady))
	}
	d.change(o, observing)
	d.remove(o)
	if writes := d.writesSince(start); len(writes) > 0 {
		t.Errorf("writes: %v", writes)
	}
	if len(d.tableNames()) != 1 || len(d.restAPIs()) != 1 {
		t.Errorf("in the old account the tables %v and the REST APIs %v are left; want one each", d.tableNames(), d.restAPIs())
	}
	if o = d.ready(d.create(d.object("blog"))); o.Status.AccountID != tenantAccount {
		t.Errorf("the new stack is in account %s; want %s", o.Status.AccountID, tenantAccount)
	}
}

// TestAClosedAPIIsNotOpened: adopting an API must not let in whom it keeps out;
// asking for the same, or opening it first, is the way on.
func TestAClosedAPIIsNotOpened(t *testing.T) {
	parallel(t)
	const closing = `,"x-amazon-apigateway-auth":{"type":"AWS_IAM"}}`
	signed := strings.TrimSuffix(mock, "}") + closing
	patched := func(d *driver, id string, ops ...apigatewaytypes.PatchOperation) {
		_, err := d.apis.UpdateRestApi(d.ctx, &apigateway.UpdateRestApiInput{RestApiId: &id, PatchOperations: ops})
		d.must(err)
	}
	key := func(d *driver, id, required string) {
		at := d.resource(&v1alpha1.CommentsAPI{Status: v1alpha1.CommentsAPIStatus{RestAPI: &v1alpha1.RestAPIStatus{ID: id}}}, "/comments")
		_, err := d.apis.UpdateMethod(d.ctx, &apigateway.UpdateMethodInput{RestApiId: &id, ResourceId: at, HttpMethod: aws.String("POST"),
			PatchOperations: []apigatewaytypes.PatchOperation{{Op: apigatewaytypes.OpReplace, Path: aws.String("/apiKeyRequired"), Value: &required}}})
		d.must(err)
	}
	policy := func(d *driver, id, document string) {
		patched(d, id, apigatewaytypes.PatchOperation{Op: apigatewaytypes.OpReplace, Path: aws.String("/policy"), Value: &document})
	}
	for name, c := range map[string]struct {
		paths string
		close func(d *driver, id string)
		says  []string
		open  func(d *driver, id string, o *v1alpha1.CommentsAPI)
	}{
		"signed requests": {`{"/comments":{"post":` + signed + `}}`, nil, []string{"POST /comments", "api.authorization"},
			func(d *driver, _ string, o *v1alpha1.CommentsAPI) {
				d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.API.Authorization.Post = v1alpha1.AuthorizationIAM })
			}},
		"an API key": {articlePaths, func(d *driver, id string) { key(d, id, "true") }, []string{"POST /comments", "open the methods"},
			func(d *driver, id string, _ *v1alpha1.CommentsAPI) { key(d, id, "false") }},
		"a resource policy": {articlePaths, func(d *driver, id string) {
			policy(d, id, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}]}`)
		}, []string{"resource policy", "remove the policy"}, func(d *driver, id string, _ *v1alpha1.CommentsAPI) { policy(d, id, "") }},
	} {
		t.Run(name, func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			id := d.articleAPI(c.paths, "prod")
			if c.close != nil {
				c.close(d, id)
			}
			d.decree(d.namespace, v1alpha1.AnnotationAllowAdopt, apiARN(id))
			before, start := d.inventory()["apigateway"], d.now()
			o := d.create(d.object("blog", adoptAPI(id)))
			o = d.until(o, "AdoptionUnsafe", stalled(v1alpha1.ReasonAdoptionUnsafe))
			for _, text := range append(c.says, id) {
				if !strings.Contains(message(o, v1alpha1.ConditionStalled), text) {
					t.Errorf("the message does not say %q: %s", text, message(o, v1alpha1.ConditionStalled))
				}
			}
			if writes := d.writesSince(start); len(writes) > 0 {
				t.Errorf("writes: %v", writes)
			}
			if diff := cmp.Diff(before, d.inventory()["apigateway"]); diff != "" {
				t.Errorf("the API has changed (-before +after):\n%s", diff)
			}
			c.open(d, id, o)
			if o = d.ready(o); o.Status.RestAPI.ID != id {
				t.Errorf("it serves from %s; want %s", o.Status.RestAPI.ID, id)
			}
		})
	}
}
