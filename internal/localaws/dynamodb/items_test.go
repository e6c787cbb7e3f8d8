// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/core"
)

func comment(id, page string, at int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"commentId": s(id), "pageId": s(page), "createdAt": n(fmt.Sprint(at)), "userName": s("ann"), "message": s("<hi> & \"you\""), "sourceIp": s("::1"),
	}
}

func TestH7_ThePostAndTheListOfTheAPI(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	put := func(id string, at int) error {
		_, err := w.PutItem(ctx, &sdk.PutItemInput{TableName: aws.String("comments"), Item: comment(id, "page", at),
			ConditionExpression: aws.String("attribute_not_exists(commentId)")})
		return err
	}
	for i, id := range []string{"c", "a", "d", "b", "e"} {
		if err := put(id, []int{30, 10, 9, 100, 2}[i]); err != nil {
			t.Fatal(err)
		}
	}
	var failed *types.ConditionalCheckFailedException
	if err := put("a", 1); !errors.As(err, &failed) {
		t.Errorf("a second comment with the same id: %v; want ConditionalCheckFailedException", err)
	}
	list := func(forward bool) (ids []string, pages int) {
		in := &sdk.QueryInput{TableName: aws.String("comments"), IndexName: aws.String("pageId-index"), Limit: aws.Int32(2), ScanIndexForward: &forward,
			KeyConditionExpression: aws.String("pageId = :p"), ExpressionAttributeValues: map[string]types.AttributeValue{":p": s("page")}}
		for {
			out, err := w.Query(ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, item := range out.Items {
				ids = append(ids, item["commentId"].(*types.AttributeValueMemberS).Value)
				if item["sourceIp"] != nil {
					t.Error("the index returns an attribute it doesn't project")
				}
			}
			if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
				return ids, pages
			}
			if len(out.LastEvaluatedKey) != 3 {
				t.Fatalf("LastEvaluatedKey = %v; want the keys of index and table", out.LastEvaluatedKey)
			}
		}
	}
	if got, pages := list(true); !cmp.Equal(got, []string{"e", "d", "a", "c", "b"}) || pages != 3 {
		t.Errorf("oldest first = %v on %d pages; want e d a c b (numbers, not texts) on 3", got, pages)
	}
	if got, _ := list(false); !cmp.Equal(got, []string{"b", "c", "a", "d", "e"}) {
		t.Errorf("newest first = %v; want b c a d e", got)
	}
}

func TestH7_QueryRefusals(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	const head = `{"TableName":"comments","IndexName":"pageId-index"`
	const ask = head + `,"KeyConditionExpression":"pageId = :p","ExpressionAttributeValues":{":p":{"S":"a"}}`
	tests := []struct{ name, body, text string }{
		{"consistent read of an index", ask + `,"ConsistentRead":true}`, "Consistent reads are not supported on global secondary indexes"},
		{"no such index", `{"TableName":"comments","IndexName":"nope","KeyConditionExpression":"pageId = :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`, "The table does not have the specified index: nope"},
		{"start key without all keys", ask + `,"ExclusiveStartKey":{"pageId":{"S":"a"},"commentId":{"S":"1"}}}`, "The provided starting key is invalid"},
		{"start key of another page", ask + `,"ExclusiveStartKey":{"pageId":{"S":"b"},"commentId":{"S":"1"},"createdAt":{"N":"1"}}}`, "outside query boundaries"},
		{"start key of the wrong type", ask + `,"ExclusiveStartKey":{"pageId":{"S":"a"},"commentId":{"S":"1"},"createdAt":{"S":"1"}}}`, "The provided key element does not match the schema"},
		{"start key with an empty id", ask + `,"ExclusiveStartKey":{"pageId":{"S":"a"},"commentId":{"S":""},"createdAt":{"N":"1"}}}`, "The provided starting key is invalid"},
		{"not the index's key", head + `,"KeyConditionExpression":"commentId = :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`, "Query condition missed key schema element: pageId"},
		{"wrong key type", head + `,"KeyConditionExpression":"pageId = :p","ExpressionAttributeValues":{":p":{"N":"1"}}}`, "Condition parameter type does not match schema type"},
		{"no condition", head + "}", "Either the KeyConditions or KeyConditionExpression parameter must be specified"},
		{"not projected", ask + `,"ProjectionExpression":"sourceIp"}`, "does not project [sourceIp]"},
		{"all attributes", ask + `,"Select":"ALL_ATTRIBUTES"}`, "Select type ALL_ATTRIBUTES is not supported for global secondary index pageId-index"},
		{"limit 0", ask + `,"Limit":0}`, "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"unused value", head + `,"KeyConditionExpression":"pageId = :p","ExpressionAttributeValues":{":p":{"S":"a"},":q":{"S":"b"}}}`, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:q}"},
		{"undefined value", head + `,"KeyConditionExpression":"pageId = :x","ExpressionAttributeValues":{":p":{"S":"a"}}}`, "Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: :x"},
		{"filter on a key", ask + `,"FilterExpression":"pageId = :p"}`, "Filter Expression can only contain non-primary key attributes: Primary key attribute: pageId"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			w.fails("Query", tt.body, "ValidationException", tt.text)
		})
	}
}

