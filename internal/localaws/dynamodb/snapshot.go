// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import (
	"cmp"
	"slices"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

// TableSnapshot is one table in a Snapshot.
type TableSnapshot struct {
	AccountID string `json:"accountId"`
	Region    string `json:"region"`
	Name      string `json:"name"`
	// Table is what DescribeTable shows, without any lag.
	Table any `json:"table"`
	// Tags, TimeToLive and Backups are what the operations of these names show.
	Tags       map[string]string `json:"tags"`
	TimeToLive any               `json:"timeToLive"`
	Backups    any               `json:"backups"`
	ItemCount  int               `json:"itemCount"`
	// Items are the items in the form of the wire, {"id":{"S":"1"}}.
	Items []attr.Item `json:"items"`
}

// Snapshot is a dump of every account's tables that can be written as JSON,
// for tests and for people who look around. It is a []TableSnapshot, in order
// of account, region and name.
func (s *Service) Snapshot() any {
	out := []TableSnapshot{}
	now := s.env.Now()
	s.mu.Lock()
	regions := make([]*region, 0, len(s.regions))
	for _, r := range s.regions {
		regions = append(regions, r)
	}
	s.mu.Unlock()
	for _, r := range regions {
		for _, name := range r.tables.Keys(0) {
			t, ok := r.tables.Latest(name)
			if !ok || t.state(now) == statusGone {
				continue
			}
			snap := TableSnapshot{AccountID: r.account, Region: r.regionKey.region, Name: name, Table: t.describe(now),
				Tags: map[string]string{}, TimeToLive: t.ttl.describe(now), Backups: t.backups.describe(now), Items: t.data.all()}
			snap.ItemCount = len(snap.Items)
			for _, tag := range t.tags {
				snap.Tags[*tag.Key] = *tag.Value
			}
			out = append(out, snap)
		}
	}
	slices.SortFunc(out, func(a, b TableSnapshot) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func (d *data) all() []attr.Item {
	d.mu.RLock()
	defer d.mu.RUnlock()
	items := make([]attr.Item, 0, d.items.Len())
	d.items.Ascend("", func(_ string, s *stored) bool {
		items = append(items, s.item)
		return true
	})
	return items
}
