// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

var (
	origin    = regexp.MustCompile(`^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)
	logTarget = regexp.MustCompile(`^arn:(aws[a-z-]*):(?:logs:([a-z0-9-]+):[0-9]{12}:log-group:[A-Za-z0-9_./#-]+|firehose:([a-z0-9-]+):[0-9]{12}:deliverystream/amazon-apigateway-[A-Za-z0-9_.-]+)$`)
	fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)
)

const (
	maxOrigins   = 20
	maxLogTarget = 1024
	// maxOriginLength is a host name of 253 characters with scheme and port.
	maxOriginLength = 267
	// Upper bounds of the limits on what is posted, in characters; all texts
	// together stay below an item's 400 KB (aws-facts H1) even if every
	// character takes four bytes.
	mostMessage  = 90000
	mostUserName = 1000
	// mostRetention, in days, keeps the seconds of a template's sum within 32
	// bits.
	mostRetention = 3650
)

// checkOptions checks what shapes the public API.
func checkOptions(p *problems, spec v1alpha1.CommentsAPISpec, facts stack.Facts) {
	if cors := spec.API.CORS; cors != nil {
		checkOrigins(p, cors.AllowedOrigins)
	}
	checkCaching(p, spec.API)
	checkNetworks(p, spec.API.AllowedNetworks)
	if logs := spec.API.AccessLogs; logs != nil {
		const field = "spec.api.accessLogs.destinationARN"
		m := logTarget.FindStringSubmatch(logs.DestinationARN)
		switch {
		case m == nil || len(logs.DestinationARN) > maxLogTarget:
			p.add(field, logs.DestinationARN, "use the ARN of a log group, without :*, or of a Firehose stream named amazon-apigateway-...")
		case m[1] != facts.Partition || m[2]+m[3] != spec.Region:
			p.add(field, logs.DestinationARN, fmt.Sprintf("API Gateway writes to its own region only; use a destination in %s (partition %s)", spec.Region, facts.Partition))
		}
	}
	for field, value := range map[string]v1alpha1.Authorization{"post": spec.API.Authorization.Post, "list": spec.API.Authorization.List} {
		oneOf(p, "spec.api.authorization."+field, value, v1alpha1.AuthorizationNone, v1alpha1.AuthorizationIAM)
	}
	checkKey(p, spec.API.APIKey)
	c := spec.Comments
	p.upTo("spec.comments.limits.message", int64(c.Limits.Message), mostMessage)
	p.upTo("spec.comments.limits.userName", int64(c.Limits.UserName), mostUserName)
	p.upTo("spec.comments.limits.pageId", int64(c.Limits.PageID), maxPageID)
	if c.RetentionDays != nil {
		p.upTo("spec.comments.retentionDays", int64(*c.RetentionDays), mostRetention)
	}
	toggles := map[string]v1alpha1.Toggle{
		"showCreatedAt": c.ShowCreatedAt, "replies": c.Replies, "count": c.Count, "deletion": c.Deletion,
		"clientInfo.sourceIP": c.ClientInfo.SourceIP, "clientInfo.userAgent": c.ClientInfo.UserAgent,
	}
	for _, field := range sortedKeys(toggles) {
		oneOf(p, "spec.comments."+field, toggles[field], v1alpha1.Enabled, v1alpha1.Disabled)
	}
	oneOf(p, "spec.comments.moderation", c.Moderation, v1alpha1.ModerationNone, v1alpha1.ModerationBeforeListing)
	if c.ShowCreatedAt == v1alpha1.Enabled && c.Order == v1alpha1.Unordered {
		p.add("spec.comments.showCreatedAt", c.ShowCreatedAt, "an Unordered index doesn't hold createdAt; use order OldestFirst or NewestFirst")
	}
	if c.HoneypotField != "" {
		p.match("spec.comments.honeypotField", c.HoneypotField, fieldName, "use at most 64 letters, digits and '_', beginning with a letter")
		if slices.Contains([]string{attrPageID, attrUserName, attrMessage, attrParentID, attrCommentID, attrCreatedAt, attrPendingPageID, attrModeration}, c.HoneypotField) {
			p.add("spec.comments.honeypotField", c.HoneypotField, "this field has a meaning already; use another name")
		}
	}
}

func checkOrigins(p *problems, origins []v1alpha1.Origin) {
	const field = "spec.api.cors.allowedOrigins"
	if len(origins) == 0 || len(origins) > maxOrigins {
		p.add(field, len(origins), fmt.Sprintf("use 1 to %d origins, or leave cors out", maxOrigins))
	}
	for i, o := range origins {
		if o == anyOrigin && len(origins) > 1 {
			p.add(field, o, "it allows every origin; remove the others, or it")
		}
		if o != anyOrigin && (len(o) > maxOriginLength || !origin.MatchString(string(o))) {
			p.add(fmt.Sprintf("%s[%d]", field, i), o, "use a scheme and a host in lower case like https://www.example.com, or *")
		}
	}
}
