// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// comment is a comment to store before a page is opened.
type comment struct {
	Name, Message string
	// ReplyTo is the position among those stored before it, plus one; 0 is a
	// comment of its own.
	ReplyTo int
}

// seed stores comments through the public API and returns their ids.
func seed(t *testing.T, pageID string, comments []comment) []string {
	t.Helper()
	var ids []string
	for _, c := range comments {
		body := map[string]string{"pageId": pageID, "userName": c.Name, "message": c.Message}
		if c.ReplyTo > 0 {
			body["parentId"] = ids[c.ReplyTo-1]
		}
		ids = append(ids, store(t, world.Ready[0].InvokeURL, body))
		time.Sleep(2 * time.Millisecond) // comments of one millisecond have no order
	}
	return ids
}

// store posts one comment and returns its id. Where the API asks to wait, it
// waits.
func store(t *testing.T, api string, body map[string]string) string {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	var answer *http.Response
	for range 10 {
		answer, err = http.Post(api+"/comments", "application/json", bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != http.StatusTooManyRequests {
			break
		}
		_ = answer.Body.Close()
		time.Sleep(200 * time.Millisecond)
	}
	defer func() { _ = answer.Body.Close() }()
	var stored struct{ CommentID, Message string }
	if err := json.NewDecoder(answer.Body).Decode(&stored); err != nil || answer.StatusCode != http.StatusCreated {
		t.Fatalf("post %q: %s %s, %v", text, answer.Status, stored.Message, err)
	}
	return stored.CommentID
}

var conversation = []comment{
	{"Ada Lovelace", "I carried the printed table for years and never knew what chart datum meant. Thank you, my boots thank you too.", 0},
	{"Rahel", "Does this work for the inner harbour as well? The water there seems to be an hour late.", 0},
	{"Captain Nemo", "It does, but add about forty minutes: the narrows hold the water back.\n\nThe harbour office has a correction sheet.", 2},
	{"Rahel", "That explains a lot 😅", 3},
	{"李小龍", "請問夏令時間要怎麼換算?", 0},
}

var arabicConversation = []comment{
	{"ليلى", "شرح واضح جدًا، شكرًا لكم! أخيرًا فهمت معنى خط الصفر.", 0},
	{"يوسف", "هل يصلح هذا الجدول للميناء الداخلي أيضًا؟", 0},
	{"Captain Nemo", "Yes, but add about forty minutes.", 2},
}
