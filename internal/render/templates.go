// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"embed"
	"fmt"
	"strconv"
	"strings"

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

// templateFields are what the files know: names from checked alphabets, and
// numbers. Nothing a client sends and no free text of the spec.
func templateFields(spec v1alpha1.CommentsAPISpec, facts stack.Facts) fields {
	ordered := spec.Comments.Order != v1alpha1.Unordered
	cursor := cursorOrdered
	if !ordered {
		cursor = cursorUnordered
	}
	return fields{
		"Table":                spec.TableName,
		"Index":                facts.IndexName,
		"PendingIndex":         pendingIndex(facts).Name,
		"Limit":                int(spec.Comments.PageSize),
		"Ordered":              ordered,
		"Forward":              spec.Comments.Order != v1alpha1.NewestFirst,
		"CursorPattern":        cursor,
		"PendingCursorPattern": cursorOrdered,
		// Moderated comments wait; PendingValue marks those that do.
		"Moderated":    moderated(spec),
		"PendingValue": pendingModeration,
		// LimitPattern is the numbers from 1 to Limit.
		"LimitPattern":     upTo(int(spec.Comments.PageSize)),
		"PageIDPattern":    pageIDPattern,
		"CommentIDPattern": commentIDPattern,
		// MaxPageID is for readers, MaxNewPageID for what is posted.
		"MaxPageID":    maxPageID,
		"MaxNewPageID": int(spec.Comments.Limits.PageID),
		// Velocity's length() counts UTF-16 units, of which a character takes at
		// most two; the model's maxLength counts characters.
		"MaxUserNameUnits": 2 * int(spec.Comments.Limits.UserName),
		"MaxMessageUnits":  2 * int(spec.Comments.Limits.Message),
		"Replies":          spec.Comments.Replies == v1alpha1.Enabled,
		"ShowCreatedAt":    spec.Comments.ShowCreatedAt == v1alpha1.Enabled,
		"SourceIP":         spec.Comments.ClientInfo.SourceIP == v1alpha1.Enabled,
		"UserAgent":        spec.Comments.ClientInfo.UserAgent == v1alpha1.Enabled,
		"RetentionSeconds": retentionSeconds(spec.Comments),
		"ExpiresAt":        attrExpiresAt,
		"Honeypot":         spec.Comments.HoneypotField,
		// Origins are those that answers choose from, if there are several.
		"Origins": newCORS(spec).choices(),
	}
}

// retentionSeconds is how long a comment stays; 0 is for ever.
func retentionSeconds(c v1alpha1.CommentsSpec) int {
	if c.RetentionDays == nil {
		return 0
	}
	return int(*c.RetentionDays) * 24 * 60 * 60
}

// parsedTemplates are parsed once.
var parsedTemplates = must(parseFiles(templateFiles, "templates"))

// templates finishes the mapping templates. They are LF and ASCII only, since
// AWS's fidelity for anything else is not known (aws-facts C2).
func templates(spec v1alpha1.CommentsAPISpec, facts stack.Facts) (templateTexts, error) {
	known := templateFields(spec, facts)
	texts := templateTexts{}
	for _, name := range templateNames {
		text, err := parsedTemplates.finish(name+".vtl", known)
		if err != nil {
			return nil, fmt.Errorf("finish the mapping template %s: %w", name, err)
		}
		texts[name] = text
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
