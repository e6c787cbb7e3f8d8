// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command local measures the local AWS: how long the shipped template takes
// to render a list of 100 comments, and how many comments per second 8 clients
// post and list through the whole data plane over loopback.
//
//	go run ./hack/bench/local [-seconds N] [-out bench.json]
//
// It prints a table and merges its numbers, all named localaws_..., into the
// flat JSON object in -out. The numbers say how the local AWS compares with
// itself on one machine, and nothing about AWS.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"testing"
	"time"
)

const clients = 8

func main() {
	testing.Init() // testing.Benchmark reads its flags
	seconds := flag.Float64("seconds", 3, "how long posting and listing are measured, each")
	out := flag.String("out", "bench.json", "the JSON file that receives the numbers; empty for none")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, time.Duration(*seconds*float64(time.Second)), *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, length time.Duration, out string) error {
	if length <= 0 {
		return fmt.Errorf("-seconds is %s: use a positive number", length)
	}
	fmt.Printf("%d cores, %s %s/%s\n", runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	rendered, err := renderList()
	if err != nil {
		return err
	}
	perOp := float64(rendered.NsPerOp()) / 1000
	fmt.Printf("%-30s %10.0f us/op %8d allocs/op %8d B/op\n", "render a list of 100 comments", perOp, rendered.AllocsPerOp(), rendered.AllocedBytesPerOp())
	numbers := map[string]float64{
		"localaws_render_list_us":     perOp,
		"localaws_render_list_allocs": float64(rendered.AllocsPerOp()),
	}
	site, err := start(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = site.server.Close() }()
	for _, m := range []struct {
		name, title string
		do          func(ctx context.Context, client, n int) error
	}{
		{"post", "POST /comments", site.post},
		{"get", "GET /comments/{pageId} of 20", site.list},
	} {
		r, err := measure(ctx, length, m.do)
		if err != nil {
			return fmt.Errorf("%s: %w", m.title, err)
		}
		fmt.Printf("%-30s %10.0f rps   p50 %6.2f ms   p99 %6.2f ms   (%d clients, %d requests)\n", m.title, r.rps, r.p50, r.p99, clients, r.requests)
		numbers["localaws_"+m.name+"_rps"] = r.rps
		numbers["localaws_"+m.name+"_p50_ms"] = r.p50
		numbers["localaws_"+m.name+"_p99_ms"] = r.p99
	}
	if out == "" {
		return nil
	}
	return merge(out, numbers)
}