func TestH1_ItemRefusals(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	put := func(item string) string { return `{"TableName":"comments","Item":{` + item + `}}` }
	long := func(n int) string { return strings.Repeat("x", n) }
	tests := []struct{ name, item, code, text string }{
		{"no key", `"x":{"S":"1"}`, "ValidationException", "Missing the key commentId in the item"},
		{"wrong key type", `"commentId":{"N":"1"}`, "ValidationException", "Type mismatch for key commentId expected: S actual: N"},
		{"empty key", `"commentId":{"S":""}`, "ValidationException", "cannot contain an empty string value. Key: commentId"},
		{"long key", `"commentId":{"S":"` + long(2049) + `"}`, "ValidationException", "Size of hashkey"},
		{"empty index key", `"commentId":{"S":"1"},"pageId":{"S":""}`, "ValidationException", "IndexName: pageId-index, IndexKey: pageId"},
		{"long index key", `"commentId":{"S":"1"},"pageId":{"S":"` + long(2049) + `"}`, "ValidationException", "Size of hashkey"},
		{"wrong index key type", `"commentId":{"S":"1"},"createdAt":{"S":"now"}`, "ValidationException", "Type mismatch for Index Key createdAt Expected: N Actual: S IndexName: pageId-index"},
		{"too big", `"commentId":{"S":"1"},"m":{"S":"` + long(400<<10) + `"}`, "ValidationException", "Item size has exceeded the maximum allowed size"},
		{"two types", `"commentId":{"S":"1","N":"1"}`, "ValidationException", "more than one datatypes"},
		{"null for a value", `"commentId":{"S":"1"},"x":null`, "ValidationException", "Supplied AttributeValue is empty"},
		{"no type", `"commentId":{}`, "ValidationException", "Supplied AttributeValue is empty"},
		{"number", `"commentId":{"S":"1"},"n":{"N":"one"}`, "ValidationException", "cannot be converted to a numeric value: one"},
		{"digits", `"commentId":{"S":"1"},"n":{"N":"123456789012345678901234567890123456789"}`, "ValidationException", "more than 38 significant digits"},
		{"overflow", `"commentId":{"S":"1"},"n":{"N":"1E126"}`, "ValidationException", "Number overflow"},
		{"empty set", `"commentId":{"S":"1"},"n":{"SS":[]}`, "ValidationException", "An string set  may not be empty"},
		{"text for S", `"commentId":{"S":1}`, "SerializationException", "NUMBER_VALUE cannot be converted to String"},
		{"list for an item", `"commentId":["S"]`, "SerializationException", "Unrecognized collection type class"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			w.fails("PutItem", put(tt.item), tt.code, tt.text)
		})
	}
	w.t = t
	w.ok("PutItem", put(`"commentId":{"S":"sparse"},"message":{"S":""}`))
	if got := w.ok("Scan", `{"TableName":"comments","IndexName":"pageId-index"}`)["Count"]; got != 0.0 {
		t.Errorf("an item without the index's keys is in the index (%v)", got)
	}
}

func TestH7_IndexReadsLag(t *testing.T) {
	w := newWorld(t, core.Nature{Delays: core.Delays{IndexLag: core.Duration(time.Second)}})
	w.ok("CreateTable", commentsTable)
	w.ok("PutItem", `{"TableName":"comments","Item":{"commentId":{"S":"1"},"pageId":{"S":"p"},"createdAt":{"N":"1"}}}`)
	count := func() any {
		return w.ok("Query", `{"TableName":"comments","IndexName":"pageId-index","KeyConditionExpression":"pageId = :p","ExpressionAttributeValues":{":p":{"S":"p"}}}`)["Count"]
	}
	if got := count(); got != 0.0 {
		t.Errorf("the index shows %v items at once; want 0", got)
	}
	w.clock.Advance(time.Second)
	if got := count(); got != 1.0 {
		t.Errorf("the index shows %v items after its lag; want 1", got)
	}
}

