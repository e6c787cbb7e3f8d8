// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command mutation shows that the conformance runs can fail: it puts one
// deliberate fault after the other into the local AWS and expects the runner
// named for it to notice.
//
//	go run ./hack/conformance/mutation [-run REGEX] [-v]
//
// The faults are data, in faults/. A fault never touches the source tree: the
// runner is built with the changed file as an overlay. Before the faults, each
// runner must pass without one, for the same part of its corpus.
//
// Its last line is "conformance: mutation N/N"; it exits with 1 when a fault
// survives, when the text a fault replaces is not in its file any more, and
// when a faulty runner can't be built or gives no verdict.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	run := flag.String("run", "", "only the faults whose runner/name matches this regular expression")
	verbose := flag.Bool("v", false, "say why each fault matters and what the runner printed")
	parallel := flag.Int("parallel", 2, "how many faults are tried at the same time")
	root := flag.String("root", ".", "the repository's directory")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ok, err := mutate(ctx, options{root: *root, run: *run, verbose: *verbose, parallel: *parallel})
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
	}
	if !ok || err != nil {
		os.Exit(1)
	}
}

type options struct {
	root, run string
	verbose   bool
	parallel  int
}
