// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	gocmp "github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// with creates a settled object with options.
func (d *driver) with(set func(*v1alpha1.CommentsAPISpec)) *v1alpha1.CommentsAPI {
	d.t.Helper()
	return d.ready(d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) { set(&o.Spec) })))
}

func TestOriginsOfWebsites(t *testing.T) {
	parallel(t)
	const one, two, foreign = "https://www.example.com", "http://localhost:8080", "https://evil.example"
	for name, c := range map[string]struct {
		allowed []v1alpha1.Origin
		// told is what the caller's origin gets to see, by origin.
		told map[string]string
		// refusal is what a refusal of API Gateway's own says.
		refusal, vary string
	}{
		"none":    {nil, map[string]string{one: "", foreign: ""}, "", ""},
		"one":     {[]v1alpha1.Origin{one}, map[string]string{one: one, foreign: one}, one, ""},
		"several": {[]v1alpha1.Origin{one, two}, map[string]string{one: one, two: two, foreign: "", one + ".evil.example": "", "": ""}, "*", "Origin"},
		"every":   {[]v1alpha1.Origin{"*"}, map[string]string{one: "*", foreign: "*"}, "*", ""},
	} {
		t.Run(name, func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			o := d.with(func(s *v1alpha1.CommentsAPISpec) {
				if c.allowed != nil {
					s.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: c.allowed}
				}
			})
			for origin, want := range c.told {
				for call, r := range map[string]reply{
					"post":            d.send("POST", o.Status.Endpoints.Post, plainComment, "Origin", origin),
					"list":            d.send("GET", listURL(o, "p"), "", "Origin", origin),
					"list, lower":     d.send("GET", listURL(o, "p"), "", "origin", origin),
					"refused by data": d.send("GET", listURL(o, "p")+"?cursor=nonsense", "", "Origin", origin),
				} {
					if got := r.header.Get("Access-Control-Allow-Origin"); got != want || r.header.Get("Vary") != c.vary {
						t.Errorf("%s from %q: allowed origin %q, Vary %q; want %q, %q", call, origin, got, r.header.Get("Vary"), want, c.vary)
					}
				}
				for _, url := range []string{o.Status.Endpoints.Post, listURL(o, "p")} {
					r := d.send("OPTIONS", url, "", "Origin", origin, "Access-Control-Request-Method", "POST")
					if c.allowed == nil {
						if r.status != http.StatusForbidden {
							t.Errorf("a preflight without cors answers %d", r.status)
						}
						continue
					}
					if got := r.header.Get("Vary"); got != c.vary {
						t.Errorf("preflight of %s from %q has Vary %q; want %q", url, origin, got, c.vary)
					}
					if got := r.header.Get("Access-Control-Allow-Origin"); r.status != http.StatusOK || got != want {
						t.Errorf("preflight of %s from %q answers %d, allowed origin %q; want %q", url, origin, r.status, got, want)
					}
				}
			}
			refused := d.send("POST", o.Status.Endpoints.Post, "{}", "Origin", one)
			if got := refused.header.Get("Access-Control-Allow-Origin"); refused.status != 400 || got != c.refusal {
				t.Errorf("a refusal answers %d, allowed origin %q; want %q", refused.status, got, c.refusal)
			}
			if c.allowed != nil {
				r := d.send("OPTIONS", o.Status.Endpoints.Post, "")
				if got := r.header.Get("Access-Control-Allow-Methods"); got != "POST,OPTIONS" {
					t.Errorf("methods of POST's path are %q", got)
				}
			}
		})
	}
}

