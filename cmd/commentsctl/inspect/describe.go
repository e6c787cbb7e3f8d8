// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"fmt"
	"strings"

	"github.com/commentsapi/operator/internal/plan"
)

// signs mark what happens to a field, as diffs do.
var signs = map[plan.Action]string{plan.Create: "+", plan.Update: "~", plan.Delete: "-", plan.Wait: "."}

// tints are the colours of the signs.
var tints = map[plan.Action]string{plan.Create: green, plan.Update: yellow, plan.Delete: red, plan.Wait: faint}

// describePlan prints a plan for people: each step with the differences it
// removes.
func describePlan(title string, p plan.Plan, in paint) string {
	var b strings.Builder
	switch changes := p.Changes(); {
	case p.Block != nil:
		fmt.Fprintf(&b, "%s: %s\n  %s\n", title, in.in(red, "blocked, "+p.Block.Reason), p.Block.Message)
		return b.String()
	case len(changes) == 0:
		fmt.Fprintf(&b, "%s: nothing to do\n", title)
	default:
		fmt.Fprintf(&b, "%s: %d changes in %d steps\n", title, len(changes), len(p.Steps))
	}
	for i, step := range p.Steps {
		fmt.Fprintf(&b, "\n%2d. %s", i+1, step.Op)
		if step.Target != "" {
			fmt.Fprintf(&b, " %s", step.Target)
		}
		if step.Serving {
			b.WriteString("  " + in.in(yellow, "(clients notice)"))
		}
		b.WriteString("\n")
		if step.Message != "" {
			fmt.Fprintf(&b, "      waits: %s\n", step.Message)
			continue
		}
		for _, c := range step.Changes {
			describeChange(&b, c, in)
		}
	}
	for _, warning := range p.Warnings {
		fmt.Fprintf(&b, "\n%s %s\n", in.in(yellow, "warning:"), warning)
	}
	return b.String()
}

// describeChange prints a field with its values; texts of several lines are
// compared line by line.
func describeChange(b *strings.Builder, c plan.Change, in paint) {
	name := string(c.Resource)
	if c.Field != "" {
		name += "." + c.Field
	}
	sign := in.in(tints[c.Action], signs[c.Action])
	if strings.Contains(c.From+c.To, "\n") {
		fmt.Fprintf(b, "    %s %s\n", sign, name)
		for _, line := range changedLines(c.From, c.To) {
			tint := tints[plan.Create]
			if line[0] == '-' {
				tint = tints[plan.Delete]
			}
			fmt.Fprintf(b, "        %s\n", in.in(tint, line))
		}
		return
	}
	switch c.Action {
	case plan.Create:
		fmt.Fprintf(b, "    %s %s: %s\n", sign, name, c.To)
	case plan.Delete:
		fmt.Fprintf(b, "    %s %s: %s\n", sign, name, c.From)
	default:
		fmt.Fprintf(b, "    %s %s: %s -> %s\n", sign, name, c.From, c.To)
	}
}

// changedLines leaves out what two texts have in common at the beginning and
// at the end.
func changedLines(from, to string) []string {
	old, wanted := strings.Split(from, "\n"), strings.Split(to, "\n")
	for len(old) > 0 && len(wanted) > 0 && old[0] == wanted[0] {
		old, wanted = old[1:], wanted[1:]
	}
	for len(old) > 0 && len(wanted) > 0 && old[len(old)-1] == wanted[len(wanted)-1] {
		old, wanted = old[:len(old)-1], wanted[:len(wanted)-1]
	}
	var out []string
	for _, line := range old {
		out = append(out, "- "+line)
	}
	for _, line := range wanted {
		out = append(out, "+ "+line)
	}
	return out
}
