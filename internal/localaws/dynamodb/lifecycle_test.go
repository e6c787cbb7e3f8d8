// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/commentsapi/operator/internal/localaws/core"
)

var slow = core.Nature{Delays: core.Delays{
	TableCreate: core.Duration(10 * time.Second), TableUpdate: core.Duration(10 * time.Second), TableDelete: core.Duration(10 * time.Second),
	IndexCreate: core.Duration(20 * time.Second), IndexDelete: core.Duration(10 * time.Second), BackupsAvailable: core.Duration(30 * time.Second),
}}

var ctx = context.Background()

func createComments(w *world) *types.TableDescription {
	w.t.Helper()
	out, err := w.CreateTable(ctx, &sdk.CreateTableInput{
		TableName: aws.String("comments"), BillingMode: types.BillingModePayPerRequest,
		DeletionProtectionEnabled: aws.Bool(true),
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("commentId"), AttributeType: "S"},
			{AttributeName: aws.String("pageId"), AttributeType: "S"},
			{AttributeName: aws.String("createdAt"), AttributeType: "N"},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("commentId"), KeyType: "HASH"}},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String("pageId-index"),
			KeySchema:  []types.KeySchemaElement{{AttributeName: aws.String("pageId"), KeyType: "HASH"}, {AttributeName: aws.String("createdAt"), KeyType: "RANGE"}},
			Projection: &types.Projection{ProjectionType: "INCLUDE", NonKeyAttributes: []string{"userName", "message", "parentId"}},
		}},
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.TableDescription
}

func TestH2_CreateTableIsAsynchronous(t *testing.T) {
	w := newWorld(t, slow)
	if d := createComments(w); d.TableStatus != "CREATING" || aws.ToString(d.TableArn) != tableARN {
		t.Errorf("CreateTable shows %s %s; want CREATING %s", d.TableStatus, aws.ToString(d.TableArn), tableARN)
	}
	if table, index := w.status("comments"); table != "CREATING" || index != "CREATING" {
		t.Errorf("status = %s, index %s; want CREATING, CREATING", table, index)
	}
	_, err := w.PutItem(ctx, &sdk.PutItemInput{TableName: aws.String("comments"), Item: map[string]types.AttributeValue{"commentId": s("1")}})
	w.wantCode(err, "ResourceNotFoundException", "Requested resource not found")
	w.fails("CreateTable", commentsTable, "ResourceInUseException", "Table already exists: comments")
	w.fails("DeleteTable", `{"TableName":"comments"}`, "ResourceInUseException", "Table is being created: comments")
	w.fails("UpdateTable", `{"TableName":"comments","DeletionProtectionEnabled":false}`, "ResourceInUseException", "being created")
	w.clock.Advance(10 * time.Second)
	if table, index := w.status("comments"); table != "ACTIVE" || index != "ACTIVE" {
		t.Errorf("status after the delay = %s, index %s; want ACTIVE, ACTIVE", table, index)
	}
}

