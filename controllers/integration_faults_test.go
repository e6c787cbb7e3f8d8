// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// TestClientsSeeOneShapeOfTrouble: whatever DynamoDB does to a call of the
// API, its client gets the one shape of an error, knows whether to come again,
// may read it in a browser, and learns nothing of AWS.
func TestClientsSeeOneShapeOfTrouble(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	const origin = "https://www.example.com"
	o := d.with(func(s *v1alpha1.CommentsAPISpec) {
		s.Comments.Count = v1alpha1.Enabled
		s.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: []v1alpha1.Origin{origin}}
	})
	d.impatient(o)
	for name, c := range map[string]struct {
		fault  control.Fault
		status int
		code   string
		retry  bool
		stored bool
	}{
		"throttled":      {control.Fault{Action: control.Refuse}, 503, "Throttled", true, false},
		"over capacity":  {control.Fault{Action: control.Refuse, Code: "ProvisionedThroughputExceededException", Message: "The level of configured provisioned throughput for arn:aws:dynamodb was exceeded"}, 503, "Throttled", true, false},
		"too many":       {control.Fault{Action: control.Refuse, Code: "RequestLimitExceeded"}, 503, "Throttled", true, false},
		"denied":         {control.Fault{Action: control.Refuse, Code: "AccessDeniedException", Message: "User: arn:aws:sts::123456789012:assumed-role/x is not authorized"}, 500, "InternalError", false, false},
		"table gone":     {control.Fault{Action: control.Refuse, Code: "ResourceNotFoundException", Message: "Requested resource not found"}, 500, "InternalError", false, false},
		"broken before":  {control.Fault{Action: control.FailBefore}, 503, "Unavailable", true, false},
		"broken after":   {control.Fault{Action: control.FailAfter}, 503, "Unavailable", true, true},
		"unavailable":    {control.Fault{Action: control.FailBefore, Status: 503}, 503, "Unavailable", true, false},
		"dropped before": {control.Fault{Action: control.DropBefore}, 504, "Unavailable", true, false},
		"dropped after":  {control.Fault{Action: control.DropAfter}, 504, "Unavailable", true, true},
		"late before":    {control.Fault{Action: control.HangBefore}, 504, "Unavailable", true, false},
		"late after":     {control.Fault{Action: control.HangAfter}, 504, "Unavailable", true, true},
	} {
		c.fault.Service, c.fault.Integration, c.fault.Times = "dynamodb", true, -1
		for call, send := range map[string]func() reply{
			"post":  func() reply { return d.send("POST", o.Status.Endpoints.Post, plainComment, "Origin", origin) },
			"list":  func() reply { return d.send("GET", listURL(o, "p"), "", "Origin", origin) },
			"count": func() reply { return d.send("GET", listURL(o, "p")+"/count", "", "Origin", origin) },
		} {
			t.Run(name+", "+call, func(t *testing.T) {
				before := d.stored(o)
				end := d.hamper(c.fault)
				r := send()
				end()
				if r.status != c.status || (r.header.Get("Retry-After") != "") != c.retry {
					t.Errorf("answers %d, Retry-After %q: %s", r.status, r.header.Get("Retry-After"), r.body)
				}
				if got := r.header.Get("Access-Control-Allow-Origin"); got != origin {
					t.Errorf("the allowed origin is %q", got)
				}
				isError(t, r, c.code)
				discreet(t, o, r)
				if stored := d.stored(o) > before; stored != (c.stored && call == "post") {
					t.Errorf("a comment was stored: %t", stored)
				}
			})
		}
	}
	d.wantAnswer("a list afterwards", d.send("GET", listURL(o, "p"), ""), http.StatusOK, `"comments"`)
}

// impatient makes the served methods give up after 50 ms instead of 29 s.
func (d *driver) impatient(o *v1alpha1.CommentsAPI) {
	d.t.Helper()
	api := &o.Status.RestAPI.ID
	for path, verb := range map[string]string{"/comments": "POST", "/comments/{pageId}": "GET", "/comments/{pageId}/count": "GET"} {
		_, err := d.apis.UpdateIntegration(d.ctx, &apigateway.UpdateIntegrationInput{RestApiId: api, ResourceId: d.resource(o, path), HttpMethod: aws.String(verb),
			PatchOperations: []apigatewaytypes.PatchOperation{{Op: apigatewaytypes.OpReplace, Path: aws.String("/timeoutInMillis"), Value: aws.String("50")}}})
		if err != nil {
			d.t.Fatal(err)
		}
	}
	if _, err := d.apis.CreateDeployment(d.ctx, &apigateway.CreateDeploymentInput{RestApiId: api, StageName: &o.Spec.Stage}); err != nil {
		d.t.Fatal(err)
	}
}
