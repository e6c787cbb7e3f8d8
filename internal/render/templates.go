// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

//go:embed templates/*.vtl
var templateFiles embed.FS

// The mapping templates, by file name without .vtl.
const (
	createRequest       = "create.request"
	createResponse      = "create.response"
	listRequest         = "list.request"
	listResponse        = "list.response"
	refusedResponse     = "refused.response"
	unavailableResponse = "unavailable.response"
	failedResponse      = "failed.response"
)

// templateTexts are finished mapping templates by name.
type templateTexts map[string]string

// cursorPatterns are what a page token may look like, by whether the index has
// a sort key. Nothing in them needs encoding in a URL.
const (
	cursorOrdered   = `[0-9]{1,20}_[A-Za-z0-9._~-]{1,128}`
	cursorUnordered = `[A-Za-z0-9._~-]{1,128}`
)

// templateData is what the files know: names from checked alphabets, and
// numbers. Nothing a client sends and no free text of the spec.
type templateData struct {
	Table, Index  string
	Limit         int32
	Ordered       bool
	Forward       bool
	CursorPattern string
	PageIDPattern string
	MaxPageID     int
	// Velocity's length() counts UTF-16 units, of which a character takes at
	// most two; the model's maxLength counts characters.
	MaxUserNameUnits, MaxMessageUnits int
}

// parsedTemplates are parsed once; << and >> mean nothing in Velocity.
var parsedTemplates = template.Must(template.New("").Delims("<<", ">>").Option("missingkey=error").ParseFS(templateFiles, "templates/*.vtl"))

// templates finishes the mapping templates. They are LF and ASCII only, since
// AWS's fidelity for anything else is not known (aws-facts C2).
func templates(spec v1alpha1.CommentsAPISpec, facts stack.Facts) (templateTexts, error) {
	data := templateData{
		Table:            spec.TableName,
		Index:            facts.IndexName,
		Limit:            spec.Comments.PageSize,
		Ordered:          spec.Comments.Order != v1alpha1.Unordered,
		Forward:          spec.Comments.Order != v1alpha1.NewestFirst,
		CursorPattern:    cursorOrdered,
		PageIDPattern:    pageIDPattern,
		MaxPageID:        maxPageID,
		MaxUserNameUnits: 2 * maxUserName,
		MaxMessageUnits:  2 * maxMessage,
	}
	if !data.Ordered {
		data.CursorPattern = cursorUnordered
	}
	texts := templateTexts{}
	for _, name := range []string{createRequest, createResponse, listRequest, listResponse, refusedResponse, unavailableResponse, failedResponse} {
		var b strings.Builder
		if err := parsedTemplates.ExecuteTemplate(&b, name+".vtl", data); err != nil {
			return nil, fmt.Errorf("finish the mapping template %s: %w", name, err)
		}
		texts[name] = b.String()
	}
	return texts, nil
}
