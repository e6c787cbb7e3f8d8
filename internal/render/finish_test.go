// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// TestFinishDoesWhatTextTemplateDoes: the directives mean what their manual
// says.
func TestFinishDoesWhatTextTemplateDoes(t *testing.T) {
	reference := template.Must(template.New("").Delims("<<", ">>").Option("missingkey=error").ParseFS(templateFiles, "templates/*.vtl"))
	plain := someSpec()
	unordered := someSpec()
	unordered.Comments.Order = v1alpha1.Unordered
	full := someSpec()
	full.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: []v1alpha1.Origin{"https://a.example", "https://b.example", "https://c.example"}}
	full.Comments.Replies, full.Comments.ShowCreatedAt = v1alpha1.Enabled, v1alpha1.Enabled
	full.Comments.ClientInfo.SourceIP, full.Comments.ClientInfo.UserAgent = v1alpha1.Enabled, v1alpha1.Enabled
	full.Comments.Moderation, full.Comments.HoneypotField = v1alpha1.ModerationBeforeListing, "website"
	for name, spec := range map[string]v1alpha1.CommentsAPISpec{"plain": plain, "unordered": unordered, "every option": full} {
		t.Run(name, func(t *testing.T) {
			known := templateFields(withDefaults(spec), someFacts())
			for _, file := range templateNames {
				var want strings.Builder
				if err := reference.ExecuteTemplate(&want, file+".vtl", known); err != nil {
					t.Fatal(err)
				}
				got, err := parsedTemplates.finish(file+".vtl", known)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want.String(), got); diff != "" {
					t.Errorf("%s (-text/template +finish):\n%s", file, diff)
				}
			}
		})
	}
}

// TestFinishRefusesWhatItDoesNotKnow: a misspelt name or a directive of
// text/template that is not carried out here is no empty place in a template.
func TestFinishRefusesWhatItDoesNotKnow(t *testing.T) {
	known := fields{"Name": "x", "List": []string{"a", "b"}}
	for text, wanted := range map[string]bool{
		"<<.Name>>": true, "<<.Unheard>>": false, "<<$name>>": false, "<<.Name.Length>>": false, "<<if .Unheard>>a<<end>>": false,
		"<<range $i, $t := .List>><<$i>><<$t>><<end>>": true, "<<range .List>>a<<end>>": false, "<<range $i, $t := .Name>>a<<end>>": false,
		"<<range $i, $t := .List>>a<<end>><<$i>>": false, "<<.Name | .Name>>": false, "<<with .Name>>a<<end>>": false,
		`<<template "b.vtl" .>>`: false, "<<template `a.vtl`": false, "<<len .Name>>": false,
	} {
		parsed, err := parseFiles(fstest.MapFS{"in/a.vtl": {Data: []byte(text)}}, "in")
		if err == nil {
			_, err = parsed.finish("a.vtl", known)
		}
		if (err == nil) != wanted {
			t.Errorf("%s: %v; want it to be carried out: %v", text, err, wanted)
		}
	}
	if _, err := parseFiles(fstest.MapFS{}, "in"); err == nil {
		t.Error("a missing directory is not an error")
	}
	one, err := parseFiles(fstest.MapFS{"in/a.vtl": {Data: []byte("<<.Unheard>>")}}, "in")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.finish("a.vtl", known); !errors.Is(err, errUnknown) || !strings.Contains(err.Error(), ".Unheard") {
		t.Errorf("an unknown field: %v; want it named", err)
	}
}
