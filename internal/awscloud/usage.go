// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

const (
	// longestUsage bounds what is believed of a predecessor where the quota
	// itself takes less: a damaged note holds nobody back for longer.
	longestUsage = 15 * time.Minute

	// usageKeeps is how soon a successor has to follow. After a longer time
	// somebody else may have called, such as an operator without leader
	// election, and what was used up then is free again anyway.
	usageKeeps = time.Minute
)

// Usage is what a process that has ended has used up of AWS's quotas, for the
// one that follows it. It holds spans and not times, counted from the moment
// it is taken over, since the clocks of two machines differ.
type Usage struct {
	// Table stands for the quotas, and the share of them, that were counted by.
	// By others a successor would take for free what was never counted.
	Table string `json:"table"`
	// Taken is when it was noted, by the clock of whoever noted it.
	Taken    time.Time    `json:"taken"`
	Services []QuotaUsage `json:"services"`
}

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

// span is not negative, and not longer than most: what a predecessor left may
// be damaged.
func (m Milliseconds) span(most time.Duration) time.Duration {
	return time.Duration(min(max(m, 0), Milliseconds(most/time.Millisecond))) * time.Millisecond
}

// after is what is left of it when some time has passed.
func (m Milliseconds) after(d time.Duration) Milliseconds {
	return max(m-Milliseconds(d/time.Millisecond), 0)
}

// idle reports that nothing is used up.
func (u QuotaUsage) idle() bool { return u.Full == 0 && len(u.Busy) == 0 }

// after is what is left of it when some time has passed.
func (u QuotaUsage) after(d time.Duration) QuotaUsage {
	left := QuotaUsage{Service: u.Service, Account: u.Account, Region: u.Region, Full: u.Full.after(d)}
	for name, busy := range u.Busy {
		for _, m := range busy {
			left.occupy(name, m.after(d))
		}
	}
	return left
}

// occupy adds a place of an operation unless it is free.
func (u *QuotaUsage) occupy(name string, m Milliseconds) {
	if m <= 0 {
		return
	}
	if u.Busy == nil {
		u.Busy = map[string][]Milliseconds{}
	}
	u.Busy[name] = append(u.Busy[name], m)
}

// Usage is what has been used up of AWS's quotas, by this process and those
// before it, and whether that is known. It is of use to a successor when no
// call is made after it.
func (f *Factory) Usage() (Usage, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	inherited, since, known := f.inherited()
	if f.config.Successor && !known && (since.IsZero() || now.Sub(since) < f.slowest()) {
		return Usage{}, false // of accounts that it did not meet
	}
	all := Usage{Table: f.table(), Taken: now, Services: []QuotaUsage{}}
	for id, p := range f.pacers {
		if p == nil {
			continue
		}
		if u := p.usage(now); !u.idle() {
			u.Service, u.Account, u.Region = id.service, id.account, id.region
			all.Services = append(all.Services, u)
		}
	}
	for _, u := range inherited {
		if _, met := f.pacers[pacerID{u.Service, u.Account, u.Region}]; met {
			continue
		}
		if u = u.after(now.Sub(since)); !u.idle() {
			all.Services = append(all.Services, u)
		}
	}
	return all, true
}

// inherited is what the predecessor left, since when it counts, and whether it
// can be believed.
func (f *Factory) inherited() (services []QuotaUsage, since time.Time, known bool) {
	if f.config.Inherited == nil {
		return nil, time.Time{}, false
	}
	usage, since, known := f.config.Inherited()
	if !known || usage.Table != f.table() || since.Sub(usage.Taken).Abs() > usageKeeps {
		return nil, since, false
	}
	return usage.Services, since, true
}

// succeed tells a pacer what a predecessor used up: everything, unless it is
// known better.
func (f *Factory) succeed(p *pacer, id pacerID) {
	if !f.config.Successor {
		return
	}
	services, since, known := f.inherited()
	if !known {
		if since.IsZero() {
			since = time.Now()
		}
		p.spend(since)
		return
	}
	for _, u := range services {
		if (pacerID{u.Service, u.Account, u.Region}) == id {
			p.inherit(u, since)
		}
	}
}

// table stands for the quotas this process counts by.
func (f *Factory) table() string {
	sum := sha256.Sum256(fmt.Append(nil, f.quotas, f.config.QuotaShare))
	return hex.EncodeToString(sum[:8])
}

// slowest is the time after which everything is free again, whatever was used.
func (f *Factory) slowest() time.Duration {
	longest := time.Duration(0)
	for _, q := range f.quotas {
		q = q.take(f.config.QuotaShare)
		longest = max(longest, q.Per, q.Per*time.Duration(q.Burst)/time.Duration(max(q.Count, 1)))
	}
	return longest
}

// usage is what the pacer's calls occupy. One that is under way may be counted
// by AWS later still.
func (p *pacer) usage(now time.Time) QuotaUsage {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := QuotaUsage{Full: milliseconds(max(p.total.full.Sub(now), 0))}
	for name, w := range p.windows {
		for _, free := range w.free(now.Add(flightCap)) {
			u.occupy(name, milliseconds(free.Sub(now)))
		}
	}
	return u
}

// inherit takes over what a predecessor used up by a time.
func (p *pacer) inherit(u QuotaUsage, since time.Time) {
	p.total.full = since.Add(u.Full.span(longestUsage))
	for name, w := range p.windows {
		busy := slices.Sorted(slices.Values(u.Busy[name]))
		for _, m := range busy[max(0, len(busy)-w.quota.Count):] {
			// As if the call had been answered a span of the quota before.
			counted := since.Add(m.span(max(longestUsage, w.quota.Per)) - w.quota.Per)
			w.recent = append(w.recent, &flight{sent: counted, done: counted})
		}
	}
}