func TestH2_DeleteProtected(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	w.fails("DeleteTable", `{"TableName":"comments"}`, "ValidationException",
		"Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	w.ok("UpdateTable", `{"TableName":"comments","DeletionProtectionEnabled":false}`)
	w.ok("DeleteTable", `{"TableName":"comments"}`)
	w.fails("DescribeTable", `{"TableName":"comments"}`, "ResourceNotFoundException", "Requested resource not found: Table: comments not found")
}

func TestH2_DeleteTableIsAsynchronousAndRepeatable(t *testing.T) {
	w := newWorld(t, slow)
	w.ok("CreateTable", commentsTable)
	w.clock.Advance(time.Minute)
	w.ok("PutItem", `{"TableName":"comments","Item":{"commentId":{"S":"1"}}}`)
	w.ok("DeleteTable", `{"TableName":"comments"}`)
	out, err := w.DescribeTable(ctx, &sdk.DescribeTableInput{TableName: aws.String("comments")})
	if err != nil || out.Table.TableStatus != "DELETING" || len(out.Table.GlobalSecondaryIndexes) != 0 {
		t.Errorf("while deleting: %v, %v; want DELETING without index data", out, err)
	}
	w.ok("DeleteTable", `{"TableName":"comments"}`)
	w.fails("CreateTable", commentsTable, "ResourceInUseException", "")
	w.fails("GetItem", `{"TableName":"comments","Key":{"commentId":{"S":"1"}}}`, "ResourceNotFoundException", "")
	w.clock.Advance(10 * time.Second)
	w.fails("DeleteTable", `{"TableName":"comments"}`, "ResourceNotFoundException", "Table: comments not found")
	w.ok("CreateTable", commentsTable)
	w.clock.Advance(time.Minute)
	if got := w.ok("Scan", `{"TableName":"comments"}`)["Count"]; got != 0.0 {
		t.Errorf("a table made anew holds %v items; want none", got)
	}
}

func TestH2_DescribeTableLags(t *testing.T) {
	nature := slow
	nature.Lag = map[string]core.Duration{"dynamodb": core.Duration(3 * time.Second)}
	w := newWorld(t, nature)
	w.ok("CreateTable", commentsTable)
	w.fails("DescribeTable", `{"TableName":"comments"}`, "ResourceNotFoundException", "")
	w.fails("CreateTable", commentsTable, "ResourceInUseException", "") // writes see the latest state
	w.clock.Advance(3 * time.Second)
	if table, _ := w.status("comments"); table != "CREATING" {
		t.Errorf("status = %q; want CREATING", table)
	}
	w.clock.Advance(8 * time.Second)
	if table, _ := w.status("comments"); table != "CREATING" {
		t.Errorf("status 1 s after the table got ACTIVE, with a lag of 3 s = %q; want CREATING", table)
	}
	w.ok("PutItem", `{"TableName":"comments","Item":{"commentId":{"S":"1"}}}`)
}

func TestH3_AddingAnIndex(t *testing.T) {
	w := newWorld(t, slow)
	w.ok("CreateTable", commentsTable)
	w.clock.Advance(time.Minute)
	w.ok("PutItem", `{"TableName":"comments","Item":{"commentId":{"S":"1"},"userName":{"S":"ann"},"secret":{"S":"x"}}}`)
	const add = `{"TableName":"comments","AttributeDefinitions":[{"AttributeName":"userName","AttributeType":"S"}],
		"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"by-user","KeySchema":[{"AttributeName":"userName","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}}]}`
	const ask = `{"TableName":"comments","IndexName":"by-user","KeyConditionExpression":"userName = :u","ExpressionAttributeValues":{":u":{"S":"ann"}}}`
	w.ok("UpdateTable", add)
	phase := func(wantTable, wantIndex string, wantBackfilling any) {
		t.Helper()
		d := w.ok("DescribeTable", `{"TableName":"comments"}`)["Table"].(map[string]any)
		x := d["GlobalSecondaryIndexes"].([]any)[1].(map[string]any)
		if d["TableStatus"] != wantTable || x["IndexStatus"] != wantIndex || x["Backfilling"] != wantBackfilling {
			t.Errorf("table %v, index %v, backfilling %v; want %v, %v, %v", d["TableStatus"], x["IndexStatus"], x["Backfilling"], wantTable, wantIndex, wantBackfilling)
		}
	}
	phase("UPDATING", "CREATING", false)
	w.fails("UpdateTable", add, "ResourceInUseException", "Table is being updated")
	w.fails("Query", ask, "ValidationException", "Cannot read from backfilling global secondary index: by-user")
	w.ok("PutItem", `{"TableName":"comments","Item":{"commentId":{"S":"2"},"userName":{"S":"ann"}}}`)
	w.clock.Advance(10 * time.Second)
	phase("ACTIVE", "CREATING", true)
	w.fails("DeleteTable", `{"TableName":"comments"}`, "ResourceInUseException", "by-user")
	w.fails("UpdateTable", `{"TableName":"comments","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"pageId-index"}}]}`, "LimitExceededException", "Only 1 online index")
	w.clock.Advance(10 * time.Second)
	phase("ACTIVE", "ACTIVE", nil)
	out := w.ok("Query", ask)
	if got := fmt.Sprint(out["Count"]); got != "2" {
		t.Errorf("the new index finds %s items; want the one from before and the one from during its creation", got)
	}
	if item := out["Items"].([]any)[0].(map[string]any); item["secret"] != nil {
		t.Errorf("a KEYS_ONLY index returns %v", item)
	}
}

func TestH3_DroppingAnIndex(t *testing.T) {
	w := newWorld(t, slow)
	w.ok("CreateTable", commentsTable)
	w.clock.Advance(time.Minute)
	d := w.ok("UpdateTable", `{"TableName":"comments","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"pageId-index"}}]}`)["TableDescription"].(map[string]any)
	if got := d["GlobalSecondaryIndexes"].([]any)[0].(map[string]any)["IndexStatus"]; got != "DELETING" || d["TableStatus"] != "UPDATING" {
		t.Errorf("index %v, table %v; want DELETING, UPDATING", got, d["TableStatus"])
	}
	w.fails("Query", `{"TableName":"comments","IndexName":"pageId-index","KeyConditionExpression":"pageId = :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`,
		"ValidationException", "The table does not have the specified index: pageId-index")
	w.clock.Advance(10 * time.Second)
	d = w.ok("DescribeTable", `{"TableName":"comments"}`)["Table"].(map[string]any)
	if d["GlobalSecondaryIndexes"] != nil || len(d["AttributeDefinitions"].([]any)) != 1 || d["TableStatus"] != "ACTIVE" {
		t.Errorf("after the deletion: %v; want an ACTIVE table with the definition of its own key only", d)
	}
}

func TestH3_UpdateTableRules(t *testing.T) {
	w := newWorld(t, core.Nature{})
	w.ok("CreateTable", commentsTable)
	const index = `{"IndexName":"by-user","KeySchema":[{"AttributeName":"userName","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}`
	tests := []struct{ name, body, code, text string }{
		{"nothing", `{}`, "ValidationException", "At least one of"},
		{"no change", `{"DeletionProtectionEnabled":false}`, "ValidationException", "DeletionProtectionEnabled"},
		{"same billing mode", `{"BillingMode":"PAY_PER_REQUEST"}`, "ValidationException", "nothing would change"},
		{"two kinds", `{"DeletionProtectionEnabled":true,"TableClass":"STANDARD_INFREQUENT_ACCESS"}`, "ValidationException", "Only one kind of change"},
		{"create and delete", `{"AttributeDefinitions":[{"AttributeName":"userName","AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":` + index + `},{"Delete":{"IndexName":"pageId-index"}}]}`, "ValidationException", "Only one kind"},
		{"empty list", `{"GlobalSecondaryIndexUpdates":[]}`, "ValidationException", "empty"},
		{"undefined key", `{"GlobalSecondaryIndexUpdates":[{"Create":` + index + `}]}`, "ValidationException", "Some index key attributes are not defined"},
		{"unused definition", `{"AttributeDefinitions":[{"AttributeName":"userName","AttributeType":"S"},{"AttributeName":"x","AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":` + index + `}]}`, "ValidationException", "Some AttributeDefinitions are not used"},
		{"retyped definition", `{"AttributeDefinitions":[{"AttributeName":"userName","AttributeType":"S"},{"AttributeName":"pageId","AttributeType":"N"}],"GlobalSecondaryIndexUpdates":[{"Create":` + index + `}]}`, "ValidationException", "already defined"},
		{"throughput of on-demand", `{"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}`, "ValidationException", "PAY_PER_REQUEST"},
		{"provisioned without units", `{"BillingMode":"PROVISIONED"}`, "ValidationException", "ProvisionedThroughput must be specified"},
		{"provisioned without the index's units", `{"BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}`, "ValidationException", "ProvisionedThroughput must be specified for index: pageId-index"},
		{"existing index", `{"AttributeDefinitions":[{"AttributeName":"pageId","AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"pageId-index","KeySchema":[{"AttributeName":"pageId","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]}`, "ValidationException", "already exists"},
		{"missing index", `{"GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"nope"}}]}`, "ResourceNotFoundException", "nope"},
		{"lower warm throughput", `{"WarmThroughput":{"ReadUnitsPerSecond":100}}`, "ValidationException", "decreasing WarmThroughput is not supported"},
		{"streams", `{"StreamSpecification":{"StreamEnabled":true}}`, "ValidationException", "local AWS does not implement"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			body := `{"TableName":"comments"`
			if tt.body != "{}" {
				body += "," + tt.body[1:]
			} else {
				body += "}"
			}
			w.fails("UpdateTable", body, tt.code, tt.text)
		})
	}
}

