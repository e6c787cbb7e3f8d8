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
type sources struct{ create, created, list, listed, count string }

// shipped renders the templates with every option that takes or shows text.
func shipped() (sources, error) {
	spec := v1alpha1.CommentsAPISpec{TableName: tableName, Region: "eu-west-1", Stage: "prod"}
	spec.Comments = v1alpha1.CommentsSpec{
		ShowCreatedAt: v1alpha1.Enabled, Replies: v1alpha1.Enabled, Count: v1alpha1.Enabled, HoneypotField: "website",
		ClientInfo: v1alpha1.ClientInfoSpec{SourceIP: v1alpha1.Enabled, UserAgent: v1alpha1.Enabled},
	}
	d, err := render.Render(spec, stack.Facts{
		AccountID: "123456789012", Partition: "aws", DNSSuffix: "amazonaws.com", IndexName: indexName, RolePath: "/",
		Claim: stack.Claim{ClusterID: "c", Namespace: "web", NamespaceUID: "n", Name: "blog", UID: "u"},
	})
	if err != nil {
		return sources{}, err
	}
	request := func(key string) string {
		return d.API.Definition.Methods[key].Integration.RequestTemplates["application/json"]
	}
	response := func(key, code string) string {
		return d.API.Definition.Methods[key].Integration.Responses[code].Templates["application/json"]
	}
	const post, list = "POST /comments", "GET /comments/{pageId}"
	return sources{request(post), response(post, "201"), request(list), response(list, "200"), request(list + "/count")}, nil
}

// templates are parsed sources.
type templates struct{ create, created, list, listed, count *velocity.Template }

func (s sources) parse() (templates, error) {
	var t templates
	for _, one := range []struct {
		source string
		into   **velocity.Template
	}{{s.create, &t.create}, {s.created, &t.created}, {s.list, &t.list}, {s.listed, &t.listed}, {s.count, &t.count}} {
		parsed, err := mapping.Compile(one.source)
		if err != nil {
			return t, fmt.Errorf("parse a mapping template: %w", err)
		}
		*one.into = parsed
	}
	return t, nil
}
