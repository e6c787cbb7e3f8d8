// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command dynalite holds the local AWS's DynamoDB to dynalite, an independent
// implementation whose answers were compared with AWS's: it replays a corpus
// of requests against both and compares status, error code and body.
//
// Where dynalite is known to differ from AWS, corpus/differences.yaml says so,
// request by request and with a reason; a difference that is listed and no
// longer there fails as well.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := flag.String("run", "", "replay only the scenarios whose name matches this regular expression")
	verbose := flag.Bool("v", false, "print every request and both answers")
	flag.Parse()
	ok, err := compareAll(ctx, *run, *verbose)
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
	}
	if !ok || err != nil {
		os.Exit(1)
	}
}

// compareAll replays the corpus and prints what it found. It reports whether
// nothing unexpected was among it.
func compareAll(ctx context.Context, pattern string, verbose bool) (bool, error) {
	match, err := regexp.Compile(pattern)
	if err != nil {
		return false, fmt.Errorf("-run: %w", err)
	}
	scenarios, known, err := load(match)
	if err != nil {
		return false, err
	}
	if len(scenarios) == 0 {
		return false, fmt.Errorf("no scenario matches -run %q", pattern)
	}
	theirs, stop, err := startDynalite(ctx)
	if err != nil {
		return false, err
	}
	defer stop()
	ours, stopOurs := startOurs()
	defer stopOurs()
	fmt.Printf("conformance: replaying %d scenarios against dynalite and the local AWS\n", len(scenarios))
	r := &report{known: known, verbose: verbose, reasons: map[string]int{}}
	for _, s := range scenarios {
		if err := replay(ctx, r, s, ours, theirs); err != nil {
			return false, fmt.Errorf("scenario %s: %w", s.Name, err)
		}
	}
	return r.summary(pattern == ""), nil
}
