// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// Everything can be done without a mouse, and where one is can be seen.
func TestKeyboardOnly(t *testing.T) {
	var comments []comment
	for range 25 {
		comments = append(comments, comment{Name: "Ada", Message: "one of many"})
	}
	seed(t, "keyboard", comments)
	p := section(t, "keyboard")
	// tab goes on to the next control, and says which it is.
	tab := func() string {
		p.keys(kb.Tab)
		focused := eval[string](p, `(root.activeElement ?? document.activeElement).part.value || root.activeElement?.name || document.activeElement.tagName`)
		if eval[bool](p, `!!root.activeElement`) {
			wants(p, `getComputedStyle(root.activeElement).outlineStyle + getComputedStyle(root.activeElement).outlineWidth`, "solid2px")
		}
		return focused
	}
	until := func(want string) {
		t.Helper()
		for range 90 {
			if tab() == want {
				return
			}
		}
		t.Fatalf("%q can't be reached with the Tab key", want)
	}
	p.do(`document.body.focus(); scrollTo(0, 0)`)
	until("button more")
	p.do(`told.length = 0`)
	p.keys(kb.Enter)
	p.wait(`told.some((e) => e.name === "loaded")`)
	wants(p, `[...root.querySelectorAll("li")].indexOf(root.activeElement)`, 20)

	// Reply to the comment that has the focus, change one's mind, then do it.
	until("button reply")
	p.keys(kb.Enter)
	wants(p, `root.activeElement.name`, "message")
	until("button cancel")
	p.keys(kb.Enter)
	wants(p, `root.activeElement.part.value`, "button reply")
	p.keys(kb.Enter)
	p.keys("typed")
	p.keys(kb.Tab)
	wants(p, `root.activeElement.part.value`, "button post")
	p.do(`told.length = 0; root.querySelector("form").userName.focus()`)
	p.keys("Bea" + kb.Enter) // Enter in the name's field sends, as in any form
	p.wait(`told.some((e) => e.name === "posted")`)
	wants(p, `root.activeElement.querySelector("[part=author]").textContent`, "Bea")
	wants(p, `root.activeElement.parentElement.part.value`, "replies")
}

// On the smallest screens nothing is cut off or sticks out.
func TestSmallScreen(t *testing.T) {
	seed(t, "small", conversation)
	p := open(t, "about:blank")
	p.size(320, 640)
	p.visit(world.SiteURL + "/lighthouse.html")
	p.turnTo("small")
	// The deepest reply of all is where there is least room.
	p.do(`[...root.querySelectorAll("[part~=reply]")].at(-2).click()`)
	wants(p, `document.documentElement.scrollWidth`, 320)
	wants(p, `[...root.querySelectorAll("form *")].filter((e) => e.checkVisibility() && !e.closest("i") && e.getBoundingClientRect().right > root.querySelector("form").getBoundingClientRect().right - 10).map((e) => e.outerHTML)`, []string{})
}

// axe is run on sections in every state that has something of its own to see.
func TestAccessibility(t *testing.T) {
	source, err := os.ReadFile(*axeFile)
	if err != nil {
		t.Fatal(err)
	}
	seed(t, "axe", conversation)
	for range 25 {
		seed(t, "axe", []comment{{"Ada", "one of many", 0}})
	}
	for _, c := range []struct{ name, page, scheme string }{
		{"light", "lighthouse.html", "light"},
		{"dark", "lighthouse.html", "dark"},
		{"right-to-left", "arabic.html", "light"},
		{"right-to-left and dark", "arabic.html", "dark"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := open(t, "about:blank")
			p.scheme(c.scheme)
			p.visit(world.SiteURL + "/" + c.page)
			p.turnTo("axe")
			wants(p, `root.querySelector("[part~=more]").hidden`, false)
			p.do("%s", source)
			check := func(state string) {
				t.Helper()
				for _, violation := range eval[[]string](p, `axe.run({resultTypes: ["violations", "incomplete"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((r) =>
					r.violations.concat(r.incomplete.filter((v) => v.id === "color-contrast")).flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target.flat().join(" ") + ": " + n.failureSummary)))`) {
					t.Errorf("%s: %s", state, violation)
				}
			}
			check("listed")
			p.click("[part~=reply]")
			p.write("Bea", "a reply")
			p.answer(503, `{"code":"Unavailable","message":"x"}`, "")
			p.click("[part~=post]")
			p.wait(`told.some((e) => e.name === "failed")`)
			check("a reply that failed")
			p.answer(201, `{"commentId":"new"}`, "")
			p.click("[part~=post]")
			p.wait(`told.some((e) => e.name === "posted")`)
			check("posted")
		})
	}
}
