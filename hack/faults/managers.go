// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
)

const (
	// crowd is how many objects are rolled out at once.
	crowd = 30
	// leaseSeconds is the managers' lease: short, so that a change of leaders
	// falls into a rollout.
	leaseSeconds = 3
	// rolloutPatience bounds a rollout of the crowd, changes of leaders
	// included.
	rolloutPatience = 5 * time.Minute
)

// tryManagers rolls a crowd of objects out while the leader of two managers is
// killed, or stopped past its lease and resumed, at seeded random moments; and
// looks at what comes of it. Each round is a rollout, a change of every object
// and a deletion.
func tryManagers(ctx context.Context, root, dir string, rounds int, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 3))
	p, err := newPlace(ctx, root, dir)
	if err != nil {
		return err
	}
	defer p.close()
	var violations []string
	for round := range rounds {
		begin := time.Now()
		r := &episode{place: p, random: random, number: round}
		broken, err := r.run(ctx)
		if err != nil {
			return fmt.Errorf("round %d: %w", round+1, err)
		}
		for _, v := range broken {
			fmt.Printf("%s\n\treplay: go run ./hack/faults -managers %d -seed %d\n", v, rounds, seed)
		}
		violations = append(violations, broken...)
		fmt.Printf("round %d: objects=%d kills=%d stops=%d calls=%d late=%d seconds=%.0f violations=%d\n",
			round+1, crowd, r.kills, r.stops, p.calls(), r.late, time.Since(begin).Seconds(), len(broken))
	}
	fmt.Printf("managers: rounds=%d violations=%d\n", rounds, len(violations))
	if len(violations) > 0 {
		return fmt.Errorf("%d promises were broken; see above", len(violations))
	}
	return nil
}

// episode is one rollout, change and deletion of the crowd.
type episode struct {
	*place
	random       *rand.Rand
	number       int
	kills, stops int
	// late are calls of a leader that was resumed after its lease.
	late    int
	leader  *manager
	standby *manager
	// broken are the promises that broke in the middle of things.
	broken []string
}

func (r *episode) run(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*rolloutPatience)
	defer cancel()
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	defer r.closeManagers()
	seen := r.watch(ctx)
	for n := range crowd {
		if err := r.k8s.Create(ctx, r.object(n)); err != nil {
			return nil, err
		}
	}
	if err := r.disturb(ctx, "the rollout", r.settled); err != nil {
		return nil, err
	}
	broken, err := r.inspect(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.eachObject(ctx, func(o *v1alpha1.CommentsAPI) error {
		o.Spec.Comments.PageSize = 7
		return r.k8s.Update(ctx, o)
	}); err != nil {
		return nil, err
	}
	if err := r.disturb(ctx, "the change", r.settled); err != nil {
		return nil, err
	}
	more, err := r.inspect(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.eachObject(ctx, func(o *v1alpha1.CommentsAPI) error { return r.k8s.Delete(ctx, o) }); err != nil {
		return nil, err
	}
	if err := r.disturb(ctx, "the deletion", r.deleted); err != nil {
		return nil, err
	}
	last, err := r.leftovers(ctx)
	if err != nil {
		return nil, err
	}
	shown, err := r.canaries(ctx)
	return slices.Concat(broken, more, last, shown, r.broken, seen()), err
}

// open starts the two managers; the first one leads.
func (r *episode) open(ctx context.Context) (err error) {
	was, err := r.holder(ctx) // of the round before, killed
	if err != nil {
		return err
	}
	if r.leader, err = r.operate(); err != nil {
		return err
	}
	if err := r.leads(ctx, r.leader, was); err != nil {
		return err
	}
	r.standby, err = r.operate()
	return err
}

// disturb kills or stops the leader once or twice at random moments, and then
// waits until the crowd is as wanted.
func (r *episode) disturb(ctx context.Context, what string, wanted func(context.Context) (bool, error)) error {
	for range 1 + r.random.IntN(2) {
		if err := sleep(ctx, time.Duration(200+r.random.IntN(2500))*time.Millisecond); err != nil {
			return err
		}
		change := r.kill
		if r.random.IntN(2) == 0 {
			change = r.stop
		}
		if err := change(ctx); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, rolloutPatience)
	defer cancel()
	for {
		done, err := wanted(ctx)
		if done || err != nil && ctx.Err() == nil {
			return err
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return fmt.Errorf("%s does not come to an end in %s; the first object left: %s", what, rolloutPatience, r.unsettled())
		}
	}
}

// kill ends the leader as a crash does.
func (r *episode) kill(ctx context.Context) error {
	r.kills++
	was, err := r.holder(ctx)
	if err != nil {
		return err
	}
	r.leader.Kill()
	return r.handOver(ctx, was)
}

// stop halts the leader until another one leads, and lets it go on then. It
// must end by itself, and write nothing to AWS any more: it asks its lease right
// before each call, and what was on its way when it was stopped has arrived
// long before it goes on. A read may still slip out between the two.
func (r *episode) stop(ctx context.Context) error {
	r.stops++
	was, err := r.holder(ctx)
	if err != nil {
		return err
	}
	old := r.leader
	if err := old.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	if err := r.handOver(ctx, was); err != nil {
		return err
	}
	if err := sleep(ctx, time.Duration(r.random.IntN(2000))*time.Millisecond); err != nil {
		return err
	}
	resumed := r.local.Requests(1 << 40).Last
	if err := old.Process.Signal(syscall.SIGCONT); err != nil {
		return err
	}
	select {
	case <-old.Gone:
	case <-time.After(10 * leaseSeconds * time.Second):
		return fmt.Errorf("a leader that lost its lease goes on running")
	}
	for _, call := range r.local.Requests(resumed).Requests {
		if strings.HasSuffix(call.Principal, old.user) {
			r.late++
			if call.Write {
				r.broken = append(r.broken, fmt.Sprintf("a leader that lost its lease sends %s %s, answered %d", call.Operation, call.Resource, call.Status))
			}
		}
	}
	return nil
}

// handOver waits until the standby leads, and starts another standby.
func (r *episode) handOver(ctx context.Context, was string) (err error) {
	if err := r.leads(ctx, r.standby, was); err != nil {
		return err
	}
	r.leader = r.standby
	r.standby, err = r.operate()
	return err
}

func (r *episode) eachObject(ctx context.Context, do func(*v1alpha1.CommentsAPI) error) error {
	for n := range crowd {
		for {
			o := r.object(n)
			if err := r.k8s.Get(ctx, client.ObjectKeyFromObject(o), o); err != nil {
				return err
			}
			err := do(o)
			if err == nil {
				break
			}
			if !conflicted(err) {
				return err
			}
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// unsettled describes the first object that is not as it should be.
func (r *episode) unsettled() string {
	list := &v1alpha1.CommentsAPIList{}
	if err := r.k8s.List(context.Background(), list, client.InNamespace(namespace)); err != nil {
		return err.Error()
	}
	for i := range list.Items {
		if o := &list.Items[i]; !fine(o) {
			return fmt.Sprintf("%s %+v", o.Name, o.Status.Conditions)
		}
	}
	return "none"
}
