// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// signed makes a call as somebody with an access key. The service is what the
// signature is for: execute-api, if it is to count. The local AWS holds
// signatures to the real time.
func (d *driver) signed(method, to, key, secret, service string, at time.Time) reply {
	d.t.Helper()
	return d.signedAs(aws.Credentials{AccessKeyID: key, SecretAccessKey: secret}, method, to, service, at)
}

// signedAs is the same with any credentials.
func (d *driver) signedAs(who aws.Credentials, method, to, service string, at time.Time) reply {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.ctx, method, to, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	empty := sha256.Sum256(nil)
	err = v4.NewSigner().SignHTTP(d.ctx, who, req,
		hex.EncodeToString(empty[:]), service, region, at)
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return reply{status: resp.StatusCode, header: resp.Header, body: string(body)}
}

// moderate makes a moderator's call.
func (d *driver) moderate(method, url string) reply {
	d.t.Helper()
	return d.signed(method, url, "local", "local", "execute-api", time.Now())
}

func moderated(s *v1alpha1.CommentsAPISpec) {
	s.Comments.Moderation, s.Comments.Deletion = v1alpha1.ModerationBeforeListing, v1alpha1.Enabled
}

// stored are the table's items, by commentId.
func (d *driver) stored(o *v1alpha1.CommentsAPI) int {
	d.t.Helper()
	scan, err := d.tables.Scan(d.ctx, &dynamodb.ScanInput{TableName: &o.Spec.TableName})
	if err != nil {
		d.t.Fatal(err)
	}
	return len(scan.Items)
}

func (d *driver) wantAnswer(what string, r reply, status int, text string) {
	d.t.Helper()
	if r.status != status || !strings.Contains(r.body, text) {
		d.t.Errorf("%s answers %d %s; want %d and %q", what, r.status, r.body, status, text)
	}
}

