// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/commentsapi/operator/cmd/commentsctl/site"
)

// HoneypotField is the sample's comments.honeypotField, and what the section's
// trap is called by default.
const HoneypotField = "website"

// listenForSite takes the site's port before anything is applied: its origin
// goes into the sample, since a browser must be told that the API allows it.
// Objects of the user's own are left as they are.
func (e *Environment) listenForSite(opts Options, obj *unstructured.Unstructured) error {
	server, err := site.Listen(opts.SitePort)
	if err != nil {
		return fmt.Errorf("--site-port: %w", err)
	}
	e.site = server
	e.State.SiteURL = server.Origin()
	if opts.Objects == nil {
		return forWebsite(obj, server.Origin())
	}
	if allowed, _, _ := unstructured.NestedStringSlice(obj.Object, "spec", "api", "cors", "allowedOrigins"); !slices.Contains(allowed, "*") && !slices.Contains(allowed, server.Origin()) {
		e.progress.say("%s/%s does not allow the website's origin %s in api.cors.allowedOrigins: its comments won't show there", obj.GetNamespace(), obj.GetName(), server.Origin())
	}
	return nil
}

// forWebsite gives an object what a website with replies needs.
func forWebsite(obj *unstructured.Unstructured, origin string) error {
	for _, field := range []struct {
		value any
		path  []string
	}{
		{[]any{origin}, []string{"spec", "api", "cors", "allowedOrigins"}},
		{int64(20), []string{"spec", "comments", "pageSize"}},
		{"Enabled", []string{"spec", "comments", "showCreatedAt"}},
		{"Enabled", []string{"spec", "comments", "replies"}},
		{HoneypotField, []string{"spec", "comments", "honeypotField"}},
	} {
		if err := unstructured.SetNestedField(obj.Object, field.value, field.path...); err != nil {
			return fmt.Errorf("prepare the sample for the website: %w", err)
		}
	}
	return nil
}

// serveSite lets the site use the first object that serves.
func (e *Environment) serveSite() error {
	if e.site == nil {
		return nil
	}
	return e.site.Serve(e.State.Ready[0].InvokeURL)
}
