// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"

	"github.com/commentsapi/operator/hack/conformance/oracle"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := flag.String("run", "", "run only the cases whose name matches this regular expression")
	record := flag.Bool("record", false, "write Velocity's results to "+recordedFile+", which the tests compare with")
	random := flag.Int("random", 0, "also compare this many random templates")
	seed := flag.Uint64("seed", 1, "the seed of the random templates")
	verbose := flag.Bool("v", false, "print every case and its result")
	root := flag.String("root", ".", "the repository's directory")
	flag.Parse()
	ok, err := compareAll(ctx, options{root: *root, run: *run, verbose: *verbose, record: *record, random: *random, seed: *seed})
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
	}
	if !ok || err != nil {
		os.Exit(1)
	}
}

type options struct {
	root, run       string
	verbose, record bool
	random          int
	seed            uint64
}

const here = "hack/conformance/velocity"

// compareAll runs the corpus. It reports whether all cases are as they should
// be.
func compareAll(ctx context.Context, o options) (bool, error) {
	match, err := regexp.Compile(o.run)
	if err != nil {
		return false, fmt.Errorf("-run: %w", err)
	}
	all, err := load(filepath.Join(o.root, here, "corpus"), filepath.Join(o.root, "internal/render/testdata"))
	if err != nil {
		return false, err
	}
	if !o.record {
		all = append(all, randomCases(o.random, o.seed)...)
	}
	var cases []testCase
	for _, c := range all {
		if match.MatchString(c.Name) {
			cases = append(cases, c)
		}
	}
	if len(cases) == 0 {
		return false, fmt.Errorf("no case matches %q: run it in the repository's directory, or give -root", o.run)
	}
	classPath, err := oracle.Install(ctx)
	if err != nil {
		return false, err
	}
	fmt.Printf("conformance: rendering %d templates with Apache Velocity 1.7\n", len(cases))
	theirs, err := runOracle(ctx, classPath, cases)
	if err != nil {
		return false, err
	}
	good := 0
	reasons := map[string]int{}
	for i, c := range cases {
		if report(c, ours(c), theirs[i], o.verbose) {
			good++
			if c.Diff != "" {
				reasons[c.Diff]++
			}
		}
	}
	if o.record {
		if err := writeRecorded(filepath.Join(o.root, here, recordedFile), cases, theirs); err != nil {
			return false, err
		}
	}
	printReasons(reasons)
	fmt.Printf("conformance: velocity %d/%d\n", good, len(cases))
	return good == len(cases), nil
}
