// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// allow lets only these networks call.
func allow(networks ...v1alpha1.CIDR) func(*v1alpha1.CommentsAPISpec) {
	return func(s *v1alpha1.CommentsAPISpec) { s.API.AllowedNetworks = networks }
}

// powerless are credentials of an identity in the API's account that no policy
// allows anything.
func (d *driver) powerless() aws.Credentials {
	d.t.Helper()
	role, err := d.roles.CreateRole(d.ctx, &iam.CreateRoleInput{RoleName: aws.String("powerless"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account + `:root"},"Action":"sts:AssumeRole"}]}`)})
	if err != nil {
		d.t.Fatal(err)
	}
	out, err := sts.NewFromConfig(awsConfig(d.endpoint, "local")).AssumeRole(d.ctx,
		&sts.AssumeRoleInput{RoleArn: role.Role.Arn, RoleSessionName: aws.String("test")})
	if err != nil {
		d.t.Fatal(err)
	}
	return aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey,
		SessionToken: *out.Credentials.SessionToken}
}

// TestOnlyAllowedNetworksMayCall: from elsewhere every call is refused, signed
// ones too, in the one shape of an error that browsers may read; a change of
// the networks reaches clients.
func TestOnlyAllowedNetworksMayCall(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	const origin = "https://www.example.com"
	o := d.with(func(s *v1alpha1.CommentsAPISpec) {
		moderated(s)
		s.Comments.Count = v1alpha1.Enabled
		s.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: []v1alpha1.Origin{origin}}
		s.API.AllowedNetworks = []v1alpha1.CIDR{"192.0.2.0/24", "2001:db8::/32"}
	})
	moderation := o.Status.Endpoints.Moderation
	for what, r := range map[string]reply{
		"a post":                 d.send("POST", o.Status.Endpoints.Post, plainComment, "Origin", origin),
		"a list":                 d.send("GET", listURL(o, "p"), "", "Origin", origin),
		"a count":                d.send("GET", listURL(o, "p")+"/count", "", "Origin", origin),
		"a preflight":            d.send("OPTIONS", listURL(o, "p"), "", "Origin", origin, "Access-Control-Request-Method", "GET"),
		"a moderator's list":     d.moderate("GET", moderation+"/pending"),
		"a moderator's deletion": d.moderate("DELETE", listURL(o, "p")+"/x"),
	} {
		if got := r.header.Get("Access-Control-Allow-Origin"); r.status != http.StatusForbidden || got != origin {
			t.Errorf("%s from elsewhere answers %d, allowed origin %q: %s", what, r.status, got, r.body)
		}
		isError(t, r, "Forbidden")
		discreet(t, o, r)
	}
	if n := d.stored(o); n != 0 {
		t.Errorf("%d comments were stored", n)
	}

	d.change(o, func(o *v1alpha1.CommentsAPI) {
		o.Spec.API.AllowedNetworks = []v1alpha1.CIDR{"192.0.2.0/24", "127.0.0.0/8"}
	})
	o = d.ready(o)
	d.wantAnswer("a post from an allowed network", d.send("POST", o.Status.Endpoints.Post, plainComment), 202, "Pending")
	d.wantAnswer("a list", d.send("GET", listURL(o, "p"), ""), 200, `"comments"`)
	d.wantAnswer("a count", d.send("GET", listURL(o, "p")+"/count", ""), 200, `"count"`)
	d.wantAnswer("a preflight", d.send("OPTIONS", listURL(o, "p"), "", "Origin", origin), 200, "")
	d.wantAnswer("a moderator's list", d.moderate("GET", moderation+"/pending"), 200, `"comments"`)

	// The old stage is served by the old name's rules until it goes.
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Stage = "live" })
	before := listURL(o, "p")
	o = d.until(o, "the new stage", func(o *v1alpha1.CommentsAPI) bool { return strings.HasSuffix(o.Status.InvokeURL, "/live") })
	d.wantAnswer("a list on the new stage", d.send("GET", listURL(o, "p"), ""), 200, `"comments"`)
	d.wantAnswer("a list on the old stage", d.send("GET", before, ""), 200, `"comments"`)

	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.API.AllowedNetworks = nil })
	o = d.ready(o)
	d.wantAnswer("a list without networks", d.send("GET", listURL(o, "p"), ""), 200, `"comments"`)
	api, err := d.apis.GetRestApi(d.ctx, &apigateway.GetRestApiInput{RestApiId: &o.Status.RestAPI.ID})
	if err != nil || aws.ToString(api.Policy) != "" {
		t.Errorf("the policy is %q (%v); want none", aws.ToString(api.Policy), err)
	}
}

