// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/commentsapi/operator/internal/testcluster"
)

const (
	badTable  = "a DynamoDB table name has only the characters a-z, A-Z, 0-9, '_', '-' and '.'"
	badRegion = "an AWS region looks like eu-west-1 or us-gov-east-1: lower case, and without the letter of an availability zone"
	badStage  = "an API Gateway stage name has only the characters a-z, A-Z, 0-9, '_' and '-'"
	// unchecked is Kubernetes' own addition when an error keeps it from
	// evaluating the other rules.
	unchecked = "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"
)

func TestRequiredFields(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	for _, name := range []string{"tableName", "region", "stage"} {
		t.Run(name, func(t *testing.T) {
			err := c.Create(context.Background(), object(ns, fields{name: nil}))
			expect(t, err, "spec."+name+": Required value", unchecked)
		})
	}
}

func TestNames(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	invalid := func(field string, value any, message string) []string {
		return []string{fmt.Sprintf("spec.%s: Invalid value: %q: %s", field, value, message)}
	}
	tests := []struct {
		name  string
		field string
		value string
		want  []string
	}{
		{"table of 3 characters", "tableName", "a.b", nil},
		{"table of 255 characters", "tableName", strings.Repeat("t", 255), nil},
		{"table of every kind of character", "tableName", "Blog_Comments-2.prod", nil},
		{"table of 2 characters", "tableName", "ab", invalid("tableName", "ab", "spec.tableName in body should be at least 3 chars long")},
		{"empty table", "tableName", "", invalid("tableName", "", "spec.tableName in body should be at least 3 chars long")},
		{"table of 256 characters", "tableName", strings.Repeat("t", 256), []string{"spec.tableName: Too long: may not be more than 255 bytes", unchecked}},
		{"table with a quote", "tableName", `blog"comments`, invalid("tableName", `blog"comments`, badTable)},
		{"table with an apostrophe", "tableName", "blog'comments", invalid("tableName", "blog'comments", badTable)},
		{"table with a wildcard", "tableName", "blog*", invalid("tableName", "blog*", badTable)},
		{"table with a dollar", "tableName", "$blog", invalid("tableName", "$blog", badTable)},
		{"table with a slash", "tableName", "blog/index", invalid("tableName", "blog/index", badTable)},
		{"table with a space", "tableName", "blog comments", invalid("tableName", "blog comments", badTable)},
		{"table with a line break at its end", "tableName", "blog-comments\n", invalid("tableName", "blog-comments\n", badTable)},
		{"table with an umlaut", "tableName", "gästebuch", invalid("tableName", "gästebuch", badTable)},

		{"region of China", "region", "cn-northwest-1", nil},
		{"region of GovCloud", "region", "us-gov-east-1", nil},
		{"region of the European sovereign cloud", "region", "eusc-de-east-1", nil},
		{"empty region", "region", "", invalid("region", "", badRegion)},
		{"region in capitals", "region", "EU-WEST-1", invalid("region", "EU-WEST-1", badRegion)},
		{"availability zone", "region", "eu-west-1a", invalid("region", "eu-west-1a", badRegion)},
		{"region without number", "region", "eu-west", invalid("region", "eu-west", badRegion)},
		{"region as a host", "region", "x.evil.example-1", invalid("region", "x.evil.example-1", badRegion)},
		{"region with a slash", "region", "eu-west-1/", invalid("region", "eu-west-1/", badRegion)},
		{"region of 33 characters", "region", "eu-" + strings.Repeat("w", 28) + "-1", []string{"spec.region: Too long: may not be more than 32 bytes", unchecked}},

		{"stage of 1 character", "stage", "v", nil},
		{"stage of 128 characters", "stage", strings.Repeat("s", 128), nil},
		{"stage of every kind of character", "stage", "Prod_v1-blue", nil},
		{"empty stage", "stage", "", invalid("stage", "", "spec.stage in body should be at least 1 chars long")},
		{"stage of 129 characters", "stage", strings.Repeat("s", 129), []string{"spec.stage: Too long: may not be more than 128 bytes", unchecked}},
		{"stage with a dot", "stage", "v1.0", invalid("stage", "v1.0", badStage)},
		{"stage that is API Gateway v2's default", "stage", "$default", invalid("stage", "$default", badStage)},
		{"stage with a slash", "stage", "prod/blue", invalid("stage", "prod/blue", badStage)},
		{"stage with a wildcard", "stage", "*", invalid("stage", "*", badStage)},
		{"stage with a quote", "stage", `prod"`, invalid("stage", `prod"`, badStage)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, c.Create(context.Background(), object(ns, fields{tt.field: tt.value})), tt.want...)
		})
	}
}

