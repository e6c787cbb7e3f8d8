// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

const (
	// maxCachedBytes is the largest response AWS caches (aws-facts A3).
	maxCachedBytes = 1048576
	// maxCachedEntries bounds a stage's cache.
	maxCachedEntries = 4096
)

// cache holds responses by stage and key. The zero value is ready.
type cache struct {
	mu sync.Mutex
	by map[stageKey]map[string]cacheEntry
}

type cacheEntry struct {
	status  int
	header  http.Header
	body    []byte
	expires time.Time
}

func (c *cache) get(stage stageKey, key string, now time.Time) (cacheEntry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.by[stage][key]
	if ok && !now.Before(e.expires) {
		delete(c.by[stage], key)
		return e, false
	}
	return e, ok
}

func (c *cache) put(stage stageKey, key string, e cacheEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[stageKey]map[string]cacheEntry{}
	}
	entries := c.by[stage]
	if entries == nil || len(entries) >= maxCachedEntries {
		entries = map[string]cacheEntry{}
		c.by[stage] = entries
	}
	entries[key] = e
}

func (c *cache) flush(stage stageKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.by, stage)
}

// fromCache returns the cached response, or the key under which the response
// will be kept ("" for not at all). Only GET is cached; without key parameters
// every value of a parameter shares the entry (aws-facts D4).
func (x *exchange) fromCache(in *model.Integration) (string, *response, error) {
	s := x.setting()
	if x.request.method != http.MethodGet || !x.hasCache() || s == nil || !s.CachingEnabled || s.CacheTTLInSeconds <= 0 {
		return "", nil, nil
	}
	key := x.cacheKey(in)
	warning := ""
	if wantsFresh(x.request.header) {
		refresh, text, err := x.mayInvalidate(s)
		if err != nil {
			return "", nil, err
		}
		if refresh {
			return key, nil, nil
		}
		warning = text
	}
	e, ok := x.plane.cache.get(x.cacheStage(), key, x.started)
	if !ok {
		return key, nil, nil
	}
	x.log.printf("Response served from the cache")
	header := e.header.Clone()
	for name, values := range x.standardHeaders() {
		header[name] = values
	}
	header.Set(headerTrace, x.trace)
	if warning != "" {
		header.Set("Warning", warning)
	}
	return "", &response{status: e.status, header: header, body: e.body}, nil
}

// toCache keeps a successful response. Whether AWS caches others is not known
// here.
func (x *exchange) toCache(key string, resp *response) {
	if key == "" || resp.status/100 != 2 || len(resp.body) > maxCachedBytes {
		return
	}
	ttl := time.Duration(x.setting().CacheTTLInSeconds) * time.Second
	x.plane.cache.put(x.cacheStage(), key, cacheEntry{
		status: resp.status, header: resp.header.Clone(), body: resp.body, expires: x.started.Add(ttl),
	})
}

// hasCache reports whether the stage's cache cluster is there by now.
func (x *exchange) hasCache() bool {
	if x.test || !x.stage.CacheClusterEnabled {
		return false
	}
	return x.started.Sub(x.stage.CacheChanged) >= x.plane.deps.Env.Nature().Delays.CacheCluster.D()
}

func (x *exchange) cacheStage() stageKey { return stageKey{x.def.snapshot.API.ID, x.stageName()} }

// cacheKey is the namespace and the values of the key parameters, quoted so
// that no value can look like two. Entries from before a flush, or from a
// cluster that has been replaced, have another key.
func (x *exchange) cacheKey(in *model.Integration) string {
	var key strings.Builder
	namespace := in.CacheNamespace
	if namespace == "" {
		namespace = x.route.resource.ID
	}
	fmt.Fprintf(&key, "%d %d %s", x.stage.CacheFlushes, x.stage.CacheChanged.UnixNano(), quoteJSON(namespace))
	for _, name := range in.CacheKeyParameters {
		value, ok := x.requestValue(name)
		if !ok {
			// integration.request.* keys stand for what is mapped to them.
			value, ok = x.requestValue(in.RequestParameters[name])
		}
		key.WriteString(quoteJSON(name))
		if ok {
			key.WriteString("=" + quoteJSON(value))
		}
	}
	return key.String()
}

func wantsFresh(h http.Header) bool {
	for part := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		if strings.EqualFold(strings.TrimSpace(part), "max-age=0") {
			return true
		}
	}
	return false
}

// mayInvalidate decides about Cache-Control: max-age=0: anyone may, unless the
// stage asks for authorization and the caller has none (aws-facts D4).
func (x *exchange) mayInvalidate(s *model.MethodSetting) (refresh bool, warning string, err error) {
	if !s.RequireAuthorizationForCacheControl {
		return true, "", nil
	}
	if x.caller.allowed != nil && x.caller.allowed("execute-api:InvalidateCache", x.methodARN()) == nil {
		return true, "", nil
	}
	switch s.UnauthorizedCacheControlHeaderStrategy {
	case "FAIL_WITH_403":
		return false, "", fail(kindAccessDenied, "The caller may not invalidate the cache")
	case "SUCCEED_WITHOUT_RESPONSE_HEADER":
		return false, "", nil
	default:
		return false, "199 Cache-Control headers were ignored because the caller was unauthorized.", nil
	}
}
