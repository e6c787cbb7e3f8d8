// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"strings"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

const (
	paramOrigin = "method.request.header.Origin"

	mostCacheTTL = 3600 // seconds, aws-facts A3

	// refreshIgnored serves a kept answer to whoever asks for a fresh one and
	// may not have it: browsers ask by themselves when a page is reloaded.
	refreshIgnored = "SUCCEED_WITH_RESPONSE_HEADER"
)

// cacheSizes in GB (aws-facts D4).
var cacheSizes = []v1alpha1.CacheSize{"0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"}

// cachedPaths are those whose GET is kept: what everybody may read. Moderators'
// lists are GET as well, so caching is switched on method by method, never for
// the stage.
var cachedPaths = []string{pathPage, pathCount}

// cacheKeys makes every parameter of a kept answer, and with several origins
// the origin that asked, part of its key: whatever is not, API Gateway doesn't
// tell apart (aws-facts D4).
func cacheKeys(d *stack.Definition, spec v1alpha1.CommentsAPISpec) {
	if spec.API.Caching == nil {
		return
	}
	for _, path := range cachedPaths {
		m, ok := d.Methods["GET "+path]
		if !ok {
			continue
		}
		if newCORS(spec).choices() != nil {
			m.RequestParameters[paramOrigin] = false
		}
		m.Integration.CacheKeyParameters = sortedKeys(m.RequestParameters)
		d.Methods["GET "+path] = m
	}
}

// cacheStage gives the stage a cache. A method's own settings replace those of
// all methods (aws-facts D2), so they repeat them.
func cacheStage(s *stack.Stage, spec v1alpha1.CommentsAPISpec) {
	caching := spec.API.Caching
	if caching == nil {
		return
	}
	s.CacheClusterSize = string(caching.Size)
	kept := s.Settings[stack.AllMethods]
	kept.Caching, kept.CacheTTLSeconds, kept.CacheEncrypted = true, int(caching.TTLSeconds), true
	kept.CacheRefreshRefused = refreshIgnored
	for _, path := range cachedPaths {
		if path != pathCount || spec.Comments.Count == v1alpha1.Enabled {
			s.Settings[settingsKey("GET", path)] = kept
		}
	}
}

// settingsKey is how stages name a method: "comments~1{pageId}/GET" (aws-facts
// D2).
func settingsKey(verb, path string) string {
	return strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "~1") + "/" + verb
}

func checkCaching(p *problems, api v1alpha1.APISpec) {
	if api.Caching == nil {
		return
	}
	oneOf(p, "spec.api.caching.size", api.Caching.Size, cacheSizes...)
	p.upTo("spec.api.caching.ttlSeconds", int64(api.Caching.TTLSeconds), mostCacheTTL)
	if api.Authorization.List == v1alpha1.AuthorizationIAM {
		p.add("spec.api.caching", string(api.Caching.Size), "only lists that everybody may read are kept; leave caching out, or set authorization.list to None")
	}
}
