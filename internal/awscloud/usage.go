// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"slices"
	"time"
)

// longestUsage bounds what is believed of a predecessor: whatever AWS's quotas
// and its wishes to wait are, nothing is held back for longer.
const longestUsage = 15 * time.Minute

// Usage is what a process that has ended has used up of AWS's quotas, for the
// one that follows it. It holds spans and not times, counted from the moment
// it is taken over, since the clocks of two machines differ.
type Usage []QuotaUsage

// QuotaUsage is what is used up of the quotas of one service.
type QuotaUsage struct {
	Service string `json:"service"`
	Account string `json:"account"`
	// Region is empty where the quotas are those of all regions.
	Region string `json:"region,omitempty"`
	// Full is how long it takes until all calls are possible that may be made
	// at once.
	Full Milliseconds `json:"full,omitempty"`
	// Busy holds, for each operation with a quota of its own, how long it takes
	// until each place that is not free now is free again.
	Busy map[string][]Milliseconds `json:"busy,omitempty"`
}

// Milliseconds is a span of time, rounded up.
type Milliseconds int64

func milliseconds(d time.Duration) Milliseconds {
	return Milliseconds((d + time.Millisecond - 1) / time.Millisecond)
}

// span is at most longestUsage, and not negative: what a predecessor left may
// be damaged.
func (m Milliseconds) span() time.Duration {
	return time.Duration(min(max(m, 0), Milliseconds(longestUsage/time.Millisecond))) * time.Millisecond
}

// Usage is what this process has used up of AWS's quotas. It is of use to a
// successor only when no call is made after it.
func (f *Factory) Usage() Usage {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, all := time.Now(), Usage{}
	for id, p := range f.pacers {
		if p == nil {
			continue
		}
		if u := p.usage(now); u.Full > 0 || len(u.Busy) > 0 {
			u.Service, u.Account, u.Region = id.service, id.account, id.region
			all = append(all, u)
		}
	}
	return all
}

func (p *pacer) usage(now time.Time) QuotaUsage {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := QuotaUsage{Full: milliseconds(max(p.total.full.Sub(now), 0))}
	for name, w := range p.windows {
		for _, free := range w.free(now) {
			if !free.After(now) {
				continue
			}
			if u.Busy == nil {
				u.Busy = map[string][]Milliseconds{}
			}
			u.Busy[name] = append(u.Busy[name], milliseconds(free.Sub(now)))
		}
	}
	return u
}

// inherit takes over what a predecessor used up by a time. Of more places than
// there are now, those count that are free last.
func (p *pacer) inherit(u QuotaUsage, since time.Time) {
	p.total.full = since.Add(u.Full.span())
	for name, w := range p.windows {
		busy := slices.Sorted(slices.Values(u.Busy[name]))
		for _, m := range busy[max(0, len(busy)-w.quota.Count):] {
			// As if the call had been answered a span of the quota before.
			counted := since.Add(m.span() - w.quota.Per)
			w.recent = append(w.recent, &flight{sent: counted, done: counted})
		}
	}
}

// of finds what was used of the quotas that calls share.
func (u Usage) of(id pacerID) QuotaUsage {
	for _, q := range u {
		if q.Service == id.service && q.Account == id.account && q.Region == id.region {
			return q
		}
	}
	return QuotaUsage{}
}
