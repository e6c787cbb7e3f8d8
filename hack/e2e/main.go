// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command e2e runs the end-to-end scenarios against whatever AWS the usual
// environment variables lead to: a real account for `make e2e-aws`, the local
// AWS in this package's own test. Everything it makes carries a random name,
// and everything is removed at the end, also after a failure or Ctrl-C.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

// settings say where to run and how.
type settings struct {
	// region is the AWS region; everything is made there.
	region string
	// manager is the path of the operator's binary.
	manager string
	// assets is the directory with etcd and kube-apiserver.
	assets string
	// invokeURLs is the operator's --invoke-url-template; "" is AWS's own.
	invokeURLs string
	// prefix begins every name, and is the cluster id of every claim.
	prefix string
	// limit bounds the scenarios; cleaning up has its own limit.
	limit time.Duration
	// pace is the time between two calls of PutRestApi; AWS allows one in a
	// second (aws-facts A1).
	pace time.Duration
	// facts is the file that receives what AWS was seen to do; "" writes none.
	facts string
}

// sweepLimit bounds the cleaning up. AWS deletes one REST API in 30 s, and
// asks for patience with 429 meanwhile (aws-facts A1).
const sweepLimit = 15 * time.Minute

const cost = `This makes tables, roles and REST APIs in the account that your credentials lead to, all named
%s-..., and removes them again. It takes 20 to 60 minutes at AWS and costs less than one US dollar:
some thousand requests at on-demand prices, and a few MB of storage for an hour.
`

func main() {
	ctrllog.SetLogger(logr.Discard())
	s := settings{pace: time.Second}
	yes := flag.Bool("yes", false, "do not ask before anything is made")
	flag.StringVar(&s.region, "region", os.Getenv("AWS_REGION"), "AWS region (default $AWS_REGION)")
	flag.StringVar(&s.manager, "manager", "bin/manager", "the operator's binary")
	flag.StringVar(&s.assets, "assets", "", "directory with etcd and kube-apiserver (default $KUBEBUILDER_ASSETS)")
	flag.StringVar(&s.invokeURLs, "invoke-url-template", "", "shape of invoke URLs, for endpoints that are not AWS")
	flag.StringVar(&s.facts, "facts", "", "file for a JSON object of what AWS was seen to do where its documentation is silent")
	flag.DurationVar(&s.limit, "timeout", 75*time.Minute, "how long the scenarios may take")
	flag.Parse()
	s.prefix = newPrefix()

	fmt.Printf(cost, s.prefix)
	if !*yes && !agreed(os.Stdin) {
		fmt.Println("e2e: nothing was made; -yes, or the answer yes, begins")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "e2e: FAILED: %v\n", err)
		os.Exit(1)
	}
	fmt.Println("e2e: ok")
}

func agreed(in io.Reader) bool {
	fmt.Print("Go on? (yes/no) ")
	var answer string
	_, _ = fmt.Fscanln(in, &answer)
	return answer == "yes"
}

// newPrefix is unlike that of any other run.
func newPrefix() string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails
	return "e2e-" + hex.EncodeToString(b)
}

// run plays the scenarios, and cleans up whatever became of them.
func run(ctx context.Context, s settings, out io.Writer) (err error) {
	if s.region == "" {
		return errors.New("no region: give -region, or set AWS_REGION")
	}
	cloud, err := newCloud(ctx, s)
	if err != nil {
		return err
	}
	// First, so that it comes last: also when the world doesn't come up.
	defer func() {
		sweeping, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepLimit)
		defer cancel()
		err = errors.Join(err, cloud.sweep(sweeping, out))
	}()
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	w, err := newWorld(ctx, s, cloud, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.stop()) }()
	if err := w.play(ctx); err != nil {
		return err
	}
	return w.observeFacts(ctx)
}
