// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb_test

import (
	"context"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/dynamodb"
)

func post(service *dynamodb.Service, target, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Content-Type", contentType)
	rec := httptest.NewRecorder()
	service.ServeHTTP(rec, r.WithContext(core.WithCaller(r.Context(), local)))
	return rec
}

func TestF2_ResponsesCarryTypeAndChecksum(t *testing.T) {
	service := dynamodb.New(core.NewEnv(nil, core.Nature{}))
	for target, want := range map[string]int{"DynamoDB_20120810.ListTables": 200, "DynamoDB_20120810.DescribeTable": 400, "Other.ListTables": 400, "": 400} {
		resp := post(service, target, "application/x-amz-json-1.0", "{}")
		body, header := resp.Body.Bytes(), resp.Header()
		if resp.Code != want || header.Get("Content-Type") != "application/x-amz-json-1.0" ||
			header.Get("X-Amz-Crc32") != strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10) || header.Get("X-Amzn-Requestid") == "" {
			t.Errorf("%s: %d %v %s; want %d with type, checksum and request id", target, resp.Code, header, body, want)
		}
	}
	if resp := post(service, "DynamoDB_20120810.ListTables", "text/xml", "{}"); resp.Code != 404 {
		t.Errorf("XML: %d; want 404", resp.Code)
	}
	if resp := post(service, "DynamoDB_20120810.ListTables", "application/x-amz-json-1.0", strings.Repeat(" ", 16<<20)+"{}"); resp.Code != 413 {
		t.Errorf("more than 16 MB: %d; want 413", resp.Code)
	}
}

func TestOperationNamesTheTable(t *testing.T) {
	for body, want := range map[string]string{
		`{"TableName":"comments"}`: "comments",
		`{"ResourceArn":"arn:aws:dynamodb:eu-west-1:1:table/comments/index/x"}`: "comments",
		`{"TableName":"arn:aws:dynamodb:eu-west-1:1:table/comments"}`:           "comments",
		`{"RequestItems":{}}`: "", `{`: "", `{"TableName":5}`: "",
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
		if op, resource := dynamodb.Operation(r, []byte(body)); op != "PutItem" || resource != want {
			t.Errorf("Operation(%s) = %s, %s; want PutItem, %s", body, op, resource, want)
		}
	}
}

func TestAccountsAndRegionsAreApart(t *testing.T) {
	w := newWorld(t, core.Nature{})
	w.ok("CreateTable", commentsTable)
	other := local
	other.AccountID = "999999999999"
	if status, m := w.call(other, "DescribeTable", `{"TableName":"comments"}`); status != 400 {
		t.Errorf("another account sees the table: %v", m)
	}
	if status, m := w.call(other, "DescribeTable", `{"TableName":"`+tableARN+`"}`); status != 400 {
		t.Errorf("another account sees the table by its ARN: %v", m)
	}
	far := local
	far.Region, far.Partition = "cn-north-1", "aws-cn"
	status, m := w.call(far, "CreateTable", commentsTable)
	if status != 200 || m["TableDescription"].(map[string]any)["TableArn"] != "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/comments" {
		t.Errorf("in China: %d %v", status, m)
	}
	w.ok("DescribeTable", `{"TableName":"`+tableARN+`"}`)
	if got := w.ok("ListTables", "{}")["TableNames"]; !cmp.Equal(got, []any{"comments"}) {
		t.Errorf("ListTables = %v; want [comments]", got)
	}
}

func TestSnapshotShowsEverything(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	w.ok("PutItem", `{"TableName":"comments","Item":{"commentId":{"S":"1"}}}`)
	b, err := json.Marshal(w.service.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(b, &got); err != nil || len(got) != 1 {
		t.Fatalf("%v %s", err, b)
	}
	delete(got[0], "table")
	want := map[string]any{
		"accountId": "123456789012", "region": "eu-west-1", "name": "comments", "itemCount": 1.0, "tags": map[string]any{"team": "web"},
		"timeToLive": map[string]any{"TimeToLiveStatus": "DISABLED"},
		"backups": map[string]any{"ContinuousBackupsDescription": map[string]any{"ContinuousBackupsStatus": "ENABLED",
			"PointInTimeRecoveryDescription": map[string]any{"PointInTimeRecoveryStatus": "DISABLED"}}},
		"items": []any{map[string]any{"commentId": map[string]any{"S": "1"}}},
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Error(diff)
	}
}

// TestConcurrentUse is for the race detector, and for the promise that of many
// conditional puts of one id exactly one succeeds.
func TestConcurrentUse(t *testing.T) {
	service := dynamodb.New(core.NewEnv(nil, core.Nature{Delays: core.Delays{IndexLag: core.Duration(time.Microsecond)}}))
	call := func(op, body string) int {
		status, _ := service.Call(context.Background(), local, op, []byte(body))
		return status
	}
	if call("CreateTable", commentsTable) != 200 {
		t.Fatal("CreateTable failed")
	}
	const workers, ids = 8, 40
	var mu sync.Mutex
	won := map[string]int{}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range ids {
				id := strconv.Itoa(i)
				if call("PutItem", `{"TableName":"comments","ConditionExpression":"attribute_not_exists(commentId)","Item":{"commentId":{"S":"`+id+`"},"pageId":{"S":"p"},"createdAt":{"N":"1"}}}`) == 200 {
					mu.Lock()
					won[id]++
					mu.Unlock()
				}
				call("Query", `{"TableName":"comments","IndexName":"pageId-index","KeyConditionExpression":"pageId = :p","ExpressionAttributeValues":{":p":{"S":"p"}}}`)
				call("DescribeTable", `{"TableName":"comments"}`)
				if i%10 == 0 {
					call("UpdateTable", `{"TableName":"comments","AttributeDefinitions":[{"AttributeName":"u","AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"by-u","KeySchema":[{"AttributeName":"u","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]}`)
					call("UpdateTable", `{"TableName":"comments","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"by-u"}}]}`)
				}
				service.Snapshot()
			}
		})
	}
	wg.Wait()
	for id, n := range won {
		if n != 1 {
			t.Errorf("comment %s was stored %d times; want once", id, n)
		}
	}
	if len(won) != ids {
		t.Errorf("%d comments were stored; want %d", len(won), ids)
	}
}

