// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import "github.com/commentsapi/operator/api/v1alpha1"

// The defaults of the CRD's schema, for specs that never met an API server.
const (
	defaultRate     = 50
	defaultBurst    = 100
	defaultPageSize = 100
	defaultCacheTTL = 60
	defaultMessage  = 10000
	defaultUserName = 100
	defaultPageID   = maxPageID
)

// withDefaults fills what is absent with the schema's static defaults.
func withDefaults(spec v1alpha1.CommentsAPISpec) v1alpha1.CommentsAPISpec {
	def(&spec.Table.Billing.Mode, v1alpha1.OnDemand)
	def(&spec.Table.PointInTimeRecovery, v1alpha1.Enabled)
	def(&spec.Table.DeletionProtection, v1alpha1.Enabled)
	def(&spec.Table.Class, v1alpha1.TableClassStandard)
	def(&spec.API.Throttling.Rate, defaultRate)
	def(&spec.API.Throttling.Burst, defaultBurst)
	def(&spec.API.Metrics, v1alpha1.Disabled)
	def(&spec.API.Tracing, v1alpha1.Disabled)
	if spec.API.Caching != nil {
		caching := *spec.API.Caching
		def(&caching.Size, v1alpha1.DefaultCacheSize)
		def(&caching.TTLSeconds, defaultCacheTTL)
		spec.API.Caching = &caching
	}
	def(&spec.Comments.Order, v1alpha1.OldestFirst)
	def(&spec.Comments.PageSize, defaultPageSize)
	def(&spec.Comments.Limits.Message, defaultMessage)
	def(&spec.Comments.Limits.UserName, defaultUserName)
	def(&spec.Comments.Limits.PageID, defaultPageID)
	def(&spec.Comments.ShowCreatedAt, v1alpha1.Disabled)
	def(&spec.Comments.Replies, v1alpha1.Disabled)
	def(&spec.Comments.Count, v1alpha1.Disabled)
	def(&spec.Comments.Moderation, v1alpha1.ModerationNone)
	def(&spec.Comments.Deletion, v1alpha1.Disabled)
	def(&spec.Comments.ClientInfo.SourceIP, v1alpha1.Disabled)
	def(&spec.Comments.ClientInfo.UserAgent, v1alpha1.Disabled)
	def(&spec.API.Authorization.Post, v1alpha1.AuthorizationNone)
	def(&spec.API.Authorization.List, v1alpha1.AuthorizationNone)
	if spec.API.APIKey != nil {
		key := *spec.API.APIKey // the caller's spec stays as it is
		def(&key.Post, v1alpha1.KeyRequired)
		def(&key.List, v1alpha1.KeyRequired)
		spec.API.APIKey = &key
	}
	return spec
}

func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
