// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// benchmarked are the packages with Go benchmarks of what a check is made of,
// and of the local AWS's template engine.
var benchmarked = []string{"./controllers", "./internal/render", "./internal/plan", "./internal/awscloud", "./internal/localaws/velocity"}

// goBenchFile receives what the Go benchmarks print, which benchstat reads.
const goBenchFile = "bench.txt"

// runGoBenchmarks runs them and takes their numbers over.
func runGoBenchmarks(ctx context.Context, _ *lab, r *report) error {
	test := exec.CommandContext(ctx, "go", append([]string{"test", "-run=^$", "-bench=.", "-benchmem"}, benchmarked...)...)
	text, err := test.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s%s", err, text, exit.Stderr)
		}
		return fmt.Errorf("run the Go benchmarks: %w", err)
	}
	if err := os.WriteFile(goBenchFile, text, 0o644); err != nil { //nolint:gosec // a report that anybody may read
		return err
	}
	numbers, err := parseGoBenchmarks(string(text))
	for name, value := range numbers {
		r.set(name, value)
	}
	return err
}

// goBenchLine is one result: a name, with the number of processors, the number
// of runs, and pairs of numbers and units.
var goBenchLine = regexp.MustCompile(`^Benchmark(\w+?)(?:-\d+)?\s+\d+\s+(.*)$`)

// goUnits are the units that are taken over, with what the names end in.
var goUnits = map[string]string{"ns/op": "ns", "B/op": "bytes", "allocs/op": "allocs", "calls/op": "calls"}

// parseGoBenchmarks reads the results: go_render_ns, go_render_allocs, ...
func parseGoBenchmarks(text string) (map[string]float64, error) {
	numbers := map[string]float64{}
	for line := range strings.Lines(text) {
		m := goBenchLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		fields := strings.Fields(m[2])
		for i := 0; i+1 < len(fields); i += 2 {
			unit, ok := goUnits[fields[i+1]]
			if !ok {
				continue
			}
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("the benchmark %s: %w", m[1], err)
			}
			numbers["go_"+snake(m[1])+"_"+unit] = value
		}
	}
	if len(numbers) == 0 {
		return nil, errors.New("the Go benchmarks printed no result")
	}
	return numbers, nil
}

// snake writes a Go name in lower case with underscores.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
