// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command awscli holds the local AWS to a client nobody here wrote: it runs
// the AWS CLI through the commands in cases/ against a local AWS in this
// process and compares what the CLI makes of the answers with what AWS
// documents. It installs Debian's awscli when that is missing. Its last line
// of output is "conformance: awscli N/N", and it fails when a case does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"time"

	"golang.org/x/sync/errgroup"
)

func main() {
	run := flag.String("run", "", "run only the groups (files in cases/) whose name matches this regular expression")
	verbose := flag.Bool("v", false, "print every command")
	parallel := flag.Int("parallel", 2, "how many groups run at the same time")
	first := flag.Int("first", 0, "end each group after this many commands; 0 is all of them")
	failFast := flag.Bool("failfast", false, "end a group at its first failure")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := conform(ctx, *run, *parallel, options{verbose: *verbose, first: *first, failFast: *failFast}); err != nil {
		fmt.Fprintln(os.Stderr, "awscli:", err)
		os.Exit(1)
	}
}

// options say how a group is run.
type options struct {
	verbose, failFast bool
	first             int // 0 is no limit
}

func conform(ctx context.Context, pattern string, parallel int, o options) error {
	selected, err := regexp.Compile(pattern)
	if err != nil {
		return fmt.Errorf("-run %q: %w", pattern, err)
	}
	if parallel < 1 {
		return fmt.Errorf("-parallel %d: use 1 or more", parallel)
	}
	if o.first < 0 {
		return fmt.Errorf("-first %d: use 0 for all commands, or their number", o.first)
	}
	groups, err := load()
	if err != nil {
		return err
	}
	cli, version, err := install(ctx)
	if err != nil {
		return err
	}
	fmt.Println(version)
	began := time.Now()
	results := make([]result, len(groups))
	var jobs errgroup.Group
	jobs.SetLimit(parallel)
	for i, g := range groups {
		if !selected.MatchString(g.Name) {
			continue
		}
		jobs.Go(func() error {
			var err error
			results[i], err = runGroup(ctx, cli, g, o)
			return err
		})
	}
	if err := jobs.Wait(); err != nil {
		return err
	}
	total, passed := 0, 0
	for _, r := range results {
		total += r.total
		passed += r.passed
		for _, failure := range r.failures {
			fmt.Println(failure)
		}
	}
	fmt.Printf("%d commands in %s\n", total, time.Since(began).Round(time.Second))
	fmt.Printf("conformance: awscli %d/%d\n", passed, total)
	if total == 0 {
		return fmt.Errorf("-run %q matches no group", pattern)
	}
	if passed < total {
		return errors.New("the AWS CLI saw other answers than AWS's")
	}
	return nil
}
