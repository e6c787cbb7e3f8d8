// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// shards is in how many parts a run is cut, however many processors share
	// them, so that a seed means the same on every machine.
	shards = 32
	// batch is how many strings go to an engine at once.
	batch    = 100
	maxShown = 20
	// every is how often a run tells how far it is.
	every = 5 * time.Second
)

// tally is what a run has done so far.
type tally struct {
	w          io.Writer
	what       string
	mu         sync.Mutex
	done, all  int
	violations int
	started    time.Time
	told       time.Time
}

func newTally(w io.Writer, what string, all int) *tally {
	now := time.Now()
	return &tally{w: w, what: what, all: all, started: now, told: now}
}

// add counts, and now and then tells.
func (t *tally) add(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done += n
	if now := time.Now(); now.Sub(t.told) >= every {
		t.told = now
		_, _ = fmt.Fprintf(t.w, "hostile: %d of %d %s, %d violations, %.0f s\n", t.done, t.all, t.what, t.violations, now.Sub(t.started).Seconds())
	}
}

func (t *tally) violation(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.violations++; t.violations <= maxShown {
		_, _ = fmt.Fprintf(t.w, "violation: "+format+"\n", args...)
	}
}

// attack runs all checks over n strings, in each engine, and counts what went
// wrong.
func attack(w io.Writer, engines []engine, n int, seed uint64) (int, error) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	t := newTally(w, "strings", n)
	for shard := range shards {
		share := n / shards
		if shard < n%shards {
			share++
		}
		group.Go(func() error {
			r := rand.New(rand.NewPCG(seed, uint64(shard)))
			for share > 0 {
				size := min(share, batch)
				if err := volley(t, engines, r, size, seed); err != nil {
					return err
				}
				t.add(size)
				share -= size
			}
			return nil
		})
	}
	err := group.Wait()
	return t.violations, err
}

// volley sends some strings through every check.
func volley(t *tally, engines []engine, r *rand.Rand, n int, seed uint64) error {
	type origin struct{ check, json string }
	var attempts []attempt
	var from []origin
	for range n {
		x := generate(r)
		for _, c := range checks {
			for _, a := range c.try(x) {
				attempts, from = append(attempts, a), append(from, origin{c.name, x.json})
			}
		}
	}
	// What the engines agree on is judged once.
	bodies, verdicts := make([]string, len(attempts)), make([]error, len(attempts))
	for nth, e := range engines {
		results, err := e.render(attempts)
		if err != nil {
			return fmt.Errorf("%s: %w", e.name(), err)
		}
		for i, result := range results {
			if !result.OK {
				bodies[i], verdicts[i] = "", errors.New(result.Text)
			} else if nth == 0 || verdicts[i] != nil || bodies[i] != result.Text {
				bodies[i], verdicts[i] = result.Text, judge(attempts[i].want, result.Text)
			}
			if verdicts[i] != nil {
				t.violation("%s, %s, seed %d: %s: %v", e.name(), from[i].check, seed, from[i].json, verdicts[i])
			}
		}
	}
	return nil
}