// TestRepliesTimesAndCounts: what is switched on is in the answers, and no
// more.
func TestRepliesTimesAndCounts(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(s *v1alpha1.CommentsAPISpec) {
		s.Comments.Replies, s.Comments.ShowCreatedAt, s.Comments.Count = v1alpha1.Enabled, v1alpha1.Enabled, v1alpha1.Enabled
	})
	_, first := d.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": "first"})
	at := d.clock.Now().UnixMilli()
	d.clock.Advance(time.Second)
	status, second := d.post(o, map[string]any{"pageId": "p", "userName": "Bob", "message": "reply", "parentId": first["commentId"]})
	if status != 201 {
		t.Fatalf("a reply answers %d %v", status, second)
	}
	for _, bad := range []any{"a b", `x"}`, "", 7, strings.Repeat("x", 129), map[string]string{"S": "x"}} {
		if status, answer := d.post(o, map[string]any{"pageId": "p", "userName": "Eve", "message": "m", "parentId": bad}); status != 400 {
			t.Errorf("parentId %v answers %d %v", bad, status, answer)
		}
	}
	status, answer := d.call("GET", listURL(o, "p"), "", nil)
	want := map[string]any{"comments": []any{
		map[string]any{"commentId": first["commentId"], "userName": "Ann", "message": "first", "createdAt": float64(at)},
		map[string]any{"commentId": second["commentId"], "userName": "Bob", "message": "reply", "createdAt": float64(at + 1000), "parentId": first["commentId"]},
	}}
	if diff := gocmp.Diff(want, answer); status != 200 || diff != "" {
		t.Errorf("the list answers %d (-want +got):\n%s", status, diff)
	}
	status, answer = d.call("GET", listURL(o, "p")+"/count", "", nil)
	if diff := gocmp.Diff(map[string]any{"count": 2.0, "complete": true}, answer); status != 200 || diff != "" {
		t.Errorf("the count answers %d (-want +got):\n%s", status, diff)
	}
}

// TestACountThatStoppedSaysSo: DynamoDB counts 1 MB at a time.
func TestACountThatStoppedSaysSo(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(s *v1alpha1.CommentsAPISpec) { s.Comments.Count = v1alpha1.Enabled })
	for i := range 5 {
		item := map[string]dynamodbtypes.AttributeValue{
			"createdAt": &dynamodbtypes.AttributeValueMemberN{Value: fmt.Sprint(1000 + i)},
		}
		for name, value := range map[string]string{"commentId": fmt.Sprint("c", i), "pageId": "p", "userName": "u", "message": strings.Repeat("x", 300000)} {
			item[name] = &dynamodbtypes.AttributeValueMemberS{Value: value}
		}
		if _, err := d.tables.PutItem(d.ctx, &dynamodb.PutItemInput{TableName: &o.Spec.TableName, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	status, answer := d.call("GET", listURL(o, "p")+"/count", "", nil)
	count, _ := answer["count"].(float64)
	if status != 200 || answer["complete"] != false || count < 1 || count > 4 {
		t.Errorf("the count of 1.5 MB answers %d %v", status, answer)
	}
	// The list is cut at the same place, and its cursors lead over the cut.
	if messages, cursors := d.walk(o, "p", ""); len(messages) != 5 || len(cursors) == 0 {
		t.Errorf("the list of 1.5 MB shows %d comments with %d cursors; want all 5 over more than one page", len(messages), len(cursors))
	}
}

// TestTheLargestComment: the longest text that is allowed, in characters that
// take the most bytes, is stored and listed whole.
func TestTheLargestComment(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(s *v1alpha1.CommentsAPISpec) {
		s.Comments.Limits = v1alpha1.LimitsSpec{Message: 90000, UserName: 64, PageID: 64}
	})
	message := strings.Repeat("\U0001F600", 90000)
	if status, answer := d.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": message}); status != 201 {
		t.Fatalf("POST answers %d %v", status, answer)
	}
	if messages, _ := d.walk(o, "p", ""); len(messages) != 1 || messages[0] != message {
		t.Errorf("the list shows %d comments; want the one as it was posted", len(messages))
	}
	if status, _ := d.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": message + "x"}); status != 400 {
		t.Errorf("one character more answers %d", status)
	}
}

