// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// hostile are texts that have broken comment sections, by what they attack.
var hostile = []string{
	// Markup that runs.
	`<script>window.owned = 1</script>`, `<img src=x onerror="window.owned=1">`, `<svg onload=window.owned=1>`, `<body onload=window.owned=1>`,
	`<iframe srcdoc="<script>parent.owned=1</script>"></iframe>`, `<math><mtext></mtext><mglyph><style><img src=x onerror=window.owned=1></style>`,
	`<a href="javascript:window.owned=1">click</a>`, `<details open ontoggle=window.owned=1>`, `<video><source onerror=window.owned=1></video>`,
	`<object data="javascript:window.owned=1"></object>`, `<embed src="data:text/html,<script>window.owned=1</script>">`, `<style>@import 'javascript:window.owned=1';</style>`,
	`<link rel=stylesheet href="javascript:window.owned=1">`, `<meta http-equiv=refresh content="0;url=javascript:window.owned=1">`, `<base href="https://evil.example/">`,
	`<form action="https://evil.example"><button>Log in</button></form>`, `<input autofocus onfocus=window.owned=1>`, `<template><script>window.owned=1</script></template>`,
	`</p></li></ol><script>window.owned=1</script>`, `<page-comments api="https://evil.example" page-id="x"></page-comments>`, `<slot name="title"></slot>`,
	`"><script>window.owned=1</script>`, `'><script>window.owned=1</script>`, `--><script>window.owned=1</script>`, `]]><script>window.owned=1</script>`,
	`<scr<script>ipt>window.owned=1</scr</script>ipt>`, "<img src=x\x01onerror=window.owned=1>", `<img/src=x/onerror=window.owned=1//`, `&lt;script&gt;window.owned=1&lt;/script&gt;`, `&#60;script&#62;window.owned=1&#60;/script&#62;`,
	// Templates and escapes of others.
	`{{constructor.constructor('window.owned=1')()}}`, `${window.owned=1}`, `<%= window.owned=1 %>`, `#set($x = 1)$x $context.identity.sourceIp`, `$util.escapeJavaScript("x")`, `%3Cscript%3Ewindow.owned=1%3C/script%3E`,
	`\u003cscript\u003ewindow.owned=1\u003c/script\u003e`, `javascript:window.owned=1`, `__proto__`, `constructor`,
	// JSON.
	`","userName":"admin","x":"`, `\`, `"`, `{"commentId":"x"}`, `null`,
	// Text that looks odd.
	"right\u202Eto left\u202C again", "zero\u200Bwidth\uFEFF", "Z\u0351\u036B\u0343a\u0363\u0342l\u0348\u035Ag\u034Do\u0321", "line one\nline two\r\n\n\nline six\ttab", "👩‍👩‍👧‍👦🏳️‍🌈 \U0001F4A9 𝕬",
	strings.Repeat("W", 3000), "مرحبا <b>بالعالم</b>", "' OR '1'='1'; DROP TABLE comments; --",
}

func TestHostileCommentsAreInertAndVerbatim(t *testing.T) {
	if len(hostile) < 50 {
		t.Fatalf("only %d hostile texts, want at least 50", len(hostile))
	}
	var want, names []string
	for i, text := range hostile {
		// The text as message, and as far as it fits as name too.
		name := string([]rune(text)[:min(100, len([]rune(text)))])
		store(t, world.Ready[0].InvokeURL, map[string]string{"pageId": "hostile", "userName": name, "message": text})
		want, names = append(want, fmt.Sprint(i, text)), append(names, name)
	}
	p := section(t, "hostile")
	before := eval[int](p, `document.querySelectorAll("*").length`)
	for eval[bool](p, `!root.querySelector("[part~=more]").hidden`) {
		p.do(`told.length = 0`)
		p.click("[part~=more]")
		p.wait(`told.some((e) => e.name === "loaded")`)
	}
	// Comments of one millisecond may change places.
	got := eval[[]string](p, messages)
	texts := slices.Clone(hostile)
	slices.Sort(got)
	slices.Sort(texts)
	if !reflect.DeepEqual(got, texts) {
		t.Errorf("the messages are not shown verbatim\n got %.2000q\nwant %.2000q", got, texts)
	}
	authors := eval[[]string](p, `texts("[part=author]")`)
	slices.Sort(authors)
	slices.Sort(names)
	if !reflect.DeepEqual(authors, names) {
		t.Errorf("the names are not shown verbatim\n got %.2000q\nwant %.2000q", authors, names)
	}
	wants(p, `[...root.querySelectorAll("[part=message], [part=author], [part=avatar]")].filter((e) => e.children.length).length`, 0)
	wants(p, `document.querySelectorAll("*").length`, before)
	wants(p, `window.owned ?? 0`, 0)
	wants(p, `document.documentElement.scrollWidth <= innerWidth`, true)
	wants(p, `location.href`, world.SiteURL+"/lighthouse.html")

	// Written by a visitor, they are as inert.
	p.turnTo("hostile-typed")
	for _, text := range hostile[:3] {
		p.post(text, text)
	}
	wants(p, messages, hostile[:3])
	wants(p, `window.owned ?? 0`, 0)
}
