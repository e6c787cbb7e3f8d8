// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

const (
	formNote = `root.querySelector("form [part=note]").textContent`
	listNote = `root.querySelector("[part=list] ~ [part=note]").textContent`
	written  = `root.querySelector("textarea").value`
)

// offline takes the page off the network, or back.
func (p *tab) offline(off bool) {
	p.Helper()
	p.bearNetworkErrors()
	p.call(func() error {
		_, err := chromedp.Call(p.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{URLPattern: "", Latency: 0, DownloadThroughput: -1, UploadThroughput: -1, Offline: off}},
		})
		return err
	})
	p.call(func() error {
		_, err := chromedp.Call(p.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off, Latency: 0, DownloadThroughput: -1, UploadThroughput: -1})
		return err
	})
}

func TestOffline(t *testing.T) {
	seed(t, "offline", []comment{{"Ada", "one", 0}})
	p := section(t, "offline")
	p.write("Bea", "from the train")
	p.offline(true)
	p.click("[part~=post]")
	p.wait(`told.some((e) => e.name === "failed")`)
	wants(p, formNote, "You are offline. Your text is kept.")
	wants(p, `root.querySelector("form [part=note]").role`, "alert")
	wants(p, written, "from the train")
	p.do(`told.length = 0; section.refresh()`)
	p.wait(`told.some((e) => e.name === "failed")`)
	wants(p, listNote, "You are offline.")
	wants(p, messages, []string{"one"})

	p.offline(false)
	p.do(`told.length = 0`)
	p.click("[part~=more]") // which says "Try again"
	p.wait(`told.some((e) => e.name === "loaded")`)
	wants(p, `root.querySelector("[part~=more]").hidden`, true)
	p.click("[part~=post]")
	p.wait(`told.some((e) => e.name === "posted")`)
	wants(p, messages, []string{"one", "from the train"})
}

// A stage that lets one request a second through, as AWS throttles.
func TestThrottled(t *testing.T) {
	api := apply(t, "slow-lane", `"api":{"cors":{"allowedOrigins":["*"]},"throttling":{"rate":1,"burst":1}}`)
	p := open(t, "about:blank")
	p.bearNetworkErrors()
	p.visit(serveSite(t, api) + "/lighthouse.html")
	p.do(`section.scrollIntoView()`)
	p.wait(`told.length > 0`)
	p.write("Ada", "too fast")
	// The bucket is empty now, unless a second has passed.
	for range 20 {
		p.do(`told.length = 0; fetch(section.getAttribute("api") + "/comments/x").catch(() => {})`)
		p.click("[part~=post]")
		p.wait(`told.some((e) => e.name === "posted" || e.name === "failed")`)
		if eval[bool](p, `told.some((e) => e.name === "failed")`) {
			break
		}
		p.write("Ada", "too fast")
	}
	wants(p, `told.find((e) => e.name === "failed").status`, 429)
	wants(p, `told.find((e) => e.name === "failed").wait > 0`, true)
	wants(p, formNote, "Too many requests at the moment. Try again in \u20681\u2069 s. Your text is kept.")
	wants(p, written, "too fast")
	wants(p, `root.querySelector("[part~=post]").ariaDisabled`, "true")
	p.do(`told.length = 0`)
	p.click("[part~=post]")
	wants(p, `told.length`, 0)
	p.wait(`root.querySelector("[part~=post]").ariaDisabled === "false"`)
	for range 20 {
		p.click("[part~=post]")
		p.wait(`told.length > 0 && root.querySelector("[part~=post]").ariaDisabled === "false"`)
		if eval[bool](p, `told.some((e) => e.name === "posted")`) {
			return
		}
	}
	t.Error("it is never posted, however long one waits")
}

