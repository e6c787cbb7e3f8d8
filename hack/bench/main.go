// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command bench counts the AWS calls the operator makes for a stack with the
// default spec, against the local AWS: a first rollout, and checks of a
// settled stack. It prints a table and writes bench.json, one flat object of
// numbers.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"text/tabwriter"

	"github.com/commentsapi/operator/internal/check"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	out := flag.String("out", "bench.json", "file to write the numbers to")
	flag.Parse()
	if err := run(ctx, *out, os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string, w io.Writer) error {
	s, err := start(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.local.Close() }()
	numbers, err := measure(ctx, s)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(w, "Calls to AWS, default spec, against the local AWS\n%d cores, %s, %s/%s\n\n", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(numbers)) {
		_, _ = fmt.Fprintf(table, "%s\t%d\n", name, numbers[name])
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	b, err := json.MarshalIndent(numbers, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the numbers: %w", err)
	}
	if err := os.WriteFile(out, append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the numbers: %w", err)
	}
	return nil
}

// measure rolls a stack out and checks it until every part was read in turn.
// Of the checks the most expensive counts.
func measure(ctx context.Context, s *rollout) (map[string]int, error) {
	numbers := map[string]int{}
	looks, err := s.converge(ctx)
	if err != nil {
		return nil, err
	}
	created := s.count(0)
	numbers["create_looks"] = looks
	numbers["create_calls_total"], numbers["create_calls_apigateway"], numbers["create_writes"] = created.all, created.gateway, created.writes
	var memory check.Memory
	for n := range 1 + 2*check.Turns() {
		since := s.local.Requests(0).Last
		r, err := check.LookInTurn(ctx, s.account, settings, s.subject, s.clock.Now(), &memory)
		if err != nil {
			return nil, err
		}
		if !r.Plan.Empty() {
			return nil, errors.New("a settled stack does not look settled")
		}
		if n == 0 {
			continue // reads everything, as after a restart
		}
		c := s.count(since)
		numbers["drift_check_calls_total"] = max(numbers["drift_check_calls_total"], c.all)
		numbers["drift_check_calls_apigateway"] = max(numbers["drift_check_calls_apigateway"], c.gateway)
		numbers["drift_check_writes"] = max(numbers["drift_check_writes"], c.writes)
	}
	return numbers, nil
}
