// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// reply is what a client of the API sees.
type reply struct {
	status int
	body   string
	header http.Header
}

// send makes one call of a website's visitor. Headers are pairs.
func (w *world) send(method, url, body string, headers ...string) reply {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.ctx, method, url, bytes.NewBufferString(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return reply{resp.StatusCode, string(b), resp.Header}
}

// discreet checks that an answer tells nothing of what is behind the API.
func discreet(t *testing.T, o *v1alpha1.CommentsAPI, r reply) {
	t.Helper()
	for _, secret := range []string{"arn:", account, o.Spec.TableName, "dynamodb", "Exception", o.Status.Role.ARN} {
		if strings.Contains(strings.ToLower(r.body), strings.ToLower(secret)) {
			t.Errorf("the answer tells %q: %s", secret, r.body)
		}
	}
}

// isError checks that an answer is the one shape of an error, with its code.
func isError(t *testing.T, r reply, code string) {
	t.Helper()
	var answer map[string]string
	if err := json.Unmarshal([]byte(r.body), &answer); err != nil {
		t.Errorf("%v in the answer %s", err, r.body)
	}
	if answer["code"] != code || answer["message"] == "" || len(answer) != 2 {
		t.Errorf("answers %s; want the code %s and a message", r.body, code)
	}
	if got := r.header.Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("X-Content-Type-Options is %q", got)
	}
}

func listURL(o *v1alpha1.CommentsAPI, pageID string) string {
	return strings.Replace(o.Status.Endpoints.List, "{pageId}", url.PathEscape(pageID), 1)
}

const plainComment = `{"pageId":"p","userName":"Ann","message":"Hello"}`

