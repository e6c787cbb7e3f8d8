// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"strings"
)

// tagger is an input that sets or names tags.
type tagger interface {
	// tagging returns the tags of the request; those it only names have no
	// value.
	tagging() []tag
}

func (in *createTableInput) tagging() []tag { return in.Tags }
func (in *tagResourceInput) tagging() []tag { return in.Tags }
func (in *untagResourceInput) tagging() []tag {
	tags := make([]tag, len(in.TagKeys))
	for i := range in.TagKeys {
		tags[i] = tag{Key: &in.TagKeys[i]}
	}
	return tags
}

// authorize asks whether the caller may perform the action on the resource,
// with the condition keys that tags give: those of the request and those the
// table has. The refusal names principal, action and resource, as AWS's does.
func (c *call) authorize(action, resource string, in any) error {
	if c.caller.Authorize == nil && c.caller.AuthorizeWith == nil {
		return nil
	}
	conditions := map[string][]string{}
	if t, ok := in.(tagger); ok {
		for _, t := range t.tagging() {
			conditions["aws:TagKeys"] = append(conditions["aws:TagKeys"], *t.Key)
			if t.Value != nil {
				conditions["aws:RequestTag/"+*t.Key] = []string{*t.Value}
			}
		}
	}
	arn, _, _ := strings.Cut(resource, "/index/")
	if name, err := c.region.localName(arn); err == nil {
		if t, err := c.latest(name); err == nil {
			for _, t := range t.tags {
				conditions["aws:ResourceTag/"+*t.Key] = []string{*t.Value}
			}
		}
	}
	if err := c.caller.AllowedWith(action, resource, conditions); err != nil {
		return failure(service+"AccessDeniedException", "User: %s is not authorized to perform: %s on resource: %s %v",
			c.caller.ARN, action, resource, err)
	}
	return nil
}
