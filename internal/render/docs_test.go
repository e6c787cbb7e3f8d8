// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/stack"
)

const apiDoc = "../../docs/api.md"

// TestAPIDocIsUpToDate holds docs/api.md to what is rendered; -update writes
// it.
func TestAPIDocIsUpToDate(t *testing.T) {
	base := mustRender(t, someSpec(), someFacts()).API.Definition
	full := mustRender(t, cases()["every-option"].spec, someFacts()).API.Definition
	got := writeAPIDoc(t, base, full)
	if *update {
		if err := os.WriteFile(apiDoc, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(apiDoc)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/api.md is stale; run the tests with -update (-want +got):\n%s", diff)
	}
}

// callTexts say of each call what the definition doesn't.
var callTexts = map[string]string{
	"POST /comments": `Stores a comment and answers 201 with its ` + "`commentId`" + `:

` + "```json" + `
{"commentId": "0f8fad5b-d9cb-469f-a165-70867728950e"}
` + "```" + `

With ` + "`comments.moderation: BeforeListing`" + ` it answers 202 instead: the comment is stored and waits for a moderator.

` + "```json" + `
{"commentId": "0f8fad5b-d9cb-469f-a165-70867728950e", "status": "Pending"}
` + "```" + `

Fields that aren't in the table are ignored and not stored. A client that chooses the request id (header
` + "`x-amzn-RequestId`" + `) chooses the comment's id with it; one that exists already is a 409, and nothing changes.`,
	"GET /comments/{pageId}": `Lists a page's comments in the order of ` + "`comments.order`" + `:

` + "```json" + `
{"comments": [{"commentId": "0f8fad5b-d9cb-469f-a165-70867728950e", "userName": "Ada", "message": "First!"}], "nextCursor": "1700000000000_0f8fad5b-d9cb-469f-a165-70867728950e"}
` + "```" + `

` + "`nextCursor`" + ` is there if the list goes on, even if this answer holds fewer comments than were asked for: DynamoDB reads
at most 1 MB at a time. Pass it as ` + "`cursor`" + `. A cursor leads nowhere but to another position within the page in the path.
` + "`limit`" + ` is a number from 1 to ` + "`comments.pageSize`" + `. With ` + "`comments.showCreatedAt`" + ` comments have ` + "`createdAt`" + `
(milliseconds since 1970), and with ` + "`comments.replies`" + ` replies have ` + "`parentId`" + `. Text that is shown on a website must be
put there as text, never as HTML.`,
	"GET /comments/{pageId}/count": `Counts a page's comments: ` + "`{\"count\": 42, \"complete\": true}`" + `. A count stops at 1 MB of comments; then
` + "`complete`" + ` is false, and there are more.`,
	"GET /moderation/pending": `Lists what waits for a moderator, of all pages, oldest first. ` + "`cursor`, `limit` and `nextCursor`" + ` are as in a page's list;
` + "`createdAt`" + ` (milliseconds since 1970) is always there, ` + "`parentId`" + ` with replies:

` + "```json" + `
{"comments": [{"commentId": "0f8fad5b-d9cb-469f-a165-70867728950e", "pageId": "hello-world", "userName": "Ada", "message": "First!", "createdAt": 1700000000000}]}
` + "```" + `

DynamoDB brings this list up to date a moment after a change: a comment may still be in it just after a decision.`,
	"POST /moderation/{commentId}/approve": `Lists a comment that waits, at the place that its ` + "`createdAt`" + ` gives it. There is no body to send; the answer is
200 ` + "`{\"status\": \"Approved\"}`" + `, or 404 if no comment with this id waits (any more).`,
	"POST /moderation/{commentId}/reject": `Deletes a comment that waits, for good. There is no body to send; the answer is 200 ` + "`{\"status\": \"Rejected\"}`" + `,
or 404 if no comment with this id waits (any more): what is approved can't be rejected.`,
	"DELETE /comments/{pageId}/{commentId}": `Deletes a comment of that page, for good; its replies stay. The answer is 200 ` + "`{\"status\": \"Deleted\"}`" + `, or 404
if the page has no such comment. A comment that waits for a moderator isn't on its page yet: it is rejected instead.`,
}

// calls are all that can be made, in the order of the document, with the option
// that offers them.
var calls = []struct{ key, option string }{
	{"POST /comments", ""},
	{"GET /comments/{pageId}", ""},
	{"GET /comments/{pageId}/count", "comments.count: Enabled"},
	{"DELETE /comments/{pageId}/{commentId}", "comments.deletion: Enabled"},
	{"GET /moderation/pending", "comments.moderation: BeforeListing"},
	{"POST /moderation/{commentId}/approve", "comments.moderation: BeforeListing"},
	{"POST /moderation/{commentId}/reject", "comments.moderation: BeforeListing"},
}

func writeAPIDoc(t *testing.T, base, full stack.Definition) string {
	var b strings.Builder
	b.WriteString(`# The public API

<!-- Written by "go test ./internal/render -update" from what is rendered. Don't edit. -->

What visitors of a website call. The base URL is ` + "`status.invokeURL`" + ` of the object. Requests and answers are JSON in UTF-8; every
answer has ` + "`X-Content-Type-Options: nosniff`" + `.

`)
	for _, call := range calls {
		key := call.key
		m, ok := full.Methods[key]
		if !ok {
			t.Fatalf("%s is not rendered", key)
		}
		fmt.Fprintf(&b, "## %s\n\n", key)
		if _, always := base.Methods[key]; always != (call.option == "") {
			t.Errorf("%s: option %q, always there: %t", key, call.option, always)
		} else if !always {
			fmt.Fprintf(&b, "With `%s` only.", call.option)
			if m.Authorization == "AWS_IAM" {
				b.WriteString(" Must be signed (Signature Version 4), by a caller whose IAM policy allows it.")
			}
			b.WriteString("\n\n")
		}
		b.WriteString(callTexts[key] + "\n\n")
		if model := m.RequestModels[contentJSON]; model != "" {
			writeFields(t, &b, base.Models[model].Schema, full.Models[model].Schema)
		}
		if len(m.RequestParameters) > 0 {
			b.WriteString("| parameter | in | |\n|---|---|---|\n")
			for _, name := range sortedKeys(m.RequestParameters) {
				parts := strings.Split(name, ".")
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", parts[3], strings.Replace(parts[2], "querystring", "query", 1), map[bool]string{true: "required", false: "optional"}[m.RequestParameters[name]])
			}
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "Answers: %s, and those of API Gateway below.\n\n", strings.Join(statuses(base.Methods[key], m), ", "))
	}
	for key := range full.Methods {
		if _, ok := callTexts[key]; !ok && !strings.HasPrefix(key, "OPTIONS ") {
			t.Errorf("%s is not described", key)
		}
	}
	writeErrors(&b, full)
	b.WriteString(apiDocEnd)
	return b.String()
}

// statuses are all that a call answers, with options and without.
func statuses(base, full stack.Method) []string {
	all := maps.Clone(full.Responses)
	maps.Copy(all, base.Responses)
	return sortedKeys(all)
}

type documentedField struct {
	MaxLength int    `json:"maxLength"`
	Pattern   string `json:"pattern"`
}

// writeFields lists the body's fields with the default limits.
func writeFields(t *testing.T, b *strings.Builder, base, full string) {
	var defaults, all struct {
		Required   []string
		Properties map[string]documentedField
	}
	for text, into := range map[string]any{base: &defaults, full: &all} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	b.WriteString("| field | | longest, in characters | made of |\n|---|---|---|---|\n")
	for _, name := range sortedKeys(all.Properties) {
		field, always := defaults.Properties[name]
		need := "required"
		longest := fmt.Sprintf("%d, or `comments.limits.%s`", field.MaxLength, name)
		if !always {
			field, need, longest = all.Properties[name], "optional, with `comments.replies`", "128"
		}
		made := "any text"
		if field.Pattern != "" {
			made = "`" + field.Pattern + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", name, need, longest, made)
	}
	b.WriteString("\n")
}

var (
	templateError  = regexp.MustCompile(`\{"code": "([A-Za-z]+)", "message": "([^"]*)"\}`)
	templateStatus = regexp.MustCompile(`responseOverride\.status = ([0-9]{3})`)
)

// writeErrors lists all errors that templates and gateway responses give.
func writeErrors(b *strings.Builder, d stack.Definition) {
	b.WriteString("## Errors\n\nEvery error is `{\"code\": \"...\", \"message\": \"...\"}`. The code is for programs and stays; the message is for people.\n" +
		"It doesn't name the field that was refused. API Gateway has that only as a text (`$context.error.validationErrorString`) that quotes what\n" +
		"the client sent, and its gateway responses can't escape it for JSON; the limits of each field are told above.\n\n" +
		"| status | code | message |\n|---|---|---|\n")
	rows := map[string]bool{}
	for _, m := range d.Methods {
		for status, r := range m.Integration.Responses {
			current := status
			for line := range strings.SplitSeq(r.Templates[contentJSON], "\n") {
				if found := templateStatus.FindStringSubmatch(line); found != nil {
					current = found[1]
				}
				if found := templateError.FindStringSubmatch(line); found != nil {
					rows[fmt.Sprintf("| %s | `%s` | %s |", current, found[1], found[2])] = true
					current = status
				}
			}
		}
	}
	for kind, g := range d.GatewayResponses {
		status := g.StatusCode
		if status == "" {
			status = strings.ToLower(strings.TrimPrefix(kind, "DEFAULT_")) + ", others"
		}
		found := templateError.FindStringSubmatch(g.Templates[contentJSON])
		rows[fmt.Sprintf("| %s | `%s` | %s |", status, found[1], found[2])] = true
	}
	for _, row := range sortedKeys(rows) {
		b.WriteString(row + "\n")
	}
	b.WriteString(`
Answers 429, 503 and 504 have ` + "`Retry-After`" + `, in seconds. Two answers are API Gateway's own and can't be shaped or told apart: a
body of more than 10 MB is its 413, and calls that don't exist are 403 like unsigned ones.

`)
}

const apiDocEnd = `## Options

| to | set |
|---|---|
| let scripts of websites call the API | ` + "`api.cors.allowedOrigins`" + ` |
| require signed requests (Signature Version 4) for posting, or for listing and counting | ` + "`api.authorization.post: IAM`, `api.authorization.list: IAM`" + ` |
| let only some networks call | ` + "`api.allowedNetworks`" + ` |
| answer lists and counts from a cache | ` + "`api.caching`" + ` |
| require an API key, with a quota and limits of its own | ` + "`api.apiKey`" + ` |
| allow more or fewer requests a second | ` + "`api.throttling`" + ` |
| refuse programs that fill in every field of a form | ` + "`comments.honeypotField`" + `: hide a field of that name from people; text in it is a 400 |
| have a person look at comments before they are listed | ` + "`comments.moderation: BeforeListing`" + ` |
| let callers with IAM rights delete comments | ` + "`comments.deletion: Enabled`" + ` |
| log every request | ` + "`api.accessLogs.destinationARN`" + ` |
| delete comments some days after they were posted | ` + "`comments.retentionDays`" + ` |
| keep the address or the browser of who posted | ` + "`comments.clientInfo`" + ` |

**Limits count characters; DynamoDB counts bytes.** A character takes one to four bytes in UTF-8, and an item holds 400 KB. The
most that can be set fits even if every character takes four.

**Origins.** With one origin, or ` + "`*`" + `, every answer names it. With several, answers name the one that asked and carry
` + "`Vary: Origin`" + `; what API Gateway answers by itself (a refused body, throttling) can't choose and says ` + "`*`" + `. That gives nothing
away: there are no cookies, and such answers hold only an error. CORS keeps other websites' scripts out, not other programs.

**Caching.** With ` + "`api.caching`" + ` API Gateway keeps the answers to lists and counts for ` + "`ttlSeconds`" + `. A comment that was
just posted, or approved, appears up to that much later, and one that was deleted disappears as much later; so does a change of the spec that
changes what lists show. Somebody who has just posted expects to see the comment: the page shows it by itself, or the time is
short. Nobody can have an answer made anew by ` + "`Cache-Control: max-age=0`" + ` but callers with the IAM right
` + "`execute-api:InvalidateCache`" + `; others get the kept answer. Posts and moderators' calls are never kept. Lists that must be signed
can't be: the answers would be kept for all callers alike, and a key of the caller's own would never be met twice, since every
signature differs. Answers above 1 MB aren't kept, and AWS calls keeping them best effort. Whether it keeps a refusal as well it
doesn't say.

**Client info is personal data.** ` + "`sourceIP` and `userAgent`" + ` are stored with the comment and never listed: the list names its
fields one by one, and new indexes don't hold them. Both are off by default. They stay as long as the comment: until it is deleted, or
` + "`comments.retentionDays`" + ` are over.

**Retention.** With ` + "`comments.retentionDays`" + ` every new comment carries the second at which it expires
(` + "`commentsapiExpiresAt`" + `, in no answer), and DynamoDB deletes it for good within a few days of that time; until then it is
listed. The whole comment goes, not only what is known about its author, and a comment that waits for a moderator goes as well. The
number is fixed when the comment is posted: comments from before the option stay for ever, and a change concerns later ones. Without
the option the table expires nothing; when it comes back, what should have gone meanwhile goes. DynamoDB takes one change of a
table's expiry an hour; a second one waits, and says so. A table that is retained goes on expiring after the object is gone.

**Moderation.** With ` + "`comments.moderation: BeforeListing`" + ` a new comment is stored without the attribute that lists it and so is in
no answer but ` + "`GET /moderation/pending`" + `. Approving it sets that attribute in one conditional write. Switching moderation on
changes nothing about comments that are listed already. Switching it off lists new comments at once; what still waits stays
stored and unlisted, can't be decided on meanwhile, and waits again once moderation is back, so decide first. The calls of
moderators, and deletion, run under an IAM role of their own (` + "`status.moderatorRole`" + `); the public calls' role can neither
change nor delete a comment. Grant a moderator's IAM user or role the calls, and sign requests with its credentials:

` + "```json" + `
{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": [
  "arn:aws:execute-api:REGION:ACCOUNT:API_ID/STAGE/*/moderation/*",
  "arn:aws:execute-api:REGION:ACCOUNT:API_ID/STAGE/DELETE/comments/*"]}
` + "```" + `

<!-- needs: AWS: the account of the objects and the region of the API are placeholders; conformance signs the same calls -->
` + "```sh" + `
curl --aws-sigv4 aws:amz:REGION:execute-api --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$URL/moderation/pending"
curl --aws-sigv4 aws:amz:REGION:execute-api --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -X POST "$URL/moderation/$COMMENT_ID/approve"
` + "```" + `

**API key.** ` + "`api.apiKey: {}`" + ` makes posting, listing and counting need the header ` + "`x-api-key`" + `; ` + "`post: None`" + ` or ` + "`list: None`" + ` leaves
one of them open, and preflights and signed calls of moderators never need it:

` + "```yaml" + `
spec:
  api:
    apiKey:
      list: None
      quota: {limit: 10000, period: Day}
      throttling: {rate: 5, burst: 10}
` + "```" + `

API Gateway makes the key; its id is in ` + "`status.apiKey.id`" + `. The operator never reads its value and puts it nowhere. Who has the right
` + "`apigateway:GET`" + ` on the key shows it with:

` + "```sh" + `
# needs AWS
aws apigateway get-api-key --include-value --query value --output text --region REGION --api-key KEY_ID
` + "```" + `

Without the key, or with a wrong one, calls get 403 ` + "`InvalidKey`" + `; beyond the quota 429 ` + "`QuotaExceeded`" + `, without ` + "`Retry-After`" + `, until
the period ends. A key says what may be used up, not who calls: AWS counts on a best-effort basis, and a key that a page's script
sends can be read by every visitor. Keep it on a server of yours, or use it for posts from a program. The key exists before
calls need it, and goes only when no call needs it any more; a key that is deleted in AWS is replaced by one with another value. Keys of
your own that you add to the usage plan (` + "`status.usagePlan.id`" + `) work too, share none of the counts, and are left alone.

**Access logs** are lines like this, with nothing in them that a visitor wrote, and without addresses:

` + "```json" + `
` + accessLogFormat + `
` + "```" + `

API Gateway writes them with the role for CloudWatch Logs in the account's settings for the region, which all APIs there share. The
operator never touches it; where it is missing, the object says so and serves without logs.

**Replies aren't looked up.** ` + "`parentId`" + ` is any comment id; clients build the tree and put what has no parent where they like.

## Examples

<!-- before:
blog default
export URL=$(kubectl get commentsapi blog -o jsonpath='{.status.invokeURL}')
-->
<!-- prints: (?s)commentId.*"comments" -->
` + "```sh" + `
curl -X POST -H 'Content-Type: application/json' -d '{"pageId":"hello-world","userName":"Ada","message":"First!"}' "$URL/comments"
curl "$URL/comments/hello-world?limit=10"
` + "```" + `

In a browser, from an origin in ` + "`api.cors.allowedOrigins`" + `:

` + "```js" + `
async function comments(url, pageId) {
  const all = [];
  let cursor = "";
  do {
    const answer = await fetch(` + "`${url}/comments/${pageId}?cursor=${encodeURIComponent(cursor)}`" + `);
    const page = await answer.json();
    if (!answer.ok) throw new Error(page.code);
    all.push(...page.comments);
    cursor = page.nextCursor;
  } while (cursor);
  return all;
}

function show(comment, list) {
  const item = document.createElement("li");
  item.textContent = comment.userName + ": " + comment.message; // never innerHTML
  list.append(item);
}
` + "```" + `
`