func TestH4_BillingModes(t *testing.T) {
	w := newWorld(t, core.Nature{})
	w.ok("CreateTable", `{"TableName":"plain","ProvisionedThroughput":{"ReadCapacityUnits":2,"WriteCapacityUnits":3},
		"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`)
	describe := func() *types.TableDescription {
		t.Helper()
		out, err := w.DescribeTable(ctx, &sdk.DescribeTableInput{TableName: aws.String("plain")})
		if err != nil {
			t.Fatal(err)
		}
		return out.Table
	}
	if d := describe(); d.BillingModeSummary != nil || aws.ToInt64(d.ProvisionedThroughput.WriteCapacityUnits) != 3 {
		t.Errorf("born provisioned: summary %v, units %v; want none and 3", d.BillingModeSummary, d.ProvisionedThroughput)
	}
	w.fails("UpdateTable", `{"TableName":"plain","ProvisionedThroughput":{"ReadCapacityUnits":2,"WriteCapacityUnits":3}}`,
		"ValidationException", "The requested value equals the current value")
	for i := range 4 {
		w.ok("UpdateTable", `{"TableName":"plain","BillingMode":"PAY_PER_REQUEST"}`)
		if d := describe(); d.BillingModeSummary.BillingMode != "PAY_PER_REQUEST" || aws.ToInt64(d.ProvisionedThroughput.ReadCapacityUnits) != 0 {
			t.Fatalf("switch %d: %v %v; want PAY_PER_REQUEST and no units", i, d.BillingModeSummary, d.ProvisionedThroughput)
		}
		w.ok("UpdateTable", `{"TableName":"plain","BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":5}}`)
		if d := describe(); d.BillingModeSummary.BillingMode != "PROVISIONED" || aws.ToInt64(d.ProvisionedThroughput.ReadCapacityUnits) != 5 {
			t.Fatalf("switch back %d: %v %v", i, d.BillingModeSummary, d.ProvisionedThroughput)
		}
		w.clock.Advance(time.Hour)
	}
	w.fails("UpdateTable", `{"TableName":"plain","BillingMode":"PAY_PER_REQUEST"}`, "LimitExceededException", "4 times in 1 day")
	w.clock.Advance(20 * time.Hour)
	w.ok("UpdateTable", `{"TableName":"plain","BillingMode":"PAY_PER_REQUEST"}`)
}

