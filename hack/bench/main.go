// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command bench measures the operator against the local AWS and a real API
// server:
//
//	go run ./hack/bench [-only PART,PART] [-out bench.json]
//
// It prints a table and merges its numbers into the flat JSON object in -out.
// The numbers compare one machine with itself; what they mean is in
// docs/scaling.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// part is a measurement that can be run alone.
type part struct {
	name, about string
	run         func(ctx context.Context, l *lab, r *report) error
}

func parts() []part {
	all := []part{{"calls", "AWS calls of a first rollout and of a check", func(ctx context.Context, _ *lab, r *report) error { return countCalls(ctx, r) }}}
	for _, c := range crowds {
		all = append(all, part{fmt.Sprintf("scale%d", c.objects),
			fmt.Sprintf("%d objects are created, changed and deleted at once under AWS's quotas, scaled", c.objects), c.run})
	}
	return append(all,
		part{"restart", "20 and 100 objects are created, changed and deleted at once, and the operator is restarted on the way", runRestart},
		part{"half", "20 objects are changed at once while somebody else takes half of the quotas", runHalf},
		part{"handover", "how soon another replica leads when the leader ends, or is killed", runHandover},
		part{"thousand", "1,000 Ready objects in two accounts: restart, a change among checks, memory, processor time", runThousand},
		part{"go", "the Go benchmarks, of what a check is made of", runGoBenchmarks})
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	out := flag.String("out", "bench.json", "the JSON file that receives the numbers")
	only := flag.String("only", "", "parts to run, with commas between them (default: all)")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: go run ./hack/bench [-only PART,PART] [-out FILE]\n\nParts:")
		for _, p := range parts() {
			fmt.Fprintf(os.Stderr, "  %-10s %s\n", p.name, p.about)
		}
	}
	flag.Parse()
	if err := bench(ctx, *only, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// choose returns the parts that a list names; all when it is empty.
func choose(list string) ([]part, error) {
	all := parts()
	if list == "" {
		return all, nil
	}
	var chosen []part
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(all, func(p part) bool { return p.name == name })
		if i < 0 {
			return nil, fmt.Errorf("-only %q: there is no part of this name; -help lists them", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

func bench(ctx context.Context, only, out string) (err error) {
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	r := newReport(os.Stdout)
	l, err := openLab(ctx, r)
	if err != nil {
		return err
	}
	defer l.close()
	for _, p := range chosen {
		r.progress("%s", p.about)
		if err := p.run(ctx, l, r); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", p.name, err), r.write(out))
		}
	}
	return r.write(out)
}
