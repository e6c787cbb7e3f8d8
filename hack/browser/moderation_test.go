// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// moderate runs commentsctl moderate with the local run's credentials.
func moderate(t *testing.T, api string, args ...string) string {
	t.Helper()
	cmd := exec.Command(*commentsctl, append([]string{"moderate", "--api", api, "--region", "eu-west-1"}, args...)...)
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_PROFILE=", "AWS_SESSION_TOKEN=")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("commentsctl moderate %q: %v", args, err)
	}
	return string(out)
}

// What waits for a moderator is shown to who wrote it, and says so; others see
// it once it is approved.
func TestAwaitingModeration(t *testing.T) {
	api := apply(t, "moderated", `"api":{"cors":{"allowedOrigins":["*"]}},"comments":{"moderation":"BeforeListing","deletion":"Enabled"}`)
	site := serveSite(t, api) + "/lighthouse.html"
	writer := open(t, site)
	writer.turnTo("waiting")
	writer.post("Ada", "good")
	writer.post("Bot", "bad")
	wants(writer, messages, []string{"good", "bad"})
	wants(writer, `texts("[part=pending]")`, []string{"Awaiting moderation", "Awaiting moderation"})
	wants(writer, formNote, "Awaiting moderation")
	reader := open(t, site)
	reader.turnTo("waiting")
	wants(reader, messages, []string{})

	var pending []struct{ CommentID, PageID, UserName, Message string }
	if err := json.Unmarshal([]byte(moderate(t, api, "list", "-o", "json")), &pending); err != nil {
		t.Fatal(err)
	}
	if len(pending) != 2 || pending[0].Message != "good" || pending[1].Message != "bad" || pending[0].PageID != "waiting" {
		t.Fatalf("waiting are %+v", pending)
	}
	good, bad := pending[0].CommentID, pending[1].CommentID
	if shown := moderate(t, api, "show", good); !strings.HasSuffix(shown, "\n\ngood\n") {
		t.Errorf("show prints %q", shown)
	}
	moderate(t, api, "approve", good)
	moderate(t, api, "reject", bad, "--yes")
	if left := moderate(t, api, "list"); !strings.HasPrefix(left, "Nothing waits") {
		t.Errorf("after the decisions list prints %q", left)
	}
	for _, p := range []*tab{reader, writer} {
		p.turnTo("waiting")
		wants(p, messages, []string{"good"})
		wants(p, `texts("[part=pending]")`, []string{})
	}

	moderate(t, api, "delete", "waiting", good, "--yes")
	reader.turnTo("waiting")
	wants(reader, messages, []string{})
}
