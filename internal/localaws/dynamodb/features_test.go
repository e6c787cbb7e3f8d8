// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// table is DescribeTable's answer as generic JSON.
func (w *world) table(name string) map[string]any {
	w.t.Helper()
	return w.ok("DescribeTable", `{"TableName":"`+name+`"}`)["Table"].(map[string]any)
}

func TestH5_Encryption(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	if got := w.table("comments")["SSEDescription"]; got != nil {
		t.Errorf("a table with AWS's own key shows %v; want nothing", got)
	}
	const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	for _, id := range []string{key, "1234abcd-12ab-34cd-56ef-1234567890ab"} {
		w.ok("UpdateTable", `{"TableName":"comments","SSESpecification":{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"`+id+`"}}`)
		want := map[string]any{"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key}
		if diff := cmp.Diff(want, w.table("comments")["SSEDescription"]); diff != "" {
			t.Errorf("with key %s: %s", id, diff)
		}
		w.fails("UpdateTable", `{"TableName":"comments","SSESpecification":{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"`+id+`"}}`, "ValidationException", "already encrypted")
		w.ok("UpdateTable", `{"TableName":"comments","SSESpecification":{"Enabled":false}}`)
	}
	w.fails("UpdateTable", `{"TableName":"comments","SSESpecification":{"Enabled":true,"SSEType":"AES256"}}`, "ValidationException", "AES256")
	w.fails("UpdateTable", `{"TableName":"comments","SSESpecification":{"Enabled":false,"SSEType":"KMS"}}`, "ValidationException", "only be specified when SSE is enabled")
	w.ok("UpdateTable", `{"TableName":"comments","SSESpecification":{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"alias/mine"}}`)
	arn := w.table("comments")["SSEDescription"].(map[string]any)["KMSMasterKeyArn"]
	w.ok("UpdateTable", `{"TableName":"comments","SSESpecification":{"Enabled":true,"SSEType":"KMS"}}`)
	if other := w.table("comments")["SSEDescription"].(map[string]any)["KMSMasterKeyArn"]; arn == other {
		t.Errorf("an alias and the default key are the same key, %v", arn)
	}
}

func TestH5_TableClass(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	if got := w.table("comments")["TableClassSummary"]; got != nil {
		t.Errorf("a table without a class shows %v; want nothing", got)
	}
	w.fails("UpdateTable", `{"TableName":"comments","TableClass":"STANDARD"}`, "ValidationException", "TableClass equals")
	w.ok("UpdateTable", `{"TableName":"comments","TableClass":"STANDARD_INFREQUENT_ACCESS"}`)
	out, err := w.DescribeTable(ctx, &sdk.DescribeTableInput{TableName: aws.String("comments")})
	if err != nil || out.Table.TableClassSummary.TableClass != types.TableClassStandardInfrequentAccess || out.Table.TableClassSummary.LastUpdateDateTime == nil {
		t.Errorf("class = %+v, %v; want STANDARD_INFREQUENT_ACCESS with the time of its change", out.Table.TableClassSummary, err)
	}
}

func TestH4_CapsAndWarmThroughput(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	warm := w.table("comments")["WarmThroughput"]
	if diff := cmp.Diff(map[string]any{"ReadUnitsPerSecond": 12000.0, "WriteUnitsPerSecond": 4000.0, "Status": "ACTIVE"}, warm); diff != "" {
		t.Error(diff)
	}
	w.ok("UpdateTable", `{"TableName":"comments","WarmThroughput":{"ReadUnitsPerSecond":15000,"WriteUnitsPerSecond":4000}}`)
	w.fails("UpdateTable", `{"TableName":"comments","WarmThroughput":{"ReadUnitsPerSecond":15000}}`, "ValidationException", "nothing would change")
	w.ok("UpdateTable", `{"TableName":"comments","OnDemandThroughput":{"MaxReadRequestUnits":100,"MaxWriteRequestUnits":50}}`)
	w.fails("UpdateTable", `{"TableName":"comments","OnDemandThroughput":{"MaxReadRequestUnits":100}}`, "ValidationException", "nothing would change")
	w.fails("UpdateTable", `{"TableName":"comments","OnDemandThroughput":{"MaxReadRequestUnits":0}}`, "ValidationException", "MaxReadRequestUnits must be at least 1")
	w.fails("UpdateTable", `{"TableName":"comments","OnDemandThroughput":{}}`, "ValidationException", "At least one of")
	w.ok("UpdateTable", `{"TableName":"comments","OnDemandThroughput":{"MaxReadRequestUnits":-1}}`)
	if diff := cmp.Diff(map[string]any{"MaxWriteRequestUnits": 50.0}, w.table("comments")["OnDemandThroughput"]); diff != "" {
		t.Error(diff)
	}
	w.ok("UpdateTable", `{"TableName":"comments","GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"pageId-index","OnDemandThroughput":{"MaxReadRequestUnits":7}}}]}`)
	index := w.table("comments")["GlobalSecondaryIndexes"].([]any)[0].(map[string]any)
	if diff := cmp.Diff(map[string]any{"MaxReadRequestUnits": 7.0}, index["OnDemandThroughput"]); diff != "" {
		t.Error(diff)
	}
}

func TestH4_DecreasesAreLimited(t *testing.T) {
	w := newWorld(t, core.Nature{})
	w.ok("CreateTable", `{"TableName":"plain","ProvisionedThroughput":{"ReadCapacityUnits":100,"WriteCapacityUnits":1},
		"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`)
	set := func(n int) string {
		return fmt.Sprintf(`{"TableName":"plain","ProvisionedThroughput":{"ReadCapacityUnits":%d,"WriteCapacityUnits":1}}`, n)
	}
	for i := range 4 {
		w.ok("UpdateTable", set(99-i))
	}
	w.fails("UpdateTable", set(90), "LimitExceededException", "decreases are limited")
	w.ok("UpdateTable", set(200)) // an increase is always allowed
	w.clock.Advance(time.Hour)
	w.ok("UpdateTable", set(90))
	if p := w.table("plain")["ProvisionedThroughput"].(map[string]any); p["NumberOfDecreasesToday"] != 5.0 || p["ReadCapacityUnits"] != 90.0 {
		t.Errorf("throughput = %v; want 90 units after 5 decreases", p)
	}
}

func TestH2_TheOldUnitsAreShownWhileUpdating(t *testing.T) {
	w := newWorld(t, slow)
	w.ok("CreateTable", `{"TableName":"plain","ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},
		"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`)
	w.clock.Advance(time.Minute)
	w.ok("UpdateTable", `{"TableName":"plain","ProvisionedThroughput":{"ReadCapacityUnits":9,"WriteCapacityUnits":1}}`)
	units := func() any { return w.table("plain")["ProvisionedThroughput"].(map[string]any)["ReadCapacityUnits"] }
	if table, _ := w.status("plain"); table != "UPDATING" || units() != 1.0 {
		t.Errorf("at once: %s with %v units; want UPDATING with 1", table, units())
	}
	w.clock.Advance(10 * time.Second)
	if table, _ := w.status("plain"); table != "ACTIVE" || units() != 9.0 {
		t.Errorf("later: %s with %v units; want ACTIVE with 9", table, units())
	}
}

func TestListTablesComesInPages(t *testing.T) {
	w := newWorld(t, core.Nature{})
	for i := range 5 {
		w.ok("CreateTable", fmt.Sprintf(`{"TableName":"table-%d","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`, i))
	}
	w.ok("DeleteTable", `{"TableName":"table-2"}`)
	var got [][]string
	p := sdk.NewListTablesPaginator(w.Client, &sdk.ListTablesInput{Limit: aws.Int32(2)})
	for p.HasMorePages() {
		out, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, out.TableNames)
	}
	if diff := cmp.Diff([][]string{{"table-0", "table-1"}, {"table-3", "table-4"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestBatches(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	var puts []types.WriteRequest
	for i := range 25 {
		puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: comment(fmt.Sprint(i), "p", i)}})
	}
	if _, err := w.BatchWriteItem(ctx, &sdk.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"comments": puts}}); err != nil {
		t.Fatal(err)
	}
	_, err := w.BatchWriteItem(ctx, &sdk.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"comments": append(puts, puts[0])}})
	w.wantCode(err, "ValidationException", "Map value must satisfy constraint")
	out, err := w.BatchGetItem(ctx, &sdk.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"comments": {
		Keys:                 []map[string]types.AttributeValue{{"commentId": s("3")}, {"commentId": s("gone")}, {"commentId": s("24")}},
		ProjectionExpression: aws.String("commentId"),
	}}})
	if err != nil || len(out.Responses["comments"]) != 2 || len(out.Responses["comments"][0]) != 1 || len(out.UnprocessedKeys) != 0 {
		t.Errorf("BatchGetItem = %+v, %v; want two items with one attribute", out, err)
	}
}

