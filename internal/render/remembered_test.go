// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/stack"
)

// What is remembered saves the document and changes nothing else: a check
// compares the same stack and the same hash.
func TestWhatIsRememberedRendersTheSame(t *testing.T) {
	var memory Remembered
	for name, c := range cases() {
		want, err := Render(c.spec, c.facts)
		if err != nil {
			t.Fatal(err)
		}
		for _, again := range []bool{false, true} {
			got, err := memory.Render(c.spec, c.facts)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if (got.Document == nil) != again {
				t.Errorf("%s: seen before: %t; %d bytes of document", name, again, len(got.Document))
			}
			got.Document = want.Document
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, seen before: %t (-Render +remembered):\n%s", name, again, diff)
			}
		}
	}
}

// A fact that what is remembered forgot to look at would let an API stay as it
// was.
func TestNoFactIsForgotten(t *testing.T) {
	another := map[string]string{ // where not every text is allowed
		"Facts.AccountID":           "210987654321",
		"Facts.Partition":           "aws-cn",
		"Facts.PendingIndexName":    stack.PendingIndexBaseName,
		"Facts.RolePath":            "/other/",
		"Facts.ModeratorRolePath":   "/other/",
		"Facts.PermissionsBoundary": "arn:aws:iam::123456789012:policy/other",
	}
	var change func(t *testing.T, path string, v reflect.Value, try func(path string))
	change = func(t *testing.T, path string, v reflect.Value, try func(path string)) {
		if v.Kind() == reflect.Struct {
			for i := range v.NumField() {
				change(t, path+"."+v.Type().Field(i).Name, v.Field(i), try)
			}
			return
		}
		before := reflect.New(v.Type()).Elem()
		before.Set(v)
		switch v.Kind() {
		case reflect.String:
			if value, ok := another[path]; ok {
				v.SetString(value)
			} else {
				v.SetString(v.String() + "x")
			}
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Slice:
			v.Set(reflect.ValueOf([]string{"retiring-index"}))
		default:
			t.Fatalf("%s is a %s: say how to change it", path, v.Kind())
		}
		try(path)
		v.Set(before)
	}
	facts := someFacts()
	change(t, "Facts", reflect.ValueOf(&facts).Elem(), func(path string) {
		var memory Remembered
		if _, err := memory.Render(someSpec(), someFacts()); err != nil {
			t.Fatal(err)
		}
		desired, err := memory.Render(someSpec(), facts)
		if err != nil {
			t.Errorf("another %s is refused, which shows nothing: %v", path, err)
		} else if desired.Document == nil {
			t.Errorf("another %s was not noticed", path)
		}
	})
	if diff := cmp.Diff(someFacts(), facts); diff != "" {
		t.Fatalf("the test left its changes behind:\n%s", diff)
	}
}

// Input that can't be rendered is refused whether or not it was seen.
func TestWhatIsRememberedRefusesTheSame(t *testing.T) {
	var memory Remembered
	for range 2 {
		if _, err := memory.Render(someSpec(), stack.Facts{}); err == nil {
			t.Error("a stack without facts was rendered")
		}
	}
}
