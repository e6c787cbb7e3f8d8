// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// inspected is after how many requests the whole account is looked at.
const inspected = 1000

// item is a stored comment: its text attributes.
type item map[string]string

// client attacks two deployed APIs, an open one and a moderated one, and keeps
// in mind what must be in their tables.
type client struct {
	*world
	*tally
	r          *rand.Rand
	open, held string // invoke URLs
	// stored are the comments that must be there, by table and commentId.
	stored   map[string]map[string]item
	order    []string // ids that were given out, to hit them again
	accepted int
}

// overHTTP sends n requests to deployed APIs and counts what went wrong.
func overHTTP(ctx context.Context, w io.Writer, n int, seed uint64) (violations int, err error) {
	aws, err := newWorld(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, aws.local.Close()) }()
	c := &client{world: aws, tally: newTally(w, "requests", n), r: rand.New(rand.NewPCG(seed, 99)),
		stored: map[string]map[string]item{openTable: {}, heldTable: {}}}
	info := v1alpha1.ClientInfoSpec{SourceIP: v1alpha1.Enabled, UserAgent: v1alpha1.Enabled}
	if c.open, err = c.deploy(ctx, openTable, v1alpha1.CommentsSpec{ShowCreatedAt: v1alpha1.Enabled, Replies: v1alpha1.Enabled,
		Count: v1alpha1.Enabled, Deletion: v1alpha1.Enabled, HoneypotField: "website", ClientInfo: info}, website, otherWebsite); err != nil {
		return 0, err
	}
	if c.held, err = c.deploy(ctx, heldTable, v1alpha1.CommentsSpec{Moderation: v1alpha1.ModerationBeforeListing, ClientInfo: info}); err != nil {
		return 0, err
	}
	if err := c.addBystander(ctx); err != nil {
		return 0, err
	}
	before, err := c.rest(ctx)
	if err != nil {
		return 0, err
	}
	for next := 0; c.done < n; {
		c.clock.Advance(time.Second)
		if err := c.strike(ctx); err != nil {
			return 0, err
		}
		if c.done >= next || c.done >= n {
			next = c.done + inspected
			if err := c.inspect(ctx, before); err != nil {
				return 0, err
			}
		}
	}
	if c.accepted*20 < n {
		return 0, fmt.Errorf("only %d of %d requests stored something: the rest says little", c.accepted, n)
	}
	_, err = fmt.Fprintf(w, "hostile: requests=%d stored=%d violations=%d\n", c.done, c.accepted, c.violations)
	return c.violations, err
}

// strike makes one hostile request, and reads what it stored.
func (c *client) strike(ctx context.Context) error {
	x := generate(c.r)
	segment := url.PathEscape(x.value)
	id := segment
	if len(c.order) > 0 && c.r.IntN(3) == 0 {
		id = c.order[c.r.IntN(len(c.order))]
	}
	switch c.r.IntN(12) {
	case 0:
		return c.read(ctx, c.open+"/comments/"+segment, x.value, false)
	case 1:
		return c.read(ctx, c.open+"/comments/page?cursor="+url.QueryEscape(x.value)+"&limit="+url.QueryEscape(x.value), "page", false)
	case 2:
		return c.read(ctx, c.open+"/comments/page?limit="+url.QueryEscape(x.value), "page", false)
	case 3:
		_, err := c.send(ctx, http.MethodGet, c.open+"/comments/"+segment+"/count", "", nil, false)
		return err
	case 4:
		parameter := []string{"cursor", "limit"}[c.r.IntN(2)]
		return c.read(ctx, c.held+"/moderation/pending?"+parameter+"="+url.QueryEscape(x.value), "", true)
	case 5:
		return c.decide(ctx, c.held+"/moderation/"+id+"/approve", http.MethodPost, id)
	case 6:
		return c.decide(ctx, c.held+"/moderation/"+id+"/reject", http.MethodPost, id)
	case 7:
		page := segment
		if was, ok := c.stored[openTable][id]; ok && c.r.IntN(2) == 0 {
			page = was["pageId"]
		}
		return c.decide(ctx, c.open+"/comments/"+page+"/"+id, http.MethodDelete, id)
	default:
		return c.post(ctx, x)
	}
}