func TestH5_Backups(t *testing.T) {
	w := newWorld(t, slow)
	w.fails("DescribeContinuousBackups", `{"TableName":"comments"}`, "TableNotFoundException", "Table not found: comments")
	w.ok("CreateTable", commentsTable)
	w.clock.Advance(15 * time.Second)
	enable := &sdk.UpdateContinuousBackupsInput{TableName: aws.String("comments"),
		PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true), RecoveryPeriodInDays: aws.Int32(7)}}
	_, err := w.UpdateContinuousBackups(ctx, enable)
	w.wantCode(err, "ContinuousBackupsUnavailableException", "Please retry later")
	w.clock.Advance(15 * time.Second)
	if _, err := w.UpdateContinuousBackups(ctx, enable); err != nil {
		t.Fatal(err)
	}
	out, err := w.DescribeContinuousBackups(ctx, &sdk.DescribeContinuousBackupsInput{TableName: aws.String("comments")})
	if err != nil {
		t.Fatal(err)
	}
	p := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	if p.PointInTimeRecoveryStatus != "ENABLED" || aws.ToInt32(p.RecoveryPeriodInDays) != 7 || p.EarliestRestorableDateTime == nil {
		t.Errorf("backups = %+v; want enabled for 7 days with restorable times", p)
	}
}

func TestH5_TimeToLiveChangesOncePerHour(t *testing.T) {
	w := newWorld(t, core.Nature{})
	w.ok("CreateTable", commentsTable)
	set := func(on bool, name string) string {
		return fmt.Sprintf(`{"TableName":"comments","TimeToLiveSpecification":{"Enabled":%t,"AttributeName":%q}}`, on, name)
	}
	w.fails("UpdateTimeToLive", set(false, "expires"), "ValidationException", "TimeToLive is already disabled")
	w.ok("UpdateTimeToLive", set(true, "expires"))
	out, err := w.DescribeTimeToLive(ctx, &sdk.DescribeTimeToLiveInput{TableName: aws.String("comments")})
	if err != nil || out.TimeToLiveDescription.TimeToLiveStatus != "ENABLED" || aws.ToString(out.TimeToLiveDescription.AttributeName) != "expires" {
		t.Errorf("TTL = %+v, %v; want ENABLED on expires", out, err)
	}
	w.fails("UpdateTimeToLive", set(false, "expires"), "ValidationException", "modified multiple times within a fixed interval")
	w.clock.Advance(time.Hour)
	w.fails("UpdateTimeToLive", set(true, "expires"), "ValidationException", "TimeToLive is already enabled")
	w.fails("UpdateTimeToLive", set(true, "other"), "ValidationException", "different AttributeName")
	w.ok("UpdateTimeToLive", set(false, "expires"))
}

