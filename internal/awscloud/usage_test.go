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
func (r *pacerRun) succeed(quotas []Quota) {
	r.t.Helper()
	text, err := json.Marshal(r.pacer.usage(time.Now()))
	if err != nil {
		r.t.Fatal(err)
	}
	var told QuotaUsage
	if err := json.Unmarshal(text, &told); err != nil {
		r.t.Fatal(err)
	}
	r.pacer = newPacer(serviceAPIGateway, quotas, 1)
	r.pacer.inherit(told, time.Now())
}

// TestASuccessorGoesOnWhereItsPredecessorStopped, to the millisecond.
func TestASuccessorGoesOnWhereItsPredecessorStopped(t *testing.T) {
	ten := create(1, 10*time.Second)
	for name, test := range map[string]struct {
		quotas []Quota
		before func(*pacerRun)
		want   float64 // seconds after the hand-over that the next Create is made
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
		"two of two": {quotas: create(2, 10*time.Second), want: 5, before: func(r *pacerRun) {
			r.send(r.t.Context(), "Create", 0)
			time.Sleep(3 * time.Second)
			r.send(r.t.Context(), "Create", 0)
			time.Sleep(2 * time.Second)
		}},
		"a part of a millisecond": {quotas: ten, want: 4, before: func(r *pacerRun) {
			r.send(r.t.Context(), "Create", 0)
			time.Sleep(6*time.Second + 300*time.Microsecond)
		}},
		"AWS asked for patience": {quotas: ten, want: 25, before: func(r *pacerRun) {
			pm, err := r.pacer.acquire(r.t.Context(), "Create")
			if err != nil {
				r.t.Fatal(err)
			}
			pm.done(outcome{throttled: true, retryAfter: 30 * time.Second})
			time.Sleep(5 * time.Second)
		}},
		"one is under way": {quotas: ten, want: 10.5, before: func(r *pacerRun) {
			if _, err := r.pacer.acquire(r.t.Context(), "Create"); err != nil {
				r.t.Fatal(err)
			}
			time.Sleep(500 * time.Millisecond)
		}},
		"one was not waited for": {quotas: ten, want: 10.5, before: func(r *pacerRun) {
			pm, err := r.pacer.acquire(r.t.Context(), "Create")
			if err != nil {
				r.t.Fatal(err)
			}
			time.Sleep(500 * time.Millisecond)
			pm.done(outcome{unanswered: true})
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
				r.succeed(test.quotas)
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
				r.succeed(quotas)
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

// succession is a series of processes, each of which is told what the one before it
// left, at once.
type succession struct {
	t      *testing.T
	config Config
	last   *Factory
}

// next is the next process. It hears its predecessor unless that crashed.
func (s *succession) next(crashed bool) *Factory {
	usage, known := Usage{}, false
	if s.last != nil && !crashed {
		usage, known = s.last.Usage()
	}
	since := time.Now()
	config := s.config
	config.Successor = true
	config.Inherited = func() (Usage, time.Time, bool) { return usage, since, known }
	s.last = NewFactory(config)
	return s.last
}

// call makes a call as soon as it may be made, and returns how long it waited.
func (s *succession) call(account, region, service, operation string) time.Duration {
	s.t.Helper()
	r := &pacerRun{t: s.t, pacer: s.last.pacersFor(account, region)[service]}
	start := time.Now()
	return r.send(WithKey(s.t.Context(), "a"), operation, 0).sent.Sub(start)
}

func (s *succession) expect(what string, want, got time.Duration) {
	s.t.Helper()
	if got != want {
		s.t.Errorf("%s: waited %s, want %s", what, got, want)
	}
}

// TestAFactoryTellsItsSuccessor: each account, region and service has its own
// part, and what was not used is free.
func TestAFactoryTellsItsSuccessor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &succession{t: t}
		s.next(false)
		time.Sleep(time.Minute)
		s.call("1", "eu-west-1", serviceAPIGateway, "DeleteRestApi")
		for range 20 {
			s.call("1", "us-east-1", serviceIAM, "CreateRole")
		}
		if usage, known := s.last.Usage(); !known || len(usage.Services) != 2 {
			t.Errorf("the usage is %+v, %t; want one entry for each service that was called", usage, known)
		}
		s.next(false)
		time.Sleep(10 * time.Millisecond) // until the accounts are met
		s.expect("IAM, whose burst is used up", 90*time.Millisecond, s.call("1", "ap-south-1", serviceIAM, "CreateRole"))
		s.expect("DynamoDB in the same region", 0, s.call("1", "us-east-1", serviceDynamoDB, "CreateTable"))
		s.expect("another region", 0, s.call("1", "us-east-1", serviceAPIGateway, "DeleteRestApi"))
		s.expect("another account", 0, s.call("2", "eu-west-1", serviceAPIGateway, "DeleteRestApi"))
		s.expect("the one that was used", 30*time.Second-100*time.Millisecond, s.call("1", "eu-west-1", serviceAPIGateway, "DeleteRestApi"))
	})
}

// TestWhatWasUsedIsPassedOnByWhoDidNotUseIt: an update of two replicas makes
// leaders that live for seconds.
func TestWhatWasUsedIsPassedOnByWhoDidNotUseIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &succession{t: t}
		s.next(false)
		time.Sleep(time.Minute)
		s.call("1", "eu-west-1", serviceAPIGateway, "DeleteRestApi")
		for range 3 {
			s.next(false)
			time.Sleep(2 * time.Second)
		}
		s.expect("the fourth leader", 24*time.Second, s.call("1", "eu-west-1", serviceAPIGateway, "DeleteRestApi"))

		s.next(true)
		time.Sleep(2 * time.Second)
		s.next(false) // nobody knows what the one that crashed did
		s.expect("the second after a crash", 30*time.Second, s.call("1", "eu-west-1", serviceAPIGateway, "DeleteRestApi"))

		s.next(true)
		time.Sleep(31 * time.Second) // all that it can have used is free
		s.next(false)
		s.expect("one that follows later", 0, s.call("1", "eu-west-1", serviceAPIGateway, "DeleteRestApi"))
	})
}

