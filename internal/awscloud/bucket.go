// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"math"
	"slices"
	"time"
)

const (
	// flightCap bounds how long after it was sent a call may still reach AWS
	// and count there. A call occupies its place until it is answered, so that
	// no jitter of the network pushes two calls closer together than the
	// quota allows; one that hangs gives its place back after this time.
	flightCap = time.Second

	// minFactor is how far being throttled lowers a rate at most: beside others
	// who take all they can get, something must be left.
	minFactor = 1.0 / 4

	// fall is what a refusal leaves of a rate.
	fall = 0.7

	// totalRecovery is how long the rate of all calls together takes to recover
	// from nothing; an operation's takes so many spans of its quota, and not
	// less than minRecovery. Slower, and somebody else who takes a half would
	// leave this process next to nothing: each refusal lowers what is left.
	totalRecovery = time.Minute
	recoverySpans = 10
	minRecovery   = 10 * time.Second
)

// learned is what being throttled taught about a bucket: others use the same
// quota. Additive increase, multiplicative decrease.
type learned struct {
	factor       float64 // of the rate, until the time lowered
	lowered      time.Time
	recovery     time.Duration
	blockedUntil time.Time
}

func (l *learned) factorAt(now time.Time) float64 {
	if l.lowered.IsZero() {
		return 1
	}
	return min(1, l.factor+float64(max(now.Sub(l.lowered), 0))/float64(l.recovery))
}

// throttled lowers the rate, once for all calls that were under way together,
// and lets nothing pass until AWS's Retry-After is over.
func (l *learned) throttled(now, sent, until time.Time) {
	if l.lowered.IsZero() || sent.After(l.lowered) {
		l.factor = max(minFactor, l.factorAt(now)*fall)
		l.lowered = until
	}
	if until.After(l.blockedUntil) {
		l.blockedUntil = until
	}
}

// flight is one call that occupies a place in a window.
type flight struct {
	sent time.Time
	// done is when it was answered; zero while it is under way, and for good if
	// nobody waited for the answer.
	done time.Time
}

// counted is the latest time at which AWS may have counted the call.
func (f *flight) counted(now time.Time) time.Time {
	end := f.done
	if end.IsZero() {
		end = now
	}
	if limit := f.sent.Add(flightCap); end.After(limit) {
		return limit
	}
	return end
}

// window allows count calls in any span of per.
type window struct {
	learned
	quota  Quota
	recent []*flight // at most quota.Count
	// refusals since the last call that AWS allowed, and since the beginning.
	refusals, refusedEver int
}

func newWindow(q Quota) *window {
	return &window{quota: q, learned: learned{recovery: max(minRecovery, recoverySpans*q.Per)}}
}

func (w *window) span(now time.Time) time.Duration {
	return time.Duration(float64(w.quota.Per) / w.factorAt(now))
}

// sooner shortens a wait while the rate is lowered: it recovers meanwhile, the
// turn comes before it seemed to, and nobody would be there to take it. Nobody
// comes while AWS asked for patience.
func (w *window) sooner(wait time.Duration, now time.Time) time.Duration {
	blocked := max(w.blockedUntil.Sub(now), 0)
	if wait <= blocked {
		return wait
	}
	return blocked + max(time.Duration(float64(wait-blocked)*w.factorAt(now)), lead/10)
}

// grace is how long after its turn a place is kept.
func (w *window) grace() time.Duration { return min(max(w.quota.Per, minGrace), maxGrace) }

// free lists, for each place, when it is free, as far as is known now.
func (w *window) free(now time.Time) []time.Time {
	places := make([]time.Time, w.quota.Count)
	span := w.span(now)
	for i := range places {
		if i < len(w.recent) {
			places[i] = w.recent[i].counted(now).Add(span)
		}
		if places[i].Before(w.blockedUntil) {
			places[i] = w.blockedUntil
		}
	}
	slices.SortFunc(places, time.Time.Compare)
	return places
}

// allowed ends a series of refusals.
func (w *window) allowed() { w.refusals = 0 }

// refused gives back the place of a call that AWS refused, since it did not
// count there, and returns how long to wait at least: about a second at first,
// then twice as long each time, up to the span of a rate that fell as far as it
// may. Whoever waited for a whole span instead would come too late time and
// again beside others who don't; and whoever waited equally long each time, beside
// somebody with a rhythm of which that is a multiple.
func (w *window) refused(f *flight) time.Duration {
	w.recent = slices.DeleteFunc(w.recent, func(o *flight) bool { return o == f })
	if !f.sent.Before(w.lowered) { // calls under way together are refused together
		w.refusals++
		w.refusedEver++
	}
	most := max(time.Duration(float64(w.quota.Per)/minFactor), throttledPause)
	pause := min(throttledPause<<min(max(w.refusals-1, 0), 16), most)
	_, uneven := math.Modf(float64(w.refusedEver) * math.Phi)
	return time.Duration(float64(pause) * (1 + uneven) / 2)
}

// launch gives the place that is free the longest to a call sent now.
func (w *window) launch(now time.Time) *flight {
	f := &flight{sent: now}
	if len(w.recent) < w.quota.Count {
		w.recent = append(w.recent, f)
		return f
	}
	oldest := 0
	for i := range w.recent {
		if w.recent[i].counted(now).Before(w.recent[oldest].counted(now)) {
			oldest = i
		}
	}
	w.recent[oldest] = f
	return f
}

// rate allows a burst and then a steady rate: AWS's token bucket, kept as the
// time at which it would be full again.
type rate struct {
	learned
	quota Quota
	full  time.Time
}

func newRate(q Quota) *rate {
	return &rate{quota: q, learned: learned{recovery: totalRecovery}}
}

func (r *rate) interval(now time.Time) time.Duration {
	return time.Duration(float64(r.quota.Per) / float64(r.quota.Count) / r.factorAt(now))
}

// depth is how much of the bucket may be missing while a call may still pass.
func (r *rate) depth(interval time.Duration) time.Duration {
	return time.Duration(max(r.quota.Burst, 1)-1) * interval
}

// throttled empties the bucket: after the wait one call passes, not a burst.
func (r *rate) throttled(now, sent, until time.Time) {
	r.learned.throttled(now, sent, until)
	interval := r.interval(now)
	if full := until.Add(r.depth(interval)); full.After(r.full) {
		r.full = full
	}
}

func (r *rate) launch(now time.Time) {
	if r.full.Before(now) {
		r.full = now
	}
	r.full = r.full.Add(r.interval(now))
}
