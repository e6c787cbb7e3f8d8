// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"unicode/utf8"

	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
)

// What may be in a field that is restricted, told anew here: a mistake in the
// templates' own patterns must show.
var (
	pageIDs    = regexp.MustCompile(`\A[A-Za-z0-9._~-]{1,512}\z`)
	onlyDots   = regexp.MustCompile(`\A[.]*\z`)
	commentIDs = regexp.MustCompile(`\A[A-Za-z0-9._~-]{1,128}\z`)
	cursors    = regexp.MustCompile(`\A([0-9]{1,20})_([A-Za-z0-9._~-]{1,128})\z`)
	limits     = regexp.MustCompile(`\A([1-9][0-9]?|100)\z`)
	numbers    = regexp.MustCompile(`\A(0|[1-9][0-9]{0,19})\z`)
)

const (
	someID = "9d5f7a4e-6f0b-4f57-8c1f-2f9d0c9b8a11"
	epoch  = "1700000000000"
)

var (
	refusedPut   = object{"TableName": tableName, "Item": object{}}
	refusedQuery = object{"TableName": tableName, "IndexName": indexName, "Limit": json.Number("0")}
)

// attempt is text on its way through one template, and what must come of it.
type attempt struct {
	template string
	want     object
	in       mapping.Input
}

// check is one field in one direction. No attempt at all means that there is
// nothing to try with a text.
type check struct {
	name string
	try  func(text) []attempt
}

func one(a attempt) []attempt { return []attempt{a} }

// checks are all fields and directions.
var checks = []check{
	{"posted userName", func(s text) []attempt { return one(posted(fields{userName: s})) }},
	{"posted message", func(s text) []attempt { return one(posted(fields{message: s})) }},
	{"posted pageId", func(s text) []attempt { return one(posted(fields{pageID: s})) }},
	{"posted parentId", func(s text) []attempt { return one(posted(fields{parentID: s})) }},
	{"posted honeypot", func(s text) []attempt { return one(posted(fields{website: s})) }},
	{"posted under a request id", func(s text) []attempt { return one(posted(fields{requestID: s.value})) }},
	{"posted by a user agent", func(s text) []attempt { return one(posted(fields{userAgent: s.value})) }},
	{"answered request id", answeredID},
	{"read pageId", func(s text) []attempt { return one(read(s.value, "", "")) }},
	{"read cursor", func(s text) []attempt { return one(read("page", s.value, "")) }},
	{"read limit", func(s text) []attempt { return one(read("page", "", s.value)) }},
	{"counted pageId", counted},
	{"listed fields", listedFields},
	{"posted userName, moderated", func(s text) []attempt { return one(posted(fields{userName: s, held: true})) }},
	{"posted message, moderated", func(s text) []attempt { return one(posted(fields{message: s, held: true})) }},
	{"posted pageId, moderated", func(s text) []attempt { return one(posted(fields{pageID: s, held: true})) }},
	{"posted parentId, moderated", func(s text) []attempt { return one(posted(fields{parentID: s, held: true})) }},
	{"posted by a user agent, moderated", func(s text) []attempt { return one(posted(fields{userAgent: s.value, held: true})) }},
	{"pending cursor", func(s text) []attempt { return one(waiting(s.value, "")) }},
	{"pending limit", func(s text) []attempt { return one(waiting("", s.value)) }},
	{"pending fields", pendingFields},
	{"decided commentId", decided},
	{"deleted from pageId", func(s text) []attempt { return one(deleted(s.value, someID)) }},
	{"deleted commentId", func(s text) []attempt { return one(deleted("page", s.value)) }},
}

// fields are what a client chooses of a comment; absent ones are harmless.
type fields struct {
	pageID, userName, message, parentID, website text
	requestID, userAgent                         string
	// held is posted where comments wait for a moderator.
	held bool
}

