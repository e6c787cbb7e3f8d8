// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// messages is JavaScript for the messages shown, in their order.
const messages = `texts("[part=message]")`

// section opens an article whose section shows the comments of another page,
// so that tests don't see each other's, and waits until it has loaded.
func section(t *testing.T, pageID string) *tab {
	t.Helper()
	p := open(t, world.SiteURL+"/lighthouse.html")
	p.turnTo(pageID)
	return p
}

// turnTo lets the section show another page's comments.
func (p *tab) turnTo(pageID string) {
	p.Helper()
	p.do(`told.length = 0; section.setAttribute("page-id", %s)`, quote(pageID))
	p.scroll()
}

// wants fails unless JavaScript gives the value.
func wants[T any](p *tab, expression string, want T) {
	p.Helper()
	if got := eval[T](p, expression); !reflect.DeepEqual(got, want) {
		p.Errorf("%s\n got %#v\nwant %#v", short(expression), got, want)
	}
}

func TestPostAndListAcrossOrigins(t *testing.T) {
	site, err := url.Parse(world.SiteURL)
	if err != nil {
		t.Fatal(err)
	}
	api, err := url.Parse(world.Ready[0].InvokeURL)
	if err != nil {
		t.Fatal(err)
	}
	if site.Host == api.Host {
		t.Fatalf("the site and the API are both at %s: nothing would be cross-origin", site.Host)
	}
	p := section(t, "first-steps")
	wants(p, `texts("[part=note]")[0]`, "No comments yet.")
	p.post("Ada", "First!")
	wants(p, messages, []string{"First!"})
	wants(p, `texts("[part=author]")`, []string{"Ada"})
	wants(p, `root.activeElement.querySelector("[part=message]").textContent`, "First!")
	wants(p, `texts("form [part=note]")`, []string{"Your comment is posted."})
	wants(p, `root.querySelector("textarea").value`, "")
	p.turnTo("first-steps-elsewhere")
	wants(p, messages, []string{})

	p.visit(world.SiteURL + "/lighthouse.html")
	p.turnTo("first-steps")
	wants(p, messages, []string{"First!"})
	wants(p, `root.querySelector("time").textContent`, "now")
	wants(p, `!!Date.parse(root.querySelector("time").dateTime) && root.querySelector("time").title.length > 15`, true)
	wants(p, `localStorage.length + sessionStorage.length + document.cookie.length`, 0)
	wants(p, `document.querySelectorAll("iframe").length + root.querySelectorAll("iframe, [style*=url], script, style, link").length`, 0)
}

func TestNothingIsLoadedBeforeItIsInView(t *testing.T) {
	p := open(t, "about:blank")
	p.size(1000, 100)
	p.visit(world.SiteURL + "/lighthouse.html")
	calls := fmt.Sprintf(`performance.getEntriesByType("resource").filter((e) => e.name.startsWith(%s)).length`, quote(world.Ready[0].InvokeURL))
	p.do(`new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 300)))`)
	wants(p, calls, 0)
	p.scroll()
	wants(p, calls, 1)
}

// The index shows a comment some time after it was stored.
func TestOwnCommentStaysUntilItIsListed(t *testing.T) {
	nature(t, `{"delays":{"indexLag":"1500ms"}}`)
	p := section(t, "late-index")
	p.post("Ada", "Where did it go?")
	p.do(`told.length = 0; section.refresh()`)
	p.scroll()
	if listed := eval[int](p, `told[0].comments.length`); listed != 0 {
		t.Fatalf("%d comments are listed at once: this test would prove nothing", listed)
	}
	wants(p, messages, []string{"Where did it go?"})
	for range 100 {
		p.do(`told.length = 0; section.refresh()`)
		p.scroll()
		if eval[int](p, `told[0].comments.length`) == 1 {
			break
		}
	}
	wants(p, `told[0].comments.length`, 1)
	wants(p, messages, []string{"Where did it go?"})
	// It has its place in the list now, and none of its own.
	wants(p, `[...root.querySelectorAll("[part=list]")].map((list) => list.children.length)`, []int{1, 0})
}

