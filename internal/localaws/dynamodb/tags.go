// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"slices"
	"strconv"
	"strings"
)

// tagsPerPage is how many tags ListTagsOfResource returns at once; the rest
// follows by NextToken.
const tagsPerPage = 10

// taggedResource is embedded in the inputs of the tagging operations.
type taggedResource struct {
	ResourceArn *string `aws:"required,len=1:1283"`
}

func (in *taggedResource) resources(*call) []string { return []string{*in.ResourceArn} }

type tagResourceInput struct {
	taggedResource
	Tags []tag `aws:"required"`
}

type untagResourceInput struct {
	taggedResource
	TagKeys []string `aws:"required"`
}

type listTagsInput struct {
	taggedResource
	NextToken *string
}

type listTagsOutput struct {
	Tags      []tag
	NextToken string `json:",omitempty"`
}

// tableOf returns the name in the ARN of a table of this account and region.
func (c *call) tableOf(arn string) (string, error) {
	if !strings.HasPrefix(arn, "arn:") {
		return "", validation("Invalid TableArn: Invalid ResourceArn provided as input %s", arn)
	}
	name, err := c.region.localName(arn)
	if err == nil && len(name) < 3 {
		err = validation("Invalid TableArn: Invalid ResourceArn provided as input %s", arn)
	}
	return name, err
}

// changeTags replaces the tags of a table.
func (c *call) changeTags(arn string, f func(have []tag) ([]tag, error)) (any, error) {
	name, err := c.tableOf(arn)
	if err != nil {
		return nil, err
	}
	c.region.mu.Lock()
	defer c.region.mu.Unlock()
	t, err := c.latest(name)
	if err != nil {
		return nil, notFound("Requested resource not found: ResourcArn: %s not found", arn)
	}
	switch t.state(c.now) {
	case statusCreating:
		return nil, inUse("Table is being created: %s", name)
	case statusDeleting:
		return nil, inUse("Table is being deleted: %s", name)
	}
	tags, err := f(t.tags)
	if err != nil {
		return nil, err
	}
	next := t.change(c.now)
	next.tags = tags
	c.region.tables.Put(name, next)
	return nil, nil
}

func tagResource(c *call, in *tagResourceInput) (any, error) {
	if len(in.Tags) == 0 {
		return nil, validation("Atleast one Tag needs to be provided as Input.")
	}
	return c.changeTags(*in.ResourceArn, func(have []tag) ([]tag, error) { return mergeTags(have, in.Tags) })
}

func untagResource(c *call, in *untagResourceInput) (any, error) {
	if len(in.TagKeys) == 0 {
		return nil, validation("Atleast one Tag Key needs to be provided as Input.")
	}
	return c.changeTags(*in.ResourceArn, func(have []tag) ([]tag, error) {
		return slices.DeleteFunc(slices.Clone(have), func(t tag) bool { return slices.Contains(in.TagKeys, *t.Key) }), nil
	})
}

// listTags shows tags as lagging reads see them (aws-facts H5).
func listTags(c *call, in *listTagsInput) (any, error) {
	name, err := c.tableOf(*in.ResourceArn)
	if err != nil {
		return nil, err
	}
	t, _, err := c.visible(name)
	if err != nil {
		return nil, notFound("Requested resource not found: ResourcArn: %s not found", *in.ResourceArn)
	}
	from := 0
	if in.NextToken != nil {
		from, err = strconv.Atoi(*in.NextToken)
		if err != nil || from < 0 {
			return nil, validation("Invalid NextToken: %s", *in.NextToken)
		}
	}
	tags := t.tags[min(from, len(t.tags)):]
	out := listTagsOutput{Tags: []tag{}}
	if len(tags) > tagsPerPage {
		out.NextToken = strconv.Itoa(from + tagsPerPage)
		tags = tags[:tagsPerPage]
	}
	out.Tags = append(out.Tags, tags...)
	return out, nil
}