// post posts the text in one field or header of a comment.
func (c *client) post(ctx context.Context, x text) error {
	base, table := c.open, openTable
	if c.r.IntN(3) == 0 {
		base, table = c.held, heldTable
	}
	sent := map[string]text{"pageId": plain(fmt.Sprintf("p-%d", c.done)), "userName": plain("Ann"), "message": plain("hello")}
	header := http.Header{"User-Agent": {"hostile"}}
	switch field := []string{"pageId", "userName", "message", "message", "parentId", "website", "unknown", "User-Agent", "x-amzn-RequestId", "Origin"}[c.r.IntN(10)]; field {
	case "User-Agent", "Origin":
		header.Set(field, inHeader(x.value))
	case "x-amzn-RequestId":
		id := inHeader(x.value)
		if len(c.order) > 0 && c.r.IntN(2) == 0 {
			id = c.order[c.r.IntN(len(c.order))]
		}
		header.Set(field, id)
	default:
		if field == "message" && c.r.IntN(50) == 0 {
			x = text{`"` + strings.Repeat(x.json[1:len(x.json)-1], 1000) + `"`, strings.Repeat(x.value, 1000)}
		}
		sent[field] = x
	}
	var body strings.Builder
	separator := "{"
	for _, field := range []string{"pageId", "userName", "message", "parentId", "website", "unknown"} {
		if value, ok := sent[field]; ok {
			body.WriteString(separator + `"` + field + `":` + value.json)
			separator = ","
		}
	}
	reply, err := c.send(ctx, http.MethodPost, base+"/comments", body.String()+"}", header, false)
	if err != nil {
		return err
	}
	if reply.status >= 300 {
		if header.Get("x-amzn-RequestId") == "" && sound(sent, table) {
			c.violation("POST %s answers %d %s, and nothing is wrong with it", body.String(), reply.status, reply.body)
		}
		return nil
	}
	var answer struct{ CommentID string }
	if !reply.read(&answer) || answer.CommentID == "" {
		c.violation("POST %s answers %s", body.String(), reply.body)
		return nil
	}
	if _, was := c.stored[table][answer.CommentID]; was {
		c.violation("POST with x-amzn-RequestId %q answers %d, and there is such a comment", header.Get("x-amzn-RequestId"), reply.status)
	}
	one := item{"commentId": answer.CommentID, "userName": sent["userName"].value, "message": sent["message"].value, "sourceIP": "127.0.0.1"}
	if agent := header.Get("User-Agent"); agent != "" {
		one["userAgent"] = agent
	}
	if table == heldTable {
		one["pendingPageId"], one["moderation"] = sent["pageId"].value, "Pending"
	} else {
		one["pageId"] = sent["pageId"].value
		if parent := sent["parentId"].value; parent != "" {
			one["parentId"] = parent
		}
	}
	c.stored[table][answer.CommentID] = one
	c.order = append(c.order, answer.CommentID)
	c.accepted++
	if table == openTable && c.r.IntN(2) == 0 {
		return c.read(ctx, base+"/comments/"+url.PathEscape(one["pageId"]), one["pageId"], false)
	}
	return nil
}

// sound reports whether a comment must be accepted: an escape that is missing
// may show as a refusal only. The limits are the defaults.
func sound(sent map[string]text, table string) bool {
	for field, value := range sent {
		n := utf8.RuneCountInString(value.value)
		ok := n > 0
		switch field {
		case "pageId":
			ok = pageIDs.MatchString(value.value) && !onlyDots.MatchString(value.value)
		case "userName":
			ok = ok && n <= 100
		case "message":
			ok = ok && n <= 10000
		case "parentId":
			ok = table == openTable && commentIDs.MatchString(value.value)
		default:
			ok = false
		}
		if !ok {
			return false
		}
	}
	return true
}

