// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sending is one call that went out, and when AWS may have counted it.
type sending struct {
	key, bucket string
	sent, done  time.Time
	tries       int
}

// pacerRun drives callers against a pacer on a clock that only moves while all
// wait (testing/synctest).
type pacerRun struct {
	t     *testing.T
	pacer *pacer
	start time.Time
	mu    sync.Mutex
	sent  []sending
	wg    sync.WaitGroup
}

func newPacerRun(t *testing.T, quotas []Quota, share float64, fresh bool) *pacerRun {
	r := &pacerRun{t: t, pacer: newPacer(serviceAPIGateway, quotas, share), start: time.Now()}
	if !fresh {
		r.pacer.spend(r.start)
	}
	return r
}

// send behaves as a reconciler does: it comes back when it is told to, until
// the call was made.
func (r *pacerRun) send(ctx context.Context, bucket string, latency time.Duration) sending {
	s := sending{key: keyOf(ctx), bucket: bucket}
	for {
		if s.tries++; s.tries > 1000 {
			r.t.Errorf("%s never gets its turn", s.key)
			return s
		}
		pm, err := r.pacer.acquire(ctx, bucket)
		var paced *PacedError
		if errors.As(err, &paced) {
			time.Sleep(paced.After)
			continue
		}
		if err != nil {
			r.t.Errorf("%s: %v", s.key, err)
			return s
		}
		s.sent = time.Now()
		time.Sleep(latency)
		s.done = time.Now()
		pm.done(outcome{})
		r.mu.Lock()
		r.sent = append(r.sent, s)
		r.mu.Unlock()
		return s
	}
}

func (r *pacerRun) goSend(after time.Duration, p Priority, key, bucket string, latency time.Duration) {
	r.wg.Go(func() {
		time.Sleep(after)
		r.send(WithPriority(WithKey(r.t.Context(), key), p), bucket, latency)
	})
}

// order waits for all and lists who was sent when, in seconds from the start.
func (r *pacerRun) order() []string {
	r.wg.Wait()
	slices.SortStableFunc(r.sent, func(a, b sending) int { return a.sent.Compare(b.sent) })
	var out []string
	for _, s := range r.sent {
		out = append(out, fmt.Sprintf("%s@%g", s.key, s.sent.Sub(r.start).Seconds()))
	}
	return out
}

func create(count int, per time.Duration) []Quota {
	return []Quota{{Service: serviceAPIGateway, Operation: "Create", Count: count, Per: per}}
}

func TestFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 3*time.Second), 1, true)
		for i := range 5 {
			r.goSend(time.Duration(i)*time.Millisecond, Background, fmt.Sprint("c", i), "Create", 0)
		}
		want := []string{"c0@0", "c1@3", "c2@6", "c3@9", "c4@12"}
		if diff := cmp.Diff(want, r.order()); diff != "" {
			t.Error(diff)
		}
		for _, s := range r.sent {
			if s.tries > 2 {
				t.Errorf("%s had to come %d times: the place was not kept at the time it was told", s.key, s.tries)
			}
		}
	})
}

// TestNewcomersDoNotTakeKeptPlaces: a stream of callers that arrive just when
// a place gets free does not push out the one who was told to come then.
func TestNewcomersDoNotTakeKeptPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 3*time.Second), 1, true)
		r.goSend(0, Background, "first", "Create", 0)
		r.goSend(time.Millisecond, Background, "told", "Create", 0)
		for i := range 4 {
			r.goSend(2999*time.Millisecond, Background, fmt.Sprint("new", i), "Create", 0)
		}
		order := r.order()
		if order[1] != "told@3" {
			t.Errorf("order: %v", order)
		}
	})
}

func TestUserGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 3*time.Second), 1, true)
		for i := range 4 {
			r.goSend(time.Duration(i)*time.Millisecond, Background, fmt.Sprint("drift", i), "Create", 0)
		}
		// The user comes while drift1 is already waiting for its turn at 3 s.
		r.goSend(2900*time.Millisecond, User, "user1", "Create", 0)
		r.goSend(2950*time.Millisecond, User, "user2", "Create", 0)
		want := []string{"drift0@0", "user1@3", "user2@6", "drift1@9", "drift2@12", "drift3@15"}
		if diff := cmp.Diff(want, r.order()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestPlaceIsRaisedToUser: a drift check that waits becomes urgent when its
// object is changed, and keeps its place among the urgent.
func TestPlaceIsRaisedToUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 10*time.Second), 1, true)
		r.goSend(0, Background, "a", "Create", 0)
		r.goSend(time.Millisecond, Background, "b", "Create", 0)
		r.wg.Go(func() {
			time.Sleep(2 * time.Millisecond)
			ctx := WithKey(t.Context(), "c")
			if _, err := r.pacer.acquire(ctx, "Create"); err == nil {
				t.Error("c did not have to wait")
			}
			time.Sleep(time.Second)
			r.send(WithPriority(ctx, User), "Create", 0)
		})
		want := []string{"a@0", "c@10", "b@20"}
		if diff := cmp.Diff(want, r.order()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestAbandonedPlaceExpires: whoever never comes back costs the others its
// grace, not their turn.
func TestAbandonedPlaceExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 3*time.Second), 1, true)
		r.goSend(0, Background, "a", "Create", 0)
		r.wg.Go(func() {
			time.Sleep(time.Millisecond)
			_, err := r.pacer.acquire(WithKey(t.Context(), "gone"), "Create")
			var paced *PacedError
			if !errors.As(err, &paced) {
				t.Errorf("got %v", err)
			}
		})
		r.goSend(2*time.Millisecond, Background, "b", "Create", 0)
		want := []string{"a@0", "b@6"}
		if diff := cmp.Diff(want, r.order()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestKeptPlaceOutlastsALateOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 3*time.Second), 1, true)
		r.goSend(0, Background, "a", "Create", 0)
		r.wg.Go(func() {
			time.Sleep(time.Millisecond)
			ctx := WithKey(t.Context(), "late")
			if _, err := r.pacer.acquire(ctx, "Create"); err == nil {
				t.Error("late did not have to wait")
			}
			// Its turn is at 3 s; it comes at 4.5 s.
			time.Sleep(4499 * time.Millisecond)
			r.send(ctx, "Create", 0)
		})
		r.goSend(3500*time.Millisecond, Background, "pushy", "Create", 0)
		want := []string{"a@0", "late@4.5", "pushy@7.5"}
		if diff := cmp.Diff(want, r.order()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestLatecomersKeepTheirSeniority: with too few workers nobody comes back in
// time; still nobody who came later goes first.
func TestLatecomersKeepTheirSeniority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 3*time.Second), 1, true)
		r.goSend(0, Background, "a", "Create", 0)
		r.wg.Go(func() {
			time.Sleep(time.Millisecond)
			ctx := WithKey(t.Context(), "early")
			if _, err := r.pacer.acquire(ctx, "Create"); err == nil {
				t.Error("early did not have to wait")
			}
			time.Sleep(time.Minute)
			r.send(ctx, "Create", 0)
		})
		for i := range 5 {
			r.goSend(59*time.Second+time.Duration(i)*time.Millisecond, Background, fmt.Sprint("later", i), "Create", 0)
		}
		order := r.order()
		if !strings.HasPrefix(order[2], "early@") {
			t.Errorf("order: %v", order)
		}
	})
}

// TestHungCallGivesItsPlaceBack: a call that is never answered does not stop
// the others of its kind.
func TestHungCallGivesItsPlaceBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 3*time.Second), 1, true)
		r.goSend(0, Background, "hangs", "Create", 30*time.Second)
		r.goSend(time.Millisecond, Background, "b", "Create", 0)
		if diff := cmp.Diff([]string{"hangs@0", "b@4"}, r.order()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestSlowOperationHoldsUpNoOther: forty deletions in line, one in 30 s, and
// everything else goes on at once.
func TestSlowOperationHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, defaultQuotas, 1, true)
		for i := range 40 {
			r.goSend(0, User, fmt.Sprint("d", i), "DeleteRestApi", 0)
		}
		time.Sleep(10 * time.Second)
		began := time.Now()
		if s := r.send(WithKey(t.Context(), "g"), "GetRestApi", 0); s.sent.Sub(began) != 0 {
			t.Errorf("GetRestApi waited %s", s.sent.Sub(began))
		}
		r.wg.Wait()
		if took := time.Since(r.start); took > 40*30*time.Second {
			t.Errorf("40 deletions took %s", took)
		}
	})
}

func TestShortWaitsBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(serviceAPIGateway, create(1, maxWait), 1)
		for i := range 3 {
			pm, err := p.acquire(t.Context(), "Create")
			if err != nil {
				t.Fatalf("call %d: %v", i, err)
			}
			pm.done(outcome{})
		}
	})
}

func TestWaitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, time.Second), 1, true)
		r.goSend(0, Background, "a", "Create", 0)
		r.wg.Go(func() {
			ctx, cancel := context.WithTimeout(WithKey(t.Context(), "b"), 100*time.Millisecond)
			defer cancel()
			time.Sleep(time.Millisecond)
			if _, err := r.pacer.acquire(ctx, "Create"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
		r.goSend(2*time.Millisecond, Background, "c", "Create", 0)
		// c was told to come for the turn after b's; b's is free when it comes.
		if diff := cmp.Diff([]string{"a@0", "c@1.25"}, r.order()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestThrottledRateFallsAndRecovers: others use the account too.
func TestThrottledRateFallsAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 2*time.Second), 1, true)
		pm, err := r.pacer.acquire(t.Context(), "Create")
		if err != nil {
			t.Fatal(err)
		}
		pm.done(outcome{throttled: true, retryAfter: 10 * time.Second})
		var gaps []float64
		last := r.start
		for range 40 {
			s := r.send(WithKey(t.Context(), "a"), "Create", 0)
			gaps = append(gaps, s.sent.Sub(last).Seconds())
			last = s.sent
		}
		if gaps[0] != 10 {
			t.Errorf("the first call went %g s after a refusal that asked for 10", gaps[0])
		}
		if gaps[1] < 2.5 {
			t.Errorf("%g s between calls after a refusal; the rate did not fall", gaps[1])
		}
		if end := gaps[len(gaps)-1]; end != 2 {
			t.Errorf("%g s between calls after a long time without refusals; the rate did not recover", end)
		}
	})
}

// TestRefusalsOfOneMomentCountOnce: five calls that were under way together
// and all refused say the same thing.
func TestRefusalsOfOneMomentCountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(serviceAPIGateway, create(5, 2*time.Second), 1)
		var permits []*permit
		for range 5 {
			pm, err := p.acquire(t.Context(), "Create")
			if err != nil {
				t.Fatal(err)
			}
			permits = append(permits, pm)
		}
		for _, pm := range permits {
			time.Sleep(time.Millisecond)
			pm.done(outcome{throttled: true})
		}
		if f := p.windows["Create"].factorAt(time.Now()); f < 0.5 {
			t.Errorf("the rate fell to %g", f)
		}
		if wait := time.Until(p.windows["Create"].blockedUntil); wait > throttledPause {
			t.Errorf("the next call waits for %s", wait)
		}
	})
}

// BenchmarkLine is the cost of one caller's look at a line of a thousand.
func BenchmarkLine(b *testing.B) {
	p := newPacer(serviceAPIGateway, defaultQuotas, 1)
	for i := range 1000 {
		_, _ = p.acquire(WithKey(b.Context(), fmt.Sprint(i)), "DeleteRestApi")
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.acquire(WithKey(b.Context(), "999"), "DeleteRestApi"); err == nil {
			b.Fatal("the last of the line went first")
		}
	}
}

// BenchmarkAcquire is what pacing costs a call when nobody waits.
func BenchmarkAcquire(b *testing.B) {
	p := newPacer(serviceAPIGateway, ScaleQuotas(DefaultQuotas(), 1e6), 1)
	ctx := WithKey(b.Context(), "uid")
	b.ReportAllocs()
	for b.Loop() {
		permit, err := p.acquire(ctx, "GetResources")
		if err != nil {
			b.Fatal(err)
		}
		permit.done(outcome{})
	}
}

