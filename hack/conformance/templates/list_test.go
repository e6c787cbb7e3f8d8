// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
)

// refusedQuery has no condition and a limit of 0: DynamoDB refuses it without
// reading anything.
var refusedQuery = object{"TableName": tableName, "IndexName": indexName, "Limit": json.Number("0")}

// query is a valid Query for a page; from is the start key or nil.
func query(order v1alpha1.CommentOrder, pageID string, from object) object {
	q := object{
		"TableName":                 tableName,
		"IndexName":                 indexName,
		"KeyConditionExpression":    "pageId = :pageId",
		"ExpressionAttributeValues": object{":pageId": s(pageID)},
		"Limit":                     json.Number("100"),
	}
	if order != v1alpha1.Unordered {
		q["ScanIndexForward"] = order != v1alpha1.NewestFirst
	}
	if from != nil {
		q["ExclusiveStartKey"] = from
	}
	return q
}

func checkList(template string, order v1alpha1.CommentOrder, pageID, cursor string, from object) error {
	in := mapping.Input{Path: map[string]string{"pageId": pageID}}
	if cursor != "" {
		in.Query = map[string]string{"cursor": cursor}
	}
	got, _, err := run(template, in)
	if err != nil {
		return err
	}
	if diff := cmp.Diff(query(order, pageID, from), got); diff != "" {
		return fmt.Errorf("the Query differs (-want +got):\n%s", diff)
	}
	return nil
}

func TestListKeepsHostilePageIDs(t *testing.T) {
	template := shipped(t, v1alpha1.OldestFirst).request[listKey]
	for _, pageID := range hostile {
		if err := checkList(template, v1alpha1.OldestFirst, pageID, "", nil); err != nil {
			t.Errorf("%q: %v", pageID, err)
		}
		from := object{"pageId": s(pageID), "commentId": s("c"), "createdAt": n("1")}
		if err := checkList(template, v1alpha1.OldestFirst, pageID, "1_c", from); err != nil {
			t.Errorf("%q with a cursor: %v", pageID, err)
		}
	}
}

func TestListOrders(t *testing.T) {
	for _, order := range []v1alpha1.CommentOrder{v1alpha1.OldestFirst, v1alpha1.NewestFirst, v1alpha1.Unordered} {
		if err := checkList(shipped(t, order).request[listKey], order, "page", "", nil); err != nil {
			t.Errorf("%s: %v", order, err)
		}
	}
}