func decode(t *testing.T, r reply) (int, map[string]any) {
	t.Helper()
	answer := map[string]any{}
	if err := json.Unmarshal([]byte(r.body), &answer); err != nil {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return r.status, answer
}

// TestCommentsWaitForAModerator: nobody sees a comment before it is approved,
// and a decision is about one that waits, once.
func TestCommentsWaitForAModerator(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(moderated)
	post := func(name string) string {
		t.Helper()
		status, answer := d.post(o, map[string]string{"pageId": "p", "userName": name, "message": "hello"})
		if status != 202 || answer["status"] != "Pending" {
			t.Fatalf("POST answers %d %v", status, answer)
		}
		d.clock.Advance(time.Second)
		return answer["commentId"].(string)
	}
	at := d.clock.Now().UnixMilli()
	good, bad := post("Ann"), post("Bot")
	at2 := at + 1000
	if status, comments := d.list(o, "p"); status != 200 || len(comments) != 0 {
		t.Fatalf("before a decision the list answers %d %v", status, comments)
	}

	moderation := o.Status.Endpoints.Moderation
	status, page := decode(t, d.moderate("GET", moderation+"/pending?limit=1"))
	cursor, _ := page["nextCursor"].(string)
	want := map[string]any{"nextCursor": cursor, "comments": []any{map[string]any{
		"commentId": good, "pageId": "p", "userName": "Ann", "message": "hello", "createdAt": float64(at)}}}
	if diff := gocmp.Diff(want, page); status != 200 || cursor == "" || diff != "" {
		t.Errorf("what waits answers %d (-want +got):\n%s", status, diff)
	}
	status, page = decode(t, d.moderate("GET", moderation+"/pending?cursor="+cursor))
	want = map[string]any{"comments": []any{map[string]any{
		"commentId": bad, "pageId": "p", "userName": "Bot", "message": "hello", "createdAt": float64(at2)}}}
	if diff := gocmp.Diff(want, page); status != 200 || diff != "" {
		t.Errorf("the rest of what waits answers %d (-want +got):\n%s", status, diff)
	}
	d.wantAnswer("a cursor that is none", d.moderate("GET", moderation+"/pending?cursor=x"), 400, "InvalidRequest")
	d.wantAnswer("a limit that is none", d.moderate("GET", moderation+"/pending?limit=0"), 400, "InvalidRequest")

	d.wantAnswer("a deletion of what waits", d.moderate("DELETE", listURL(o, "p")+"/"+good), 404, "NotFound")
	d.wantAnswer("an approval", d.moderate("POST", moderation+"/"+good+"/approve"), 200, `"Approved"`)
	d.wantAnswer("a second approval", d.moderate("POST", moderation+"/"+good+"/approve"), 404, "NotFound")
	d.wantAnswer("a rejection of what is approved", d.moderate("POST", moderation+"/"+good+"/reject"), 404, "NotFound")
	d.wantAnswer("a rejection", d.moderate("POST", moderation+"/"+bad+"/reject"), 200, `"Rejected"`)
	d.wantAnswer("an approval of what is rejected", d.moderate("POST", moderation+"/"+bad+"/approve"), 404, "NotFound")
	d.wantAnswer("an approval of nothing", d.moderate("POST", moderation+"/nothing/approve"), 404, "NotFound")
	d.wantAnswer("an approval of an id that is none", d.moderate("POST", moderation+"/%22%7D/approve"), 400, "InvalidRequest")
	if status, comments := d.list(o, "p"); status != 200 || len(comments) != 1 || comments[0]["commentId"] != good {
		t.Errorf("after the decisions the list answers %d %v", status, comments)
	}
	status, page = decode(t, d.moderate("GET", moderation+"/pending"))
	if diff := gocmp.Diff(map[string]any{"comments": []any{}}, page); status != 200 || diff != "" {
		t.Errorf("nothing waits any more (-want +got):\n%s", diff)
	}

	d.wantAnswer("a deletion from another page", d.moderate("DELETE", listURL(o, "q")+"/"+good), 404, "NotFound")
	d.wantAnswer("a deletion", d.moderate("DELETE", listURL(o, "p")+"/"+good), 200, `"Deleted"`)
	d.wantAnswer("a second deletion", d.moderate("DELETE", listURL(o, "p")+"/"+good), 404, "NotFound")
	if n := d.stored(o); n != 0 {
		t.Errorf("%d comments are stored", n)
	}
}

// TestNobodyElseModerates: calls that aren't signed, or signed wrongly, change
// nothing, and the role behind the public calls couldn't if they were.
func TestNobodyElseModerates(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(moderated)
	_, answer := d.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": "hello"})
	id := answer["commentId"].(string)
	moderation := o.Status.Endpoints.Moderation
	for _, c := range []struct{ method, url string }{
		{"GET", moderation + "/pending"},
		{"POST", moderation + "/" + id + "/approve"},
		{"POST", moderation + "/" + id + "/reject"},
		{"DELETE", listURL(o, "p") + "/" + id},
	} {
		for how, r := range map[string]reply{
			"unsigned":                           d.send(c.method, c.url, ""),
			"signed with another secret":         d.signed(c.method, c.url, "local", "wrong", "execute-api", time.Now()),
			"signed for another service":         d.signed(c.method, c.url, "local", "local", "dynamodb", time.Now()),
			"signed by somebody who isn't there": d.signed(c.method, c.url, "nobody", "local", "execute-api", time.Now()),
			"signed an hour ago":                 d.signed(c.method, c.url, "local", "local", "execute-api", time.Now().Add(-time.Hour)),
		} {
			if r.status != http.StatusForbidden {
				t.Errorf("%s %s, %s, answers %d %s", c.method, c.url, how, r.status, r.body)
			}
			var trouble map[string]string
			if err := json.Unmarshal([]byte(r.body), &trouble); err != nil {
				t.Errorf("%s %s, %s: %v", c.method, c.url, how, err)
			}
			isError(t, r, trouble["code"])
			discreet(t, o, r)
		}
	}
	if status, comments := d.list(o, "p"); status != 200 || len(comments) != 0 || d.stored(o) != 1 {
		t.Errorf("the list answers %d %v, and %d comments are stored", status, comments, d.stored(o))
	}
	// With the public role's rights the calls do nothing.
	moderator, public := o.Status.ModeratorRole.ARN, o.Status.Role.ARN
	name := func(arn string) *string { return aws.String(arn[strings.LastIndex(arn, "/")+1:]) }
	policy, err := d.roles.GetRolePolicy(d.ctx, &iam.GetRolePolicyInput{RoleName: name(public), PolicyName: aws.String("comments")})
	if err != nil {
		t.Fatal(err)
	}
	document, err := url.PathUnescape(aws.ToString(policy.PolicyDocument))
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.roles.PutRolePolicy(d.ctx, &iam.PutRolePolicyInput{RoleName: name(moderator), PolicyName: aws.String("comments"),
		PolicyDocument: &document})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ method, url string }{
		{"GET", moderation + "/pending"}, {"POST", moderation + "/" + id + "/approve"}, {"POST", moderation + "/" + id + "/reject"},
		{"DELETE", listURL(o, "p") + "/" + id},
	} {
		r := d.moderate(c.method, c.url)
		d.wantAnswer(c.method+" "+c.url+" as the public role", r, 500, "InternalError")
		discreet(t, o, r)
	}
	// The operator gives the role back its own.
	d.force(o)
	d.wantAnswer("an approval", d.moderate("POST", moderation+"/"+id+"/approve"), 200, `"Approved"`)
}

