// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
)

const pendingIndexName = "pending-index"

// refusedKey has no key, which DynamoDB refuses.
var refusedKey = object{"TableName": tableName, "Key": object{}}

// waiting lists what waits for a moderator.
func waiting(cursor, limit string) attempt {
	want := object{"TableName": tableName, "IndexName": pendingIndexName, "KeyConditionExpression": "moderation = :pending",
		"ExpressionAttributeValues": object{":pending": s("Pending")}, "Limit": json.Number("100")}
	in := mapping.Input{Query: map[string]string{}}
	valid := true
	if cursor != "" {
		in.Query["cursor"] = cursor
		if m := cursors.FindStringSubmatch(cursor); m != nil {
			want["ExclusiveStartKey"] = object{"createdAt": object{"N": m[1]}, "commentId": s(m[2]), "moderation": s("Pending")}
		} else {
			valid = false
		}
	}
	if limit != "" {
		in.Query["limit"] = limit
		want["Limit"] = json.Number(limit)
		valid = valid && limits.MatchString(limit)
	}
	if !valid {
		want = object{"TableName": tableName, "IndexName": pendingIndexName, "Limit": json.Number("0")}
	}
	return attempt{pending, want, in}
}

// pendingFields has the text in every field of a comment that waits.
func pendingFields(x text) []attempt {
	body := `{"Items":[{"commentId":{"S":` + x.json + `},"pendingPageId":{"S":` + x.json + `},"userName":{"S":` + x.json +
		`},"message":{"S":` + x.json + `},"parentId":{"S":` + x.json + `},"createdAt":{"N":` + x.json + `}}]}`
	comment := object{"commentId": x.value, "pageId": x.value, "userName": x.value, "message": x.value}
	if x.value != "" {
		comment["parentId"] = x.value
	}
	if numbers.MatchString(x.value) {
		comment["createdAt"] = json.Number(x.value)
	}
	return one(attempt{pendingListed, object{"comments": []any{comment}}, mapping.Input{Body: []byte(body)}})
}

// decided has the text as the comment that is approved or rejected.
func decided(id text) []attempt {
	in := mapping.Input{Path: map[string]string{"commentId": id.value}}
	approved, rejected := refusedKey, refusedKey
	if commentIDs.MatchString(id.value) {
		key, values := object{"commentId": s(id.value)}, object{":pending": s("Pending")}
		approved = object{"TableName": tableName, "Key": key, "ExpressionAttributeValues": values,
			"ConditionExpression": "moderation = :pending AND attribute_exists(pendingPageId)",
			"UpdateExpression":    "SET pageId = pendingPageId REMOVE pendingPageId, moderation"}
		rejected = object{"TableName": tableName, "Key": key, "ExpressionAttributeValues": values,
			"ConditionExpression": "moderation = :pending"}
	}
	return []attempt{{approve, approved, in}, {reject, rejected, in}}
}

// deleted deletes a comment of a page.
func deleted(pageID, id string) attempt {
	want := refusedKey
	if commentIDs.MatchString(id) && pageID != "" && utf8.RuneCountInString(pageID) <= maxPageID {
		want = object{"TableName": tableName, "Key": object{"commentId": s(id)}, "ConditionExpression": "pageId = :pageId",
			"ExpressionAttributeValues": object{":pageId": s(pageID)}}
	}
	return attempt{remove, want, mapping.Input{Path: map[string]string{"pageId": pageID, "commentId": id}}}
}