// FuzzCall: whatever the request, there is an answer in JSON (or none, for
// operations without a result), and never a panic.
func FuzzCall(f *testing.F) {
	f.Add("PutItem", `{"TableName":"comments","Item":{"commentId":{"S":"1"}},"ConditionExpression":"attribute_not_exists(commentId)"}`)
	f.Add("Query", `{"TableName":"comments","IndexName":"pageId-index","KeyConditionExpression":"pageId = :p AND createdAt > :n","ExpressionAttributeValues":{":p":{"S":"p"},":n":{"N":"1"}},"ExclusiveStartKey":{"pageId":{"S":"p"},"commentId":{"S":"1"},"createdAt":{"N":"2"}},"ScanIndexForward":false,"Limit":1}`)
	f.Add("UpdateItem", `{"TableName":"comments","Key":{"commentId":{"S":"1"}},"UpdateExpression":"SET a.b[1] = :v ADD n :n","ExpressionAttributeValues":{":v":{"L":[]},":n":{"N":"1"}}}`)
	f.Add("UpdateTable", `{"TableName":"comments","GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"pageId-index"}}]}`)
	f.Add("BatchGetItem", `{"RequestItems":{"comments":{"Keys":[{"commentId":{"S":"1"}}]}}}`)
	f.Add("BatchWriteItem", `{"RequestItems":{"comments":[{"PutRequest":null},null]}}`)
	f.Add("Scan", `{"TableName":"comments","Segment":0,"TotalSegments":3,"FilterExpression":"a.b[0] = c"}`)
	f.Add("TagResource", `{"ResourceArn":"`+tableARN+`","Tags":[null,{"Key":"a","Value":"b"}]}`)
	f.Add("CreateTable", commentsTable)
	f.Add("UpdateTimeToLive", `{"TableName":"comments","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"e"}}`)
	f.Fuzz(func(t *testing.T, op, body string) {
		service := dynamodb.New(core.NewEnv(core.NewFakeClock(time.Unix(1_700_000_000, 0)), core.Nature{}))
		for _, r := range [][2]string{
			{"CreateTable", commentsTable},
			{"PutItem", `{"TableName":"comments","Item":{"commentId":{"S":"0"},"pageId":{"S":"p"},"createdAt":{"N":"1"},"a":{"M":{"b":{"L":[{"N":"1"}]}}}}}`},
			{op, body}, {op, body}, {"DescribeTable", `{"TableName":"comments"}`},
		} {
			status, out := service.Call(context.Background(), local, r[0], []byte(r[1]))
			if len(out) > 0 && !json.Valid(out) || status != 200 && status != 400 {
				t.Errorf("%s %s = %d %s", r[0], r[1], status, out)
			}
		}
	})
}

func BenchmarkPostComment(b *testing.B) {
	service := dynamodb.New(core.NewEnv(nil, core.Nature{}))
	service.Call(context.Background(), local, "CreateTable", []byte(commentsTable))
	i := 0
	for b.Loop() {
		i++
		id := strconv.Itoa(i * 7919)
		status, out := service.Call(context.Background(), local, "PutItem", []byte(`{"TableName":"comments","ConditionExpression":"attribute_not_exists(commentId)","Item":{"commentId":{"S":"`+id+
			`"},"pageId":{"S":"page"},"userName":{"S":"ann"},"message":{"S":"hello"},"createdAt":{"N":"`+strconv.Itoa(i)+`"}}}`))
		if status != 200 {
			b.Fatalf("%d %s", status, out)
		}
	}
}

func BenchmarkListPage(b *testing.B) {
	service := dynamodb.New(core.NewEnv(nil, core.Nature{}))
	service.Call(context.Background(), local, "CreateTable", []byte(commentsTable))
	for i := range 50_000 {
		service.Call(context.Background(), local, "PutItem", []byte(`{"TableName":"comments","Item":{"commentId":{"S":"`+strconv.Itoa(i)+`"},"pageId":{"S":"page"},"createdAt":{"N":"`+strconv.Itoa(i)+`"}}}`))
	}
	for b.Loop() {
		status, out := service.Call(context.Background(), local, "Query", []byte(`{"TableName":"comments","IndexName":"pageId-index","Limit":50,"ScanIndexForward":false,"KeyConditionExpression":"pageId = :p","ExpressionAttributeValues":{":p":{"S":"page"}}}`))
		if status != 200 {
			b.Fatalf("%d %s", status, out)
		}
	}
}