func TestDoubleClickPostsOnce(t *testing.T) {
	nature(t, `{"latency":{"execute-api":"200ms"}}`)
	p := section(t, "double-click")
	p.write("Ada", "Once")
	p.do(`{ const post = root.querySelector("[part~=post]"); post.click(); post.click(); root.querySelector("form").requestSubmit(); }`)
	wants(p, `texts("form [part=note]")`, []string{"One moment…"})
	p.wait(`told.some((e) => e.name === "posted")`)
	p.turnTo("double-click")
	wants(p, messages, []string{"Once"})
}

func TestBlankTextIsNotSent(t *testing.T) {
	p := section(t, "blank")
	p.write("   ", "\n\t ")
	p.click("[part~=post]")
	wants(p, `root.querySelector("form").userName.validity.valueMissing`, true)
	wants(p, `told.filter((e) => e.name !== "loaded").length`, 0)
}

// 20 comments a page, 250 in all: 13 pages.
func TestMoreThrough250Comments(t *testing.T) {
	var comments []comment
	var want []string
	for i := range 250 {
		comments = append(comments, comment{Name: "Ada", Message: fmt.Sprint("comment ", i)})
		want = append(want, fmt.Sprint("comment ", i))
	}
	seed(t, "archive", comments)
	p := section(t, "archive")
	pages := 1
	for ; eval[bool](p, `!root.querySelector("[part~=more]").hidden`); pages++ {
		p.do(`told.length = 0; { const more = root.querySelector("[part~=more]"); more.click(); more.click(); }`)
		p.wait(`told.some((e) => e.name === "loaded")`)
		wants(p, `[...root.querySelectorAll("li")].indexOf(root.activeElement)`, len(eval[[]string](p, messages))-eval[int](p, `told[0].comments.length`))
	}
	if got := eval[[]string](p, messages); !reflect.DeepEqual(got, want) {
		t.Errorf("%d comments in %d pages, want 250 in their order: %.300q", len(got), pages, got)
	}
	if pages != 13 {
		t.Errorf("250 comments came in %d pages, want 13", pages)
	}
}

func TestRepliesFindTheirParents(t *testing.T) {
	ids := seed(t, "replies", []comment{{"Ada", "one", 0}, {"Bea", "two", 0}, {"Cleo", "to one", 1}, {"Dora", "to that", 3}})
	store(t, world.Ready[0].InvokeURL, map[string]string{"pageId": "replies", "userName": "Eve", "message": "to nobody", "parentId": "gone"})
	p := section(t, "replies")
	// Each message with its depth.
	const tree = `[...root.querySelectorAll("[part=message]")].map((m) => { let depth = 0; for (let e = m.closest("li").parentElement.closest("li"); e; e = e.parentElement.closest("li")) depth++; return depth + " " + m.textContent; })`
	want := []string{"0 one", "1 to one", "2 to that", "0 two", "0 to nobody"}
	wants(p, tree, want)

	p.do(`root.querySelectorAll("[part~=reply]")[3].click()`)
	wants(p, `root.querySelector("form b").textContent`, "Reply to \u2068Bea\u2069")
	wants(p, `root.activeElement.name`, "message")
	p.post("Fay", "to two")
	want = []string{"0 one", "1 to one", "2 to that", "0 two", "1 to two", "0 to nobody"}
	wants(p, tree, want)
	wants(p, `told.at(-1).parentId`, ids[1])
	p.turnTo("replies")
	wants(p, tree, want)
}

// Ids can be chosen by who posts, so parents can be each other's.
func TestRepliesInACircleAreShown(t *testing.T) {
	p := open(t, "about:blank")
	p.visit(world.SiteURL + "/lighthouse.html")
	p.answer(200, `{"comments":[{"commentId":"a","userName":"A","message":"a","parentId":"b"},{"commentId":"b","userName":"B","message":"b","parentId":"c"},
		{"commentId":"c","userName":"C","message":"c","parentId":"a"},{"commentId":"d","userName":"D","message":"d","parentId":"d"}]}`, "")
	p.turnTo("circle")
	got := eval[[]string](p, messages)
	if len(got) != 4 {
		t.Errorf("shown: %q, want all four", got)
	}
}

