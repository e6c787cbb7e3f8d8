// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package moderate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/sigv4"
)

const (
	region = "eu-west-1"
	secret = "a secret"
)

// server plays an API whose moderators' calls must be signed, for the region
// and with the secret. It holds what was called.
type server struct {
	t        *testing.T
	url      string
	comments []Comment
	calls    []string
	// busy is how many calls are told to wait.
	busy int
}

func serve(t *testing.T, comments ...Comment) *server {
	t.Helper()
	s := &server{t: t, comments: comments}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	s.url = h.URL + "/prod"
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": "", "AWS_REGION": region,
		"AWS_PROFILE": "", "AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(name, value)
	}
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, code, message string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"code":%q,"message":%q}`, code, message)
	}
	signature, err := sigv4.Parse(r)
	if err == nil {
		err = signature.Verify(r, nil, secret, time.Now(), 5*time.Minute)
	}
	if err != nil || signature.Region != region || signature.Service != "execute-api" {
		refuse(http.StatusForbidden, "InvalidSignature", "The signature of the request is not valid.")
		return
	}
	s.calls = append(s.calls, r.Method+" "+r.URL.RequestURI())
	if s.busy > 0 {
		s.busy--
		w.Header().Set("Retry-After", "2")
		refuse(http.StatusTooManyRequests, "Throttled", "Too many requests at the moment. Try again shortly.")
		return
	}
	if r.Method == http.MethodGet {
		// One comment a page.
		page := map[string]any{"comments": s.comments}
		var at int
		_, _ = fmt.Sscan(r.URL.Query().Get("cursor"), &at)
		if len(s.comments) > 0 {
			page["comments"] = s.comments[at : at+1]
		}
		if at+1 < len(s.comments) {
			page["nextCursor"] = fmt.Sprint(at + 1)
		}
		if err := json.NewEncoder(w).Encode(page); err != nil {
			s.t.Error(err)
		}
		return
	}
	for _, c := range s.comments {
		for _, path := range []string{"/prod/moderation/" + c.CommentID + "/approve", "/prod/moderation/" + c.CommentID + "/reject", "/prod/comments/" + c.PageID + "/" + c.CommentID} {
			if r.URL.Path == path {
				fmt.Fprint(w, `{"status":"Done"}`)
				return
			}
		}
	}
	refuse(http.StatusNotFound, "NotFound", "There is no such comment for this call. Nothing was changed.")
}

// moderate runs the command and returns what it prints.
func moderate(t *testing.T, stdin string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errOut bytes.Buffer
	cmd := Command()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	cmd.SetIn(strings.NewReader(stdin))
	cmd.SetOut(&out)
	cmd.SetErr(&errOut)
	err = cmd.ExecuteContext(t.Context())
	return out.String(), errOut.String(), err
}

var pending = []Comment{
	{CommentID: "a1", PageID: "hello-world", UserName: "Ada", Message: "First!\nAnd more.", CreatedAt: 1700000000000},
	{CommentID: "b2", PageID: "tide", UserName: "A name that goes on and on", Message: strings.Repeat("long ", 30), CreatedAt: 1700000060000, ParentID: "a1"},
	{CommentID: "c3", PageID: "tide", UserName: "Eve\x1b[2J", Message: "\x1b]0;owned\x07\u202Eeman 💩\u009b31m"},
}

func TestList(t *testing.T) {
	s := serve(t, pending...)
	out, _, err := moderate(t, "", "list", "--api", s.url+"/")
	if err != nil {
		t.Fatal(err)
	}
	want := `COMMENT   PAGE          WRITTEN                NAME                   MESSAGE
