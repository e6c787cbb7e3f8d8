// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

// cacheDrift changes a stack that keeps answers.
func cacheDrift() []drift {
	const block, path = "settings.comments~1{pageId}/GET", "/~1comments~1{pageId}/GET"
	patch := func(name, field string, ops ...string) drift {
		return drift{name: "cache: " + name, cached: true, fields: list("Stage " + field), do: func(x *outsider) { x.patchStage(ops...) }}
	}
	key := func(name, field, op string) drift {
		return drift{name: "cache: " + name, cached: true, fields: list(list200 + ".integration.cacheKeyParameters." + field),
			do: func(x *outsider) { x.patchIntegration("GET", page, op) }}
	}
	return []drift{
		patch("off", "cacheClusterSize", "replace /cacheClusterEnabled false"),
		patch("larger", "cacheClusterSize", "replace /cacheClusterSize 237"),
		patch("lists not kept", block+".caching", "replace "+path+"/caching/enabled false"),
		patch("kept for longer", block+".cacheTTLSeconds", "replace "+path+"/caching/ttlInSeconds 3600"),
		patch("not encrypted", block+".cacheEncrypted", "replace "+path+"/caching/dataEncrypted false"),
		patch("refreshed by anybody", block+".cacheRefreshOpen", "replace "+path+"/caching/requireAuthorizationForCacheControl false"),
		patch("refusing readers", block+".cacheRefreshRefused", "replace "+path+"/caching/unauthorizedCacheControlHeaderStrategy FAIL_WITH_403"),
		patch("throttled apart", block+".throttleRate", "replace "+path+"/throttling/rateLimit 1"),
		patch("the method's settings removed", block, "remove "+path),
		patch("for all methods", "settings.*/*.caching", "replace /*/*/caching/enabled true"),
		key("pages mixed", "method.request.path.pageId", "remove /cacheKeyParameters/method.request.path.pageId"),
		key("origins mixed", "method.request.header.Origin", "remove /cacheKeyParameters/method.request.header.Origin"),
	}
}
