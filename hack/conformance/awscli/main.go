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
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := conform(ctx, *run, *verbose, *parallel); err != nil {
		fmt.Fprintln(os.Stderr, "awscli:", err)
		os.Exit(1)
	}
}

func conform(ctx context.Context, pattern string, verbose bool, parallel int) error {
	selected, err := regexp.Compile(pattern)
	if err != nil {
		return fmt.Errorf("-run %q: %w", pattern, err)
	}
	if parallel < 1 {
		return fmt.Errorf("-parallel %d: use 1 or more", parallel)
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
			results[i], err = runGroup(ctx, cli, g, verbose)
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
