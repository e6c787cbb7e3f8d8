// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/localaws/apigateway/mapping"
	"github.com/commentsapi/operator/internal/localaws/velocity"
	"github.com/commentsapi/operator/internal/render"
	"github.com/commentsapi/operator/internal/stack"
)

const (
	tableName = "blog-comments"
	indexName = "pageId-index"
	maxPageID = 512
)

// sources are the texts of the templates that strangers' text goes through.
type sources struct {
	create, created, list, listed, count string
	// Those of moderated comments: posted, listed to moderators, decided on.
	hold, pending, pendingListed, approve, reject, remove string
}

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
		return sources{}, err
	}
	spec.Comments.Moderation, spec.Comments.Deletion = v1alpha1.ModerationBeforeListing, v1alpha1.Enabled
	moderated, err := render.Render(spec, facts)
	if err != nil {
		return sources{}, err
	}
	request := func(d stack.Desired, key string) string {
		return d.API.Definition.Methods[key].Integration.RequestTemplates["application/json"]
	}
	response := func(d stack.Desired, key, code string) string {
		return d.API.Definition.Methods[key].Integration.Responses[code].Templates["application/json"]
	}
	const post, list, pending, decide = "POST /comments", "GET /comments/{pageId}", "GET /moderation/pending", "POST /moderation/{commentId}"
	return sources{
		create: request(open, post), created: response(open, post, "201"),
		list: request(open, list), listed: response(open, list, "200"), count: request(open, list+"/count"),
		hold: request(moderated, post), pending: request(moderated, pending), pendingListed: response(moderated, pending, "200"),
		approve: request(moderated, decide+"/approve"), reject: request(moderated, decide+"/reject"),
		remove: request(moderated, "DELETE /comments/{pageId}/{commentId}"),
	}, nil
}

// templates are parsed sources.
type templates struct {
	create, created, list, listed, count                  *velocity.Template
	hold, pending, pendingListed, approve, reject, remove *velocity.Template
}

func (s sources) parse() (templates, error) {
	var t templates
	for _, one := range []struct {
		source string
		into   **velocity.Template
	}{{s.create, &t.create}, {s.created, &t.created}, {s.list, &t.list}, {s.listed, &t.listed}, {s.count, &t.count},
		{s.hold, &t.hold}, {s.pending, &t.pending}, {s.pendingListed, &t.pendingListed},
		{s.approve, &t.approve}, {s.reject, &t.reject}, {s.remove, &t.remove}} {
		parsed, err := mapping.Compile(one.source)
		if err != nil {
			return t, fmt.Errorf("parse a mapping template: %w", err)
		}
		*one.into = parsed
	}
	return t, nil
}
