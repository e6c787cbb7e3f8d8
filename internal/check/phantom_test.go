// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// choice is one option of the spec and the ways to set it; the first is to
// leave it alone.
type choice struct {
	name string
	ways []func(*v1alpha1.CommentsAPISpec)
}

const (
	kmsKey   = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
	otherKey = "arn:aws:kms:eu-west-1:123456789012:key/66666666-7777-8888-9999-000000000000"
)

type change = func(*v1alpha1.CommentsAPISpec)

func provisioned(read, write int64, index ...int64) change {
	return func(s *v1alpha1.CommentsAPISpec) {
		p := &v1alpha1.ProvisionedCapacity{ReadUnits: read, WriteUnits: write}
		if len(index) == 2 {
			p.IndexReadUnits, p.IndexWriteUnits = &index[0], &index[1]
		}
		s.Table.Billing = v1alpha1.BillingSpec{Mode: v1alpha1.Provisioned, Provisioned: p}
	}
}

func capped(read, write int64) change {
	return func(s *v1alpha1.CommentsAPISpec) {
		s.Table.Billing = v1alpha1.BillingSpec{Mode: v1alpha1.OnDemand}
		if read > 0 {
			s.Table.Billing.MaxReadRequestUnits = &read
		}
		if write > 0 {
			s.Table.Billing.MaxWriteRequestUnits = &write
		}
	}
}

// caching keeps answers, where lists are for everybody.
func caching(size v1alpha1.CacheSize, seconds int32) change {
	return func(s *v1alpha1.CommentsAPISpec) {
		if s.API.Authorization.List != v1alpha1.AuthorizationIAM {
			s.API.Caching = &v1alpha1.CachingSpec{Size: size, TTLSeconds: seconds}
		}
	}
}

func keep(*v1alpha1.CommentsAPISpec) {}

func moderation(s *v1alpha1.CommentsAPISpec) {
	s.Comments.Moderation = v1alpha1.ModerationBeforeListing
}

func tagged(pairs ...string) change {
	return func(s *v1alpha1.CommentsAPISpec) {
		for i := 0; i < len(pairs); i += 2 {
			s.Tags = append(s.Tags, v1alpha1.Tag{Key: pairs[i], Value: pairs[i+1]})
		}
	}
}

// choices are all options of the spec that reach AWS.
func choices() []choice {
	manyTags := func(s *v1alpha1.CommentsAPISpec) {
		for i := range 40 {
			s.Tags = append(s.Tags, v1alpha1.Tag{Key: fmt.Sprintf("key-%02d", i), Value: strings.Repeat("v", i)})
		}
	}
	return []choice{
		{"billing", []change{keep, provisioned(5, 5), provisioned(2, 3, 4, 6), capped(100, 0), capped(0, 50), capped(10, 20)}},
		{"class", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Table.Class = v1alpha1.TableClassInfrequentAccess }}},
		{"key", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Table.KMSKeyARN = kmsKey },
			func(s *v1alpha1.CommentsAPISpec) { s.Table.KMSKeyARN = otherKey }}},
		{"backups", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Table.PointInTimeRecovery = v1alpha1.Disabled }}},
		{"protection", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Table.DeletionProtection = v1alpha1.Disabled }}},
		{"throttling", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.API.Throttling = v1alpha1.ThrottlingSpec{Rate: 1, Burst: 1} },
			func(s *v1alpha1.CommentsAPISpec) {
				s.API.Throttling = v1alpha1.ThrottlingSpec{Rate: 10000, Burst: 5000}
			}}},
		{"metrics", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.API.Metrics = v1alpha1.Enabled }}},
		{"tracing", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.API.Tracing = v1alpha1.Enabled }}},
		{"order", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Comments.Order = v1alpha1.NewestFirst },
			func(s *v1alpha1.CommentsAPISpec) { s.Comments.Order = v1alpha1.Unordered }}},
		{"pageSize", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Comments.PageSize = 1 },
			func(s *v1alpha1.CommentsAPISpec) { s.Comments.PageSize = 1000 }}},
		{"origins", []change{keep, func(s *v1alpha1.CommentsAPISpec) {
			s.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: []v1alpha1.Origin{"*"}}
		}, func(s *v1alpha1.CommentsAPISpec) {
			s.API.CORS = &v1alpha1.CORSSpec{AllowedOrigins: []v1alpha1.Origin{"https://b.example", "http://a.example:8080"}}
		}}},
		{"authorization", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.API.Authorization.Post = v1alpha1.AuthorizationIAM },
			func(s *v1alpha1.CommentsAPISpec) {
				s.API.Authorization = v1alpha1.AuthorizationSpec{Post: v1alpha1.AuthorizationIAM, List: v1alpha1.AuthorizationIAM}
			}, func(s *v1alpha1.CommentsAPISpec) {
				s.API.Authorization = v1alpha1.AuthorizationSpec{Post: v1alpha1.AuthorizationNone, List: v1alpha1.AuthorizationIAM}
			}}},
		{"accessLogs", []change{keep, accessLogs("arn:aws:logs:eu-west-1:123456789012:log-group:comments"),
			accessLogs("arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-comments")}},
		{"networks", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.API.AllowedNetworks = []v1alpha1.CIDR{"127.0.0.0/8"} },
			func(s *v1alpha1.CommentsAPISpec) {
				s.API.AllowedNetworks = []v1alpha1.CIDR{"2001:db8::/32", "10.0.0.0/8", "::1/128", "127.0.0.1/32"}
			}}},
		{"apiKey", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.API.APIKey = &v1alpha1.APIKeySpec{} },
			func(s *v1alpha1.CommentsAPISpec) {
				s.API.APIKey = &v1alpha1.APIKeySpec{List: v1alpha1.KeyNone, Quota: &v1alpha1.QuotaSpec{Limit: 1000, Period: v1alpha1.QuotaMonth},
					Throttling: &v1alpha1.KeyThrottlingSpec{Rate: 3, Burst: 7}}
			}, func(s *v1alpha1.CommentsAPISpec) { s.API.APIKey = &v1alpha1.APIKeySpec{Post: v1alpha1.KeyNone} }}},
		{"caching", []change{keep, caching("", 0), caching("1.6", 3600)}},
		{"limits", []change{keep, func(s *v1alpha1.CommentsAPISpec) {
			s.Comments.Limits = v1alpha1.LimitsSpec{Message: 90000, UserName: 1, PageID: 36}
		}}},
		{"showCreatedAt", []change{keep, func(s *v1alpha1.CommentsAPISpec) {
			// An Unordered index holds no createdAt.
			if s.Comments.Order != v1alpha1.Unordered {
				s.Comments.ShowCreatedAt = v1alpha1.Enabled
			}
		}}},
		{"replies", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Comments.Replies = v1alpha1.Enabled }}},
		{"count", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Comments.Count = v1alpha1.Enabled }}},
		{"moderation", []change{keep, moderation}},
		{"deletion", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Comments.Deletion = v1alpha1.Enabled }}},
		{"honeypot", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Comments.HoneypotField = "website" }}},
		{"clientInfo", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Comments.ClientInfo.SourceIP = v1alpha1.Enabled },
			func(s *v1alpha1.CommentsAPISpec) {
				s.Comments.ClientInfo = v1alpha1.ClientInfoSpec{SourceIP: v1alpha1.Enabled, UserAgent: v1alpha1.Enabled}
			}}},
		{"retention", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Comments.RetentionDays = aws.Int32(1) },
			func(s *v1alpha1.CommentsAPISpec) { s.Comments.RetentionDays = aws.Int32(3650) }}},
		{"tags", []change{keep, tagged("team", "web"), tagged("team", "shop", "Cost Centre", "a+b=c/d:e.f@g_h-i", "empty", ""), manyTags}},
		{"stage", []change{keep, func(s *v1alpha1.CommentsAPISpec) { s.Stage = "live" },
			func(s *v1alpha1.CommentsAPISpec) { s.Stage = "v1_test-" + strings.Repeat("x", 120) }}},
	}
}

