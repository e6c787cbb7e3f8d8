// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strings"
	"testing"

	"github.com/commentsapi/operator/internal/stack"
)

// TestAnUpgradeIsToldFromEverythingElse: a stage that serves what this very
// spec asked for before, of an earlier operator, serves well. Whatever else may
// be the reason for another definition, clients have to get it.
func TestAnUpgradeIsToldFromEverythingElse(t *testing.T) {
	newer := strings.Repeat("f", len(sha))
	for name, c := range map[string]struct {
		change  func(*stack.Desired, *stack.Observed, *Context)
		upgrade bool
	}{
		"upgrade":          {func(*stack.Desired, *stack.Observed, *Context) {}, true},
		"the spec changed": {func(_ *stack.Desired, _ *stack.Observed, c *Context) { c.Generation++ }, false},
		"no generation": {func(_ *stack.Desired, _ *stack.Observed, c *Context) {
			c.Generation, c.Recorded.Served.Generation = 0, 0
		}, false},
		"nothing is known of the past":    {func(_ *stack.Desired, _ *stack.Observed, c *Context) { c.Recorded.Served = ServedDefinition{} }, false},
		"the stage serves something else": {func(_ *stack.Desired, _ *stack.Observed, c *Context) { c.Recorded.Served.SHA256 = newer[1:] + "0" }, false},
		"another stage served it":         {func(_ *stack.Desired, _ *stack.Observed, c *Context) { c.Recorded.Served.Stage = "old" }, false},
		"another index":                   {func(_ *stack.Desired, _ *stack.Observed, c *Context) { c.Recorded.IndexName = "pageId-index-0badcafe" }, false},
		"another role":                    {func(_ *stack.Desired, o *stack.Observed, _ *Context) { o.Role.ARN = "arn:other" }, false},
		"no role":                         {func(_ *stack.Desired, o *stack.Observed, _ *Context) { o.Role = nil }, false},
		"a canary": {func(_ *stack.Desired, o *stack.Observed, _ *Context) {
			s := o.API.Stages["prod"]
			s.Canary = true
			o.API.Stages = map[string]stack.ObservedStage{"prod": s}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			desired, observed, ctx := wanted(), found(), context()
			desired.DefinitionSHA256 = newer
			ctx.Generation, ctx.Recorded.IndexName = 3, "pageId-index"
			ctx.Recorded.Served = ServedDefinition{Stage: "prod", Generation: 3, SHA256: sha}
			c.change(&desired, &observed, &ctx)
			p := Diff(desired, observed, ctx)
			if p.Upgrade != c.upgrade || p.Serving() != c.upgrade || !p.Has(Deploy) || !p.Has(PointStage) {
				t.Errorf("upgrade %v, clients served %v; want both %v, and a deployment: %v", p.Upgrade, p.Serving(), c.upgrade, ops(p))
			}
		})
	}
}