// TestModerationOnAndOff: no comment is lost or shown unasked when moderation
// is switched, and what served it goes in the end.
func TestModerationOnAndOff(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(*v1alpha1.CommentsAPISpec) {})
	before, _ := d.post(o, map[string]string{"pageId": "p", "userName": "Early", "message": "hello"})
	if before != 201 || o.Status.Endpoints.Moderation != "" || o.Status.ModeratorRole != nil {
		t.Fatalf("without moderation: POST answers %d, status %s", before, describeStatus(o))
	}
	names := func() string {
		t.Helper()
		status, comments := d.list(o, "p")
		if status != 200 {
			t.Errorf("the list answers %d", status)
		}
		var all []string
		for _, c := range comments {
			all = append(all, c["userName"])
		}
		return strings.Join(all, " ")
	}
	set := func(m v1alpha1.Moderation) {
		t.Helper()
		d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.Moderation = m })
		// Each look of the change is a reader's look.
		for range 20 {
			if err := d.step(o); err != nil {
				t.Fatal(err)
			}
			if got := names(); got != "Early" {
				t.Fatalf("during the change the list has %q", got)
			}
		}
		o = d.ready(o)
	}
	set(v1alpha1.ModerationBeforeListing)
	role := o.Status.ModeratorRole.ARN
	status, waiting := d.post(o, map[string]string{"pageId": "p", "userName": "Waits", "message": "hello"})
	if status != 202 {
		t.Fatalf("with moderation POST answers %d", status)
	}
	set(v1alpha1.ModerationNone)
	d.until(o, "the end of the moderator's role", func(o *v1alpha1.CommentsAPI) bool { return o.Status.ModeratorRole == nil })
	for range 10 {
		if err := d.step(o); err != nil {
			t.Fatal(err)
		}
	}
	if all := d.inventory(); strings.Contains(all["iam"], role) || strings.Contains(all["dynamodb"], "pending-index") {
		t.Error("the moderator's role, or the index of what waits, is still there")
	}
	if got := names(); got != "Early" || d.stored(o) != 2 {
		t.Errorf("without moderation the list has %q, and %d comments are stored", got, d.stored(o))
	}
	set(v1alpha1.ModerationBeforeListing)
	d.wantAnswer("an approval of what waited", d.moderate("POST", o.Status.Endpoints.Moderation+"/"+waiting["commentId"].(string)+"/approve"), 200, "Approved")
	if got := names(); !strings.Contains(got, "Waits") {
		t.Errorf("after the approval the list has %q", got)
	}
	d.remove(o)
	if iam := d.inventory()["iam"]; strings.Contains(iam, "moderator") {
		t.Errorf("the object is gone and its moderator's role isn't: %s", iam)
	}
}
