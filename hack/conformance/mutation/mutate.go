// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// mutate tries the faults and prints how each fared. It reports whether all
// were caught.
func mutate(ctx context.Context, o options) (bool, error) {
	match, err := regexp.Compile(o.run)
	if err != nil {
		return false, fmt.Errorf("-run: %w", err)
	}
	if o.parallel < 1 {
		return false, fmt.Errorf("-parallel %d: use 1 or more", o.parallel)
	}
	faults, err := load(match)
	if err != nil {
		return false, err
	}
	if len(faults) == 0 {
		return false, fmt.Errorf("no fault matches -run %q", o.run)
	}
	began := time.Now()
	if err := sound(ctx, o, faults); err != nil {
		return false, err
	}
	var mu sync.Mutex
	caught := 0
	var jobs errgroup.Group
	jobs.SetLimit(o.parallel)
	for _, f := range faults {
		jobs.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			start := time.Now()
			v, err := try(ctx, o.root, f.job(), &f)
			mu.Lock()
			defer mu.Unlock()
			if report(f, v, err, time.Since(start), o.verbose) {
				caught++
			}
			return nil
		})
	}
	if err := jobs.Wait(); err != nil {
		return false, err
	}
	fmt.Printf("%d faults in %s\n", len(faults), time.Since(began).Round(time.Second))
	fmt.Printf("conformance: mutation %d/%d\n", caught, len(faults))
	return caught == len(faults), nil
}

// sound makes sure that the runners pass without a fault, each with the parts
// of its corpus that the faults name; or else a failure would prove nothing.
func sound(ctx context.Context, o options, faults []fault) error {
	type part struct{ runner, run string }
	first := map[part]int{}
	var parts []part
	for _, f := range faults {
		p := part{f.Runner, f.Run}
		n, seen := first[p]
		switch {
		case !seen:
			parts = append(parts, p)
			first[p] = f.First
		case f.First == 0:
			first[p] = 0
		case n > 0:
			first[p] = max(n, f.First)
		}
	}
	jobs, ctx := errgroup.WithContext(ctx)
	jobs.SetLimit(o.parallel)
	for _, p := range parts {
		jobs.Go(func() error {
			start := time.Now()
			v, err := try(ctx, o.root, job{p.runner, p.run, first[p]}, nil)
			if err != nil {
				return err
			}
			if !v.passed {
				return fmt.Errorf("%s fails without any fault (%s); mend that first:\n%s", p.runner, v.counts, lastLines(v.output, 12))
			}
			fmt.Printf("sound    %-42s %9s %6.1fs\n", strings.TrimSuffix(p.runner+" "+p.run, " "), v.counts, time.Since(start).Seconds())
			return nil
		})
	}
	return jobs.Wait()
}

// report prints the line of a fault and says whether it was caught.
func report(f fault, v verdict, err error, took time.Duration, verbose bool) bool {
	word := "caught"
	switch {
	case err != nil:
		word, v.counts = "BROKEN", ""
	case v.passed:
		word = "SURVIVED"
	}
	fmt.Printf("%-8s %-42s %9s %6.1fs\n", word, f.id(), v.counts, took.Seconds())
	if err != nil {
		fmt.Println("        ", strings.ReplaceAll(err.Error(), "\n", "\n         "))
	}
	if verbose || word == "SURVIVED" {
		fmt.Printf("         %s: %s\n", f.path(), f.Why)
	}
	if verbose && err == nil {
		fmt.Println("        ", strings.ReplaceAll(firstLines(v.output, 12), "\n", "\n         "))
	}
	return word == "caught"
}
