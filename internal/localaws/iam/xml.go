// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/commentsapi/operator/internal/localaws/query"
)

type roleXML struct {
	Path                     string
	RoleName                 string
	RoleID                   string `xml:"RoleId"`
	ARN                      string `xml:"Arn"`
	CreateDate               string
	AssumeRolePolicyDocument string
	Description              string `xml:",omitempty"`
	MaxSessionDuration       int
	Boundary                 *boundaryXML        `xml:"PermissionsBoundary,omitempty"`
	Tags                     *members[query.Tag] `xml:",omitempty"`
	LastUsed                 *struct{}           `xml:"RoleLastUsed,omitempty"`
}

type boundaryXML struct {
	Type string `xml:"PermissionsBoundaryType"`
	ARN  string `xml:"PermissionsBoundaryArn"`
}

// members is a list; an empty one is still an element, as at AWS.
type members[T any] struct {
	Members []T `xml:"member"`
}

func (s *Service) describe(r *role) roleXML {
	x := roleXML{
		Path: r.Path, RoleName: r.Name, RoleID: r.ID, ARN: r.arn(),
		CreateDate: stamp(r.Created), AssumeRolePolicyDocument: encode(s.trustText(r.Trust)),
		Description: r.Description, MaxSessionDuration: r.MaxSession, LastUsed: &struct{}{},
	}
	if r.Boundary != "" {
		x.Boundary = &boundaryXML{"PermissionsBoundaryPolicy", r.Boundary}
	}
	if len(r.Tags) > 0 {
		x.Tags = &members[query.Tag]{r.Tags}
	}
	return x
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// encode is the RFC 3986 form in which IAM returns documents (aws-facts G2).
func encode(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}

func lastSegment(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// withPrefix returns the part of sorted keys that starts with prefix.
func withPrefix(keys []string, prefix string) []string {
	from, _ := slices.BinarySearch(keys, prefix)
	to := from
	for to < len(keys) && strings.HasPrefix(keys[to], prefix) {
		to++
	}
	return keys[from:to]
}

// page is the tail every list answer has.
type page struct {
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

// paginate cuts the page that MaxItems and Marker ask for out of items, which
// are in the order of their keys.
func paginate[T any](c call, items []T, key func(T) string) (page, []T, error) {
	limit := 100
	if v := c.Get("MaxItems"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 1000 {
			return page{}, nil, invalid("maxItems", v, "Member must have value between 1 and 1000")
		}
		limit = n
	}
	if marker := c.Get("Marker"); marker != "" {
		after, err := base64.RawURLEncoding.DecodeString(marker)
		if err != nil {
			return page{}, nil, query.Errorf(http.StatusBadRequest, "ValidationError", "Invalid Marker: pass the Marker of the previous answer unchanged")
		}
		i := slices.IndexFunc(items, func(t T) bool { return key(t) > string(after) })
		if i < 0 {
			i = len(items)
		}
		items = items[i:]
	}
	if len(items) <= limit {
		return page{}, items, nil
	}
	items = items[:limit]
	return page{true, base64.RawURLEncoding.EncodeToString([]byte(key(items[limit-1])))}, items, nil
}
