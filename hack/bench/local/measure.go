// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// rates is what measure found; times in milliseconds.
type rates struct {
	rps, p50, p99 float64
	requests      int
}

// measure lets all clients do something again and again for a while, after a
// start that doesn't count. The first failure ends it.
func measure(ctx context.Context, length time.Duration, do func(ctx context.Context, client, n int) error) (rates, error) {
	begin := time.Now().Add(min(length/5, 500*time.Millisecond))
	end := begin.Add(length)
	took := make([][]time.Duration, clients)
	jobs, ctx := errgroup.WithContext(ctx)
	for c := range clients {
		jobs.Go(func() error {
			for n := 0; ; n++ {
				start := time.Now()
				if !start.Before(end) {
					return nil
				}
				if err := do(ctx, c, n); err != nil {
					return err
				}
				if !start.Before(begin) {
					took[c] = append(took[c], time.Since(start))
				}
			}
		})
	}
	if err := jobs.Wait(); err != nil {
		return rates{}, err
	}
	return summarise(slices.Concat(took...), time.Since(begin))
}

func summarise(took []time.Duration, length time.Duration) (rates, error) {
	if len(took) == 0 {
		return rates{}, errors.New("no request was finished in time; give -seconds a larger number")
	}
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))]) / float64(time.Millisecond)
	}
	return rates{rps: float64(len(took)) / length.Seconds(), p50: at(0.5), p99: at(0.99), requests: len(took)}, nil
}

// merge adds the numbers to the flat object in a file, which need not be
// there, with three digits after the point.
func merge(name string, numbers map[string]float64) error {
	all := map[string]any{}
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(text, &all); err != nil {
			return fmt.Errorf("%s: %w; remove it, or name another file with -out", name, err)
		}
	}
	for k, v := range numbers {
		all[k] = json.Number(fmt.Sprintf("%.3f", v))
	}
	text, err = json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644) //nolint:gosec // a report that anybody may read
}
