// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take to come to what a test waits for.
const patience = 20 * time.Second

// prelude runs before a page's own scripts: it collects what the content
// security policy stopped, the section's events, and offers the shadow root.
const prelude = `
window.violations = [];
window.told = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample));
for (const name of ["loaded", "posted", "failed"]) document.addEventListener("comments-" + name, (e) => told.push({name, ...e.detail}));
Object.defineProperty(window, "section", {get: () => document.querySelector("page-comments")});
Object.defineProperty(window, "root", {get: () => section.shadowRoot});
window.texts = (selector) => [...root.querySelectorAll(selector)].map((e) => e.textContent);
`

// tab is a page in the browser.
type tab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string
	// bearsNetwork is set where failed requests are what is tested: browsers
	// log each.
	bearsNetwork bool
}

// open opens a page in a browser context of its own, so without drafts of
// others. At the end nothing must have been logged as an error, and the content
// security policy must have stopped nothing.
func open(t *testing.T, url string) *tab {
	t.Helper()
	return openIn(t, world.browser, url, chromedp.WithNewBrowserContext())
}

// openIn opens a page; siblings of a context share its storage.
func openIn(t *testing.T, parent context.Context, url string, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	p := &tab{T: t, ctx: ctx}
	t.Cleanup(func() {
		if !t.Failed() {
			for _, v := range eval[[]string](p, "window.violations") {
				t.Errorf("the content security policy stopped something: %s", v)
			}
		}
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, trouble := range p.troubles {
			t.Errorf("logged: %s", trouble)
		}
	})
	p.must(chromedp.Listen(ctx, p.listen))
	p.call(func() error { _, err := chromedp.Call(ctx, page.Enable, page.EnableParams{}); return err })
	p.call(func() error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: prelude})
		return err
	})
	p.visit(url)
	return p
}

func (p *tab) visit(url string) {
	p.Helper()
	p.must(chromedp.Do(p.ctx, chromedp.Navigate(url)))
}

// listen notes errors on the console, uncaught exceptions and the browser's own
// complaints.
func (p *tab) listen(event any) {
	trouble := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		trouble = "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			trouble += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			for _, arg := range e.Args {
				trouble += " " + string(arg.Value)
			}
		}
	case *log.EventEntryAdded:
		p.mu.Lock()
		borne := p.bearsNetwork && e.Entry.Source == log.EntrySourceNetwork
		p.mu.Unlock()
		if !borne && (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) {
			trouble = e.Entry.Text + " " + e.Entry.URL
		}
	}
	if trouble != "" {
		p.mu.Lock()
		p.troubles = append(p.troubles, trouble)
		p.mu.Unlock()
	}
}

// bearNetworkErrors says that requests are going to fail.
func (p *tab) bearNetworkErrors() {
	p.mu.Lock()
	p.bearsNetwork = true
	p.mu.Unlock()
}

func (p *tab) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func (p *tab) call(do func() error) {
	p.Helper()
	p.must(do())
}

// eval returns the value of a JavaScript expression, awaited.
func eval[T any](p *tab, expression string) T {
	p.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.Fatalf("%s: %v", short(expression), err)
	}
	return value
}

// do runs JavaScript for its effect.
func (p *tab) do(format string, args ...any) {
	p.Helper()
	expression := fmt.Sprintf(format, args...)
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[chromedp.Void](expression, chromedp.EvalAwaitPromise)); err != nil {
		p.Fatalf("%s: %v", short(expression), err)
	}
}

// wait waits until a JavaScript expression is true.
func (p *tab) wait(format string, args ...any) {
	p.Helper()
	expression := fmt.Sprintf(format, args...)
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if eval[bool](p, "!!("+expression+")") {
			return
		}
		if time.Now().After(deadline) {
			p.Fatalf("not within %s: %s; the section says:\n%s", patience, short(expression), eval[string](p, `section?.shadowRoot ? section.shadowRoot.textContent : document.body.innerText`))
		}
	}
}

// scroll brings the section into view, which makes it load, and waits until it
// has.
func (p *tab) scroll() {
	p.Helper()
	p.do(`section.scrollIntoView()`)
	p.wait(`told.some((e) => e.name === "loaded")`)
}

// write fills in the form as a person would, without sending it.
func (p *tab) write(name, message string) {
	p.Helper()
	for field, text := range map[string]string{"userName": name, "message": message} {
		p.do(`root.querySelector("form").%s.select()`, field)
		p.insert(text)
	}
}

// insert types text into what has the focus.
func (p *tab) insert(text string) {
	p.Helper()
	p.call(func() error {
		_, err := chromedp.Call(p.ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
}

// keys presses keys one by one.
func (p *tab) keys(keys string) {
	p.Helper()
	p.must(chromedp.Do(p.ctx, chromedp.KeyEvent(keys)))
}

// click clicks what a selector finds in the section.
func (p *tab) click(selector string) {
	p.Helper()
	p.do(`root.querySelector(%s).click()`, quote(selector))
}

// post writes a comment, sends it and waits until it is there.
func (p *tab) post(name, message string) {
	p.Helper()
	before := eval[int](p, `told.filter((e) => e.name === "posted").length`)
	p.write(name, message)
	p.click("[part~=post]")
	p.wait(`told.filter((e) => e.name === "posted").length > %d`, before)
}

// quote makes a JavaScript string.
func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(quoted)
}

func short(text string) string {
	if text = strings.TrimSpace(text); len(text) > 200 {
		return text[:200] + "..."
	}
	return text
}