// TestLimitOfAList: clients may ask for less than a page, and for no more.
func TestLimitOfAList(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(s *v1alpha1.CommentsAPISpec) { s.Comments.PageSize = 12 })
	for i := range 3 {
		d.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": fmt.Sprint(i)})
		d.clock.Advance(time.Second)
	}
	for limit, want := range map[string]int{"": 3, "1": 1, "2": 2, "9": 3, "10": 3, "12": 3} {
		status, answer := d.call("GET", listURL(o, "p")+"?limit="+limit, "", nil)
		comments, _ := answer["comments"].([]any)
		if _, more := answer["nextCursor"]; status != 200 || len(comments) != want || more != (want < 3) {
			t.Errorf("limit %q answers %d with %d comments, more: %v", limit, status, len(comments), more)
		}
	}
	for _, bad := range []string{"0", "13", "20", "100", "-1", "1.5", "01", "%201", "1%0A", "x", "1%22", "%D9%A1"} {
		if r := d.send("GET", listURL(o, "p")+"?limit="+bad, ""); r.status != 400 {
			t.Errorf("limit %s answers %d %s", bad, r.status, r.body)
		}
	}
}

// TestWhoPostedIsStoredAndNeverListed: personal data is kept only if asked
// for, and never shown.
func TestWhoPostedIsStoredAndNeverListed(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(s *v1alpha1.CommentsAPISpec) {
		s.Comments.ClientInfo = v1alpha1.ClientInfoSpec{SourceIP: v1alpha1.Enabled, UserAgent: v1alpha1.Enabled}
		s.Comments.HoneypotField = "website"
		s.Comments.Limits = v1alpha1.LimitsSpec{Message: 5, UserName: 3, PageID: 4}
	})
	const agent = `Mozilla "5.0" 'x' \ {"S":"y"} $context.requestId`
	if r := d.send("POST", o.Status.Endpoints.Post, plainComment, "User-Agent", agent); r.status != 201 {
		t.Fatalf("POST answers %+v", r)
	}
	for _, bad := range []string{
		`{"pageId":"p","userName":"Bot","message":"spam","website":"https://spam.example"}`,
		`{"pageId":"p","userName":"Bot","message":"spam","website":7}`,
		`{"pageId":"p","userName":"Bot","message":"too long"}`,
		`{"pageId":"p","userName":"Boto","message":"spam"}`,
		`{"pageId":"pages","userName":"Bot","message":"spam"}`,
	} {
		if r := d.send("POST", o.Status.Endpoints.Post, bad); r.status != 400 {
			t.Errorf("%s answers %d %s", bad, r.status, r.body)
		}
	}
	empty := `{"pageId":"p","userName":"Bob","message":"fine","website":""}`
	if r := d.send("POST", o.Status.Endpoints.Post, empty, "User-Agent", ""); r.status != 201 {
		t.Errorf("an empty honeypot answers %+v", r)
	}
	scan, err := d.tables.Scan(d.ctx, &dynamodb.ScanInput{TableName: &o.Spec.TableName})
	if err != nil {
		t.Fatal(err)
	}
	agents := map[string]string{}
	for _, item := range scan.Items {
		text := func(name string) string {
			value, _ := item[name].(*dynamodbtypes.AttributeValueMemberS)
			if value == nil {
				return ""
			}
			return value.Value
		}
		agents[text("userName")] = text("userAgent")
		if text("sourceIP") != "127.0.0.1" {
			t.Errorf("sourceIP is %q", text("sourceIP"))
		}
		if _, stored := item["website"]; stored {
			t.Error("the honeypot was stored")
		}
	}
	if diff := gocmp.Diff(map[string]string{"Ann": agent, "Bob": ""}, agents); diff != "" {
		t.Errorf("user agents (-want +got):\n%s", diff)
	}
	if r := d.send("GET", listURL(o, "p"), ""); strings.Contains(r.body, "Mozilla") || strings.Contains(r.body, "127.0.0.1") {
		t.Errorf("the list tells who posted: %s", r.body)
	}
}

