// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/core"
)

const expiresAt = "commentsapiExpiresAt"

// expiry is the attribute that the table's items expire by; empty is none.
func (d *driver) expiry(o *v1alpha1.CommentsAPI) string {
	d.t.Helper()
	out, err := d.tables.DescribeTimeToLive(d.ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &o.Spec.TableName})
	if err != nil {
		d.t.Fatal(err)
	}
	if out.TimeToLiveDescription.TimeToLiveStatus == dynamodbtypes.TimeToLiveStatusDisabled {
		return ""
	}
	return aws.ToString(out.TimeToLiveDescription.AttributeName)
}

// TestCommentsExpireIfAskedFor: a comment carries the second it expires at,
// from when the option is there until it is gone; nobody sees it, approval
// doesn't move it, and the table expires nothing else.
func TestCommentsExpireIfAskedFor(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(moderated)
	// stores posts a comment and returns when it expires, in seconds since 1970.
	stores := func() string {
		t.Helper()
		status, answer := d.post(o, map[string]string{"pageId": "p", "userName": "Ann", "message": "hello", expiresAt: "1"})
		if status != 202 {
			t.Fatalf("POST answers %d %v", status, answer)
		}
		id := answer["commentId"].(string)
		before := d.find(o.Spec.TableName, id)[expiresAt]
		d.wantAnswer("an approval", d.moderate("POST", o.Status.Endpoints.Moderation+"/"+id+"/approve"), 200, "Approved")
		after := d.find(o.Spec.TableName, id)[expiresAt]
		if before == nil || after == nil {
			if before != nil || after != nil {
				t.Errorf("approval changes the expiry from %v to %v", before, after)
			}
			return ""
		}
		number := after.(*dynamodbtypes.AttributeValueMemberN).Value
		if was := before.(*dynamodbtypes.AttributeValueMemberN).Value; was != number {
			t.Errorf("approval changes the expiry from %s to %s", was, number)
		}
		return number
	}
	in := func(days int) string {
		return strconv.FormatInt(d.clock.Now().Add(time.Duration(days)*24*time.Hour).Unix(), 10)
	}

	if got := stores(); got != "" || d.expiry(o) != "" {
		t.Errorf("without the option a comment expires at %q, the table by %q", got, d.expiry(o))
	}
	for _, days := range []int{1, 30, 3650} {
		d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.RetentionDays = aws.Int32(int32(days)) })
		o = d.ready(o)
		if got, want := stores(), in(days); got != want || d.expiry(o) != expiresAt {
			t.Errorf("with %d days a comment expires at %q, the table by %q; want %s", days, got, d.expiry(o), want)
		}
	}
	if _, list := d.call("GET", listURL(o, "p"), "", nil); strings.Contains(d.send("GET", listURL(o, "p"), "").body, expiresAt) {
		t.Errorf("the list shows the expiry: %v", list)
	}
	d.change(o, func(o *v1alpha1.CommentsAPI) { o.Spec.Comments.RetentionDays = nil })
	o = d.ready(o)
	if got := stores(); got != "" || d.expiry(o) != "" {
		t.Errorf("after the option a comment expires at %q, the table by %q", got, d.expiry(o))
	}
}

// TestExpiryWaitsForItsHour: AWS changes a table's expiry once an hour. What is
// asked for within it waits, and everything else goes on.
func TestExpiryWaitsForItsHour(t *testing.T) {
	parallel(t)
	d := newDriver(t, core.Nature{})
	o := d.with(func(s *v1alpha1.CommentsAPISpec) { s.Comments.RetentionDays = aws.Int32(7) })
	begun := d.clock.Now()
	d.change(o, func(o *v1alpha1.CommentsAPI) {
		o.Spec.Comments.RetentionDays = nil
		o.Spec.Comments.PageSize = 7
	})
	o = d.until(o, "the wait for the hour", func(o *v1alpha1.CommentsAPI) bool {
		return strings.Contains(message(o, v1alpha1.ConditionSynced), "one change of a table's expiry an hour")
	})
	d.wantAnswer("a list with the new page size", d.send("GET", listURL(o, "p")+"?limit=8", ""), 400, "InvalidRequest")
	if d.expiry(o) != expiresAt {
		t.Error("the expiry was changed twice in an hour")
	}
	o = d.ready(o)
	if took := d.clock.Now().Sub(begun); d.expiry(o) != "" || took < 40*time.Minute || took > 90*time.Minute {
		t.Errorf("after %s the table expires by %q", took, d.expiry(o))
	}
}