// TestAnAccountMetLateIsFree: what a predecessor used up before this process
// began does not count from when the account is met.
func TestAnAccountMetLateIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &succession{t: t}
		s.next(true)
		time.Sleep(20 * time.Second)
		s.expect("twenty seconds after a crash", 10*time.Second, s.call("1", "eu-west-1", serviceAPIGateway, "DeleteRestApi"))
	})
}

// TestWhatIsOldOrCountedOtherwiseIsNotBelieved: others may have called since,
// or calls were not counted that this process counts.
func TestWhatIsOldOrCountedOtherwiseIsNotBelieved(t *testing.T) {
	for name, test := range map[string]struct {
		wait   time.Duration
		config Config
		want   time.Duration
	}{
		"the same quotas at once": {},
		"after two minutes":       {wait: 2 * time.Minute, want: 30 * time.Second},
		"another share":           {config: Config{QuotaShare: 0.5}, want: time.Minute},
		"other quotas":            {config: Config{Quotas: create(1, 10*time.Second)}, want: 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			predecessor := &succession{t: t}
			predecessor.next(false)
			time.Sleep(time.Minute)
			usage, known := predecessor.last.Usage()
			time.Sleep(test.wait)
			since := time.Now()
			test.config.Successor = true
			test.config.Inherited = func() (Usage, time.Time, bool) { return usage, since, known }
			s := &succession{t: t, last: NewFactory(test.config)}
			operation := "DeleteRestApi"
			if len(test.config.Quotas) > 0 {
				operation = "Create"
			}
			s.expect(name, test.want, s.call("1", "eu-west-1", serviceAPIGateway, operation))
		})
	}
}

// TestWithoutQuotasNothingIsUsed: against an endpoint that is not AWS.
func TestWithoutQuotasNothingIsUsed(t *testing.T) {
	f := NewFactory(Config{Quotas: []Quota{}})
	f.pacersFor("1", "eu-west-1")
	if usage, known := f.Usage(); !known || len(usage.Services) != 0 {
		t.Errorf("%+v, %t", usage, known)
	}
}