// TestCallsThatMustBeSigned: unsigned and wrongly signed ones are refused, and
// the other method stays open.
func TestCallsThatMustBeSigned(t *testing.T) {
	parallel(t)
	for name, auth := range map[string]v1alpha1.AuthorizationSpec{
		"post": {Post: v1alpha1.AuthorizationIAM, List: v1alpha1.AuthorizationNone},
		"list": {Post: v1alpha1.AuthorizationNone, List: v1alpha1.AuthorizationIAM},
	} {
		t.Run(name, func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			o := d.with(func(s *v1alpha1.CommentsAPISpec) { s.API.Authorization = auth })
			method, to, body := http.MethodPost, o.Status.Endpoints.Post, plainComment
			if name == "list" {
				method, to, body = http.MethodGet, listURL(o, "p"), ""
			}
			isError(t, d.send(method, to, body), "NotFound")
			for how, r := range map[string]reply{
				"a made up signature": d.send(method, to, body, "Authorization",
					"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/execute-api/aws4_request, SignedHeaders=host, Signature="+strings.Repeat("0", 64)),
				"another secret": d.signed(method, to, "local", "wrong", "execute-api", time.Now()),
			} {
				if r.status != http.StatusForbidden {
					t.Errorf("%s answers %+v", how, r)
				}
				discreet(t, o, r)
			}
			if name == "list" {
				if r := d.signed(method, to, "local", "local", "execute-api", time.Now()); r.status != 200 || !strings.Contains(r.body, `"comments"`) {
					t.Errorf("the signed list answers %+v", r)
				}
				if r := d.send("POST", o.Status.Endpoints.Post, plainComment); r.status != 201 {
					t.Errorf("the open POST answers %+v", r)
				}
				return
			}
			if status, comments := d.list(o, "p"); status != 200 || len(comments) != 0 {
				t.Errorf("the open list answers %d %v; want no comment", status, comments)
			}
		})
	}
}

// TestAccessLogs: without the account's role for logs the API serves, and the
// object says what is missing; with it, the stage logs.
func TestAccessLogs(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(*v1alpha1.CommentsAPISpec) {})
	const target = "arn:aws:logs:eu-west-1:" + account + ":log-group:comments"
	d.change(o, func(o *v1alpha1.CommentsAPI) {
		o.Spec.API.AccessLogs = &v1alpha1.AccessLogsSpec{DestinationARN: target}
	})
	o = d.until(o, "a report of the missing role", func(o *v1alpha1.CommentsAPI) bool {
		c := meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionSynced)
		return c != nil && c.Status == metav1.ConditionFalse && strings.Contains(c.Message, "CloudWatch Logs role")
	})
	if r := d.send("GET", listURL(o, "p"), ""); r.status != 200 {
		t.Errorf("without logs the list answers %+v", r)
	}
	_, err := d.apis.UpdateAccount(d.ctx, &apigateway.UpdateAccountInput{PatchOperations: []apigatewaytypes.PatchOperation{{
		Op: apigatewaytypes.OpReplace, Path: aws.String("/cloudwatchRoleArn"), Value: aws.String("arn:aws:iam::" + account + ":role/logs")}}})
	if err != nil {
		t.Fatal(err)
	}
	o = d.force(o)
	stage, err := d.apis.GetStage(d.ctx, &apigateway.GetStageInput{RestApiId: &o.Status.RestAPI.ID, StageName: &o.Spec.Stage})
	if err != nil || stage.AccessLogSettings == nil || aws.ToString(stage.AccessLogSettings.DestinationArn) != target {
		t.Fatalf("the stage logs to %+v, %v", stage.AccessLogSettings, err)
	}
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.API.AccessLogs = nil })
	o = d.force(o)
	stage, err = d.apis.GetStage(d.ctx, &apigateway.GetStageInput{RestApiId: &o.Status.RestAPI.ID, StageName: &o.Spec.Stage})
	if err != nil || stage.AccessLogSettings != nil {
		t.Errorf("switched off, the stage logs to %+v, %v", stage.AccessLogSettings, err)
	}
}
