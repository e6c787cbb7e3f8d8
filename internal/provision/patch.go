// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package provision

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/stack"
)

// newNonce returns 32 random hexadecimal characters.
func newNonce() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // crypto/rand.Read never fails (Go 1.24 and later)
	return hex.EncodeToString(b)
}

// sortedKeys returns the keys of both maps.
func sortedKeys[V any](a, b map[string]V) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]V{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// settingsKey brings the key under which AWS reports a method's settings into
// one form, "comments~1{pageId}/GET": how it spells nested paths isn't certain
// (aws-facts D2).
func settingsKey(key string) string {
	i := strings.LastIndex(key, "/")
	if key == stack.AllMethods || i < 0 {
		return key
	}
	return strings.TrimPrefix(strings.ReplaceAll(key[:i], "/", "~1"), "~1") + key[i:]
}

// settingsPath turns the key under which AWS reports settings ("*/*",
// "test/GET", "comments~1{pageId}/GET") into the path that patches them
// (aws-facts D2).
func settingsPath(key string) string {
	if key == stack.AllMethods {
		return "/*/*"
	}
	i := strings.LastIndex(key, "/")
	if i < 0 {
		return "/" + key
	}
	resource := strings.TrimPrefix(key[:i], "~1")
	return "/~1" + resource + "/" + key[i+1:]
}

// settingsPatch sets what differs of one settings block. A block that does not
// exist yet is materialised by AWS with defaults that are not ours, so all of
// it is set.
func settingsPatch(path string, have, want stack.MethodSettings) []types.PatchOperation {
	var patch []types.PatchOperation
	absent := have == (stack.MethodSettings{})
	set := func(setting, from, to string) {
		if absent || from != to {
			patch = append(patch, replace(path+"/"+setting, to))
		}
	}
	rate := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	set("throttling/rateLimit", rate(have.ThrottleRate), rate(want.ThrottleRate))
	set("throttling/burstLimit", strconv.Itoa(have.ThrottleBurst), strconv.Itoa(want.ThrottleBurst))
	set("metrics/enabled", strconv.FormatBool(have.Metrics), strconv.FormatBool(want.Metrics))
	set("logging/dataTrace", strconv.FormatBool(have.DataTrace), strconv.FormatBool(want.DataTrace))
	set("caching/enabled", strconv.FormatBool(have.Caching), strconv.FormatBool(want.Caching))
	// Execution logging needs a role in the account's settings (aws-facts D5),
	// so the level is not touched unless it has to change.
	if have.LoggingLevel != want.LoggingLevel && (!absent || want.LoggingLevel != loggingOff) {
		patch = append(patch, replace(path+"/logging/loglevel", want.LoggingLevel))
	}
	if want.Caching {
		set("caching/ttlInSeconds", strconv.Itoa(have.CacheTTLSeconds), strconv.Itoa(want.CacheTTLSeconds))
		set("caching/dataEncrypted", strconv.FormatBool(have.CacheEncrypted), strconv.FormatBool(want.CacheEncrypted))
		set("caching/requireAuthorizationForCacheControl", strconv.FormatBool(!have.CacheRefreshOpen), strconv.FormatBool(!want.CacheRefreshOpen))
		set("caching/unauthorizedCacheControlHeaderStrategy", have.CacheRefreshRefused, want.CacheRefreshRefused)
	}
	return patch
}
