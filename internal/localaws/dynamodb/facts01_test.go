// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/commentsapi/operator/internal/localaws/core"
)

// An index whose lag is switched off in the middle goes on from the newest
// item, whatever was still under way to it.
func TestH7_IndexesSettleWhenTheirLagIsSwitchedOff(t *testing.T) {
	w := newWorld(t, core.Nature{Delays: core.Delays{IndexLag: core.Duration(time.Second)}})
	w.ok("CreateTable", commentsTable)
	put := func(message string) {
		w.ok("PutItem", `{"TableName":"comments","Item":{"commentId":{"S":"1"},"pageId":{"S":"p"},"createdAt":{"N":"1"},"message":{"S":"`+message+`"}}}`)
	}
	put("old")
	w.env.SetNature(core.Nature{})
	put("new")
	w.clock.Advance(time.Minute)
	out := w.ok("Query", `{"TableName":"comments","IndexName":"pageId-index","KeyConditionExpression":"pageId = :p",
		"ExpressionAttributeValues":{":p":{"S":"p"}},"ProjectionExpression":"message"}`)
	if got, want := fmt.Sprint(out["Items"]), "[map[message:map[S:new]]]"; got != want {
		t.Errorf("the index holds %s; want what was written last, %s", got, want)
	}
}

// Only so many tables may be created at the same time.
func TestH6_SimultaneousTableOperations(t *testing.T) {
	w := newWorld(t, core.Nature{Delays: core.Delays{TableCreate: core.Duration(time.Minute)}})
	create := func(i int) string {
		return fmt.Sprintf(`{"TableName":"table-%d","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],
			"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`, i)
	}
	for i := range 500 {
		w.ok("CreateTable", create(i))
	}
	w.fails("CreateTable", create(500), "LimitExceededException", "simultaneous")
	w.clock.Advance(time.Minute)
	w.ok("CreateTable", create(500))
}
