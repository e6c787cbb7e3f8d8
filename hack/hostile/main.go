// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Hostile sends generated hostile text through the mapping templates, every
// field in every direction, in our own template engine and in Apache Velocity:
// what was sent is what is stored and what is listed, or it is refused;
// nothing else changes. Then it sends requests with such text to APIs deployed
// on the local AWS, and compares the whole account with what must be in it. It
// ends with a line "hostile: strings=N violations=N", N strings per field and
// direction, and fails if there was a violation.
//
// It needs the Java runtime and Debian's package of Velocity and installs them
// with apt-get when they are missing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/commentsapi/operator/hack/conformance/oracle"
)

type options struct {
	strings  int
	requests int
	seed     uint64
	// classPath is of Apache Velocity; without it only our engine runs.
	classPath string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.IntVar(&o.strings, "n", 200000, "how many strings per field and direction")
	flag.IntVar(&o.requests, "requests", 20000, "how many requests to deployed APIs")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the generator; a run with the same seed is the same")
	flag.Parse()
	var err error
	if o.classPath, err = oracle.Install(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "hostile:", err)
		os.Exit(2)
	}
	violations, err := run(ctx, os.Stdout, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "hostile:", err)
		os.Exit(2)
	}
	if violations > 0 {
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, o options) (int, error) {
	source, err := shipped()
	if err != nil {
		return 0, err
	}
	violations, err := inEngines(ctx, source, o, w)
	if err != nil {
		return 0, err
	}
	if o.requests > 0 {
		more, err := overHTTP(ctx, w, o.requests, o.seed)
		if err != nil {
			return 0, err
		}
		violations += more
	}
	_, err = fmt.Fprintf(w, "hostile: strings=%d violations=%d\n", o.strings, violations)
	return violations, err
}

// inEngines attacks the templates in both engines.
func inEngines(ctx context.Context, source sources, o options, w io.Writer) (violations int, err error) {
	own, err := newOurs(source)
	if err != nil {
		return 0, err
	}
	engines := []engine{own}
	if o.classPath != "" {
		theirs, err := newApache(ctx, o.classPath, source)
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, theirs.close()) }()
		engines = append(engines, theirs)
	}
	return attack(w, engines, o.strings, o.seed)
}
