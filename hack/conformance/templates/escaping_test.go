// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/commentsapi/operator/api/v1alpha1"
)

const (
	escapeCall = "$util.escapeJavaScript("
	quoteFix   = `.replaceAll("\\'","'")`
)

// without returns the template with half of its escaping taken away at one
// place: the escape itself, or what makes its single quotes valid JSON again.
func without(t *testing.T, template string, place int, half string) (changed, expression string) {
	t.Helper()
	start := 0
	for range place {
		start += strings.Index(template[start:], escapeCall) + len(escapeCall)
	}
	start += strings.Index(template[start:], escapeCall)
	fix := start + strings.Index(template[start:], ")"+quoteFix)
	expression = template[start+len(escapeCall) : fix]
	end := fix + len(")"+quoteFix)
	switch half {
	case "escape":
		return template[:start] + expression + quoteFix + template[end:], expression
	default:
		return template[:start] + escapeCall + expression + ")" + template[end:], expression
	}
}

// TestEveryEscapeIsNeeded takes away either half of each escape in turn: the
// hostile texts must notice. Where a value is checked against a harmless
// alphabet first, its escape is a second lock that no text can reach.
func TestEveryEscapeIsNeeded(t *testing.T) {
	all := shipped(t, v1alpha1.OldestFirst)
	secondLock := map[string]bool{
		"create $pageId":                          true,
		"list $cursor.replaceAll('_.*', '')":      true,
		"list $cursor.replaceAll('^[0-9]+_', '')": true,
	}
	for name, c := range map[string]struct {
		template string
		check    func(template, text string) error
	}{
		"create": {all.request[createKey], func(template, text string) error {
			return checkCreate(t, template, text, "page", text, text)
		}},
		"created": {all.response[createKey]["201"], checkCreated},
		"list": {all.request[listKey], func(template, text string) error {
			return checkList(template, v1alpha1.OldestFirst, text, "1_c", object{"pageId": s(text), "commentId": s("c"), "createdAt": n("1")})
		}},
		"listed": {all.response[listKey]["200"], func(template, text string) error {
			return checkListed(t, template, text, text, text, text)
		}},
	} {
		places := strings.Count(c.template, escapeCall)
		if places == 0 || places != strings.Count(c.template, quoteFix) {
			t.Fatalf("%s: %d escapes, %d quote fixes", name, places, strings.Count(c.template, quoteFix))
		}
		for place := range places {
			for _, half := range []string{"escape", "quote fix"} {
				changed, expression := without(t, c.template, place, half)
				noticed := false
				for _, text := range hostile {
					noticed = noticed || c.check(changed, text) != nil
				}
				if want := !secondLock[fmt.Sprint(name, " ", expression)]; noticed != want {
					t.Errorf("%s without the %s of %s: noticed %t, want %t", name, half, expression, noticed, want)
				}
			}
		}
	}
}