// TestTextComesBackAsItWent: whatever a visitor types is stored and returned
// byte for byte, and is never evaluated.
func TestTextComesBackAsItWent(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	texts := map[string]string{
		"quotes":        `she said "hi" and 'bye'`,
		"backslashes":   `C:\temp\new \" \\ \u0041 \`,
		"lines":         "one\ntwo\r\nthree\ttabbed",
		"emoji":         "👩‍👩‍👧‍👦 🎉 ünï",
		"util":          "$util.escapeJavaScript('x') $context.identity.sourceIp",
		"directives":    "#set($x=1)#if(true)yes#end #foreach($i in [1..9])$i#end",
		"separators":    "a\u2028b\u2029c\u0000d\u007f",
		"json":          `"}, "commentId": {"S": "mine"}, "x": {"S": "`,
		"stage vars":    "${stageVariables.x} ${AWS::AccountId} $input.body $!{x}",
		"html":          "<script>alert(1)</script> &amp; </",
		"comments":      "## not a comment #* nor this *# #[[ nor this ]]#",
		"long":          strings.Repeat("äöü😀", 1000),
		"number":        "12345",
		"space":         " ",
		"line at end":   "x\n",
		"dollar at end": "costs $",
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			userName := string([]rune(text)[:min(20, len([]rune(text)))])
			page := "page-" + strings.ReplaceAll(name, " ", "-")
			status, answer := d.post(o, map[string]string{"pageId": page, "userName": userName, "message": text})
			if status != 201 {
				t.Fatalf("POST answers %d %v", status, answer)
			}
			status, comments := d.list(o, page)
			want := []map[string]string{{"commentId": fmt.Sprint(answer["commentId"]), "userName": userName, "message": text}}
			if diff := gocmp.Diff(want, comments); status != 200 || diff != "" {
				t.Errorf("GET answers %d (-want +got):\n%s", status, diff)
			}
		})
	}
}

// TestRequestsThatAreNotComments are refused with the right status, and
// nothing is stored.
func TestRequestsThatAreNotComments(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	post, base := o.Status.Endpoints.Post, o.Status.InvokeURL
	for _, c := range []struct {
		name              string
		method, url, body string
		headers           []string
		status            int
		code              string // InvalidRequest when empty
	}{
		{name: "plain text", method: "POST", url: post, body: plainComment, headers: []string{"Content-Type", "text/plain"}, status: 415, code: "UnsupportedMediaType"},
		{name: "a form", method: "POST", url: post, body: "pageId=p&userName=u&message=m", headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, code: "UnsupportedMediaType"},
		{name: "no message", method: "POST", url: post, body: `{"pageId":"p","userName":"Ann"}`, status: 400},
		{name: "no page", method: "POST", url: post, body: `{"userName":"Ann","message":"m"}`, status: 400},
		{name: "empty message", method: "POST", url: post, body: `{"pageId":"p","userName":"Ann","message":""}`, status: 400},
		{name: "empty page", method: "POST", url: post, body: `{"pageId":"","userName":"Ann","message":"m"}`, status: 400},
		{name: "message is a number", method: "POST", url: post, body: `{"pageId":"p","userName":"Ann","message":7}`, status: 400},
		{name: "message is an object", method: "POST", url: post, body: `{"pageId":"p","userName":"Ann","message":{"S":"x"}}`, status: 400},
		{name: "message is null", method: "POST", url: post, body: `{"pageId":"p","userName":"Ann","message":null}`, status: 400},
		{name: "an array", method: "POST", url: post, body: `[` + plainComment + `]`, status: 400},
		{name: "not JSON", method: "POST", url: post, body: `{"pageId":"p"`, status: 400},
		{name: "no body", method: "POST", url: post, headers: []string{"Content-Type", "application/json"}, status: 400},
		{name: "too long a message", method: "POST", url: post, body: `{"pageId":"p","userName":"Ann","message":"` + strings.Repeat("x", 20000) + `"}`, status: 400},
		{name: "too long a page", method: "POST", url: post, body: `{"pageId":"` + strings.Repeat("x", 3000) + `","userName":"Ann","message":"m"}`, status: 400},
		{name: "unknown path", method: "GET", url: base + "/admin", status: 403, code: "NotFound"},
		{name: "unknown method", method: "DELETE", url: post, status: 403, code: "NotFound"},
		{name: "malformed cursor", method: "GET", url: listURL(o, "p") + "?cursor=nonsense", status: 400},
		{name: "injecting cursor", method: "GET", url: listURL(o, "p") + "?cursor=" + url.QueryEscape(`1_x"}},"TableName":"other`), status: 400},
		{name: "empty cursor is the start", method: "GET", url: listURL(o, "p") + "?cursor=", status: 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := d.send(c.method, c.url, c.body, c.headers...)
			if r.status != c.status {
				t.Errorf("answers %d %s; want %d", r.status, r.body, c.status)
			}
			if c.status >= 400 {
				isError(t, r, cmp.Or(c.code, "InvalidRequest"))
			}
			discreet(t, o, r)
		})
	}
	scan, err := d.tables.Scan(d.ctx, &dynamodb.ScanInput{TableName: &o.Spec.TableName})
	if err != nil {
		t.Fatal(err)
	}
	if len(scan.Items) != 0 {
		t.Errorf("something was stored: %v", scan.Items)
	}
}

// TestNobodyOverwritesAComment: a client can choose the request id and with it
// the key, but not replace what is there.
func TestNobodyOverwritesAComment(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.ready(d.create(d.object("blog")))
	const id = "0f8fad5b-d9cb-469f-a165-70867728950e"
	first := d.send("POST", o.Status.Endpoints.Post, plainComment, "x-amzn-RequestId", id)
	if first.status != 201 || !strings.Contains(first.body, id) {
		t.Fatalf("POST with a request id of the client's answers %+v", first)
	}
	before := d.send("GET", listURL(o, "p"), "")
	again := d.send("POST", o.Status.Endpoints.Post, `{"pageId":"p","userName":"Eve","message":"gone"}`, "x-amzn-RequestId", id)
	if again.status != 409 {
		t.Errorf("the second POST answers %+v; want 409", again)
	}
	isError(t, again, "Conflict")
	discreet(t, o, again)
	if after := d.send("GET", listURL(o, "p"), ""); after.body != before.body {
		t.Errorf("the comment changed from %s to %s", before.body, after.body)
	}
}

// TestPagesAndOrder: cursors lead through a page comment by comment, in the
// declared order, and never out of it.
func TestPagesAndOrder(t *testing.T) {
	parallel(t)
	for order, want := range map[v1alpha1.CommentOrder]string{
		v1alpha1.OldestFirst: "m0 m1 m2 m3", v1alpha1.NewestFirst: "m3 m2 m1 m0",
	} {
		t.Run(string(order), func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			o := d.ready(d.create(d.object("blog", func(o *v1alpha1.CommentsAPI) {
				o.Spec.Comments.Order, o.Spec.Comments.PageSize = order, 1
			})))
			for i := range 4 {
				for _, page := range []string{"p", "other"} {
					status, _ := d.post(o, map[string]string{"pageId": page, "userName": page, "message": fmt.Sprint("m", i)})
					if status != 201 {
						t.Fatal(status)
					}
				}
				d.clock.Advance(time.Second)
			}
			messages, cursors := d.walk(o, "p", "")
			if got := strings.Join(messages, " "); got != want {
				t.Errorf("comments are %s; want %s", got, want)
			}
			// A cursor of another page: only this page's comments come out.
			foreign := d.users(o, "other", cursors[0])
			if len(foreign) == 0 {
				t.Error("page other lists nothing at the cursor of a middle comment")
			}
			for _, user := range foreign {
				if user != "other" {
					t.Errorf("page other lists a comment of %s", user)
				}
			}
		})
	}
}

// walk follows cursors to the end.
func (w *world) walk(o *v1alpha1.CommentsAPI, page, cursor string) (messages, cursors []string) {
	w.t.Helper()
	for range 20 {
		status, answer := w.call("GET", listURL(o, page)+"?cursor="+url.QueryEscape(cursor), "", nil)
		if status != 200 {
			w.t.Fatalf("GET answers %d %v", status, answer)
		}
		for _, c := range answer["comments"].([]any) {
			messages = append(messages, fmt.Sprint(c.(map[string]any)["message"]))
		}
		next, more := answer["nextCursor"]
		if !more {
			return messages, cursors
		}
		cursor = fmt.Sprint(next)
		cursors = append(cursors, cursor)
	}
	w.t.Fatal("the cursors have no end")
	return nil, nil
}

// users lists a page with a cursor and returns the user names.
func (w *world) users(o *v1alpha1.CommentsAPI, page, cursor string) []string {
	w.t.Helper()
	status, answer := w.call("GET", listURL(o, page)+"?cursor="+url.QueryEscape(cursor), "", nil)
	if status != 200 {
		w.t.Errorf("a foreign cursor answers %d %v", status, answer)
	}
	var users []string
	list, _ := answer["comments"].([]any)
	for _, c := range list {
		users = append(users, fmt.Sprint(c.(map[string]any)["userName"]))
	}
	return users
}

// TestTroubleBehindTheAPIIsNoSuccess: whatever happens to the table or the
// role, a client never takes it for a success, and never learns more than that
// something is wrong.
func TestTroubleBehindTheAPIIsNoSuccess(t *testing.T) {
	parallel(t)
	for name, harm := range map[string]func(d *driver, o *v1alpha1.CommentsAPI){
		"table gone": func(d *driver, o *v1alpha1.CommentsAPI) { d.dropTable(o.Spec.TableName) },
		"policy gone": func(d *driver, o *v1alpha1.CommentsAPI) {
			_, err := d.roles.DeleteRolePolicy(d.ctx, &iam.DeleteRolePolicyInput{RoleName: d.roleName(o), PolicyName: aws.String("comments")})
			if err != nil {
				d.t.Fatal(err)
			}
		},
		"role gone": func(d *driver, o *v1alpha1.CommentsAPI) {
			name := d.roleName(o)
			if _, err := d.roles.DeleteRolePolicy(d.ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("comments")}); err != nil {
				d.t.Fatal(err)
			}
			if _, err := d.roles.DeleteRole(d.ctx, &iam.DeleteRoleInput{RoleName: name}); err != nil {
				d.t.Fatal(err)
			}
		},
		"another table under the name": func(d *driver, o *v1alpha1.CommentsAPI) {
			d.dropTable(o.Spec.TableName)
			_, err := d.tables.CreateTable(d.ctx, &dynamodb.CreateTableInput{TableName: &o.Spec.TableName, BillingMode: dynamodbtypes.BillingModePayPerRequest,
				AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: dynamodbtypes.ScalarAttributeTypeS}},
				KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: dynamodbtypes.KeyTypeHash}}})
			if err != nil {
				d.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			parallel(t)
			d := newDriver(t, core.Nature{})
			o := d.ready(d.create(d.object("blog")))
			harm(d, o)
			for _, r := range []reply{
				d.send("POST", o.Status.Endpoints.Post, plainComment),
				d.send("GET", listURL(o, "p"), ""),
			} {
				if r.status < 400 {
					t.Errorf("answers %+v", r)
				}
				discreet(t, o, r)
			}
		})
	}
}

// roleName is the name at the end of the role's ARN.
func (w *world) roleName(o *v1alpha1.CommentsAPI) *string {
	parts := strings.Split(o.Status.Role.ARN, "/")
	return &parts[len(parts)-1]
}