func TestConditionFailureCanReturnTheItem(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	w.ok("PutItem", `{"TableName":"comments","Item":{"commentId":{"S":"1"},"v":{"N":"1"}}}`)
	status, m := w.call(local, "DeleteItem", `{"TableName":"comments","Key":{"commentId":{"S":"1"}},"ConditionExpression":"v = :v",
		"ExpressionAttributeValues":{":v":{"N":"2"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`)
	want := map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "message": "The conditional request failed",
		"Item": map[string]any{"commentId": map[string]any{"S": "1"}, "v": map[string]any{"N": "1"}}}
	if diff := cmp.Diff(want, m); status != 400 || diff != "" {
		t.Errorf("%d %s", status, diff)
	}
}

func TestScanSegmentsCoverTheTable(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	for i := range 60 {
		w.ok("PutItem", fmt.Sprintf(`{"TableName":"comments","Item":{"commentId":{"S":"%d"}}}`, i))
	}
	seen := map[string]int{}
	for segment := range int32(4) {
		p := sdk.NewScanPaginator(w.Client, &sdk.ScanInput{TableName: aws.String("comments"), Limit: aws.Int32(7), Segment: &segment, TotalSegments: aws.Int32(4)})
		for p.HasMorePages() {
			out, err := p.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range out.Items {
				seen[item["commentId"].(*types.AttributeValueMemberS).Value]++
			}
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("item %s came %d times", id, n)
		}
	}
	if len(seen) != 60 {
		t.Errorf("the segments hold %d items; want 60", len(seen))
	}
}

func TestDescribeLimitsAndEndpoints(t *testing.T) {
	w := newWorld(t, core.Nature{})
	if got := w.ok("DescribeLimits", "{}")["TableMaxReadCapacityUnits"]; got != 40000.0 {
		t.Errorf("TableMaxReadCapacityUnits = %v; want 40000", got)
	}
	out, err := w.DescribeEndpoints(ctx, &sdk.DescribeEndpointsInput{})
	if err != nil || len(out.Endpoints) != 1 {
		t.Errorf("DescribeEndpoints = %v, %v; want one endpoint", out, err)
	}
}
