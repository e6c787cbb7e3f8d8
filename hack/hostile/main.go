// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Hostile sends generated hostile text through the mapping templates, every
// field in every direction: what was sent is what is stored and what is
// listed, or it is refused; nothing else changes. It ends with a line
// "hostile: strings=N violations=N", N strings per field and direction, and
// fails if there was a violation.
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"
)

const maxShown = 20

func main() {
	n := flag.Int("n", 200000, "how many strings per field and direction")
	seed := flag.Uint64("seed", 1, "seed of the generator; a run with the same seed is the same")
	flag.Parse()
	violations, err := run(os.Stdout, *n, *seed)
	if err != nil {
		fmt.Fprintln(os.Stderr, "hostile:", err)
		os.Exit(2)
	}
	if violations > 0 {
		os.Exit(1)
	}
}

func run(w io.Writer, n int, seed uint64) (int, error) {
	source, err := shipped()
	if err != nil {
		return 0, err
	}
	t, err := source.parse()
	if err != nil {
		return 0, err
	}
	violations := attack(w, t, n, seed)
	_, err = fmt.Fprintf(w, "hostile: strings=%d violations=%d\n", n, violations)
	return violations, err
}

// shards is in how many parts a run is cut, however many processors share
// them, so that a seed means the same on every machine.
const shards = 32

// attack runs all checks over n strings and counts what went wrong.
func attack(w io.Writer, t templates, n int, seed uint64) int {
	var (
		mu         sync.Mutex
		violations int
		group      errgroup.Group
	)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for shard := range shards {
		share := n / shards
		if shard < n%shards {
			share++
		}
		group.Go(func() error {
			r := rand.New(rand.NewPCG(seed, uint64(shard)))
			for range share {
				x := generate(r)
				for _, c := range checks {
					err := c.run(t, x)
					if err == nil {
						continue
					}
					mu.Lock()
					if violations++; violations <= maxShown {
						_, _ = fmt.Fprintf(w, "violation: %s, seed %d: %s: %v\n", c.name, seed, x.json, err)
					}
					mu.Unlock()
				}
			}
			return nil
		})
	}
	_ = group.Wait() // no shard returns an error
	return violations
}