// answer makes the API answer with this from now on, seen from the page.
func (p *tab) answer(status int, body, retryAfter string) {
	p.Helper()
	headers := `{}`
	if retryAfter != "" {
		headers = `{"Retry-After": "` + retryAfter + `"}`
	}
	p.do(`window.trueFetch ??= fetch; window.calls = 0; window.fetch = async () => { calls++; return new Response(%s, {status: %d, headers: %s}); }`, quote(body), status, headers)
}

func TestTwoTabs(t *testing.T) {
	first := section(t, "two-tabs")
	second := openIn(t, first.ctx, world.SiteURL+"/lighthouse.html")
	second.turnTo("two-tabs")

	second.write("Bea", "A long thought that is not finis")
	first.post("Ada", "From the first tab")
	wants(second, `root.querySelector("textarea").value`, "A long thought that is not finis")
	second.visit(world.SiteURL + "/lighthouse.html")
	second.turnTo("two-tabs")
	wants(second, messages, []string{"From the first tab"})
	second.post("Bea", "From the second tab")
	first.turnTo("two-tabs")
	wants(first, messages, []string{"From the first tab", "From the second tab"})
}

// A draft that another tab began later is not this tab's to delete.
func TestDraftOfAnotherTabStays(t *testing.T) {
	first := section(t, "two-drafts")
	second := openIn(t, first.ctx, world.SiteURL+"/lighthouse.html")
	second.turnTo("two-drafts")
	first.write("Ada", "short")
	wants(second, `localStorage.length`, 1) // or they would not share it
	nature(t, `{"latency":{"execute-api":"500ms"}}`)
	first.click("[part~=post]")
	second.write("Bea", "long")
	wants(first, `told.some((e) => e.name === "posted")`, false)
	first.wait(`told.some((e) => e.name === "posted")`)
	second.visit(world.SiteURL + "/lighthouse.html")
	second.turnTo("two-drafts")
	wants(second, `root.querySelector("textarea").value`, "long")
}

func TestDraftSurvivesAndBelongsToItsPlace(t *testing.T) {
	seed(t, "drafts", []comment{{"Ada", "one", 0}})
	p := section(t, "drafts")
	p.write("Bea", "a thought")
	p.click("[part~=reply]")
	wants(p, `root.querySelector("textarea").value`, "")
	p.write("Bea", "an answer")
	p.click("[part~=cancel]")
	wants(p, `root.querySelector("textarea").value`, "a thought")
	wants(p, `root.activeElement.part.contains("reply")`, true)

	p.visit(world.SiteURL + "/lighthouse.html")
	p.turnTo("drafts")
	wants(p, `[root.querySelector("form").userName.value, root.querySelector("textarea").value]`, []string{"Bea", "a thought"})
	p.click("[part~=reply]")
	wants(p, `root.querySelector("textarea").value`, "an answer")
	wants(p, `Object.keys(localStorage).every((key) => key.startsWith("comments-draft "))`, true)
	p.click("[part~=post]")
	p.wait(`told.some((e) => e.name === "posted")`)
	wants(p, `localStorage.length`, 1)
}

func TestTextsSlotsAndEvents(t *testing.T) {
	p := open(t, world.SiteURL+"/lighthouse.html")
	p.do(`{ const it = document.createElement("page-comments");
		for (const [name, value] of Object.entries({api: section.getAttribute("api"), "page-id": "texts", "text-post": "Absenden", "text-empty": "Noch nichts.", "newest-first": ""})) it.setAttribute(name, value);
		const title = document.createElement("h3"); title.slot = "title"; title.textContent = "Kommentare"; it.append(title);
		section.replaceWith(it); }`)
	p.scroll()
	wants(p, `texts("[part~=post]")[0]`, "Absenden")
	wants(p, `texts("[part=note]").filter(Boolean)`, []string{"Noch nichts."})
	wants(p, `root.querySelector("slot").assignedElements()[0].textContent`, "Kommentare")
	wants(p, `root.querySelector("form").compareDocumentPosition(root.querySelector("[part~=more]")) === Node.DOCUMENT_POSITION_FOLLOWING`, true)
	p.post("Ada", "Hallo")
	wants(p, `told.map((e) => e.name)`, []string{"loaded", "posted"})
	wants(p, `told[1].message + told[1].userName`, "HalloAda")
	if id := eval[string](p, `told[1].commentId`); strings.TrimSpace(id) == "" {
		t.Error("the event of a posted comment has no id")
	}
}