// TestNetworksGiveNobodyAModeratorsRights: within one account the allow of a
// resource policy counts as much as one in IAM, so it must not reach a signed
// call, whatever ids are in its path.
func TestNetworksGiveNobodyAModeratorsRights(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(s *v1alpha1.CommentsAPISpec) {
		moderated(s)
		s.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: []v1alpha1.Origin{"*"}}
		s.API.AllowedNetworks = []v1alpha1.CIDR{"127.0.0.0/8"}
	})
	_, answer := d.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": "hello"})
	id := answer["commentId"].(string)
	who := d.powerless()
	moderation := o.Status.Endpoints.Moderation
	for _, c := range []struct{ method, url string }{
		{"GET", moderation + "/pending"},
		{"POST", moderation + "/" + id + "/approve"},
		{"POST", moderation + "/" + id + "/reject"},
		{"POST", moderation + "/OPTIONS/approve"},
		{"DELETE", listURL(o, "p") + "/" + id},
		{"DELETE", listURL(o, "OPTIONS") + "/" + id},
		{"DELETE", listURL(o, "GET") + "/comments"},
		{"DELETE", listURL(o, "POST") + "/comments"},
	} {
		r := d.signedAs(who, c.method, c.url, "execute-api", time.Now())
		d.wantAnswer(c.method+" "+c.url+" by an identity without rights", r, http.StatusForbidden, "Forbidden")
		discreet(t, o, r)
	}
	d.wantAnswer("an approval by a moderator", d.moderate("POST", moderation+"/"+id+"/approve"), 200, `"Approved"`)
}

// TestSomebodysPolicyGivesWay: what others make of the API's policy is drift,
// and the same policy in other words isn't.
func TestSomebodysPolicyGivesWay(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(allow("127.0.0.0/8", "192.0.2.0/24"))
	api := &o.Status.RestAPI.ID
	set := func(policy string) {
		t.Helper()
		done[*apigateway.UpdateRestApiOutput](t)(d.apis.UpdateRestApi(d.ctx, &apigateway.UpdateRestApiInput{RestApiId: api,
			PatchOperations: []apigatewaytypes.PatchOperation{{Op: apigatewaytypes.OpReplace, Path: aws.String("/policy"), Value: &policy}}}))
	}
	own := "arn:aws:execute-api:" + region + ":" + account + ":" + *api + "/"
	words := `{"Statement":[
		{"Resource":["` + own + `prod/POST/comments","execute-api:/prod/GET/comments/*"],"Action":["execute-api:Invoke"],"Principal":{"AWS":["*"]},"Effect":"Allow","Sid":"OpenCalls"},
		{"Sid":"RefuseOtherNetworks","Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":["` + own + `*"],
		"Condition":{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","127.0.0.0/8"]}}}],"Version":"2012-10-17"}`
	set(words)
	since := d.now()
	o = d.force(o)
	if writes := d.writesSince(since); len(writes) > 0 {
		t.Errorf("the same policy in other words is answered with %v", writes)
	}
	for _, policy := range []string{
		strings.Replace(words, "192.0.2.0/24", "192.0.0.0/16", 1),
		strings.Replace(words, "Deny", "Allow", 1),
		strings.Replace(words, own+"*", own+"prod/*", 1),
		"",
	} {
		set(policy)
		since := d.now()
		o = d.force(o)
		if writes := d.writesSince(since); len(writes) != 1 || !strings.Contains(writes[0], "PutRestApi") {
			t.Errorf("policy %s is answered with %v; want one PutRestApi", policy, writes)
		}
	}
}