func posted(f fields) attempt {
	for _, field := range []*text{&f.pageID, &f.userName, &f.message} {
		if field.json == "" {
			*field = text{`"harmless"`, "harmless"}
		}
	}
	if f.requestID == "" {
		f.requestID = someID
	}
	body := `{"pageId":` + f.pageID.json + `,"userName":` + f.userName.json + `,"message":` + f.message.json
	if f.parentID.json != "" {
		body += `,"parentId":` + f.parentID.json
	}
	if f.website.json != "" {
		body += `,"website":` + f.website.json
	}
	want := refusedPut
	if pageIDs.MatchString(f.pageID.value) && !onlyDots.MatchString(f.pageID.value) && f.userName.value != "" && f.message.value != "" &&
		units(f.userName.value) <= 200 && units(f.message.value) <= 20000 &&
		(f.parentID.value == "" || commentIDs.MatchString(f.parentID.value)) && f.website.value == "" {
		item := object{"commentId": s(f.requestID), "createdAt": object{"N": epoch}, "pageId": s(f.pageID.value),
			"userName": s(f.userName.value), "message": s(f.message.value), "sourceIP": s("192.0.2.1")}
		if f.parentID.value != "" {
			item["parentId"] = s(f.parentID.value)
		}
		if f.userAgent != "" {
			item["userAgent"] = s(f.userAgent)
		}
		if f.held {
			delete(item, "pageId")
			item["pendingPageId"], item["moderation"] = s(f.pageID.value), s("Pending")
		}
		want = object{"TableName": tableName, "ConditionExpression": "attribute_not_exists(commentId)", "Item": item}
	}
	template := create
	if f.held {
		template = hold
	}
	return attempt{template, want, mapping.Input{Body: []byte(body + "}"), Context: map[string]any{
		"requestId": f.requestID, "requestTimeEpoch": json.Number(epoch).String(),
		"identity": map[string]any{"sourceIp": "192.0.2.1", "userAgent": f.userAgent},
	}}}
}

func answeredID(id text) []attempt {
	if id.value == "" {
		return nil // API Gateway always has one
	}
	in := mapping.Input{Body: []byte("{}"), Context: map[string]any{"requestId": id.value}}
	return []attempt{{created, object{"commentId": id.value}, in}, {accepted, object{"commentId": id.value, "status": "Pending"}, in}}
}

func read(pageID, cursor, limit string) attempt {
	in := mapping.Input{Path: map[string]string{"pageId": pageID}, Query: map[string]string{}}
	want := object{"TableName": tableName, "IndexName": indexName, "KeyConditionExpression": "pageId = :pageId",
		"ExpressionAttributeValues": object{":pageId": s(pageID)}, "ScanIndexForward": true, "Limit": json.Number("100")}
	valid := pageID != "" && utf8.RuneCountInString(pageID) <= maxPageID
	if cursor != "" {
		in.Query["cursor"] = cursor
		if m := cursors.FindStringSubmatch(cursor); m != nil {
			want["ExclusiveStartKey"] = object{"createdAt": object{"N": m[1]}, "commentId": s(m[2]), "pageId": s(pageID)}
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
		want = refusedQuery
	}
	return attempt{list, want, in}
}

func counted(pageID text) []attempt {
	want := object{"TableName": tableName, "IndexName": indexName, "KeyConditionExpression": "pageId = :pageId",
		"ExpressionAttributeValues": object{":pageId": s(pageID.value)}, "Select": "COUNT"}
	if pageID.value == "" || utf8.RuneCountInString(pageID.value) > maxPageID {
		want = refusedQuery
	}
	return one(attempt{count, want, mapping.Input{Path: map[string]string{"pageId": pageID.value}}})
}

// listedFields has the text in every field that a table may hold, even where the
// operator's API would never have stored it.
func listedFields(x text) []attempt {
	id := x.json
	if x.value == "" {
		id = `"c"`
	}
	body := `{"Items":[{"commentId":{"S":` + x.json + `},"userName":{"S":` + x.json + `},"message":{"S":` + x.json +
		`},"parentId":{"S":` + x.json + `},"createdAt":{"N":` + x.json + `}}],"LastEvaluatedKey":{"createdAt":{"N":"7"},"commentId":{"S":` + id + `}}}`
	comment := object{"commentId": x.value, "userName": x.value, "message": x.value}
	if x.value != "" {
		comment["parentId"] = x.value
	}
	if numbers.MatchString(x.value) {
		comment["createdAt"] = json.Number(x.value)
	}
	next := x.value
	if next == "" {
		next = "c"
	}
	return one(attempt{listed, object{"comments": []any{comment}, "nextCursor": "7_" + next}, mapping.Input{Body: []byte(body)}})
}

// judge compares what became of an attempt with what must.
func judge(want object, body string) error {
	got, err := strict(body)
	if err != nil {
		return fmt.Errorf("%w in %s", err, body)
	}
	if !reflect.DeepEqual(any(want), got) {
		return fmt.Errorf("it became %s", body)
	}
	return nil
}

// units counts as Java's length() does.
func units(text string) int {
	n := 0
	for _, c := range text {
		n++
		if c > 0xFFFF {
			n++
		}
	}
	return n
}

type object = map[string]any

func s(value string) object { return object{"S": value} }