func TestH5_TagsComeInPages(t *testing.T) {
	w := newWorld(t, core.Nature{})
	createComments(w)
	var tags []types.Tag
	for i := range 24 {
		tags = append(tags, types.Tag{Key: aws.String(fmt.Sprintf("k%02d", i)), Value: aws.String("v")})
	}
	if _, err := w.TagResource(ctx, &sdk.TagResourceInput{ResourceArn: aws.String(tableARN), Tags: tags}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.UntagResource(ctx, &sdk.UntagResourceInput{ResourceArn: aws.String(tableARN), TagKeys: []string{"k00", "absent"}}); err != nil {
		t.Fatal(err)
	}
	pages, count := 0, 0
	in := &sdk.ListTagsOfResourceInput{ResourceArn: aws.String(tableARN)}
	for {
		out, err := w.ListTagsOfResource(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		count += len(out.Tags)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if pages != 3 || count != 24 { // 24 + team - k00
		t.Errorf("%d tags on %d pages; want 24 on 3", count, pages)
	}
	w.fails("ListTagsOfResource", `{"ResourceArn":"arn:aws:dynamodb:eu-west-1:123456789012:table/gone"}`, "ResourceNotFoundException", "ResourcArn")
	w.fails("TagResource", `{"ResourceArn":"`+tableARN+`","Tags":[{"Key":"aws:x","Value":"v"}]}`, "ValidationException", "reserved")
}

func TestH1_CreateTableRefusals(t *testing.T) {
	w := newWorld(t, core.Nature{})
	attrs := func(list string) string { return `"AttributeDefinitions":[` + list + `]` }
	const id = `{"AttributeName":"id","AttributeType":"S"}`
	const keys = `"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]`
	const od = `"BillingMode":"PAY_PER_REQUEST"`
	tests := []struct{ name, body, text string }{
		{"no name", attrs(id) + "," + keys + "," + od, "The parameter 'TableName' is required"},
		{"short name", `"TableName":"ab",` + attrs(id) + "," + keys + "," + od, "TableName must be at least 3 characters long and at most 255 characters long"},
		{"bad name", `"TableName":"a b c",` + attrs(id) + "," + keys + "," + od, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"},
		{"no keys", `"TableName":"abc",` + attrs(id) + "," + od, "Value null at 'keySchema' failed to satisfy constraint: Member must not be null"},
		{"bad type", `"TableName":"abc",` + attrs(`{"AttributeName":"id","AttributeType":"X"}`) + "," + keys + "," + od, "Member must satisfy enum value set: [B, N, S]"},
		{"unused definition", `"TableName":"abc",` + attrs(id+`,{"AttributeName":"x","AttributeType":"S"}`) + "," + keys + "," + od, "does not exactly match number of attributes"},
		{"no throughput", `"TableName":"abc",` + attrs(id) + "," + keys, "must both be specified when BillingMode is PROVISIONED"},
		{"throughput on demand", `"TableName":"abc",` + attrs(id) + "," + keys + "," + od + `,"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}`, "Neither ReadCapacityUnits nor"},
		{"include nothing", `"TableName":"abc",` + attrs(id) + "," + keys + "," + od + `,"GlobalSecondaryIndexes":[{"IndexName":"idx",` + keys + `,"Projection":{"ProjectionType":"INCLUDE"}}]`, "NonKeyAttributes is not specified"},
		{"unused with index", `"TableName":"abc",` + attrs(id+`,{"AttributeName":"x","AttributeType":"S"}`) + "," + keys + "," + od + `,"GlobalSecondaryIndexes":[{"IndexName":"idx",` + keys + `,"Projection":{"ProjectionType":"ALL"}}]`, "Some AttributeDefinitions are not used"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			w.fails("CreateTable", "{"+tt.body+"}", "ValidationException", tt.text)
		})
	}
}