// TestListTakesThePageFromThePathOnly: a query parameter or a header of the
// same name must not reach another page (aws-facts E1).
func TestListTakesThePageFromThePathOnly(t *testing.T) {
	got, _, err := run(shipped(t, v1alpha1.OldestFirst).request[listKey], mapping.Input{
		Path:   map[string]string{"pageId": "page"},
		Query:  map[string]string{"pageId": "other", "Limit": "1"},
		Header: map[string]string{"pageId": "other", "cursor": "1_c"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(query(v1alpha1.OldestFirst, "page", nil), got); diff != "" {
		t.Errorf("the Query differs (-want +got):\n%s", diff)
	}
}

func TestCursorIsRebuilt(t *testing.T) {
	for _, c := range []struct {
		order             v1alpha1.CommentOrder
		cursor            string
		createdAt, wantID string
	}{
		{v1alpha1.OldestFirst, "1700000000000_" + requestID, "1700000000000", requestID},
		{v1alpha1.NewestFirst, "0_a_b_1_2", "0", "a_b_1_2"},
		{v1alpha1.OldestFirst, "7_12_x", "7", "12_x"},
		{v1alpha1.Unordered, requestID, "", requestID},
		{v1alpha1.Unordered, "1_a", "", "1_a"},
	} {
		from := object{"pageId": s("page"), "commentId": s(c.wantID)}
		if c.createdAt != "" {
			from["createdAt"] = n(c.createdAt)
		}
		if err := checkList(shipped(t, c.order).request[listKey], c.order, "page", c.cursor, from); err != nil {
			t.Errorf("%s %q: %v", c.order, c.cursor, err)
		}
	}
}

func TestMalformedCursorIsRefused(t *testing.T) {
	cursors := append([]string{
		"x", "1", "_", "1_", "_x", "1.x", "-1_x", "1e3_x", "1.5_x", " 1_x", "1_x ", "1_x\n", "\n1_x", "1_x/y", "1_x'", `1_x"`, `1_x\`,
		`1_x"},"pageId":{"S":"other`, `{"pageId":{"S":"other"},"commentId":{"S":"x"}}`, "1_$context", "1_é", "1_\u2028",
		strings.Repeat("9", 21) + "_x", "1_" + strings.Repeat("x", 129), "٣_x",
	}, hostile...)
	for _, order := range []v1alpha1.CommentOrder{v1alpha1.OldestFirst, v1alpha1.Unordered} {
		template := shipped(t, order).request[listKey]
		for _, cursor := range cursors {
			if order == v1alpha1.Unordered && !strings.ContainsFunc(cursor, notUnreserved) && len(cursor) <= 128 {
				continue // an id like any other
			}
			got, _, err := run(template, mapping.Input{
				Path:  map[string]string{"pageId": "page"},
				Query: map[string]string{"cursor": cursor},
			})
			if err != nil {
				t.Errorf("%s %q: %v", order, cursor, err)
			} else if diff := cmp.Diff(refusedQuery, got); diff != "" {
				t.Errorf("%s %q: want a query that DynamoDB refuses (-want +got):\n%s", order, cursor, diff)
			}
		}
	}
}

func notUnreserved(r rune) bool {
	return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-", r)
}

func TestPageIDsThatNoKeyHoldsAreRefused(t *testing.T) {
	template := shipped(t, v1alpha1.OldestFirst).request[listKey]
	for name, path := range map[string]map[string]string{
		"none":     nil,
		"empty":    {"pageId": ""},
		"too long": {"pageId": strings.Repeat("p", 513)},
	} {
		got, _, err := run(template, mapping.Input{Path: path})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(refusedQuery, got); diff != "" {
			t.Errorf("%s: want a query that DynamoDB refuses (-want +got):\n%s", name, diff)
		}
	}
}

// checkListed answers a Query with one item and a cut.
func checkListed(t testing.TB, template, id, userName, message, createdAt string) error {
	got, _, err := run(template, mapping.Input{Body: encode(t, object{
		"Count": 1,
		"Items": []any{object{
			"commentId": s(id), "userName": s(userName), "message": s(message),
			"createdAt": n("1"), "pageId": s("page"), "secret": s("not shown"),
		}},
		"LastEvaluatedKey": object{"commentId": s(id), "createdAt": n(createdAt), "pageId": s("page")},
	})})
	if err != nil {
		return err
	}
	want := object{
		"comments":   []any{object{"commentId": id, "userName": userName, "message": message}},
		"nextCursor": createdAt + "_" + id,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("the answer differs (-want +got):\n%s", diff)
	}
	return nil
}

func TestListedKeepsHostileText(t *testing.T) {
	template := shipped(t, v1alpha1.OldestFirst).response[listKey]["200"]
	for _, text := range hostile {
		if err := checkListed(t, template, text, text, text, text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestListedKeepsAnyText(t *testing.T) {
	template := shipped(t, v1alpha1.OldestFirst).response[listKey]["200"]
	text := rapid.StringN(1, 50, -1).Filter(func(s string) bool { return strings.ToValidUTF8(s, "") == s })
	rapid.Check(t, func(r *rapid.T) {
		if err := checkListed(t, template, text.Draw(r, "id"), text.Draw(r, "userName"), text.Draw(r, "message"), "1"); err != nil {
			r.Fatal(err)
		}
	})
}

func TestListedShapes(t *testing.T) {
	many, wantMany := []any{}, []any{}
	for i := range 1000 {
		id := fmt.Sprint("id-", i)
		many = append(many, object{"commentId": s(id), "userName": s("u"), "message": s("m")})
		wantMany = append(wantMany, object{"commentId": id, "userName": "u", "message": "m"})
	}
	for name, c := range map[string]struct{ body, want object }{
		"empty page": {object{"Items": []any{}, "Count": 0}, object{"comments": []any{}}},
		"fields missing or empty": {
			object{"Items": []any{
				object{"commentId": s("a")},
				object{"commentId": s("b"), "userName": s(""), "message": n("5")},
			}},
			object{"comments": []any{
				object{"commentId": "a", "userName": "", "message": ""},
				object{"commentId": "b", "userName": "", "message": ""},
			}},
		},
		"as many as a loop takes": {object{"Items": many}, object{"comments": wantMany}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := run(shipped(t, v1alpha1.OldestFirst).response[listKey]["200"], mapping.Input{Body: encode(t, c.body)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("the answer differs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCursorContinuesWhereThePageEnded takes a cursor from an answer back into
// a request.
func TestCursorContinuesWhereThePageEnded(t *testing.T) {
	for _, order := range []v1alpha1.CommentOrder{v1alpha1.OldestFirst, v1alpha1.NewestFirst, v1alpha1.Unordered} {
		key := object{"commentId": s(requestID), "pageId": s("page")}
		if order != v1alpha1.Unordered {
			key["createdAt"] = n("1700000000000")
		}
		all := shipped(t, order)
		answer, _, err := run(all.response[listKey]["200"], mapping.Input{Body: encode(t, object{"Items": []any{}, "LastEvaluatedKey": key})})
		if err != nil {
			t.Fatal(err)
		}
		cursor, _ := answer.(object)["nextCursor"].(string)
		if strings.ContainsFunc(cursor, notUnreserved) {
			t.Errorf("%s: the cursor %q needs encoding in a URL", order, cursor)
		}
		if err := checkList(all.request[listKey], order, "page", cursor, key); err != nil {
			t.Errorf("%s: %v", order, err)
		}
	}
}