// read lists: what is listed must be what was sent, on the page that was
// asked for.
func (c *client) read(ctx context.Context, to, page string, pending bool) error {
	reply, err := c.send(ctx, http.MethodGet, to, "", nil, pending)
	if err != nil || reply.status >= 300 {
		return err
	}
	var list struct {
		Comments   []map[string]any
		NextCursor string
	}
	if !reply.read(&list) {
		c.violation("GET %s answers %s", to, reply.body)
		return nil
	}
	table, where := openTable, "pageId"
	if pending {
		table, where = heldTable, "pendingPageId"
	}
	for _, got := range list.Comments {
		id, _ := got["commentId"].(string)
		want, there := c.stored[table][id]
		if !there || want["userName"] != got["userName"] || want["message"] != got["message"] || !pending && want[where] != page ||
			pending && want[where] != got["pageId"] {
			c.violation("GET %s lists %v; want %v", to, got, want)
		}
	}
	if pending || strings.Contains(to, "?") || list.NextCursor != "" {
		return nil
	}
	n := 0
	for _, one := range c.stored[table] {
		if one[where] == page {
			n++
		}
	}
	if n != len(list.Comments) {
		c.violation("GET %s lists %d comments; want %d", to, len(list.Comments), n)
	}
	return nil
}

// decide approves, rejects or deletes: only what is there, and in that state.
func (c *client) decide(ctx context.Context, to, method, id string) error {
	reply, err := c.send(ctx, method, to, "", nil, true)
	if err != nil || reply.status >= 300 {
		return err
	}
	table := heldTable
	if method == http.MethodDelete {
		table = openTable
	}
	one, there := c.stored[table][id]
	if !there || table == heldTable && one["moderation"] != "Pending" {
		c.violation("%s %s answers %d; there is nothing to decide on", method, to, reply.status)
		return nil
	}
	if !strings.HasSuffix(to, "/approve") {
		delete(c.stored[table], id)
		return nil
	}
	one["pageId"] = one["pendingPageId"]
	delete(one, "pendingPageId")
	delete(one, "moderation")
	return nil
}

type reply struct {
	status int
	body   []byte
}

// read reports whether the body is JSON for the value.
func (r reply) read(value any) bool { return json.Unmarshal(r.body, value) == nil }

// send makes a request; no text may make the API fail.
func (c *client) send(ctx context.Context, method, to, body string, header http.Header, sign bool) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, to, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if header == nil && !sign {
		// Reading takes a hostile origin too.
		req.Header.Set("Origin", inHeader(generate(c.r).value))
		if c.r.IntN(3) == 0 {
			req.Header.Set("Origin", otherWebsite)
		}
	}
	if sign {
		sum := sha256.Sum256([]byte(body))
		if err := v4.NewSigner().SignHTTP(ctx, aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, req,
			hex.EncodeToString(sum[:]), "execute-api", region, time.Now()); err != nil {
			return reply{}, err
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{}, err
	}
	c.add(1)
	if resp.StatusCode >= 500 || resp.StatusCode >= 300 && resp.StatusCode < 400 || resp.StatusCode == http.StatusTooManyRequests {
		c.violation("%s %s %s answers %d %s", method, to, body, resp.StatusCode, b)
	}
	if resp.StatusCode == http.StatusOK && req.Header.Get("Origin") == otherWebsite && resp.Header.Get("Access-Control-Allow-Origin") != otherWebsite {
		c.violation("%s %s from %s does not allow it", method, to, otherWebsite)
	}
	// On what API Gateway answers by itself, which has no template, it is *.
	if allowed := resp.Header.Get("Access-Control-Allow-Origin"); allowed != "" && allowed != req.Header.Get("Origin") && allowed != "*" ||
		allowed != "" && allowed != "*" && allowed != website && allowed != otherWebsite {
		c.violation("%s %s from %q allows the origin %q", method, to, req.Header.Get("Origin"), allowed)
	}
	if bytes.Contains(b, []byte("arn:")) && resp.StatusCode != http.StatusForbidden && resp.StatusCode >= 400 {
		c.violation("%s %s %s shows %s", method, to, body, b)
	}
	return reply{resp.StatusCode, b}, nil
}

// plain is a harmless text.
func plain(value string) text { return text{`"` + value + `"`, value} }

// inHeader keeps of a text what an HTTP header carries unchanged.
func inHeader(value string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return -1
		}
		return c
	}, value))
}