// Answers that the run can't be made to give, or gives too rarely.
func TestAnswersToAPost(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"unavailable", 503, `{"code":"Unavailable","message":"x"}`, "The comments are not available at the moment. Try again in \u20681\u2069 s. Your text is kept."},
		{"field", 400, `{"code":"InvalidRequest","message":"The message is too long."}`, "The message is too long. Your text is kept."},
		{"conflict", 409, `{"code":"Conflict","message":"A comment with this id exists already."}`, "A comment with this id exists already. Your text is kept."},
		{"media type", 415, `{"code":"UnsupportedMediaType","message":"Send JSON."}`, "Send JSON. Your text is kept."},
		{"server error", 500, `{"code":"InternalError","message":"A problem on the server."}`, "A problem on the server. Your text is kept."},
		{"proxy's page", 502, `<html>Bad Gateway`, "The comments are not available at the moment. Your text is kept."},
		{"markup", 400, `{"code":"InvalidRequest","message":"<img src=x onerror=window.owned=1>"}`, "<img src=x onerror=window.owned=1> Your text is kept."},
		{"not JSON", 200, `<html>Log in to the hotel's network`, "No answer came. See whether your comment is there before you post it again. Your text is kept."},
		{"another JSON", 201, `{}`, "No answer came. See whether your comment is there before you post it again. Your text is kept."},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := section(t, "answers")
			p.write("Ada", "keep me")
			p.answer(c.status, c.body, map[int]string{503: "1"}[c.status])
			p.click("[part~=post]")
			p.wait(`told.some((e) => e.name === "failed")`)
			wants(p, formNote, c.want)
			wants(p, written, "keep me")
			wants(p, `window.owned ?? 0`, 0)
			wants(p, `told.at(-1).status`, c.status)
			p.do(`window.fetch = trueFetch; told.length = 0`)
			p.wait(`root.querySelector("[part~=post]").ariaDisabled !== "true"`)
			p.click("[part~=post]")
			p.wait(`told.some((e) => e.name === "posted")`)
			wants(p, written, "")
		})
	}
}

func TestAnswersToAList(t *testing.T) {
	seed(t, "list-trouble", []comment{{"Ada", "listed before", 0}})
	for body, want := range map[string]string{
		`{"code":"Unavailable","message":"x"}`: "The comments are not available at the moment. Try again in \u20682\u2069 s.",
		`<html>`:                               "The comments are not available at the moment. Try again in \u20682\u2069 s.",
	} {
		p := section(t, "list-trouble")
		p.answer(503, body, "2")
		p.do(`told.length = 0; section.refresh(); section.scrollIntoView()`)
		p.wait(`told.some((e) => e.name === "failed")`)
		wants(p, listNote, want)
		wants(p, messages, []string{"listed before"})
		started := time.Now()
		p.do(`calls = 0`)
		p.click("[part~=more]")
		wants(p, `calls`, 0)
		p.do(`window.fetch = trueFetch`)
		p.wait(`root.querySelector("[part~=more]").ariaDisabled === "false"`)
		if waited := time.Since(started); waited < time.Second {
			t.Errorf("the visitor may try again after %s, want about 2 s", waited)
		}
		p.click("[part~=more]")
		p.wait(`told.some((e) => e.name === "loaded")`)
	}
}

// A connection that ends without an answer leaves open what happened.
func TestLostAnswerIsNotCalledAFailure(t *testing.T) {
	p := section(t, "lost")
	p.bearNetworkErrors()
	p.write("Ada", "did it arrive?")
	p.do(`window.trueFetch = fetch; window.fetch = async (...all) => { await trueFetch(...all); throw new TypeError("connection reset"); }`)
	p.click("[part~=post]")
	p.wait(`told.some((e) => e.name === "failed")`)
	if got := eval[string](p, formNote); !strings.HasPrefix(got, "No answer came.") {
		t.Errorf("the visitor is told %q", got)
	}
	wants(p, written, "did it arrive?")
}

// What fills in every field is refused by the API.
func TestTrapIsHiddenAndSprings(t *testing.T) {
	p := section(t, "trap")
	p.bearNetworkErrors()
	const trap = `root.querySelector("[name=website]")`
	wants(p, `((e) => e.getBoundingClientRect().width + getComputedStyle(e).overflowX + `+trap+`.tabIndex)(`+trap+`.parentElement)`, "0hidden-1")
	p.write("Bot", "buy")
	p.do(trap + `.value = "https://spam.example"`)
	p.click("[part~=post]")
	p.wait(`told.some((e) => e.name === "failed")`)
	wants(p, `told.at(-1).status`, 400)
	p.turnTo("trap")
	wants(p, messages, []string{})
}