a1        hello-world   2023-11-14 22:13 UTC   Ada                    First! And more.
b2        tide          2023-11-14 22:14 UTC   A name that goes on…   long long long long long long long long long long long long…
c3        tide                                 Eve\u001b[2J           \u001b]0;owned\u0007\u202eeman 💩\u009b31m
`
	// The table's columns are padded, not cut.
	if diff := cmp.Diff(strings.Fields(want), strings.Fields(out)); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, out)
	}
	if diff := cmp.Diff([]string{"GET /prod/moderation/pending?cursor=", "GET /prod/moderation/pending?cursor=1", "GET /prod/moderation/pending?cursor=2"}, s.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if out, _, err = moderate(t, "", "list", "--api", s.url, "--limit", "1", "-o", "json"); err != nil {
		t.Fatal(err)
	}
	var got []Comment
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pending[:1], got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(s.calls) != 4 {
		t.Errorf("a limit of 1 takes %d calls, want 1", len(s.calls)-3)
	}
	s.comments = nil
	if out, _, err = moderate(t, "", "list", "--api", s.url); err != nil || out != "Nothing waits for a decision.\n" {
		t.Errorf("%q, %v", out, err)
	}
}

// JSON is for programs and says exactly what is stored; it moves no terminal.
func TestJSONIsExactAndPlain(t *testing.T) {
	s := serve(t, pending...)
	out, _, err := moderate(t, "", "show", "c3", "--api", s.url, "--output", "json")
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range out {
		if r != '\n' && (r < ' ' || r > '~') {
			t.Fatalf("character %d is %U:\n%q", i, r, out)
		}
	}
	var got Comment
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pending[2], got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestShow(t *testing.T) {
	s := serve(t, pending...)
	out, _, err := moderate(t, "", "show", "a1", "--api", s.url)
	if err != nil {
		t.Fatal(err)
	}
	want := "Comment:   a1\nPage:      hello-world\nWritten:   2023-11-14 22:13 UTC\nName:      Ada\n\nFirst!\nAnd more.\n"
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if out, _, err = moderate(t, "", "show", "c3", "--api", s.url); err != nil || strings.ContainsAny(out, "\x1b\x07\u202e\u009b") {
		t.Errorf("%q, %v; want no control characters", out, err)
	}
	if _, _, err = moderate(t, "", "show", "gone", "--api", s.url); err == nil || !strings.Contains(err.Error(), "no comment gone waits") {
		t.Errorf("error %v", err)
	}
}

func TestDecisions(t *testing.T) {
	for _, c := range []struct {
		name, stdin string
		args        []string
		calls       []string
		out         string
		asked       bool
		err         string
	}{
		{name: "approve", args: []string{"approve", "a1", "b2"}, calls: []string{"POST /prod/moderation/a1/approve", "POST /prod/moderation/b2/approve"}, out: "a1: approved\nb2: approved\n"},
		{name: "one of them is gone", args: []string{"approve", "gone", "b2"}, calls: []string{"POST /prod/moderation/gone/approve", "POST /prod/moderation/b2/approve"},
			out: "b2: approved\n", err: "comment gone: the API answered 404 NotFound: There is no such comment"},
		{name: "reject, with yes", stdin: "y\n", args: []string{"reject", "a1"}, calls: []string{"POST /prod/moderation/a1/reject"}, out: "a1: rejected\n", asked: true},
		{name: "reject, with no", stdin: "n\n", args: []string{"reject", "a1"}, asked: true, err: "nothing was deleted"},
		{name: "reject, without an answer", args: []string{"reject", "a1"}, asked: true, err: "--yes"},
		{name: "reject, not to be asked", args: []string{"reject", "a1", "--yes"}, calls: []string{"POST /prod/moderation/a1/reject"}, out: "a1: rejected\n"},
		{name: "delete, with yes", stdin: "YES\n", args: []string{"delete", "tide", "b2"}, calls: []string{"DELETE /prod/comments/tide/b2"}, out: "b2: deleted\n", asked: true},
		{name: "delete, with enter", stdin: "\n", args: []string{"delete", "tide", "b2"}, asked: true, err: "nothing was deleted"},
		{name: "delete, as JSON", args: []string{"delete", "-y", "tide", "b2", "-o", "json"}, calls: []string{"DELETE /prod/comments/tide/b2"},
			out: "[\n  {\n    \"commentId\": \"b2\",\n    \"status\": \"Deleted\"\n  }\n]\n"},
		{name: "an id that isn't one", args: []string{"approve", "../../x y"}, calls: []string{"POST /prod/moderation/..%2F..%2Fx%20y/approve"}, err: "404"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, pending...)
			out, asked, err := moderate(t, c.stdin, append(c.args, "--api", s.url)...)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if diff := cmp.Diff(c.calls, s.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if out != c.out {
				t.Errorf("prints %q, want %q", out, c.out)
			}
			if strings.Contains(asked, "[y/N]") != c.asked {
				t.Errorf("asks %q, want to be asked: %v", asked, c.asked)
			}
		})
	}
}

func TestWaitsWhereTheAPIAsksForIt(t *testing.T) {
	s := serve(t, pending...)
	c, err := NewClient(t.Context(), s.url, "")
	if err != nil {
		t.Fatal(err)
	}
	var waits []time.Duration
	c.wait = func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	}
	s.busy = 2
	if err := c.Approve(t.Context(), "a1"); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]time.Duration{2 * time.Second, 2 * time.Second}, waits); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
	s.busy, s.calls = 100, nil
	var failure *APIError
	if err := c.Approve(t.Context(), "a1"); !errors.As(err, &failure) || failure.Status != http.StatusTooManyRequests || len(s.calls) != attempts {
		t.Errorf("error %v after %d calls; want the 429 after %d", err, len(s.calls), attempts)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	s := serve(t, pending...)
	for _, c := range []struct {
		name string
		env  map[string]string
		args []string
		want string
	}{
		{"no URL", nil, []string{"list"}, "--api"},
		{"not a URL", nil, []string{"list", "--api", "example.com"}, "status.invokeURL"},
		{"output", nil, []string{"list", "--api", s.url, "-o", "yaml"}, "table and json"},
		{"limit", nil, []string{"list", "--api", s.url, "--limit", "-1"}, "--limit -1"},
		{"no region", map[string]string{"AWS_REGION": ""}, []string{"list", "--api", s.url}, "--region"},
		{"two regions", nil, []string{"list", "--api", "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod", "--region", "us-east-1"}, "contradicts"},
		{"wrong region", nil, []string{"list", "--api", s.url, "--region", "us-east-1"}, "403 InvalidSignature"},
		{"wrong secret", map[string]string{"AWS_SECRET_ACCESS_KEY": "another"}, []string{"list", "--api", s.url}, "execute-api:Invoke"},
		{"no credentials", map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, []string{"list", "--api", s.url}, "AWS_PROFILE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			if _, _, err := moderate(t, "", c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v; want %q in it", err, c.want)
			}
		})
	}
	if len(s.calls) != 0 {
		t.Errorf("calls were let through: %q", s.calls)
	}
}

func TestTheRegionIsThatOfTheURL(t *testing.T) {
	serve(t)
	for url, want := range map[string]string{
		"https://a1b2c3d4e5.execute-api.ap-southeast-2.amazonaws.com/prod": "ap-southeast-2",
		"https://a1b2c3d4e5.execute-api.cn-north-1.amazonaws.com.cn/prod":  "cn-north-1",
		"https://comments.example.com":                                     region,
	} {
		c, err := NewClient(t.Context(), url, "")
		if err != nil {
			t.Fatal(err)
		}
		if c.region != want {
			t.Errorf("%s: signed for %s, want %s", url, c.region, want)
		}
	}
}
