// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"slices"
	"time"
)

// ticket is a caller's place in the line.
type ticket struct {
	bucket   string
	key      string
	priority Priority
	number   uint64
	// reserved: its owner asked for the turn before the work that leads to it.
	reserved bool
	// near: its owner has a reserved turn soon and is on its way
	// there; the turn would be lost to all if its owner came late.
	near bool
	// present: a caller waits with it. Otherwise its owner was asked to come
	// back, and the place is kept until expires. After that it is lapsed: the
	// others go on without it, but it has not lost its seniority.
	present bool
	lapsed  bool
	turn    time.Time
	expires time.Time
}

// before is the order of the line: strict priority, then who is on the way to a
// turn, then first come, first served.
func (t *ticket) before(o *ticket) bool {
	if t.priority != o.priority {
		return t.priority > o.priority
	}
	if t.near != o.near {
		return t.near
	}
	return t.number < o.number
}

// line is everybody who waits, in order.
type line []*ticket

func (l line) insert(t *ticket) line {
	i, _ := slices.BinarySearchFunc(l, t, func(a, b *ticket) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	return slices.Insert(l, i, t)
}

func (l line) remove(t *ticket) line {
	if i := slices.Index(l, t); i >= 0 {
		return slices.Delete(l, i, i+1)
	}
	return l
}

// kept finds the place kept for a key.
func (l line) kept(key, bucket string) *ticket {
	if key == "" {
		return nil
	}
	for _, t := range l {
		if !t.present && t.key == key && t.bucket == bucket {
			return t
		}
	}
	return nil
}

// expects reports whether a key reserved a turn that comes until a time.
func (l line) expects(key string, until time.Time) bool {
	return key != "" && slices.ContainsFunc(l, func(t *ticket) bool {
		return t.reserved && !t.present && !t.lapsed && t.key == key && !t.turn.After(until)
	})
}

// without drops the places kept for a key.
func (l line) without(key string) line {
	return slices.DeleteFunc(l, func(t *ticket) bool { return !t.present && t.key == key })
}

// expire stops keeping places nobody came back for, and forgets them later.
func (l line) expire(now time.Time) line {
	return slices.DeleteFunc(l, func(t *ticket) bool {
		if t.present {
			return false
		}
		t.lapsed = !now.Before(t.expires)
		return now.After(t.expires.Add(seniority))
	})
}

// expiryBefore is when the first place kept ahead of t, for the same quota,
// may become free because its owner did not come.
func (l line) expiryBefore(t *ticket) (time.Time, bool) {
	var first time.Time
	for _, o := range l {
		if o == t {
			break
		}
		if !o.present && !o.lapsed && o.bucket == t.bucket && (first.IsZero() || o.expires.Before(first)) {
			first = o.expires
		}
	}
	return first, !first.IsZero()
}

// forecast plays the line forward from now and returns the turn of one ticket.
// Everybody before it takes the place that is theirs, the absent ones at the
// time they were told, or now if that is over. Operations with a quota of
// their own wait in lines of their own, so that a slow one holds up no other;
// the total is shared in order of time.
func (p *pacer) forecast(now time.Time, target *ticket) time.Time {
	lanes := p.lanes(now)
	total := p.total.full
	interval := p.total.interval(now)
	depth := p.total.depth(interval)
	for {
		var best *lane
		var bestAt time.Time
		for i := range lanes {
			lane := &lanes[i]
			if len(lane.waiting) == 0 {
				continue
			}
			at := lane.ready(now)
			if lane.waiting[0].bucket != checkBucket {
				at = latest(at, total.Add(-depth), p.total.blockedUntil)
			}
			if best == nil || at.Before(bestAt) || at.Equal(bestAt) && lane.waiting[0].before(best.waiting[0]) {
				best, bestAt = lane, at
			}
		}
		if best == nil {
			return now
		}
		if best.waiting[0] == target {
			return bestAt
		}
		counted := best.waiting[0].bucket != checkBucket
		best.pass(bestAt)
		if !counted {
			continue
		}
		if total.Before(bestAt) {
			total = bestAt
		}
		total = total.Add(interval)
	}
}

func latest(at time.Time, others ...time.Time) time.Time {
	for _, o := range others {
		if at.Before(o) {
			at = o
		}
	}
	return at
}

// lane is the part of the line that waits for one quota.
type lane struct {
	waiting []*ticket
	places  []time.Time // nil: only the total counts
	span    time.Duration
}

func (p *pacer) lanes(now time.Time) []lane {
	var lanes []lane
	index := map[*window]int{}
	for _, t := range p.line {
		if t.lapsed {
			continue
		}
		w := p.windows[t.bucket]
		i, ok := index[w]
		if !ok {
			i = len(lanes)
			index[w] = i
			lanes = append(lanes, lane{})
			if w != nil {
				lanes[i].places, lanes[i].span = w.free(now), w.span(now)
			}
		}
		lanes[i].waiting = append(lanes[i].waiting, t)
	}
	return lanes
}

// ready is when the first of the lane could go, were it not for the total.
func (l *lane) ready(now time.Time) time.Time {
	at := now
	if first := l.waiting[0]; !first.present && first.turn.After(at) {
		at = first.turn
	}
	if len(l.places) > 0 && l.places[0].After(at) {
		at = l.places[0]
	}
	return at
}

func (l *lane) pass(at time.Time) {
	l.waiting = l.waiting[1:]
	if len(l.places) == 0 {
		return
	}
	next := at.Add(l.span)
	i, _ := slices.BinarySearchFunc(l.places[1:], next, time.Time.Compare)
	copy(l.places, l.places[1:1+i])
	l.places[i] = next
}
