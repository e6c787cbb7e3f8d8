// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
)

const pendingIndexName = "pending-index"

// refusedKey has no key, which DynamoDB refuses.
var refusedKey = object{"TableName": tableName, "Key": object{}}

// pending has the text as the cursor of what waits for a moderator.
func pending(t templates, cursor text) error {
	want := object{"TableName": tableName, "IndexName": pendingIndexName, "KeyConditionExpression": "moderation = :pending",
		"ExpressionAttributeValues": object{":pending": s("Pending")}, "Limit": json.Number("100")}
	in := mapping.Input{Query: map[string]string{}}
	if cursor.value != "" {
		in.Query["cursor"] = cursor.value
		if m := cursors.FindStringSubmatch(cursor.value); m != nil {
			want["ExclusiveStartKey"] = object{"createdAt": object{"N": m[1]}, "commentId": s(m[2]), "moderation": s("Pending")}
		} else {
			want = object{"TableName": tableName, "IndexName": pendingIndexName, "Limit": json.Number("0")}
		}
	}
	return compare(t.pending, want, in)
}

// pendingListed has the text in every field of a comment that waits.
func pendingListed(t templates, x text) error {
	body := `{"Items":[{"commentId":{"S":` + x.json + `},"pendingPageId":{"S":` + x.json + `},"userName":{"S":` + x.json +
		`},"message":{"S":` + x.json + `},"parentId":{"S":` + x.json + `},"createdAt":{"N":` + x.json + `}}]}`
	comment := object{"commentId": x.value, "pageId": x.value, "userName": x.value, "message": x.value}
	if x.value != "" {
		comment["parentId"] = x.value
	}
	if numbers.MatchString(x.value) {
		comment["createdAt"] = json.Number(x.value)
	}
	return compare(t.pendingListed, object{"comments": []any{comment}}, mapping.Input{Body: []byte(body)})
}

// decided has the text as the comment that is approved or rejected.
func decided(t templates, id text) error {
	in := mapping.Input{Path: map[string]string{"commentId": id.value}}
	approve, reject := refusedKey, refusedKey
	if commentIDs.MatchString(id.value) {
		key, values := object{"commentId": s(id.value)}, object{":pending": s("Pending")}
		approve = object{"TableName": tableName, "Key": key, "ExpressionAttributeValues": values,
			"ConditionExpression": "moderation = :pending AND attribute_exists(pendingPageId)",
			"UpdateExpression":    "SET pageId = pendingPageId REMOVE pendingPageId, moderation"}
		reject = object{"TableName": tableName, "Key": key, "ExpressionAttributeValues": values,
			"ConditionExpression": "moderation = :pending"}
	}
	if err := compare(t.approve, approve, in); err != nil {
		return fmt.Errorf("approved: %w", err)
	}
	if err := compare(t.reject, reject, in); err != nil {
		return fmt.Errorf("rejected: %w", err)
	}
	return nil
}

// deleted deletes a comment of a page.
func deleted(t templates, pageID, id string) error {
	want := refusedKey
	if commentIDs.MatchString(id) && pageID != "" && utf8.RuneCountInString(pageID) <= maxPageID {
		want = object{"TableName": tableName, "Key": object{"commentId": s(id)}, "ConditionExpression": "pageId = :pageId",
			"ExpressionAttributeValues": object{":pageId": s(pageID)}}
	}
	return compare(t.remove, want, mapping.Input{Path: map[string]string{"pageId": pageID, "commentId": id}})
}