// accessLogs need a role in the account's settings, which newWorld gives it.
func accessLogs(destination string) change {
	return func(s *v1alpha1.CommentsAPISpec) {
		s.API.AccessLogs = &v1alpha1.AccessLogsSpec{DestinationARN: destination}
	}
}

// combination is one way per choice.
type combination []int

func (c combination) String() string {
	var parts []string
	for i, choice := range choices() {
		if c[i] != 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", choice.name, c[i]))
		}
	}
	if len(parts) == 0 {
		return "defaults"
	}
	return strings.Join(parts, ",")
}

func (c combination) apply(s *v1alpha1.CommentsAPISpec) {
	for i, choice := range choices() {
		choice.ways[c[i]](s)
	}
}

// pairwise returns at least atLeast combinations, among which every two ways
// of any two choices meet. It is greedy over random candidates with a fixed
// seed, so it is the same every time.
func pairwise(all []choice, atLeast int) []combination {
	type pair struct{ i, a, j, b int }
	open := map[pair]bool{}
	for i := range all {
		for j := i + 1; j < len(all); j++ {
			for a := range all[i].ways {
				for b := range all[j].ways {
					open[pair{i, a, j, b}] = true
				}
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	candidate := func() combination {
		c := make(combination, len(all))
		for i := range all {
			c[i] = random.IntN(len(all[i].ways))
		}
		return c
	}
	pairs := func(c combination, each func(pair)) {
		for i := range c {
			for j := i + 1; j < len(c); j++ {
				each(pair{i, c[i], j, c[j]})
			}
		}
	}
	var out []combination
	seen := map[string]bool{}
	for len(open) > 0 || len(out) < atLeast {
		var best combination
		most := -1
		for range 30 {
			c, gain := candidate(), 0
			pairs(c, func(p pair) {
				if open[p] {
					gain++
				}
			})
			if gain > most && !seen[fmt.Sprint(c)] {
				best, most = c, gain
			}
		}
		seen[fmt.Sprint(best)] = true
		out = append(out, best)
		pairs(best, func(p pair) { delete(open, p) })
	}
	return out
}

// TestASettledStackIsSeenAsSettled creates a stack for each combination of
// options: what AWS made of it must be seen as what was asked for, and take a
// comment and list it.
func TestASettledStackIsSeenAsSettled(t *testing.T) {
	w := newWorld(t)
	combinations := pairwise(choices(), 200)
	if underDetector {
		combinations = combinations[:30]
	}
	for i, c := range combinations {
		t.Run(c.String(), func(t *testing.T) {
			s := w.subject(fmt.Sprintf("c%03d", i), c.apply)
			s.t = t
			settled, _ := s.converge()
			s.isOpenAPI(settled)
			s.serves(settled)
			since := w.seq()
			for range 2 {
				if r := s.look(); !r.Plan.Empty() {
					t.Errorf("a second check plans %s", describe(r.Plan))
				}
			}
			if writes := w.writes(since); len(writes) > 0 {
				t.Errorf("a second check writes %v", writes)
			}
		})
	}
	t.Logf("phantom: %d combinations", len(combinations))
}
