// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"embed"
	"fmt"
	"strconv"
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
	countRequest        = "count.request"
	countResponse       = "count.response"
	preflightResponse   = "preflight.response"
	pendingRequest      = "pending.request"
	pendingResponse     = "pending.response"
	approveRequest      = "approve.request"
	approvedResponse    = "approved.response"
	rejectRequest       = "reject.request"
	rejectedResponse    = "rejected.response"
	deleteRequest       = "delete.request"
	deletedResponse     = "deleted.response"
	absentResponse      = "absent.response"
)

// templateNames are all of them.
var templateNames = []string{createRequest, createResponse, listRequest, listResponse, countRequest, countResponse,
	refusedResponse, unavailableResponse, failedResponse, preflightResponse, pendingRequest, pendingResponse,
	approveRequest, approvedResponse, rejectRequest, rejectedResponse, deleteRequest, deletedResponse, absentResponse}

// templateTexts are finished mapping templates by name.
type templateTexts map[string]string

// cursorPatterns are what a page token may look like, by whether the index has
// a sort key. Nothing in them needs encoding in a URL.
const (
	cursorOrdered   = `[0-9]{1,20}_` + commentIDPattern
	cursorUnordered = commentIDPattern
)

// templateData is what the files know: names from checked alphabets, and
// numbers. Nothing a client sends and no free text of the spec.
type templateData struct {
	Table, Index, PendingIndex string
	Limit                      int32
	Ordered                    bool
	Forward                    bool
	CursorPattern              string
	PendingCursorPattern       string
	// Moderated comments wait; PendingValue marks those that do.
	Moderated    bool
	PendingValue string
	// LimitPattern is the numbers from 1 to Limit.
	LimitPattern     string
	PageIDPattern    string
	CommentIDPattern string
	// MaxPageID is for readers, MaxNewPageID for what is posted.
	MaxPageID, MaxNewPageID int
	// Velocity's length() counts UTF-16 units, of which a character takes at
	// most two; the model's maxLength counts characters.
	MaxUserNameUnits, MaxMessageUnits int
	Replies, ShowCreatedAt            bool
	SourceIP, UserAgent               bool
	Honeypot                          string
	// Origins are those that answers choose from, if there are several.
	Origins []string
}

// parsedTemplates are parsed once; << and >> mean nothing in Velocity.
var parsedTemplates = template.Must(template.New("").Delims("<<", ">>").Option("missingkey=error").ParseFS(templateFiles, "templates/*.vtl"))

// templates finishes the mapping templates. They are LF and ASCII only, since
// AWS's fidelity for anything else is not known (aws-facts C2).
func templates(spec v1alpha1.CommentsAPISpec, facts stack.Facts) (templateTexts, error) {
	data := templateData{
		Table:         spec.TableName,
		Index:         facts.IndexName,
		Limit:         spec.Comments.PageSize,
		Ordered:       spec.Comments.Order != v1alpha1.Unordered,
		Forward:       spec.Comments.Order != v1alpha1.NewestFirst,
		CursorPattern: cursorOrdered,
		PendingIndex:  pendingIndex(facts).Name,
		Moderated:     moderated(spec),
		PendingValue:  pendingModeration,

		PendingCursorPattern: cursorOrdered,
		LimitPattern:         upTo(int(spec.Comments.PageSize)),
		PageIDPattern:        pageIDPattern,
		CommentIDPattern:     commentIDPattern,
		MaxPageID:            maxPageID,
		MaxNewPageID:         int(spec.Comments.Limits.PageID),
		MaxUserNameUnits:     2 * int(spec.Comments.Limits.UserName),
		MaxMessageUnits:      2 * int(spec.Comments.Limits.Message),
		Replies:              spec.Comments.Replies == v1alpha1.Enabled,
		ShowCreatedAt:        spec.Comments.ShowCreatedAt == v1alpha1.Enabled,
		SourceIP:             spec.Comments.ClientInfo.SourceIP == v1alpha1.Enabled,
		UserAgent:            spec.Comments.ClientInfo.UserAgent == v1alpha1.Enabled,
		Honeypot:             spec.Comments.HoneypotField,
		Origins:              newCORS(spec).choices(),
	}
	if !data.Ordered {
		data.CursorPattern = cursorUnordered
	}
	texts := templateTexts{}
	for _, name := range templateNames {
		var b strings.Builder
		if err := parsedTemplates.ExecuteTemplate(&b, name+".vtl", data); err != nil {
			return nil, fmt.Errorf("finish the mapping template %s: %w", name, err)
		}
		texts[name] = b.String()
	}
	return texts, nil
}

// upTo is a pattern of the whole numbers from 1 to most: templates can compare
// text, but whether they can compare numbers in text is not known.
func upTo(most int) string {
	digits := strconv.Itoa(most)
	alternatives := []string{digits}
	if len(digits) > 1 {
		alternatives = append(alternatives, fmt.Sprintf("[1-9][0-9]{0,%d}", len(digits)-2))
	}
	for i, digit := range []byte(digits) {
		least := byte('0')
		if i == 0 {
			least = '1'
		}
		if digit > least {
			alternatives = append(alternatives, fmt.Sprintf("%s[%c-%c][0-9]{%d}", digits[:i], least, digit-1, len(digits)-1-i))
		}
	}
	return strings.Join(alternatives, "|")
}
