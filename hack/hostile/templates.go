// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/render"
	"github.com/commentsapi/operator/internal/stack"
)

const (
	tableName = "blog-comments"
	indexName = "pageId-index"
	maxPageID = 512
)

// The templates that strangers' text goes through; the lower ones are those
// of moderated comments: posted, listed to moderators, decided on.
const (
	create  = "create"
	created = "created"
	list    = "list"
	listed  = "listed"
	count   = "count"

	hold          = "hold"
	accepted      = "accepted"
	pending       = "pending"
	pendingListed = "pendingListed"
	approve       = "approve"
	reject        = "reject"
	remove        = "remove"
)

// sources are the texts of the templates.
type sources map[string]string

// shipped renders the templates with every option that takes or shows text.
func shipped() (sources, error) {
	spec := v1alpha1.CommentsAPISpec{TableName: tableName, Region: "eu-west-1", Stage: "prod"}
	spec.Comments = v1alpha1.CommentsSpec{
		ShowCreatedAt: v1alpha1.Enabled, Replies: v1alpha1.Enabled, Count: v1alpha1.Enabled, HoneypotField: "website",
		ClientInfo: v1alpha1.ClientInfoSpec{SourceIP: v1alpha1.Enabled, UserAgent: v1alpha1.Enabled},
	}
	facts := stack.Facts{
		AccountID: "123456789012", Partition: "aws", DNSSuffix: "amazonaws.com", IndexName: indexName, RolePath: "/",
		Claim: stack.Claim{ClusterID: "c", Namespace: "web", NamespaceUID: "n", Name: "blog", UID: "u"},
	}
	open, err := render.Render(spec, facts)
	if err != nil {
		return nil, err
	}
	spec.Comments.Moderation, spec.Comments.Deletion = v1alpha1.ModerationBeforeListing, v1alpha1.Enabled
	moderated, err := render.Render(spec, facts)
	if err != nil {
		return nil, err
	}
	request := func(d stack.Desired, key string) string {
		return d.API.Definition.Methods[key].Integration.RequestTemplates["application/json"]
	}
	response := func(d stack.Desired, key, code string) string {
		return d.API.Definition.Methods[key].Integration.Responses[code].Templates["application/json"]
	}
	const posts, lists, waiting, decide = "POST /comments", "GET /comments/{pageId}", "GET /moderation/pending", "POST /moderation/{commentId}"
	return sources{
		create: request(open, posts), created: response(open, posts, "201"),
		list: request(open, lists), listed: response(open, lists, "200"), count: request(open, lists+"/count"),
		hold: request(moderated, posts), accepted: response(moderated, posts, "202"), pending: request(moderated, waiting), pendingListed: response(moderated, waiting, "200"),
		approve: request(moderated, decide+"/approve"), reject: request(moderated, decide+"/reject"),
		remove: request(moderated, "DELETE /comments/{pageId}/{commentId}"),
	}, nil
}
