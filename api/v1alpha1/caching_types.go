// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// CachingSpec says how lists and counts are kept. Each page, cursor and limit,
// and with several CORS origins each origin, is kept apart; what moderators
// see, and posts, are never kept.
type CachingSpec struct {
	// Size of the cache, in GB. The price is by size; a change makes it anew,
	// which takes AWS about 4 minutes, during which nothing is cached.
	// +optional
	// +kubebuilder:default="0.5"
	Size CacheSize `json:"size,omitempty"`
	// How long an answer is kept, in seconds.
	// +optional
	// +kubebuilder:default=60
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3600
	TTLSeconds int32 `json:"ttlSeconds,omitempty"`
}

// CacheSize is a size of API Gateway's caches, in GB.
// +kubebuilder:validation:Enum="0.5";"1.6";"6.1";"13.5";"28.4";"58.2";"118";"237"
type CacheSize string

// DefaultCacheSize is the smallest one.
const DefaultCacheSize CacheSize = "0.5"