func TestImmutable(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	tests := []struct {
		field, value string
		want         []string
	}{
		{"tableName", "other-comments", []string{`spec.tableName: Invalid value: "other-comments": tableName is immutable: the comments live in this table; for another table create another CommentsAPI`}},
		{"region", "eu-central-1", []string{`spec.region: Invalid value: "eu-central-1": region is immutable: tables and APIs don't move between regions; for another region create another CommentsAPI`}},
		{"stage", "v2", nil},
	}
	for _, tt := range tests {
		t.Run(tt.field, func(t *testing.T) {
			u := object(ns, nil)
			if err := c.Create(context.Background(), u); err != nil {
				t.Fatal(err)
			}
			u.Object["spec"].(fields)[tt.field] = tt.value
			expect(t, c.Update(context.Background(), u), tt.want...)
		})
	}
}

func TestTags(t *testing.T) {
	c, ns := testcluster.Client(t), testcluster.Namespace(t)
	tag := func(key, value string) any { return fields{"key": key, "value": value} }
	many := func(n int) []any {
		var list []any
		for i := range n {
			list = append(list, tag(fmt.Sprintf("key-%d", i), "v"))
		}
		return list
	}
	const (
		badKey   = "a tag key has only letters, digits, spaces and . : + = @ _ / -"
		badValue = "a tag value has only letters, digits, spaces and . : + = @ _ / -"
		reserved = "the tag prefixes aws: and commentsapi.io/ are reserved"
	)
	tests := []struct {
		name string
		tags []any
		want []string
	}{
		{"ordinary", []any{tag("cost-centre", "4711"), tag("team", "web and mail")}, nil},
		{"longest key and value", []any{tag(strings.Repeat("k", 128), strings.Repeat("v", 256))}, nil},
		{"without value", []any{fields{"key": "flag"}}, nil},
		{"40 of them", many(40), nil},
		{"41 of them", many(41), []string{"spec.tags: Too many: 41: must have at most 40 items", unchecked}},
		{"same key twice", []any{tag("team", "a"), tag("team", "b")}, []string{`spec.tags[1]: Duplicate value: {"key":"team"}`}},
		{"without key", []any{fields{"value": "v"}}, []string{"spec.tags[0].key: Required value", unchecked}},
		{"key too long", []any{tag(strings.Repeat("k", 129), "v")}, []string{"spec.tags[0].key: Too long: may not be more than 128 bytes", unchecked}},
		{"value too long", []any{tag("k", strings.Repeat("v", 257))}, []string{"spec.tags[0].value: Too long: may not be more than 256 bytes", unchecked}},
		{"AWS's own prefix", []any{tag("AWS:name", "v")}, []string{`spec.tags[0].key: Invalid value: "AWS:name": ` + reserved}},
		{"the operator's claim", []any{tag("commentsapi.io/uid", "v")}, []string{`spec.tags[0].key: Invalid value: "commentsapi.io/uid": ` + reserved}},
		{"key with a character AWS refuses", []any{tag("cost&centre", "v")}, []string{`spec.tags[0].key: Invalid value: "cost&centre": ` + badKey}},
		{"value with a character AWS refuses", []any{tag("k", "a,b")}, []string{`spec.tags[0].value: Invalid value: "a,b": ` + badValue}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, c.Create(context.Background(), object(ns, fields{"tags": tt.tags})), tt.want...)
		})
	}
}