// TestNeverAboveTheQuota lets many callers with network jitter loose and
// checks every span, for the worst times AWS may have counted the calls.
func TestNeverAboveTheQuota(t *testing.T) {
	buckets := []string{"CreateRestApi", "PutRestApi", "CreateDeployment", "GetResources", "GetResources", "GetStages", "GetStages", "GetRestApi", "UpdateStage"}
	for _, share := range []float64{1, 0.5, 0.2} {
		t.Run(fmt.Sprint("share ", share), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rnd := rand.New(rand.NewPCG(7, uint64(share*10)))
				r := newPacerRun(t, defaultQuotas, share, true)
				for i := range 60 {
					for j, bucket := range buckets {
						latency := time.Duration(rnd.IntN(800)) * time.Millisecond
						at := time.Duration(rnd.IntN(20000)) * time.Millisecond
						r.goSend(at, Priority(rnd.IntN(2)), fmt.Sprint(i, "/", j), bucket, latency)
					}
				}
				r.wg.Wait()
				if len(r.sent) != 60*len(buckets) {
					t.Fatalf("%d calls went out of %d", len(r.sent), 60*len(buckets))
				}
				for _, q := range defaultQuotas {
					if q.Service == serviceAPIGateway {
						checkQuota(t, q.take(share), r.sent)
						checkProgress(t, q, share, r)
					}
				}
			})
		})
	}
}

// checkQuota finds any span of Per in which AWS could have counted more than
// Count calls, or for the total any run of calls above burst and rate.
func checkQuota(t *testing.T, q Quota, all []sending) {
	t.Helper()
	var calls []sending
	for _, s := range all {
		if q.Operation == "" || s.bucket == q.Operation {
			calls = append(calls, s)
		}
	}
	slices.SortFunc(calls, func(a, b sending) int { return a.sent.Compare(b.sent) })
	if q.Operation == "" {
		// AWS's own bucket is a third deeper than ours, for calls that arrive
		// closer together than they left: here, when they are answered.
		for _, arrival := range []func(sending) time.Time{
			func(s sending) time.Time { return s.sent },
			func(s sending) time.Time { return s.done },
		} {
			slices.SortFunc(calls, func(a, b sending) int { return arrival(a).Compare(arrival(b)) })
			level, last := 0.0, time.Time{}
			for _, c := range calls {
				level = max(0, level-arrival(c).Sub(last).Seconds()/q.Per.Seconds()*float64(q.Count)) + 1
				if last = arrival(c); level > float64(q.Burst)*4/3 {
					t.Errorf("%s: %g calls above the rate at %s", q, level, last)
					return
				}
			}
		}
		return
	}
	for _, c := range calls {
		// The span that starts when this one is counted at the latest, and
		// every call that may be counted within.
		from := c.done
		within := 0
		for _, o := range calls {
			if o.sent.Sub(from) < q.Per && !o.done.Before(from) {
				within++
			}
		}
		if within > q.Count {
			t.Errorf("%s: %d calls from %s on", q, within, from)
			return
		}
	}
}

// checkProgress: what the quota allows is used, not only not exceeded.
func checkProgress(t *testing.T, q Quota, share float64, r *pacerRun) {
	t.Helper()
	if q.Operation != "CreateDeployment" {
		return
	}
	n, end := 0, time.Duration(0)
	for _, s := range r.sent {
		if s.bucket == q.Operation {
			n++
			end = max(end, s.sent.Sub(r.start))
		}
	}
	// Each call takes up to 0.8 s on top of its place.
	limit := 20*time.Second + time.Duration(float64(n)*(5.9/share)*float64(time.Second))
	if end > limit {
		t.Errorf("%d calls of %s took until %s, more than %s", n, q.Operation, end, limit)
	}
}

func TestSharesAddUp(t *testing.T) {
	for _, q := range defaultQuotas {
		for _, n := range []int{2, 3, 5, 7} {
			part := q.take(1 / float64(n))
			got := float64(part.Count) / part.Per.Seconds() * float64(n)
			if all := float64(q.Count) / q.Per.Seconds(); got > all*1.0001 {
				t.Errorf("%d shares of %s make %g a second, the quota is %g", n, q, got, all)
			}
			if part.Operation != "" && part.Per >= q.Per && part.Per < q.Per+time.Nanosecond && part.Count*n > q.Count {
				t.Errorf("%d shares of %s make %d in one span", n, q, part.Count*n)
			}
		}
	}
}

func TestAnonymousCallersTakeTurnsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(2, time.Second), 1, true)
		for range 6 {
			r.wg.Go(func() { r.send(t.Context(), "Create", 0) })
		}
		want := []string{"@0", "@0", "@1", "@1", "@2", "@2"}
		if diff := cmp.Diff(want, r.order()); diff != "" {
			t.Error(diff)
		}
	})
}