func TestF2_AccessDeniedNamesPrincipalActionAndResource(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	role := local
	role.ARN = "arn:aws:sts::123456789012:assumed-role/r/s"
	var asked []string
	role.Authorize = func(action, resource string) error {
		asked = append(asked, action+" "+resource)
		return errors.New("because no identity-based policy allows the " + action + " action")
	}
	status, m := w.call(role, "Query", `{"TableName":"comments","IndexName":"pageId-index","KeyConditionExpression":"pageId = :p","ExpressionAttributeValues":{":p":{"S":"p"}}}`)
	want := "User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: dynamodb:Query on resource: " + tableARN +
		"/index/pageId-index because no identity-based policy allows the dynamodb:Query action"
	if status != 400 || m["__type"] != "com.amazon.coral.service#AccessDeniedException" || m["Message"] != want {
		t.Errorf("got %d %v; want %s", status, m, want)
	}
	w.call(role, "PutItem", `{"TableName":"comments","Item":{}}`)
	if diff := cmp.Diff([]string{"dynamodb:Query " + tableARN + "/index/pageId-index", "dynamodb:PutItem " + tableARN}, asked); diff != "" {
		t.Error(diff)
	}
}

func TestUpdateItem(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	w.ok("PutItem", `{"TableName":"comments","Item":{"commentId":{"S":"1"},"n":{"N":"1"},"l":{"L":[{"S":"a"},{"S":"b"},{"S":"c"}]},"m":{"M":{"x":{"S":"y"}}},"ss":{"SS":["a","b"]}}}`)
	out := w.ok("UpdateItem", `{"TableName":"comments","Key":{"commentId":{"S":"1"}},"ReturnValues":"ALL_NEW",
		"UpdateExpression":"SET n = n + :one, m.z = if_not_exists(m.q, :v), l2 = list_append(l, :l) REMOVE l[0], l[1] ADD cnt :one DELETE ss :a",
		"ExpressionAttributeValues":{":one":{"N":"0.1"},":v":{"S":"v"},":l":{"L":[{"N":"5"}]},":a":{"SS":["a"]}}}`)
	want := map[string]any{
		"commentId": map[string]any{"S": "1"}, "n": map[string]any{"N": "1.1"}, "cnt": map[string]any{"N": "0.1"},
		"l":  map[string]any{"L": []any{map[string]any{"S": "c"}}},
		"l2": map[string]any{"L": []any{map[string]any{"S": "a"}, map[string]any{"S": "b"}, map[string]any{"S": "c"}, map[string]any{"N": "5"}}},
		"m":  map[string]any{"M": map[string]any{"x": map[string]any{"S": "y"}, "z": map[string]any{"S": "v"}}},
		"ss": map[string]any{"SS": []any{"b"}},
	}
	if diff := cmp.Diff(want, out["Attributes"]); diff != "" {
		t.Error(diff)
	}
	w.fails("UpdateItem", `{"TableName":"comments","Key":{"commentId":{"S":"1"}},"UpdateExpression":"SET commentId = :v","ExpressionAttributeValues":{":v":{"S":"2"}}}`,
		"ValidationException", "Cannot update attribute commentId. This attribute is part of the key")
	w.fails("UpdateItem", `{"TableName":"comments","Key":{"commentId":{"S":"1"}},"UpdateExpression":"SET a.b = :v","ExpressionAttributeValues":{":v":{"S":"2"}}}`,
		"ValidationException", "The document path provided in the update expression is invalid for update")
}

func TestWireProtocol(t *testing.T) {
	w := newWorld(t, core.Nature{})
	w.fails("TransactWriteItems", "{}", "UnknownOperationException", "The local AWS does not implement DynamoDB's TransactWriteItems")
	w.fails("Nonsense", "{}", "UnknownOperationException", "")
	w.fails("ListTables", "{", "SerializationException", "")
	w.fails("ListTables", `{"Limit":"x"}`, "SerializationException", "STRING_VALUE cannot be converted to Integer")
	if status, m := w.call(core.Caller{}, "ListTables", "{}"); status != 400 || m["Message"] != "Request is missing Authentication Token" {
		t.Errorf("without a caller: %d %v", status, m)
	}
}
