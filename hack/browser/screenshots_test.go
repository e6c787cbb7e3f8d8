// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestScreenshots writes the pictures of the documentation.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("only with -screenshots DIR")
	}
	seed(t, "hello-world", conversation)
	seed(t, "arabic", arabicConversation)
	for _, shot := range []struct {
		name, page, scheme string
		width, height      int64
	}{
		{"comments-light", "hello-world.html", "light", 1000, 1560},
		{"comments-dark", "hello-world.html", "dark", 1000, 1560},
		{"comments-rtl", "arabic.html", "light", 1000, 1150},
	} {
		t.Run(shot.name, func(t *testing.T) {
			p := open(t, "about:blank")
			p.scheme(shot.scheme)
			p.size(shot.width, shot.height)
			p.call(func() error {
				_, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: aged})
				return err
			})
			p.visit(world.SiteURL + "/" + shot.page)
			p.scroll()
			p.do(`scrollTo(0, 0)`)
			p.do(`document.fonts.ready`)
			shown, err := chromedp.Call(p.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{})
			p.must(err)
			p.must(os.WriteFile(filepath.Join(*screenshots, shot.name+".png"), shown.Data, 0o644))
		})
	}
}

// aged makes comments that were stored a moment ago look as if people had taken
// their time.
const aged = `const listed = fetch;
window.fetch = async (...all) => {
	const answer = await (await listed(...all)).json();
	const minutes = [4100, 1690, 1500, 1440, 45];
	answer.comments.forEach((comment, i) => (comment.createdAt = Date.now() - minutes[i] * 60000));
	return Response.json(answer);
};`

// scheme makes the visitor prefer light or dark.
func (p *tab) scheme(value string) {
	p.Helper()
	p.call(func() error {
		_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}}})
		return err
	})
}

// size makes the window as large as given, in CSS pixels, on a fine screen.
func (p *tab) size(width, height int64) {
	p.Helper()
	p.call(func() error {
		_, err := chromedp.Call(p.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 2})
		return err
	})
}
