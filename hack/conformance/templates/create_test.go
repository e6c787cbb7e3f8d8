// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
)

// refusedPut is what an invalid comment becomes: DynamoDB refuses it for want
// of the key, whatever else the table holds.
var refusedPut = object{"TableName": tableName, "Item": object{}}

func put(id, pageID, userName, message string) object {
	return object{
		"TableName":           tableName,
		"ConditionExpression": "attribute_not_exists(commentId)",
		"Item": object{
			"commentId": s(id),
			"createdAt": n("1700000000000"),
			"pageId":    s(pageID),
			"userName":  s(userName),
			"message":   s(message),
		},
	}
}

// checkCreate posts a comment and compares the PutItem it becomes.
func checkCreate(t testing.TB, template, id, pageID, userName, message string) error {
	got, _, err := run(template, mapping.Input{
		Body:    encode(t, object{"pageId": pageID, "userName": userName, "message": message}),
		Context: map[string]any{"requestId": id, "requestTimeEpoch": int64(1700000000000)},
	})
	if err != nil {
		return err
	}
	if diff := cmp.Diff(put(id, pageID, userName, message), got); diff != "" {
		return fmt.Errorf("the PutItem differs (-want +got):\n%s", diff)
	}
	return nil
}

func TestCreateKeepsHostileText(t *testing.T) {
	template := shipped(t, "").request[createKey]
	for _, text := range hostile {
		if err := checkCreate(t, template, requestID, "page", text, text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if err := checkCreate(t, template, text, "page", "user", "message"); err != nil {
			t.Errorf("request id %q: %v", text, err)
		}
	}
}

func TestCreateKeepsAnyText(t *testing.T) {
	template := shipped(t, "").request[createKey]
	text := rapid.StringN(1, 50, -1).Filter(func(s string) bool { return strings.ToValidUTF8(s, "") == s })
	rapid.Check(t, func(r *rapid.T) {
		if err := checkCreate(t, template, requestID, "page", text.Draw(r, "userName"), text.Draw(r, "message")); err != nil {
			r.Fatal(err)
		}
	})
}

func TestCreateTakesLongMessages(t *testing.T) {
	template := shipped(t, "").request[createKey]
	for name, message := range map[string]string{
		"4000 characters with emoji": strings.Repeat("comment 😀\n\"'", 334)[:4000],
		"10000 characters":           strings.Repeat("x", 10000),
		"10000 emoji":                strings.Repeat("😀", 10000),
	} {
		if err := checkCreate(t, template, requestID, strings.Repeat("p", 512), strings.Repeat("😀", 100), strings.ToValidUTF8(message, "")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCreateRefuses: should the request validator be off, the template alone
// keeps what isn't valid from the table.
func TestCreateRefuses(t *testing.T) {
	template := shipped(t, "").request[createKey]
	for name, body := range map[string]string{
		"no body":            ``,
		"empty object":       `{}`,
		"a list":             `[]`,
		"a string":           `"x"`,
		"null":               `null`,
		"no message":         `{"pageId":"p","userName":"u"}`,
		"no user name":       `{"pageId":"p","message":"m"}`,
		"no page":            `{"userName":"u","message":"m"}`,
		"null message":       `{"pageId":"p","userName":"u","message":null}`,
		"number":             `{"pageId":"p","userName":"u","message":1}`,
		"number as page":     `{"pageId":1,"userName":"u","message":"m"}`,
		"true":               `{"pageId":"p","userName":true,"message":"m"}`,
		"object":             `{"pageId":"p","userName":"u","message":{"S":"x"}}`,
		"list":               `{"pageId":"p","userName":["u"],"message":"m"}`,
		"object as page":     `{"pageId":{"matches":"x","length":1},"userName":"u","message":"m"}`,
		"empty message":      `{"pageId":"p","userName":"u","message":""}`,
		"empty user name":    `{"pageId":"p","userName":"","message":"m"}`,
		"empty page":         `{"pageId":"","userName":"u","message":"m"}`,
		"page .":             `{"pageId":".","userName":"u","message":"m"}`,
		"page ..":            `{"pageId":"..","userName":"u","message":"m"}`,
		"slash in page":      `{"pageId":"a/b","userName":"u","message":"m"}`,
		"quote in page":      `{"pageId":"a\"b","userName":"u","message":"m"}`,
		"newline after page": `{"pageId":"a\n","userName":"u","message":"m"}`,
		"long page":          `{"pageId":"` + strings.Repeat("p", 513) + `","userName":"u","message":"m"}`,
		"long user name":     `{"pageId":"p","userName":"` + strings.Repeat("u", 201) + `","message":"m"}`,
		"long message":       `{"pageId":"p","userName":"u","message":"` + strings.Repeat("m", 20001) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := run(template, mapping.Input{Body: []byte(body)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(refusedPut, got); diff != "" {
				t.Errorf("want a request that DynamoDB refuses (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCreateSurvivesHalfACharacter: a lone surrogate is no character; the
// request stays valid JSON with the same keys.
func TestCreateSurvivesHalfACharacter(t *testing.T) {
	got, _, err := run(shipped(t, "").request[createKey], mapping.Input{
		Body: []byte(`{"pageId":"p","userName":"u","message":"a\ud800b"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(put(requestID, "p", "u", "a\ufffdb"), got); diff != "" {
		t.Errorf("the PutItem differs (-want +got):\n%s", diff)
	}
}

func TestCreateStoresNothingElse(t *testing.T) {
	got, _, err := run(shipped(t, "").request[createKey], mapping.Input{
		Body:  []byte(`{"pageId":"p","userName":"u","message":"m","commentId":"mine","createdAt":1,"TableName":"other"}`),
		Query: map[string]string{"pageId": "other", "message": "other"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(put(requestID, "p", "u", "m"), got); diff != "" {
		t.Errorf("the PutItem differs (-want +got):\n%s", diff)
	}
}

// checkCreated reads the answer to a stored comment.
func checkCreated(template, id string) error {
	got, _, err := run(template, mapping.Input{Body: []byte("{}"), Context: map[string]any{"requestId": id}})
	if err != nil {
		return err
	}
	if diff := cmp.Diff(object{"commentId": id}, got); diff != "" {
		return fmt.Errorf("the answer differs (-want +got):\n%s", diff)
	}
	return nil
}

func TestCreatedAnswersTheID(t *testing.T) {
	template := shipped(t, "").response[createKey]["201"]
	for _, id := range append([]string{requestID}, hostile...) {
		if err := checkCreated(template, id); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
}
