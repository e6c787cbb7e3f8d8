// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// succeed replaces the run's pacer, as another process would that is told what
// this one used up.
func (r *pacerRun) succeed(quotas []Quota, share float64) {
	r.t.Helper()
	text, err := json.Marshal(Usage{r.pacer.usage(time.Now())})
	if err != nil {
		r.t.Fatal(err)
	}
	var told Usage
	if err := json.Unmarshal(text, &told); err != nil {
		r.t.Fatal(err)
	}
	r.pacer = newPacer(serviceAPIGateway, quotas, share)
	r.pacer.inherit(told[0], time.Now())
}

// TestASuccessorGoesOnWhereItsPredecessorStopped, to the millisecond.
func TestASuccessorGoesOnWhereItsPredecessorStopped(t *testing.T) {
	ten := create(1, 10*time.Second)
	for name, test := range map[string]struct {
		quotas, then []Quota
		share        float64
		before       func(*pacerRun)
		want         float64 // seconds after the hand-over that the next Create is made
	}{
		"nothing was used": {quotas: ten, before: func(*pacerRun) {}, want: 0},
		"one was made six seconds ago": {quotas: ten, want: 4, before: func(r *pacerRun) {
			r.send(r.t.Context(), "Create", 0)
			time.Sleep(6 * time.Second)
		}},
		"one was made long ago": {quotas: ten, want: 0, before: func(r *pacerRun) {
			r.send(r.t.Context(), "Create", 0)
			time.Sleep(time.Minute)
		}},
		"one of two": {quotas: create(2, 10*time.Second), want: 0, before: func(r *pacerRun) {
			r.send(r.t.Context(), "Create", 0)
		}},
		"two of two, and only one is left to the successor": {quotas: create(2, 10*time.Second), share: 0.5, want: 8, before: func(r *pacerRun) {
			r.send(r.t.Context(), "Create", 0)
			time.Sleep(3 * time.Second)
			r.send(r.t.Context(), "Create", 0)
			time.Sleep(2 * time.Second)
		}},
		"AWS asked for patience": {quotas: ten, want: 25, before: func(r *pacerRun) {
			pm, err := r.pacer.acquire(r.t.Context(), "Create")
			if err != nil {
				r.t.Fatal(err)
			}
			pm.done(outcome{throttled: true, retryAfter: 30 * time.Second})
			time.Sleep(5 * time.Second)
		}},
		"one is under way": {quotas: ten, want: 10, before: func(r *pacerRun) {
			if _, err := r.pacer.acquire(r.t.Context(), "Create"); err != nil {
				r.t.Fatal(err)
			}
			time.Sleep(500 * time.Millisecond)
		}},
		"all calls together": {
			quotas: []Quota{{Service: serviceAPIGateway, Count: 1, Per: time.Second, Burst: 5}}, want: 1,
			before: func(r *pacerRun) {
				for range 5 {
					r.send(r.t.Context(), "Get", 0)
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newPacerRun(t, test.quotas, 1, true)
				test.before(r)
				r.succeed(test.quotas, test.share)
				start := time.Now()
				got := r.send(WithKey(t.Context(), "next"), "Create", 0).sent.Sub(start)
				if got.Seconds() != test.want {
					t.Errorf("the next call is made after %s, want %gs", got, test.want)
				}
			})
		})
	}
}

// TestNoSeriesOfSuccessorsExceedsAQuota, whenever one follows the other.
func TestNoSeriesOfSuccessorsExceedsAQuota(t *testing.T) {
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's traffic
			count := 1 + random.IntN(3)
			quotas := create(count, 3*time.Second)
			r := newPacerRun(t, quotas, 1, true)
			for life := range 8 {
				for i := range random.IntN(6) {
					r.goSend(time.Duration(random.IntN(4000))*time.Millisecond, User, fmt.Sprint(life, "-", i), "Create",
						time.Duration(random.IntN(400))*time.Millisecond)
				}
				r.wg.Wait() // an operator that ends waits for its calls
				time.Sleep(time.Duration(random.IntN(3000)) * time.Millisecond)
				r.succeed(quotas, 1)
			}
			for _, call := range r.sent {
				within := 0
				for _, other := range r.sent {
					if !other.sent.After(call.sent) && other.done.After(call.sent.Add(-3*time.Second)) {
						within++
					}
				}
				if within > count { // itself among them
					t.Errorf("seed %d: AWS may count %d calls within 3 s, and allows %d", seed, within, count)
				}
			}
		})
	}
}

// TestADamagedBequestHoldsNobodyBackForLong.
func TestADamagedBequestHoldsNobodyBackForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 3*time.Second), 1, true)
		r.pacer.inherit(QuotaUsage{Full: -1e13, Busy: map[string][]Milliseconds{"Create": {1 << 62, -7}, "Unknown": {1}}}, r.start)
		if diff := cmp.Diff(longestUsage, r.send(WithKey(t.Context(), "a"), "Create", 0).sent.Sub(r.start)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestAFactoryTellsItsSuccessor: each account, region and service has its own
// part; what the predecessor did not meet is free; and without a word from it
// everything is taken for used up.
func TestAFactoryTellsItsSuccessor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		predecessor := NewFactory(Config{})
		for _, call := range []struct{ region, service, operation string }{
			{"eu-west-1", serviceAPIGateway, "DeleteRestApi"}, {"us-east-1", serviceIAM, "CreateRole"}} {
			pm, err := predecessor.pacersFor("1", call.region)[call.service].acquire(t.Context(), call.operation)
			if err != nil {
				t.Fatal(err)
			}
			pm.done(outcome{})
		}
		usage, since := predecessor.Usage(), time.Now()
		time.Sleep(10 * time.Second) // until the account is met
		wait := func(known bool, account, region string) time.Duration {
			f := NewFactory(Config{Successor: true, Inherited: func() (Usage, time.Time, bool) { return usage, since, known }})
			_, err := f.pacersFor(account, region)[serviceAPIGateway].acquire(WithKey(t.Context(), "a"), "DeleteRestApi")
			if paced, ok := err.(*PacedError); ok { //nolint:errorlint // it is not wrapped
				return time.Until(paced.At)
			} else if err != nil {
				t.Fatal(err)
			}
			return 0
		}
		got := []time.Duration{wait(true, "1", "eu-west-1"), wait(true, "1", "us-east-1"), wait(true, "2", "eu-west-1"), wait(false, "1", "eu-west-1")}
		if diff := cmp.Diff([]time.Duration{20 * time.Second, 0, 0, 30 * time.Second}, got); diff != "" {
			t.Errorf("waits for a deletion (-want +got):\n%s", diff)
		}
		if len(usage) != 2 {
			t.Errorf("the usage is %+v, want one entry for each service that was called", usage)
		}
	})
}
