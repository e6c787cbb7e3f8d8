// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package awscloud

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// approachAndSend reserves a turn as a reconciler does, works towards it for a
// while, and makes the call.
func (r *pacerRun) approachAndSend(key, bucket string, work time.Duration) {
	r.wg.Go(func() {
		for {
			paced := r.pacer.reserve(key, bucket, User)
			if paced == nil {
				break
			}
			time.Sleep(paced.After)
		}
		time.Sleep(work)
		s := r.send(WithPriority(WithKey(r.t.Context(), key), User), bucket, 0)
		if s.tries != 1 {
			r.t.Errorf("%s was on its way and had to come %d times", key, s.tries)
		}
	})
}

// TestReservedTurnsFollowEachOther: nobody comes early, nobody late, and who
// reserved nothing is behind all that did.
func TestReservedTurnsFollowEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 10*time.Second), 1, true)
		for i := range 4 {
			r.approachAndSend(fmt.Sprint("r", i), "Create", 3*time.Second)
			synctest.Wait()
		}
		r.goSend(9*time.Second, User, "late", "Create", 0)
		want := []string{"r0@3", "r1@13", "r2@23", "r3@33", "late@43"}
		if diff := cmp.Diff(want, r.order()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestReleasedTurnIsFreeAtOnce: work that came to nothing costs nobody a turn.
func TestReleasedTurnIsFreeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 10*time.Second), 1, true)
		if paced := r.pacer.reserve("failed", "Create", User); paced != nil {
			t.Fatal(paced)
		}
		time.Sleep(time.Second)
		r.pacer.release("failed")
		r.goSend(500*time.Millisecond, User, "next", "Create", 0)
		if diff := cmp.Diff([]string{"next@1.5"}, r.order()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestWhoIsOnItsWayGoesFirst: the calls that lead to a reserved turn do not
// wait behind those of objects that have no turn yet.
func TestWhoIsOnItsWayGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quotas := append(create(1, 10*time.Second), Quota{Service: serviceAPIGateway, Count: 1, Per: time.Second, Burst: 1})
		r := newPacerRun(t, quotas, 1, true)
		for i := range 5 {
			r.goSend(0, User, fmt.Sprint("reader", i), "Get", 0)
		}
		time.Sleep(time.Millisecond)
		if paced := r.pacer.reserve("way", "Create", User); paced != nil {
			t.Fatal(paced)
		}
		r.goSend(0, User, "way", "Get", 0)
		order := r.order()
		if order[1] != "way@1" {
			t.Errorf("order: %v", order)
		}
	})
}

// TestASuccessorTakesEverythingForUsedUp: a process that was just replaced may
// have made all the calls that AWS allows.
func TestASuccessorTakesEverythingForUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quotas := append(create(2, 10*time.Second), Quota{Service: serviceAPIGateway, Count: 10, Per: time.Second, Burst: 30})
		r := newPacerRun(t, quotas, 1, false)
		for i := range 3 {
			r.goSend(time.Duration(i)*time.Microsecond, User, fmt.Sprint("get", i), "Get", 0)
		}
		for i := range 3 {
			r.goSend(time.Duration(i)*time.Microsecond, User, fmt.Sprint("create", i), "Create", 0)
		}
		r.order()
		var got []float64
		for _, s := range r.sent {
			got = append(got, s.sent.Sub(r.start).Round(10*time.Millisecond).Seconds())
		}
		if diff := cmp.Diff([]float64{0.1, 0.2, 0.3, 10, 10, 20}, got); diff != "" {
			t.Errorf("three calls of any kind and three of a rare one go out at (-want +got):\n%s", diff)
		}
	})
}

// TestAReservedTurnEndsWithTheContextOfItsCall: whoever gives up on its way
// leaves the turn to others.
func TestAReservedTurnEndsWithTheContextOfItsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newPacerRun(t, create(1, 5*time.Second), 1, true)
		r.goSend(0, User, "first", "Create", 0)
		synctest.Wait()
		if paced := r.pacer.reserve("gives up", "Create", User); paced != nil {
			t.Fatal(paced)
		}
		ctx, cancel := context.WithTimeout(WithKey(t.Context(), "gives up"), time.Second)
		defer cancel()
		if _, err := r.pacer.acquire(ctx, "Create"); err == nil {
			t.Error("the call went out before its turn")
		}
		r.goSend(0, User, "next", "Create", 0)
		if diff := cmp.Diff([]string{"first@0", "next@5"}, r.order()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestACrowdOfChecksIsFinishedOneByOne: of far more checks than the quota
// carries, as many are finished as it does carry. A check that is sent away
// half-way begins again.
func TestACrowdOfChecksIsFinishedOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r := newPacerRun(t, defaultQuotas, 1, false)
		account := &Account{pacers: map[string]*pacer{serviceAPIGateway: r.pacer}}
		finished := make(chan bool, 1000)
		for i := range 500 {
			go func() {
				ctx := WithKey(ctx, fmt.Sprint(i))
				for ctx.Err() == nil {
					err := account.Begin(ctx)
					for n := 0; err == nil && n < 7; n++ {
						var permit *permit
						bucket := []string{"GetRestApi", "GetStages", "GetResources", "GetModels", "GetRestApis", "GetRequestValidators", "GetGatewayResponses"}[n]
						if permit, err = account.pacers[serviceAPIGateway].acquire(ctx, bucket); err == nil {
							permit.done(outcome{})
						}
					}
					var paced *PacedError
					if err == nil {
						finished <- true
						return
					}
					if errors.As(err, &paced) {
						select {
						case <-time.After(paced.After):
						case <-ctx.Done():
						}
					}
				}
			}()
		}
		<-ctx.Done()
		synctest.Wait()
		least := 70
		if underDetector {
			// A check that is overtaken may be sent away half-way, and its calls
			// are lost.
			least = 50
		}
		if n := len(finished); n < least || n > 86 {
			t.Errorf("%d checks are finished in a minute; want nearly 84, seven in five seconds, and not less than %d", n, least)
		}
	})
}
